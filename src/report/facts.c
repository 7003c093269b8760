// SPDX-License-Identifier: GPL-3.0-or-later
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/stats/stats.h"
#include "report/facts.h"

/* Beyond so many median absolute deviations (Iglewicz and Hoaglin 1993) a value stands apart. */
#define OUTLIER_SCORE 3.5
#define OUTLIER_LEAST 5

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median_of(const double *sorted, size_t count)
{
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

struct ep_spread ep_spread_of(double *values, size_t count)
{
	struct ep_spread spread = { .count = count };
	size_t outside = 0;

	qsort(values, count, sizeof(*values), ascending);
	spread.median = median_of(values, count);
	spread.min = values[0];
	spread.max = values[count - 1];
	while (2 * gsl_cdf_binomial_P(outside, 0.5, count) <= EP_STATS_ALPHA)
		outside++;
	if (outside) {
		spread.interval = true;
		spread.low = values[outside - 1];
		spread.high = values[count - outside];
	}
	return spread;
}

struct ep_spread ep_spread_of_counts(double *values, size_t count)
{
	struct ep_spread spread = ep_spread_of(values, count);

	spread.median = floor(spread.median + 0.5);
	return spread;
}

/* Which of them stands apart, from 1, or 0. */
static size_t find_outlier(const double *values, size_t count)
{
	_cleanup_free_ double *sorted = calloc(count, sizeof(*sorted));
	size_t farthest = 0;
	double median, deviation;

	if (!sorted || count < OUTLIER_LEAST)
		return 0;
	memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), ascending);
	median = median_of(sorted, count);
	for (size_t i = 0; i < count; i++) {
		sorted[i] = fabs(values[i] - median);
		if (sorted[i] > fabs(values[farthest] - median))
			farthest = i;
	}
	qsort(sorted, count, sizeof(*sorted), ascending);
	deviation = median_of(sorted, count);
	if (0.6745 * fabs(values[farthest] - median) <= OUTLIER_SCORE * deviation ||
	    fabs(values[farthest] - median) < 0.05 * median)
		return 0;
	return farthest + 1;
}

static double per(double value, double of)
{
	return of > 0 ? value / of : 0;
}

static void find_reason(struct ep_facts_reason *ret, const struct ep_loaded *loaded, double *values)
{
	size_t count = loaded->repeat_count;

	ret->timed = true;
	for (size_t i = 0; i < count; i++) {
		struct ep_loaded_figure figure = ep_load_find(loaded, ret->reason, i);

		values[i] = figure.exits;
		values[count + i] = per(figure.exits * 1e9, loaded->repeats[i].duration_ns);
		values[2 * count + i] = figure.cycles;
		ret->timed = ret->timed && figure.has_cycles;
	}
	ret->exits = ep_spread_of_counts(values, count);
	ret->exits_per_second = ep_spread_of(values + count, count).median;
	ret->cycles = ep_spread_of_counts(values + 2 * count, count);
	ret->cycles_per_exit = per(ret->cycles.median, ret->exits.median);
}

static int most_first(const void *a, const void *b)
{
	const struct ep_facts_reason *x = a, *y = b;

	if (x->exits.median != y->exits.median)
		return x->exits.median < y->exits.median ? 1 : -1;
	return (x->reason > y->reason) - (x->reason < y->reason);
}

static int find_reasons(struct ep_facts *facts, const struct ep_loaded *loaded, double *values)
{
	double exits = 0, cycles = 0;

	facts->reasons = calloc(loaded->row_count ?: 1, sizeof(*facts->reasons));
	if (!facts->reasons)
		return -ENOMEM;
	for (size_t i = 0; i < loaded->row_count; i++) {
		struct ep_facts_reason *reason = &facts->reasons[facts->count];

		if (i && loaded->rows[i].reason == loaded->rows[i - 1].reason)
			continue;
		reason->reason = loaded->rows[i].reason;
		reason->name = loaded->rows[i].name;
		find_reason(reason, loaded, values);
		/* It is listed, but was never counted. */
		if (!reason->exits.max)
			continue;
		exits += reason->exits.median;
		cycles += reason->cycles.median;
		facts->count++;
	}
	for (size_t i = 0; i < facts->count; i++) {
		facts->reasons[i].exits_share = per(facts->reasons[i].exits.median, exits);
		facts->reasons[i].cycles_share = per(facts->reasons[i].cycles.median, cycles);
	}
	qsort(facts->reasons, facts->count, sizeof(*facts->reasons), most_first);
	return 0;
}

