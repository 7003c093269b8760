/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rate.h - was the rate of exits stable over a boot, and when was it highest?
 *
 * A stable rate has neither drift, a level that changes along the boot, nor bursts, moments with
 * many times the mean. A boot may have one without the other.
 *
 *	struct ep_boot_rate rate;
 *
 *	ep_boot_rate(&rate, &boot);
 *	if (rate.verdict == EP_BOOT_RATE_STABLE)
 *		...
 */
#ifndef EP_CORE_BOOT_RATE_H
#define EP_CORE_BOOT_RATE_H

#include "core/boot/boot.h"

/* Of all exits: departing from a straight line by less than that is called no drift. */
#define EP_BOOT_STABLE 0.10
/* So many times the mean is a burst. Both limits are choices. */
#define EP_BOOT_BURST	     3.0
#define EP_BOOT_SIGNIFICANCE 0.05

/* Permutations of fewer intervals say little; of more, noise decides. */
#define EP_BOOT_INTERVALS_MIN 8
#define EP_BOOT_INTERVALS_MAX 32

enum ep_boot_rate_verdict {
	EP_BOOT_RATE_UNKNOWN,
	/* Neither drift nor bursts. */
	EP_BOOT_RATE_STABLE,
	/* Drift. */
	EP_BOOT_RATE_UNSTABLE,
	/* Bursts without drift: it does not depart, or bursts at random would depart as much. */
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
 * @mean: exits per second from the first sample to the last
 * @peak: the highest rate of a sample, number @busiest; 0 without any. A sample that is shorter
 *	than half the interval is none: the less time, the further rates are apart, and it makes
 *	up for a late one
 * @verdict: of all that
 * @whole: the departure from the kernel's start to the end, with what came before the first
 *	sample; @whole_known: that is known
 */
struct ep_boot_rate {
	double departure;
	double p;
	bool tested;
	size_t intervals;
	double mean;
	double peak;
	size_t busiest;
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

/* How many times the mean the peak was, 0 if nothing is known. */
double ep_boot_peak_ratio(const struct ep_boot_rate *rate);

/* What follows "the rate": "was not stable: bursts, but no drift". */
const char *ep_boot_rate_words(const struct ep_boot_rate *rate);

/*
 * The numbers of the samples with the highest rates, highest first, at most @max, no two of
 * them within a twentieth of the boot. Returns how many; the first sample is none, nor is one
 * shorter than half the interval.
 */
size_t ep_boot_busiest(const struct ep_boot *boot, size_t *ret, size_t max);

/* Exits per second of a sample, 0 if it has no duration. */
double ep_boot_sample_rate(const struct ep_boot_sample *sample);

/* Whether sample @number is long enough for its rate to be compared with others. */
bool ep_boot_comparable(const struct ep_boot *boot, size_t number);

/* The rate of sample @number, 0 for one that is too short. */
double ep_boot_comparable_rate(const struct ep_boot *boot, size_t number);

/* Its middle, since the kernel's start: what phase a sample is of. */
uint64_t ep_boot_sample_middle_ns(const struct ep_boot_sample *sample);

#endif /* EP_CORE_BOOT_RATE_H */
