/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stats.h - has something changed, and by how much? Without assumptions on the
 * distribution of what was measured, which cycles would not keep.
 *
 * The test is Mann and Whitney's U, which is Wilcoxon's rank sum: whether values of one
 * sample tend to be larger than those of the other. The estimates that go with it
 * are those of Hodges and Lehmann: the median of all differences (or ratios) of one
 * value of each sample, and two of them, by rank, as the ends of an interval.
 *
 *	struct ep_stats_change change;
 *
 *	err = ep_stats_compare(&change, before, 8, after, 8);
 *	printf("%+.1f%%, p = %.3f\n", (change.ratio.value - 1) * 100, change.p);
 *
 * Sources: Mann and Whitney 1947; Hodges and Lehmann 1963; Moses 1965 for the
 * interval; Streitberg and Roehmel 1986 for the exact distribution with ties; Holm
 * 1979. Quantiles, tails and selection are GSL's.
 */
#ifndef EP_CORE_STATS_STATS_H
#define EP_CORE_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* The error that is accepted, and what is left of intervals. */
#define EP_STATS_ALPHA	    0.05
#define EP_STATS_CONFIDENCE 0.95

/* Of either side: all pairs are held in memory. */
#define EP_STATS_VALUES_MAX 1000

/* @interval: whether @low and @high are known, which takes enough values. */
struct ep_stats_estimate {
	double value;
	bool interval;
	double low;
	double high;
};

/*
 * @before, @after: medians
 * @difference: after - before
 * @ratio: after / before, where 0 / 0 is no change, and 1 / 0 is INFINITY
 * @p: two-sided: the probability of ranks as unequal as these, or more, if nothing
 *	has changed
 * @smallest_p: what @p could be at best with so many values
 */
struct ep_stats_change {
	size_t before_count;
	size_t after_count;
	double before;
	double after;
	struct ep_stats_estimate difference;
	struct ep_stats_estimate ratio;
	double p;
	double smallest_p;
};

/*
 * Of finite values, none below 0, at least one and at most EP_STATS_VALUES_MAX a
 * side. Returns 0, -ENOMEM or -EDOM.
 */
int ep_stats_compare(struct ep_stats_change *ret, const double *before, size_t before_count,
		     const double *after, size_t after_count);

/*
 * The p of the test: exact, also with equal values, while that takes little work, as up to
 * 25 values a side; else by the normal distribution, corrected for ties and
 * continuity. Returns 0, -ENOMEM or -EDOM.
 */
int ep_stats_rank_sum(double *ret, const double *x, size_t x_count, const double *y,
		      size_t y_count);

/* Of two samples without ties that do not overlap: 2 / binomial(x + y, x). */
double ep_stats_smallest_p(size_t x_count, size_t y_count);

/*
 * Replaces the p values of @count questions by Holm's, which compare with
 * EP_STATS_ALPHA as if there were one question. Returns 0 or -ENOMEM.
 */
int ep_stats_holm(double *p, size_t count);

#endif /* EP_CORE_STATS_STATS_H */
