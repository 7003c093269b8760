// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The test and its estimates against published figures, and against every possible
 * arrangement of small samples, which needs no theory.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/stats/stats.h"
#include "unit.h"

#define assert_near(a, b)	      assert_true(fabs((a) - (b)) < 1e-9)
#define assert_about(a, b, precision) assert_true(fabs((a) - (b)) < (precision))

/*
 * Hollander and Wolfe, Nonparametric Statistical Methods, 1973, p. 69: permeability of
 * the human chorioamnion. Published: W = 35, one-sided p = 0.1272, two-sided 0.2544.
 */
static const double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
static const double early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

static void test_published(void **state)
{
	struct ep_stats_change change;
	double p;

	assert_int_equal(ep_stats_rank_sum(&p, term, 10, early, 5), 0);
	assert_about(p, 0.2544, 5e-5);
	assert_int_equal(ep_stats_rank_sum(&p, early, 5, term, 10), 0);
	assert_about(p, 0.2544, 5e-5);

	assert_int_equal(ep_stats_compare(&change, early, 5, term, 10), 0);
	assert_about(change.difference.value, 0.305, 1e-9);
	assert_about(change.difference.low, -0.15, 1e-9);
	assert_about(change.difference.high, 0.76, 1e-9);
	assert_near(change.p, p);
	assert_near(change.before, 0.90);
	assert_near(change.after, 1.415);
	assert_near(change.smallest_p, 2 / 3003.0);
}

/*
 * The critical values of every textbook's table for two sides and 5 %: the largest
 * U that is significant. As many pairs, and one less, lie outside the interval.
 */
