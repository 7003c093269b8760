// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/table_fit.h"

/* Text in less than that is no pleasure to read. */
#define TEXT_LEAST 20

static size_t least(const struct ep_fit_column *column, size_t limit)
{
	size_t word = column->word < limit / 2 ? column->word : limit / 2;

	if (!column->text)
		return column->width;
	if (word < TEXT_LEAST)
		word = TEXT_LEAST;
	return column->width < word ? column->width : word;
}

static void one_block(struct ep_fit *fit, const struct ep_fit_column *columns, size_t count)
{
	fit->blocks = 1;
	fit->begin[0] = 1;
	fit->begin[1] = count;
	for (size_t i = 0; i < count; i++)
		fit->width[i] = columns[i].width;
}

/* Takes from the column that can give most, until they fit. */
static bool shrink(struct ep_fit *fit, const struct ep_fit_column *columns, size_t count,
		   size_t limit)
{
	one_block(fit, columns, count);
	while (true) {
		size_t all = fit->separator * (count - 1), most = 0, spare;

		for (size_t i = 0; i < count; i++) {
			all += fit->width[i];
			if (fit->width[i] - least(&columns[i], limit) >
			    fit->width[most] - least(&columns[most], limit))
				most = i;
		}
		if (all <= limit)
			return true;
		spare = fit->width[most] - least(&columns[most], limit);
		if (!spare)
			return false;
		fit->width[most] -= all - limit < spare ? all - limit : spare;
	}
}

static bool shrink_or_squeeze(struct ep_fit *fit, const struct ep_fit_column *columns, size_t count,
			      size_t limit)
{
	for (fit->separator = 2; fit->separator; fit->separator--)
		if (shrink(fit, columns, count, limit))
			return true;
	return false;
}

static size_t at_most(size_t width, size_t limit)
{
	return width < limit ? width : limit;
}

static void break_into_blocks(struct ep_fit *fit, const struct ep_fit_column *columns, size_t count,
			      size_t limit)
{
	size_t used;

	one_block(fit, columns, count);
	fit->separator = 2;
	fit->width[0] = least(&columns[0], limit);
	used = fit->width[0];
	for (size_t i = 1; i < count; i++) {
		size_t room = limit > fit->width[0] + fit->separator
				      ? limit - fit->width[0] - fit->separator
				      : 1;

		if (columns[i].text)
			fit->width[i] = at_most(columns[i].width, room);
		if (i > fit->begin[fit->blocks - 1] &&
		    used + fit->separator + fit->width[i] > limit) {
			fit->begin[fit->blocks++] = i;
			used = fit->width[0];
		}
		used += fit->separator + fit->width[i];
	}
	fit->begin[fit->blocks] = count;
}

void ep_table_fit(struct ep_fit *fit, const struct ep_fit_column *columns, size_t count,
		  size_t limit)
{
	fit->beneath = 0;
	fit->separator = 2;
	if (!limit) {
		one_block(fit, columns, count);
		return;
	}
	if (shrink_or_squeeze(fit, columns, count, limit))
		return;
	if (count > 2 && columns[count - 1].text &&
	    shrink_or_squeeze(fit, columns, count - 1, limit)) {
		fit->beneath = at_most(fit->width[0] + fit->separator, limit / 4);
		fit->width[count - 1] = limit - fit->beneath;
		return;
	}
	break_into_blocks(fit, columns, count, limit);
}
