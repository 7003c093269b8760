/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare.h - what became of the exits of a workload: results before and after
 *
 *	struct ep_side before = { results, 1 }, after = { results + 1, 1 };
 *
 *	err = ep_compare(&comparison, &before, &after, EP_METRIC_CYCLES, &error);
 *	for (size_t i = 0; i < comparison.count; i++)
 *		puts(comparison.rows[i].name);
 *	ep_compare_finish(&comparison);
 */
#ifndef EP_CORE_STATS_COMPARE_H
#define EP_CORE_STATS_COMPARE_H

#include "core/result/load.h"
#include "core/stats/stats.h"

/* Cycles are handling cycles. The first two are per operation. */
enum ep_metric {
	EP_METRIC_CYCLES,
	EP_METRIC_EXITS,
	EP_METRIC_COST,
	EP_METRICS,
};

/*
 * UNKNOWN: a side has no such figure. UNTESTED: too few repeats for any difference
 * to be significant. The others have been tested.
 */
enum ep_compare_verdict {
	EP_COMPARE_UNKNOWN,
	EP_COMPARE_UNTESTED,
	EP_COMPARE_SAME,
	EP_COMPARE_LESS,
	EP_COMPARE_MORE,
};

/* Where exits of the reason were counted. */
enum ep_presence {
	EP_PRESENCE_BOTH,
	EP_PRESENCE_NEW,
	EP_PRESENCE_GONE,
};

struct ep_side {
	const struct ep_loaded *results;
	size_t count;
};

/*
 * @change: valid unless the verdict is UNKNOWN
 * @p_adjusted: by Holm, over the reasons of the same metric; of the total its own p
 * @has_before, @has_after, @before, @after: medians, that one side may have alone
 */
struct ep_compare_cell {
	enum ep_compare_verdict verdict;
	struct ep_stats_change change;
	double p_adjusted;
	bool has_before;
	bool has_after;
	double before;
	double after;
};

/* @name: borrowed from a result */
struct ep_compare_row {
	uint32_t reason;
	const char *name;
	enum ep_presence presence;
	struct ep_compare_cell cells[EP_METRICS];
};

/*
 * @per_second: a repeat has no operations, so figures are per second instead
 * @before_count, @after_count: repeats
 * @family: how many reasons were tested at once, for each metric
 * @rows: of reasons: first those that changed significantly, in either group the
 *	largest change first, of equal ones the larger figure, in the metric that the comparison
 *	was made for or, where a host cannot tell that, in exits
 */
struct ep_comparison {
	bool per_second;
	size_t before_count;
	size_t after_count;
	size_t family[EP_METRICS];
	struct ep_compare_row *rows;
	size_t count;
	struct ep_compare_row total;
};

/*
 * Repeats of several results of a side count alike. Returns 0 or a negative errno:
 * -E2BIG for more repeats than EP_STATS_VALUES_MAX.
 */
int ep_compare(struct ep_comparison *ret, const struct ep_side *before, const struct ep_side *after,
	       enum ep_metric sort, struct ep_error *err);
void ep_compare_finish(struct ep_comparison *comparison);

/*
 * How many repeats a side, as many on both, one of @family questions at once takes
 * to be answered at all. The total's family is 1.
 */
size_t ep_compare_repeats_needed(size_t family);

/* "handling_cycles_per_operation" and so on, as in the CSV. */
const char *ep_compare_metric_name(enum ep_metric metric, bool per_second);

/*
 * "+12.3%", "x4.56" from three times on, "from 0" for INFINITY. Returns @text of
 * EP_VALUE_TEXT_MAX bytes.
 */
const char *ep_compare_format_ratio(double ratio, char *text);

/* "0.012", "<0.001", or "-" where nothing was tested. @text as above. */
const char *ep_compare_format_p(const struct ep_compare_cell *cell, char *text);

#endif /* EP_CORE_STATS_COMPARE_H */
