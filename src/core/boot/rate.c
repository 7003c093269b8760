// SPDX-License-Identifier: GPL-3.0-or-later
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "core/boot/rate.h"

#define PERMUTATIONS 4999
#define APART	     20

double ep_rate_departure(const struct ep_rate_interval *list, size_t count)
{
	double exits = 0, seconds = 0, all = 0, end = 0, most = 0;

	for (size_t i = 0; i < count; i++) {
		all += list[i].exits;
		end += list[i].seconds;
	}
	if (all <= 0 || end <= 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		exits += list[i].exits;
		seconds += list[i].seconds;
		most = fmax(most, fabs(exits / all - seconds / end));
	}
	return most;
}

/* Samples from number 1 on, @group of them to an interval. */
static size_t group_samples(const struct ep_boot *boot, size_t group, struct ep_rate_interval *ret)
{
	size_t count = 0;

	for (size_t i = 1; i < boot->count; i++) {
		if ((i - 1) % group == 0)
			ret[count++] = (struct ep_rate_interval){};
		ret[count - 1].exits += boot->samples[i].exits;
		ret[count - 1].seconds += boot->samples[i].duration_ns / 1e9;
	}
	return count;
}

static void test(struct ep_boot_rate *rate, const struct ep_boot *boot,
		 struct ep_rate_interval *list)
{
	size_t group = (boot->count - 2) / EP_BOOT_INTERVALS_MAX + 1;
	size_t count = group_samples(boot, group, list), as_much = 0;
	double seen = ep_rate_departure(list, count);
	gsl_rng *random;

	if (count < EP_BOOT_INTERVALS_MIN)
		return;
	random = gsl_rng_alloc(gsl_rng_mt19937);
	if (!random)
		return;
	for (int i = 0; i < PERMUTATIONS; i++) {
		gsl_ran_shuffle(random, list, count, sizeof(*list));
		/* The order as it was must count as one of these, to the last bit. */
		as_much += ep_rate_departure(list, count) >= seen - 1e-12;
	}
	gsl_rng_free(random);
	rate->tested = true;
	rate->intervals = count;
	rate->p = (as_much + 1.0) / (PERMUTATIONS + 1.0);
}

static void find_peak(struct ep_boot_rate *rate, const struct ep_boot *boot)
{
	double exits = 0, seconds = 0;

	for (size_t i = 1; i < boot->count; i++) {
		double now = ep_boot_comparable_rate(boot, i);

		exits += boot->samples[i].exits;
		seconds += boot->samples[i].duration_ns / 1e9;
		if (now > rate->peak) {
			rate->peak = now;
			rate->busiest = i;
		}
	}
	rate->mean = seconds > 0 ? exits / seconds : 0;
}

double ep_boot_peak_ratio(const struct ep_boot_rate *rate)
{
	return rate->mean > 0 ? rate->peak / rate->mean : 0;
}

static enum ep_boot_rate_verdict judge(const struct ep_boot_rate *rate)
{
	if (rate->departure < EP_BOOT_STABLE)
		return ep_boot_peak_ratio(rate) < EP_BOOT_BURST ? EP_BOOT_RATE_STABLE
								: EP_BOOT_RATE_BURSTS;
	if (!rate->tested)
		return EP_BOOT_RATE_UNKNOWN;
	return rate->p < EP_BOOT_SIGNIFICANCE ? EP_BOOT_RATE_UNSTABLE : EP_BOOT_RATE_BURSTS;
}

const char *ep_boot_rate_words(const struct ep_boot_rate *rate)
{
	bool bursts = ep_boot_peak_ratio(rate) >= EP_BOOT_BURST;

	switch (rate->verdict) {
	case EP_BOOT_RATE_STABLE:
		return "was stable: neither drift nor bursts";
	case EP_BOOT_RATE_UNSTABLE:
		return bursts ? "was not stable: drift and bursts"
			      : "was not stable: drift, but no bursts";
	case EP_BOOT_RATE_BURSTS:
		return bursts ? "was not stable: bursts, but no drift"
			      : "was not stable: it varied, with no level that changed";
	default:
		return bursts ? "was not stable: bursts; drift cannot be judged"
			      : "cannot be judged";
	}
}

void ep_boot_rate(struct ep_boot_rate *ret, const struct ep_boot *boot)
{
	struct ep_rate_interval *list = calloc(boot->count + 1, sizeof(*list));
	size_t count;

	*ret = (struct ep_boot_rate){};
	if (!list)
		return;
	count = group_samples(boot, 1, list + 1);
	if (count) {
		ret->departure = ep_rate_departure(list + 1, count);
		list[0].exits = boot->samples[0].exits;
		list[0].seconds = boot->samples[0].now_ns / 1e9;
		ret->whole_known = boot->before_known;
		ret->whole = ret->whole_known ? ep_rate_departure(list, count + 1) : 0;
		test(ret, boot, list);
	}
	free(list);
	find_peak(ret, boot);
	if (count)
		ret->verdict = judge(ret);
}

double ep_boot_sample_rate(const struct ep_boot_sample *sample)
{
	return sample->duration_ns ? sample->exits * 1e9 / sample->duration_ns : 0;
}

bool ep_boot_comparable(const struct ep_boot *boot, size_t number)
{
	return boot->samples[number].duration_ns >= boot->interval_ns / 2;
}

double ep_boot_comparable_rate(const struct ep_boot *boot, size_t number)
{
	return ep_boot_comparable(boot, number) ? ep_boot_sample_rate(&boot->samples[number]) : 0;
}

uint64_t ep_boot_sample_middle_ns(const struct ep_boot_sample *sample)
{
	return sample->now_ns - sample->duration_ns / 2;
}

static bool is_near(const struct ep_boot *boot, size_t number, const size_t *others, size_t count)
{
	uint64_t begin = boot->samples[0].now_ns, end = boot->samples[boot->count - 1].now_ns;

	for (size_t i = 0; i < count; i++) {
		uint64_t a = boot->samples[number].now_ns, b = boot->samples[others[i]].now_ns;

		if (number == others[i] || (a > b ? a - b : b - a) < (end - begin) / APART)
			return true;
	}
	return false;
}

size_t ep_boot_busiest(const struct ep_boot *boot, size_t *ret, size_t max)
{
	size_t count = 0;

	while (count < max) {
		size_t best = 0;

		for (size_t i = 1; i < boot->count; i++)
			if (!is_near(boot, i, ret, count) &&
			    ep_boot_comparable_rate(boot, i) >
				    (best ? ep_boot_comparable_rate(boot, best) : 0))
				best = i;
		if (!best)
			break;
		ret[count++] = best;
	}
	return count;
}
