// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "core/stats/compare.h"

/* One figure of every repeat of a side that has it. */
struct sample {
	double *values;
	size_t count;
	bool unknown;
};

static size_t count_repeats(const struct ep_side *side)
{
	size_t count = 0;

	for (size_t i = 0; i < side->count; i++)
		count += side->results[i].repeat_count;
	return count;
}

static bool lacks_operations(const struct ep_side *side)
{
	for (size_t i = 0; i < side->count; i++) {
		const struct ep_loaded *result = &side->results[i];

		for (size_t j = 0; j < result->repeat_count; j++)
			if (!result->repeats[j].has_operations || !result->repeats[j].operations)
				return true;
	}
	return false;
}

static void add(struct sample *sample, const struct ep_loaded_repeat *repeat,
		struct ep_loaded_figure figure, enum ep_metric metric, bool per_second)
{
	double per = per_second ? repeat->duration_ns / 1e9 : repeat->operations;

	if (metric == EP_METRIC_COST)
		per = figure.exits;
	/* No exits have no cost: a repeat less, not a figure that the host withholds. */
	if (metric == EP_METRIC_COST && !figure.exits)
		return;
	if ((metric != EP_METRIC_EXITS && !figure.has_cycles) || per <= 0) {
		sample->unknown = true;
		return;
	}
	sample->values[sample->count++] =
		(metric == EP_METRIC_EXITS ? figure.exits : figure.cycles) / per;
}

/* @row: of the total if it has no name. */
static void collect(struct sample *sample, const struct ep_side *side,
		    const struct ep_compare_row *row, enum ep_metric metric, bool per_second)
{
	sample->count = 0;
	sample->unknown = false;
	for (size_t i = 0; i < side->count; i++) {
		const struct ep_loaded *result = &side->results[i];

		for (size_t j = 0; j < result->repeat_count; j++) {
			const struct ep_loaded_repeat *repeat = &result->repeats[j];

			add(sample, repeat,
			    row->name ? ep_load_find(result, row->reason, j) : repeat->all, metric,
			    per_second);
		}
	}
}

static bool any_exits(const struct sample *sample)
{
	for (size_t i = 0; i < sample->count; i++)
		if (sample->values[i] > 0)
			return true;
	return false;
}

static int compare_cell(struct ep_compare_cell *cell, const struct sample *before,
			const struct sample *after)
{
	struct ep_stats_change alone;
	int code = 0;

	cell->has_before = before->count && !before->unknown;
	cell->has_after = after->count && !after->unknown;
	if (cell->has_before && cell->has_after) {
		code = ep_stats_compare(&cell->change, before->values, before->count, after->values,
					after->count);
		cell->before = cell->change.before;
		cell->after = cell->change.after;
		cell->p_adjusted = cell->change.p;
		cell->verdict = EP_COMPARE_UNTESTED;
	} else if (cell->has_before) {
		code = ep_stats_compare(&alone, before->values, before->count, before->values,
					before->count);
		cell->before = alone.before;
	} else if (cell->has_after) {
		code = ep_stats_compare(&alone, after->values, after->count, after->values,
					after->count);
		cell->after = alone.after;
	}
	return code;
}

static int compare_row(struct ep_compare_row *row, const struct ep_comparison *comparison,
		       const struct ep_side *before, const struct ep_side *after,
		       struct sample samples[2])
{
	bool per_second = comparison->per_second;
	int code = 0;

	for (int metric = 0; metric < EP_METRICS && !code; metric++) {
		collect(&samples[0], before, row, metric, per_second);
		collect(&samples[1], after, row, metric, per_second);
		if (metric == EP_METRIC_EXITS && !any_exits(&samples[0]))
			row->presence = any_exits(&samples[1]) ? EP_PRESENCE_NEW : EP_PRESENCE_BOTH;
		else if (metric == EP_METRIC_EXITS && !any_exits(&samples[1]))
			row->presence = EP_PRESENCE_GONE;
		code = compare_cell(&row->cells[metric], &samples[0], &samples[1]);
	}
	return code;
}

