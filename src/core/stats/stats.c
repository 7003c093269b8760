// SPDX-License-Identifier: GPL-3.0-or-later
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "core/base/cleanup.h"
#include "core/stats/stats.h"

/* Choosing @k of @n: work grows with the square of this, memory with k times it. */
#define EXACT_WORK_MAX 1250

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_exact(size_t x_count, size_t y_count)
{
	return min_size(x_count, y_count) * (x_count + y_count) <= EXACT_WORK_MAX;
}

/*
 * Twice the ranks of @sorted, so that the mean rank of equal values is an integer.
 * Returns the sum over groups of t equal values of t^3 - t.
 */
static double rank(const double *sorted, size_t count, unsigned int *ret_doubled)
{
	double ties = 0;

	for (size_t from = 0, to; from < count; from = to) {
		double length;

		for (to = from + 1; to < count && sorted[to] == sorted[from]; to++)
			;
		for (size_t i = from; i < to; i++)
			ret_doubled[i] = from + 1 + to;
		length = to - from;
		ties += length * length * length - length;
	}
	return ties;
}

/*
 * How many of the choices of @chosen out of the @count numbers @doubled have each
 * sum: an array of *@ret_length, for free(). Streitberg and Roehmel's shift
 * algorithm. Numbers up to 2^53 are exact in a double, and rounding is no harm above.
 */
static double *distribute(const unsigned int *doubled, size_t count, size_t chosen,
			  size_t *ret_length)
{
	size_t length = 2 * count * chosen + 1;
	double *ways = calloc((chosen + 1) * length, sizeof(*ways)), *result;

	result = calloc(length, sizeof(*result));
	if (!ways || !result) {
		free(ways);
		free(result);
		return NULL;
	}
	ways[0] = 1;
	for (size_t i = 0; i < count; i++)
		for (size_t k = min_size(i + 1, chosen); k > 0; k--)
			for (size_t sum = doubled[i]; sum < length; sum++)
				ways[k * length + sum] += ways[(k - 1) * length + sum - doubled[i]];
	for (size_t sum = 0; sum < length; sum++)
		result[sum] = ways[chosen * length + sum];
	free(ways);
	*ret_length = length;
	return result;
}

static int exact_p(double *ret, const unsigned int *doubled, size_t count, size_t chosen,
		   size_t observed)
{
	size_t length;
	_cleanup_free_ double *ways = distribute(doubled, count, chosen, &length);
	double below = 0, above = 0, all = 0;

	if (!ways)
		return -ENOMEM;
	for (size_t sum = 0; sum < length; sum++) {
		all += ways[sum];
		below += sum <= observed ? ways[sum] : 0;
		above += sum >= observed ? ways[sum] : 0;
	}
	*ret = fmin(1, 2 * fmin(below, above) / all);
	return 0;
}

static double normal_p(double u, double x_count, double y_count, double ties)
{
	double count = x_count + y_count;
	double variance = x_count * y_count / 12 * (count + 1 - ties / (count * (count - 1)));
	double distance = fabs(u - x_count * y_count / 2) - 0.5;

	if (variance <= 0 || distance <= 0)
		return 1;
	return 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance));
}

int ep_stats_rank_sum(double *ret, const double *x, size_t x_count, const double *y, size_t y_count)
{
	size_t count = x_count + y_count, smaller = min_size(x_count, y_count), doubled_sum = 0;
	const double *chosen = x_count <= y_count ? x : y;
	_cleanup_free_ double *sorted = calloc(count + 1, sizeof(*sorted));
	_cleanup_free_ unsigned int *doubled = calloc(count + 1, sizeof(*doubled));
	double ties;

	if (!smaller || count > 2 * EP_STATS_VALUES_MAX)
		return -EDOM;
	if (!sorted || !doubled)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = i < x_count ? x[i] : y[i - x_count];
	gsl_sort(sorted, 1, count);
	ties = rank(sorted, count, doubled);
	for (size_t i = 0; i < smaller; i++) {
		size_t at = 0;

		while (sorted[at] != chosen[i])
			at++;
		doubled_sum += doubled[at];
	}
	if (is_exact(x_count, y_count))
		return exact_p(ret, doubled, count, smaller, doubled_sum);
	*ret = normal_p(doubled_sum / 2.0 - smaller * (smaller + 1) / 2.0, x_count, y_count, ties);
	return 0;
}

double ep_stats_smallest_p(size_t x_count, size_t y_count)
{
	if (!x_count || !y_count)
		return 1;
	return fmin(1, 2 * exp(-gsl_sf_lnchoose(x_count + y_count, x_count)));
}

