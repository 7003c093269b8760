/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary.h - what follows from a record: one row a reason
 *
 *	err = ep_summary_compute(&summary, &record);
 *	printf("%s\n", summary.rows[0].name);
 */
#ifndef EP_CORE_RESULT_SUMMARY_H
#define EP_CORE_RESULT_SUMMARY_H

#include "core/result/record.h"

/*
 * One reason over all repeats: medians, and the range.
 *
 * @timed: whether @cycles, and what follows from it, is known
 * @full: whether the figures from @away on are known
 * @exits_per_second: median of the repeats' rates
 * @cycles_share: of all reasons' handling cycles, 0 to 1
 * @cycles_per_exit: @cycles / @exits, 0 without exits
 * @p50 to @max: percentiles and maximum of the handling cycles of one exit, over
 *	all repeats together. All that is known of an exit is the power of two below it: these
 *	are the upper ends of that range. 0 without exits
 * @max_since_boot: handling cycles of the longest exit since the VM was created,
 *	exactly
 */
struct ep_summary_row {
	uint32_t reason;
	const char *name;
	uint64_t exits;
	double exits_per_second;
	bool timed;
	uint64_t cycles;
	double cycles_share;
	double cycles_per_exit;
	uint64_t exits_min;
	uint64_t exits_max;
	uint64_t cycles_min;
	uint64_t cycles_max;
	bool full;
	uint64_t away;
	uint64_t p50;
	uint64_t p90;
	uint64_t p99;
	uint64_t max;
	uint64_t max_since_boot;
};

/*
 * @rows: reasons with a count in any repeat, most exits first, equal ones by
 *	reason
 * @total: by the total leaves; its name is "total", its share 1 where there are
 *	any cycles
 */
struct ep_summary {
	struct ep_summary_row rows[EP_REASONS_MAX];
	uint32_t count;
	struct ep_summary_row total;
	uint64_t operations;
	uint64_t duration_ns;
};

/* Returns 0 or -ENOMEM. @record must have a repeat. */
int ep_summary_compute(struct ep_summary *ret, const struct ep_record *record);

/*
 * The upper end, 2^(i + 1) - 1, of the bucket i that holds the exit at @share, 0 to
 * 1, of all exits in @histogram, EXITPROF_BUCKETS of them; 0 if it is empty.
 */
uint64_t ep_percentile(const uint64_t *histogram, double share);

#endif /* EP_CORE_RESULT_SUMMARY_H */