static void judge(struct ep_compare_cell *cell)
{
	/* Ranks may differ where so many values are equal that the estimate is nothing. */
	if (cell->p_adjusted >= EP_STATS_ALPHA || !cell->change.difference.value)
		cell->verdict = EP_COMPARE_SAME;
	else if (cell->change.difference.value > 0)
		cell->verdict = EP_COMPARE_MORE;
	else
		cell->verdict = EP_COMPARE_LESS;
}

/* All reasons in one metric are one family of questions. */
static int judge_family(struct ep_comparison *comparison, enum ep_metric metric)
{
	_cleanup_free_ double *p = calloc(comparison->count + 1, sizeof(*p));
	double smallest = 1;
	size_t count = 0;
	int code;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < comparison->count; i++) {
		const struct ep_compare_cell *cell = &comparison->rows[i].cells[metric];

		if (cell->verdict == EP_COMPARE_UNKNOWN)
			continue;
		p[count++] = cell->change.p;
		smallest = fmin(smallest, cell->change.smallest_p);
	}
	comparison->family[metric] = count;
	code = ep_stats_holm(p, count);
	if (code)
		return code;
	count = 0;
	for (size_t i = 0; i < comparison->count; i++) {
		struct ep_compare_cell *cell = &comparison->rows[i].cells[metric];

		if (cell->verdict == EP_COMPARE_UNKNOWN)
			continue;
		cell->p_adjusted = p[count++];
		if (smallest * comparison->family[metric] < EP_STATS_ALPHA)
			judge(cell);
	}
	return 0;
}

static int judge_all(struct ep_comparison *comparison)
{
	int code = 0;

	for (int metric = 0; metric < EP_METRICS && !code; metric++) {
		struct ep_compare_cell *total = &comparison->total.cells[metric];

		code = judge_family(comparison, metric);
		if (total->verdict == EP_COMPARE_UNTESTED &&
		    total->change.smallest_p < EP_STATS_ALPHA)
			judge(total);
	}
	return code;
}

static int order_reasons(const void *a, const void *b)
{
	const struct ep_compare_row *x = a, *y = b;

	return (x->reason > y->reason) - (x->reason < y->reason);
}

static size_t list_reasons_of(const struct ep_loaded *result, struct ep_compare_row *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < result->row_count; i++) {
		const struct ep_loaded_row *row = &result->rows[i];

		if (!row->figure.exits || (count && rows[count - 1].reason == row->reason))
			continue;
		rows[count].reason = row->reason;
		rows[count++].name = row->name;
	}
	return count;
}

/* Every reason that any result has exits of, once. */
static int list_reasons(struct ep_comparison *ret, const struct ep_side *before,
			const struct ep_side *after)
{
	const struct ep_side *sides[] = { before, after };
	size_t capacity = 1, count = 0, kept = 0;

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < sides[side]->count; i++)
			capacity += sides[side]->results[i].row_count;
	ret->rows = calloc(capacity, sizeof(*ret->rows));
	if (!ret->rows)
		return -ENOMEM;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < sides[side]->count; i++)
			count += list_reasons_of(&sides[side]->results[i], ret->rows + count);
	qsort(ret->rows, count, sizeof(*ret->rows), order_reasons);
	for (size_t i = 0; i < count; i++)
		if (!i || ret->rows[i].reason != ret->rows[kept - 1].reason)
			ret->rows[kept++] = ret->rows[i];
	ret->count = kept;
	return 0;
}

static bool significant(const struct ep_compare_cell *cell)
{
	return cell->verdict == EP_COMPARE_LESS || cell->verdict == EP_COMPARE_MORE;
}

static int order_by(const struct ep_compare_row *x, const struct ep_compare_row *y,
		    enum ep_metric metric)
{
	const struct ep_compare_cell *a = &x->cells[metric], *b = &y->cells[metric];
	double size_a = fabs(a->change.difference.value), size_b = fabs(b->change.difference.value);

