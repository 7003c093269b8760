// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "watch/text.h"

#define NAME_WIDTH_MIN 8
#define NAME_WIDTH_MAX 20
#define SPARK_MIN      8
#define SPARK_GOOD     12

const char *const ep_watch_column_names[] = {
	[EP_WATCH_NAME] = "name", [EP_WATCH_RATE] = "exits",   [EP_WATCH_MIN] = "min",
	[EP_WATCH_MEAN] = "mean", [EP_WATCH_SHARE] = "cycles", [EP_WATCH_EACH] = "each",
	[EP_WATCH_AWAY] = "away",
};

/* @width has room for the mark of the order */
static const struct {
	const char *title;
	int width;
} columns[EP_WATCH_COLUMNS] = {
	[EP_WATCH_NAME] = { "reason", NAME_WIDTH_MIN },
	[EP_WATCH_RATE] = { "exits/s", 9 },
	[EP_WATCH_MIN] = { "min/s", 8 },
	[EP_WATCH_MEAN] = { "mean/s", 8 },
	[EP_WATCH_SHARE] = { "cycles", 7 },
	[EP_WATCH_EACH] = { "cycles/exit", 12 },
	[EP_WATCH_AWAY] = { "away", 6 },
};

const char *ep_watch_title(enum ep_watch_column column, const struct ep_watch_view *view)
{
	return column == EP_WATCH_NAME && view->vcpus ? "vCPU" : columns[column].title;
}

static int name_width(const struct ep_watch_table *table)
{
	int width = NAME_WIDTH_MIN;

	for (uint32_t i = 0; i < table->count; i++)
		if ((int)strlen(table->lines[i].name) > width)
			width = strlen(table->lines[i].name);
	return width < NAME_WIDTH_MAX ? width : NAME_WIDTH_MAX;
}

void ep_watch_layout_fit(struct ep_watch_layout *layout, const struct ep_watch_table *table,
			 const struct ep_watch_view *view, int width)
{
	/* The most telling first, as long as the sparkline stays worth looking at. */
	static const enum ep_watch_column wanted[] = { EP_WATCH_SHARE, EP_WATCH_EACH, EP_WATCH_AWAY,
						       EP_WATCH_MEAN, EP_WATCH_MIN };
	int left = width, name = name_width(table);

	*layout = (struct ep_watch_layout){};
	if (name > width / 3)
		name = width / 3 > NAME_WIDTH_MIN ? width / 3 : NAME_WIDTH_MIN;
	layout->width[EP_WATCH_NAME] = name < width ? name : width;
	left -= name;
	if (left > columns[EP_WATCH_RATE].width) {
		layout->width[EP_WATCH_RATE] = columns[EP_WATCH_RATE].width;
		left -= columns[EP_WATCH_RATE].width + 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		int needs = columns[wanted[i]].width + 1;
		int spark = (wanted[i] == EP_WATCH_SHARE ? SPARK_MIN : SPARK_GOOD) + 1;

		if ((wanted[i] == EP_WATCH_AWAY && !view->away) || left < needs + spark)
			continue;
		layout->width[wanted[i]] = columns[wanted[i]].width;
		left -= needs;
	}
	left--;
	layout->spark = left < SPARK_MIN ? 0 : left < EP_WATCH_BINS ? left : EP_WATCH_BINS;
}

const char *ep_watch_number(double value, int width, char text[EP_WATCH_NUMBER_MAX])
{
	static const char units[] = "kMGTPE";

	if (isnan(value))
		return "-";
	if (value > 0 && value < 9.95) {
		snprintf(text, EP_WATCH_NUMBER_MAX, "%.1f", value);
		return text;
	}
	if (value < 1e18) {
		ep_value_group((uint64_t)(value + 0.5), text);
		if ((int)strlen(text) <= width)
			return text;
	}
	for (int i = 0; units[i]; i++) {
		value /= 1000;
		if (value < 999.95)
			return snprintf(text, EP_WATCH_NUMBER_MAX, "%.1f%c", value, units[i]), text;
	}
	return "huge";
}

