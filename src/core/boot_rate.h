/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * boot_rate.h - was the rate of exits stable over a boot, and when was it highest?
 *
 *	struct ep_boot_rate rate;
 *
 *	ep_boot_rate(&rate, &boot);
 *	if (rate.verdict == EP_BOOT_RATE_STABLE)
 *		...
 */
#ifndef EP_BOOT_RATE_H
#define EP_BOOT_RATE_H

#include "boot.h"

/* Of all exits: departing from a straight line by less than that is called stable. */
#define EP_BOOT_STABLE	     0.10
#define EP_BOOT_SIGNIFICANCE 0.05

/* Permutations of fewer intervals say little; of more, noise decides. */
#define EP_BOOT_INTERVALS_MIN 8
#define EP_BOOT_INTERVALS_MAX 32

enum ep_boot_rate_verdict {
	EP_BOOT_RATE_UNKNOWN,
	EP_BOOT_RATE_STABLE,
	EP_BOOT_RATE_UNSTABLE,
	/* It departs, but bursts at random would depart as much. */
	EP_BOOT_RATE_BURSTS,
};

/*
 * @departure: how far the curve of exits against time, from the first sample to the last, is
 *	from the straight line of a stable rate: the largest difference as a share of all
 *	exits, 0 to 1 (the statistic of Kolmogorov and Smirnov's test)
 * @p: how often the same intervals in an order at random depart as much: the test of a
 *	change of level along the boot. It needs no distribution of exits, which are no
 *	Poisson process, but takes intervals to be exchangeable. At least
 *	EP_BOOT_INTERVALS_MIN @intervals of equal numbers of samples, or there is none and
 *	@tested is false. The same boot always gives the same @p.
 * @verdict: of both
 * @whole: the departure from the kernel's start to the end, with what came before the first
 *	sample; @whole_known: that is known
 */
struct ep_boot_rate {
	double departure;
	double p;
	bool tested;
	size_t intervals;
	enum ep_boot_rate_verdict verdict;
	double whole;
	bool whole_known;
};

/* Exits within some time, of a boot or any other series. */
struct ep_rate_interval {
	double seconds;
	double exits;
};

/* The departure of these, in their order; 0 without exits or time. */
double ep_rate_departure(const struct ep_rate_interval *list, size_t count);

void ep_boot_rate(struct ep_boot_rate *ret, const struct ep_boot *boot);

/*
 * The numbers of the samples with the highest rates, highest first, at most @max, no two of
 * them within a twentieth of the boot. Returns how many; the first sample is none.
 */
size_t ep_boot_busiest(const struct ep_boot *boot, size_t *ret, size_t max);

/* Exits per second of a sample, 0 if it has no duration. */
double ep_boot_sample_rate(const struct ep_boot_sample *sample);

#endif /* EP_BOOT_RATE_H */