/*
 * The rank, from 1, of the pair that is the lower end of the interval, as its
 * mirror image is the upper one; 0 if there are too few values for any.
 */
static int interval_rank(size_t *ret, size_t x_count, size_t y_count)
{
	size_t count = x_count + y_count, smaller = min_size(x_count, y_count), length;
	size_t least = smaller * (smaller + 1), rank = 0;
	_cleanup_free_ unsigned int *doubled = NULL;
	_cleanup_free_ double *ways = NULL;
	double below = 0, tail;

	if (!is_exact(x_count, y_count)) {
		double half = x_count * (double)y_count / 2;
		double deviation = sqrt(half * (count + 1) / 6);
		double end = half + gsl_cdf_ugaussian_Pinv(EP_STATS_ALPHA / 2) * deviation;

		*ret = end > 0 ? end : 0;
		return 0;
	}
	doubled = calloc(count, sizeof(*doubled));
	if (!doubled)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		doubled[i] = 2 * (i + 1);
	ways = distribute(doubled, count, smaller, &length);
	if (!ways)
		return -ENOMEM;
	/* U is the rank sum less its least value; doubled, only even sums are there. */
	tail = EP_STATS_ALPHA / 2 * exp(gsl_sf_lnchoose(count, smaller)) * (1 + 1e-9);
	for (size_t sum = least; sum < length; sum += 2) {
		below += ways[sum];
		if (below > tail)
			break;
		rank++;
	}
	*ret = rank;
	return 0;
}

static double difference(double before, double after)
{
	return after - before;
}

/* A logarithm, whose differences are ratios. */
static double log_ratio(double before, double after)
{
	if (before == after)
		return 0;
	if (before == 0)
		return INFINITY;
	return after == 0 ? -INFINITY : log(after / before);
}

static double middle(double low, double high)
{
	return low == high ? low : (low + high) / 2;
}

static int estimate(struct ep_stats_estimate *ret, const double *before, size_t before_count,
		    const double *after, size_t after_count, size_t rank,
		    double (*pair)(double before, double after))
{
	size_t count = before_count * after_count;
	_cleanup_free_ double *pairs = calloc(count, sizeof(*pairs));

	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < before_count; i++)
		for (size_t j = 0; j < after_count; j++)
			pairs[i * after_count + j] = pair(before[i], after[j]);
	ret->value = middle(gsl_stats_select(pairs, 1, count, (count - 1) / 2),
			    gsl_stats_select(pairs, 1, count, count / 2));
	ret->interval = rank > 0;
	ret->low = rank ? gsl_stats_select(pairs, 1, count, rank - 1) : 0;
	ret->high = rank ? gsl_stats_select(pairs, 1, count, count - rank) : 0;
	return 0;
}

static int median(double *ret, const double *values, size_t count)
{
	_cleanup_free_ double *sorted = calloc(count, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = values[i];
	*ret = gsl_stats_median(sorted, 1, count);
	return 0;
}

static bool is_sample(const double *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(values[i]) || values[i] < 0)
			return false;
	return count && count <= EP_STATS_VALUES_MAX;
}

int ep_stats_compare(struct ep_stats_change *ret, const double *before, size_t before_count,
		     const double *after, size_t after_count)
{
	struct ep_stats_change change = {
		.before_count = before_count,
		.after_count = after_count,
		.smallest_p = ep_stats_smallest_p(before_count, after_count),
	};
	size_t rank = 0;
	int code;

	if (!is_sample(before, before_count) || !is_sample(after, after_count))
		return -EDOM;
	code = median(&change.before, before, before_count);
	if (!code)
		code = median(&change.after, after, after_count);
	if (!code)
		code = ep_stats_rank_sum(&change.p, before, before_count, after, after_count);
	if (!code)
		code = interval_rank(&rank, before_count, after_count);
	if (!code)
		code = estimate(&change.difference, before, before_count, after, after_count, rank,
				difference);
	if (!code)
		code = estimate(&change.ratio, before, before_count, after, after_count, rank,
				log_ratio);
	if (code)
		return code;
	change.ratio.value = exp(change.ratio.value);
	if (change.ratio.interval) {
		change.ratio.low = exp(change.ratio.low);
		change.ratio.high = exp(change.ratio.high);
	}
	*ret = change;
	return 0;
}

int ep_stats_holm(double *p, size_t count)
{
	_cleanup_free_ size_t *order = calloc(count + 1, sizeof(*order));
	double largest = 0;

	if (!order)
		return -ENOMEM;
	gsl_sort_index(order, p, 1, count);
	for (size_t i = 0; i < count; i++) {
		largest = fmax(largest, fmin(1, p[order[i]] * (count - i)));
		p[order[i]] = largest;
	}
	return 0;
}