const char *ep_watch_cell(const struct ep_watch_line *line, enum ep_watch_column column, int width,
			  char text[EP_WATCH_CELL_MAX])
{
	double value = line->value[column];

	switch (column) {
	case EP_WATCH_NAME:
		snprintf(text, EP_WATCH_CELL_MAX, "%.*s", width, line->name);
		return text;
	case EP_WATCH_SHARE:
	case EP_WATCH_AWAY:
		if (isnan(value))
			return "-";
		snprintf(text, EP_WATCH_CELL_MAX, "%.1f%%", value * 100);
		return text;
	default:
		return ep_watch_number(value, width, text);
	}
}

const char *ep_watch_spark(const double *values, int width, bool blocks,
			   char text[EP_WATCH_CELL_MAX])
{
	/* Nothing, then eighths of the highest. */
	static const char *const utf8[] = { "·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { "_", ".", ":", "-", "=", "+", "*", "%", "#" };
	const char *const *levels = blocks ? utf8 : ascii;
	double highest = 0;

	for (int i = 0; i < width; i++)
		highest = fmax(highest, values[i]);
	text[0] = '\0';
	for (int i = 0; i < width && i < EP_WATCH_BINS; i++) {
		if (isnan(values[i]))
			strcat(text, " ");
		else if (values[i] <= 0)
			strcat(text, levels[0]);
		else
			strcat(text, levels[1 + (int)(values[i] / highest * 7.999)]);
	}
	return text;
}

const char *ep_watch_reach(const struct ep_watch *watch, char text[EP_WATCH_NUMBER_MAX])
{
	uint64_t seconds = watch->bin_ns * EP_WATCH_BINS / 1000000000;

	if (seconds < 120)
		snprintf(text, EP_WATCH_NUMBER_MAX, "%u s", (unsigned int)seconds);
	else if (seconds < 7200)
		snprintf(text, EP_WATCH_NUMBER_MAX, "%u min", (unsigned int)(seconds / 60));
	else
		snprintf(text, EP_WATCH_NUMBER_MAX, "%u h", (unsigned int)(seconds / 3600));
	return text;
}

const char *ep_watch_heading(const struct ep_watch *watch, uint64_t interval_ns, bool brief,
			     char text[EP_WATCH_SENTENCE_MAX])
{
	char interval[EP_VALUE_TEXT_MAX], vcpus[32] = "";

	ep_value_format(EXITPROF_OPTION_DURATION, interval_ns, interval);
	if (watch->host->vcpus)
		snprintf(vcpus, sizeof(vcpus), "%u vCPU%s, ", watch->host->vcpus,
			 watch->host->vcpus == 1 ? "" : "s");
	snprintf(text, EP_WATCH_SENTENCE_MAX, "%s: %s, %severy %s",
		 brief ? "watch" : "exitprof watch", ep_reasons_vendor_name(watch->host->vendor),
		 vcpus, interval);
	return text;
}

const char *ep_watch_sums(const struct ep_watch *watch, const struct ep_watch_view *view,
			  bool brief, char text[EP_WATCH_SENTENCE_MAX])
{
	uint32_t scope = view->vcpus ? 0 : view->scope;
	const struct ep_watch_item *all = ep_watch_total(watch, scope);
	double handling = ep_watch_time_share(watch, scope, all->last.cycles);
	double away = ep_watch_time_share(watch, scope, all->last.away);
	double last_ns = watch->scopes[scope].last_ns;
	char rate[EP_WATCH_NUMBER_MAX];
	size_t size = EP_WATCH_SENTENCE_MAX;
	int length = 0;

	if (scope)
		length = snprintf(text, size, "vCPU %u: ", scope - 1);
	if (!last_ns) {
		snprintf(text + length, size - length, "%s",
			 view->paused ? "nothing is read" : "measuring ...");
		return text;
	}
	length += snprintf(text + length, size - length, "%s exits/s",
			   ep_watch_number(all->last.exits * 1e9 / last_ns, 20, rate));
	if (!isnan(handling))
		length +=
			snprintf(text + length, size - length, ", handling %.1f%%", handling * 100);
	if (!isnan(away))
		length += snprintf(text + length, size - length, ", away %.1f%%", away * 100);
	if (!isnan(handling) && !brief)
		snprintf(text + length, size - length, " of the %s time",
			 scope || watch->host->vcpus == 1 ? "vCPU's" : "vCPUs'");
	return text;
}

bool ep_watch_is_console(dev_t device)
{
	/* /dev/ttyS*, /dev/console, /dev/hvc* */
	return (major(device) == 4 && minor(device) >= 64) ||
	       (major(device) == 5 && minor(device) == 1) || major(device) == 229;
}