static void test_critical_values(void **state)
{
	static const struct {
		int n, m, u;
	} table[] = {
		{ 4, 4, 0 },  { 5, 5, 2 },    { 6, 6, 5 },    { 7, 7, 8 },    { 8, 8, 13 },
		{ 9, 9, 17 }, { 10, 10, 23 }, { 12, 12, 37 }, { 15, 15, 64 }, { 20, 20, 127 },
		{ 2, 8, 0 },  { 3, 5, 0 },    { 5, 10, 8 },   { 8, 12, 22 },  { 10, 20, 55 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		double x[20], y[20];
		struct ep_stats_change change;
		size_t below = 0;

		/* All ratios and differences of these are different. */
		for (int j = 0; j < table[i].n; j++)
			x[j] = 1000 + j;
		for (int j = 0; j < table[i].m; j++)
			y[j] = 2000 + 20.01 * j;
		assert_int_equal(ep_stats_compare(&change, x, table[i].n, y, table[i].m), 0);
		assert_true(change.difference.interval);
		for (int j = 0; j < table[i].n; j++)
			for (int k = 0; k < table[i].m; k++)
				below += y[k] - x[j] < change.difference.low;
		assert_int_equal(below, table[i].u);
	}
}

/* No interval of 95 % and no p below 0.05 with so few. */
static void test_too_few(void **state)
{
	static const double x[] = { 1, 2, 3 }, y[] = { 4, 5, 6 };
	struct ep_stats_change change;

	assert_int_equal(ep_stats_compare(&change, x, 1, y, 1), 0);
	assert_near(change.p, 1);
	assert_near(change.smallest_p, 1);
	assert_false(change.difference.interval || change.ratio.interval);
	assert_near(change.difference.value, 3);
	assert_near(change.ratio.value, 4);

	assert_int_equal(ep_stats_compare(&change, x, 3, y, 3), 0);
	assert_near(change.p, 0.1);
	assert_near(change.smallest_p, 0.1);
	assert_false(change.difference.interval || change.ratio.interval);
	assert_near(ep_stats_smallest_p(4, 4), 2 / 70.0);
	assert_near(ep_stats_smallest_p(0, 4), 1);
}

static double pseudo_random(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

/* Twice the sum of the ranks that the first @chosen of @all have among all, ties shared. */
static int doubled_ranks(const double *all, int count, unsigned int chosen)
{
	int sum = 0;

	for (int i = 0; i < count; i++) {
		if (!(chosen >> i & 1))
			continue;
		for (int j = 0; j < count; j++)
			sum += all[j] < all[i] ? 2 : all[j] == all[i];
		sum++;
	}
	return sum;
}

static double by_enumeration(const double *all, int n, int count)
{
	int observed = doubled_ranks(all, count, (1u << n) - 1);
	double below = 0, above = 0, ways = 0;

	for (unsigned int chosen = 0; chosen < 1u << count; chosen++) {
		int sum;

		if (__builtin_popcount(chosen) != n)
			continue;
		sum = doubled_ranks(all, count, chosen);
		ways++;
		below += sum <= observed;
		above += sum >= observed;
	}
	return fmin(1, 2 * fmin(below, above) / ways);
}

/* With and without ties, and from all equal to all different. */
static void test_every_arrangement(void **state)
{
	unsigned int seed = 1;

	for (int round = 0; round < 120; round++) {
		int n = 1 + round % 6, m = 1 + round / 6 % 6, kinds = 1 + round % 9;
		double all[12], p;

		for (int i = 0; i < n + m; i++)
			all[i] = (int)pseudo_random(&seed) % kinds;
		assert_int_equal(ep_stats_rank_sum(&p, all, n, all + n, m), 0);
		assert_near(p, by_enumeration(all, n, n + m));
	}
}

/* Where the exact way ends, the other one has to go on smoothly. */
static void test_normal(void **state)
{
	double x[40], y[40], exact, normal;

	for (int i = 0; i < 40; i++) {
		x[i] = 2 * i;
		y[i] = 2 * i + 11;
	}
	assert_int_equal(ep_stats_rank_sum(&exact, x, 25, y, 25), 0);
	assert_int_equal(ep_stats_rank_sum(&normal, x, 26, y, 26), 0);
	assert_true(exact < normal + 0.01 && exact > normal - 0.06);
	/* By hand: U is 561, its mean 800, its deviation 103.923. */
	for (int i = 0; i < 40; i++)
		y[i] = 2 * i + 13;
	assert_int_equal(ep_stats_rank_sum(&normal, x, 40, y, 40), 0);
	assert_about(normal, erfc((800 - 561 - 0.5) / 103.92304845 / sqrt(2)), 1e-6);
	/* With ties, U = 700.0 and the sum of t^3 - t = 18624, by hand likewise. */
	for (int i = 0; i < 40; i++) {
		x[i] = i % 5;
		y[i] = i % 5 + (i % 3 == 0);
	}
	assert_int_equal(ep_stats_rank_sum(&normal, x, 40, y, 40), 0);
	assert_about(normal, 0.3293889, 1e-6);
	/* One group of 80 equal ones: no variance, no difference. */
	for (int i = 0; i < 40; i++)
		x[i] = y[i] = 5;
	assert_int_equal(ep_stats_rank_sum(&normal, x, 40, y, 40), 0);
	assert_near(normal, 1);
}

/* The interval has 1 in it if and only if the test finds nothing, while none are equal. */
static void test_test_and_interval_agree(void **state)
{
	unsigned int seed = 7;
	int significant = 0;

	for (int round = 0; round < 300; round++) {
		double x[9], y[8];
		struct ep_stats_change change;

		for (int i = 0; i < 9; i++)
			x[i] = 1000 + pseudo_random(&seed) + i / 10.0;
		for (int i = 0; i < 8; i++)
			y[i] = 1000 + pseudo_random(&seed) * (1 + round % 3) + i / 10.0 + 0.05;
		assert_int_equal(ep_stats_compare(&change, x, 9, y, 8), 0);
		assert_true(change.ratio.interval);
		assert_int_equal(change.p<0.05, change.ratio.low> 1 || change.ratio.high < 1);
		assert_int_equal(change.p<0.05, change.difference.low> 0 ||
				 change.difference.high < 0);
		assert_true(change.ratio.low <= change.ratio.value &&
			    change.ratio.value <= change.ratio.high);
		significant += change.p < 0.05;
	}
	assert_in_range(significant, 20, 280);
}

static void test_zeros(void **state)
{
	static const double none[8] = {}, some[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	static const double rare[8] = { 0, 0, 0, 1 };
	struct ep_stats_change change;

	assert_int_equal(ep_stats_compare(&change, none, 8, some, 8), 0);
	assert_true(isinf(change.ratio.value) && isinf(change.ratio.high));
	assert_near(change.difference.value, 4.5);
	assert_about(change.p, 2 / 12870.0, 1e-9);
	assert_int_equal(ep_stats_compare(&change, some, 8, none, 8), 0);
	assert_near(change.ratio.value, 0);
	assert_int_equal(ep_stats_compare(&change, none, 8, none, 8), 0);
	assert_near(change.ratio.value, 1);
	assert_near(change.ratio.low, 1);
	assert_near(change.p, 1);
	assert_int_equal(ep_stats_compare(&change, none, 8, rare, 8), 0);
	assert_near(change.ratio.value, 1);
	assert_near(change.p, 1);
}

static void test_no_sample(void **state)
{
	static const double good[] = { 1, 2 }, bad[] = { 1, NAN }, negative[] = { 1, -2 };
	_cleanup_free_ double *many = calloc(EP_STATS_VALUES_MAX + 1, sizeof(*many));
	struct ep_stats_change change;

	assert_int_equal(ep_stats_compare(&change, good, 0, good, 2), -EDOM);
	assert_int_equal(ep_stats_compare(&change, good, 2, bad, 2), -EDOM);
	assert_int_equal(ep_stats_compare(&change, negative, 2, good, 2), -EDOM);
	assert_int_equal(ep_stats_compare(&change, good, 2, many, EP_STATS_VALUES_MAX + 1), -EDOM);
	assert_int_equal(ep_stats_compare(&change, good, 2, many, EP_STATS_VALUES_MAX), 0);
}

/* Holm 1979: 0.01, 0.04, 0.03, 0.005 of four. */
static void test_holm(void **state)
{
	double p[] = { 0.01, 0.04, 0.03, 0.005 }, one = 0.03, large[] = { 0.9, 0.8 };

	assert_int_equal(ep_stats_holm(p, 4), 0);
	assert_near(p[0], 0.03);
	assert_near(p[1], 0.06);
	assert_near(p[2], 0.06);
	assert_near(p[3], 0.02);
	assert_int_equal(ep_stats_holm(&one, 1), 0);
	assert_near(one, 0.03);
	assert_int_equal(ep_stats_holm(large, 2), 0);
	assert_near(large[0], 1);
	assert_int_equal(ep_stats_holm(large, 0), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published), cmocka_unit_test(test_critical_values),
		cmocka_unit_test(test_too_few),	  cmocka_unit_test(test_every_arrangement),
		cmocka_unit_test(test_normal),	  cmocka_unit_test(test_test_and_interval_agree),
		cmocka_unit_test(test_zeros),	  cmocka_unit_test(test_no_sample),
		cmocka_unit_test(test_holm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