	if (significant(a) != significant(b))
		return significant(a) ? -1 : 1;
	if (size_a != size_b)
		return size_a < size_b ? 1 : -1;
	size_a = fmax(a->before, a->after);
	size_b = fmax(b->before, b->after);
	return (size_a < size_b) - (size_a > size_b);
}

static int order_rows(const void *a, const void *b, void *data)
{
	int order = order_by(a, b, *(const enum ep_metric *)data);

	if (!order)
		order = order_by(a, b, EP_METRIC_EXITS);
	return order ? order : order_reasons(a, b);
}

static int compare_all(struct ep_comparison *ret, const struct ep_side *before,
		       const struct ep_side *after, struct sample samples[2])
{
	int code = list_reasons(ret, before, after);

	for (size_t i = 0; i < ret->count && !code; i++)
		code = compare_row(&ret->rows[i], ret, before, after, samples);
	if (!code)
		code = compare_row(&ret->total, ret, before, after, samples);
	return code ? code : judge_all(ret);
}

int ep_compare(struct ep_comparison *ret, const struct ep_side *before, const struct ep_side *after,
	       enum ep_metric sort, struct ep_error *err)
{
	_cleanup_free_ double *before_values = NULL, *after_values = NULL;
	struct sample samples[2];
	int code;

	*ret = (struct ep_comparison){
		.per_second = lacks_operations(before) || lacks_operations(after),
		.before_count = count_repeats(before),
		.after_count = count_repeats(after),
	};
	if (ret->before_count > EP_STATS_VALUES_MAX || ret->after_count > EP_STATS_VALUES_MAX)
		return ep_error_set(err, -E2BIG, "more than %d repeats on a side",
				    EP_STATS_VALUES_MAX);
	before_values = calloc(ret->before_count, sizeof(*before_values));
	after_values = calloc(ret->after_count, sizeof(*after_values));
	if (!before_values || !after_values)
		return ep_error_set(err, -ENOMEM, "out of memory");
	samples[0].values = before_values;
	samples[1].values = after_values;
	code = compare_all(ret, before, after, samples);
	if (code) {
		ep_compare_finish(ret);
		return ep_error_set(err, code, "cannot compare: %m");
	}
	ret->total.name = "total";
	qsort_r(ret->rows, ret->count, sizeof(*ret->rows), order_rows, &sort);
	return 0;
}

void ep_compare_finish(struct ep_comparison *comparison)
{
	free(comparison->rows);
	comparison->rows = NULL;
	comparison->count = 0;
}

size_t ep_compare_repeats_needed(size_t family)
{
	size_t count = 1;

	while (ep_stats_smallest_p(count, count) * family >= EP_STATS_ALPHA)
		count++;
	return count;
}

const char *ep_compare_metric_name(enum ep_metric metric, bool per_second)
{
	static const char *const names[EP_METRICS][2] = {
		[EP_METRIC_CYCLES] = { "handling_cycles_per_operation", "handling_cycles_per_"
									"second" },
		[EP_METRIC_EXITS] = { "exits_per_operation", "exits_per_second" },
		[EP_METRIC_COST] = { "handling_cycles_per_exit", "handling_cycles_per_exit" },
	};

	return names[metric][per_second];
}

const char *ep_compare_format_ratio(double ratio, char *text)
{
	if (isnan(ratio))
		strcpy(text, "-");
	else if (isinf(ratio))
		strcpy(text, "from 0");
	else if (ratio >= 2.995)
		snprintf(text, EP_VALUE_TEXT_MAX, "x%.*f", (ratio < 99.95) + (ratio < 9.995),
			 fmin(ratio, 1e12));
	else
		snprintf(text, EP_VALUE_TEXT_MAX, "%+.1f%%", (ratio - 1) * 100);
	return text;
}

const char *ep_compare_format_p(const struct ep_compare_cell *cell, char *text)
{
	if (cell->verdict == EP_COMPARE_UNKNOWN || cell->verdict == EP_COMPARE_UNTESTED)
		return "-";
	if (cell->p_adjusted < 0.001)
		return "<0.001";
	snprintf(text, EP_VALUE_TEXT_MAX, "%.3f", cell->p_adjusted);
	return text;
}