static void find_totals(struct ep_facts *facts, const struct ep_loaded *loaded, double *values)
{
	size_t count = loaded->repeat_count;
	struct ep_facts_reason *total = &facts->total;
	double *duration = values, *exits = values + count, *cycles = values + 2 * count;
	double *operations = values + 3 * count, *rate = values + 4 * count;
	double *per_operation = values + 5 * count, *cycles_per_operation = values + 6 * count;
	bool counted = true;

	total->timed = true;
	total->name = "total";
	for (size_t i = 0; i < count; i++) {
		const struct ep_loaded_repeat *repeat = &loaded->repeats[i];

		duration[i] = repeat->duration_ns;
		exits[i] = repeat->all.exits;
		cycles[i] = repeat->all.cycles;
		operations[i] = repeat->operations;
		rate[i] = per(exits[i] * 1e9, duration[i]);
		per_operation[i] = per(exits[i], operations[i]);
		cycles_per_operation[i] = per(cycles[i], operations[i]);
		counted = counted && repeat->has_operations && repeat->operations;
		total->timed = total->timed && repeat->all.has_cycles;
	}
	facts->outlier = find_outlier(rate, count);
	facts->duration_ns = ep_spread_of_counts(duration, count);
	facts->exits_per_second = ep_spread_of(rate, count);
	total->exits = ep_spread_of_counts(exits, count);
	total->cycles = ep_spread_of_counts(cycles, count);
	total->exits_per_second = facts->exits_per_second.median;
	total->exits_share = total->exits.median > 0;
	total->cycles_share = total->cycles.median > 0;
	total->cycles_per_exit = per(total->cycles.median, total->exits.median);
	if (!counted)
		return;
	facts->operations = ep_spread_of_counts(operations, count);
	facts->per_operation = ep_spread_of(per_operation, count);
	facts->cycles_per_operation = ep_spread_of(cycles_per_operation, count);
}

enum ep_paging ep_facts_paging(const char *const *names, size_t count)
{
	static const char *const nested[] = { "EPT_VIOLATION", "EPT_MISCONFIG", "npf" };
	static const char *const shadow[] = { "PF excp", "invlpg", "INVLPG", "INVPCID", "invpcid" };
	enum ep_paging paging = EP_PAGING_UNKNOWN;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(nested); j++)
			if (!strcmp(names[i], nested[j]))
				return EP_PAGING_NESTED;
		for (size_t j = 0; j < ARRAY_SIZE(shadow); j++)
			if (!strcmp(names[i], shadow[j]))
				paging = EP_PAGING_SHADOW;
	}
	return paging;
}

static int find_paging(struct ep_facts *facts)
{
	_cleanup_free_ const char **names = calloc(facts->count + 1, sizeof(*names));

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < facts->count; i++)
		names[i] = facts->reasons[i].name;
	facts->paging = ep_facts_paging(names, facts->count);
	return 0;
}

int ep_facts_find(struct ep_facts *ret, const struct ep_loaded *loaded, struct ep_error *err)
{
	_cleanup_free_ double *values = calloc(7 * loaded->repeat_count + 1, sizeof(*values));

	*ret = (struct ep_facts){};
	if (!values || find_reasons(ret, loaded, values) || find_paging(ret))
		return ep_error_set(err, -ENOMEM, "out of memory");
	find_totals(ret, loaded, values);
	return 0;
}

void ep_facts_finish(struct ep_facts *facts)
{
	free(facts->reasons);
	free(facts->times);
	free(facts->details);
	*facts = (struct ep_facts){};
}
