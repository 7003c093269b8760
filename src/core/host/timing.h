/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timing.h - time by TSC: reading it, its frequency, how often to repeat, percentiles
 *
 *	uint64_t start = ep_timing_tsc();
 *	...
 *	samples[count++] = ep_timing_tsc() - start;
 *
 *	ep_timing_sort(samples, count);
 *	median = ep_timing_percentile(samples, count, 50);
 *
 * The TSC is the guest's. Where the host does not scale it, its ticks are those
 * of the host's counters of cycles.
 */
#ifndef EP_CORE_HOST_TIMING_H
#define EP_CORE_HOST_TIMING_H

#include <stddef.h>
#include <stdint.h>

#include "core/host/host.h"

/*
 * The fences keep what is before and what is after on its side: RDTSC alone waits
 * for nothing (Intel SDM volume 2, "RDTSC").
 */
static inline uint64_t ep_timing_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/*
 * The TSC and a clock to compare it with; a test has its own.
 *
 * @tsc: ticks
 * @raw_ns: CLOCK_MONOTONIC_RAW, which no one adjusts
 */
struct ep_tsc_clock {
	uint64_t (*tsc)(struct ep_tsc_clock *clock);
	uint64_t (*raw_ns)(struct ep_tsc_clock *clock);
};

/* The real ones. Needs no release. */
void ep_tsc_clock_init(struct ep_tsc_clock *clock);

/* Ticks per millisecond of @clock's TSC, by waiting for @window_ns at least. Never 0. */
double ep_tsc_calibrate(struct ep_tsc_clock *clock, uint64_t window_ns);

/* Who said how fast the TSC is. */
enum ep_tsc_source {
	EP_TSC_DISCOVERY,  /* the discovery leaf of a patched host */
	EP_TSC_CPUID_15,   /* CPUID leaf 0x15: crystal times ratio */
	EP_TSC_HYPERVISOR, /* CPUID leaf 0x40000010 */
	EP_TSC_CALIBRATED, /* CLOCK_MONOTONIC_RAW */
};

/*
 * @khz: what to convert with
 * @calibrated_khz: as compared with CLOCK_MONOTONIC_RAW, in any case
 */
struct ep_tsc {
	enum ep_tsc_source source;
	double khz;
	double calibrated_khz;
};

/* Asks @host, then CPUID, then @clock. */
void ep_tsc_identify(struct ep_tsc *ret, const struct ep_host *host, struct ep_tsc_clock *clock);

/* "discovery leaf", "CPUID 0x15", "CPUID 0x40000010" or "CLOCK_MONOTONIC_RAW". */
const char *ep_tsc_source_name(enum ep_tsc_source source);

/*
 * Whether whoever told the frequency and the clock disagree by more than 1 %: the
 * host's ticks may not be the guest's then.
 */
bool ep_tsc_doubtful(const struct ep_tsc *tsc);

double ep_tsc_ns(const struct ep_tsc *tsc, double cycles);

/*
 * Doubles the number of operations until @run, which returns the cycles that @n of
 * them took, needs @enough three times in a row, as an interrupt can lengthen one; or
 * until @run is to do more than @max in all. Returns the number; *@ret_cycles is the
 * least that it took.
 */
uint64_t ep_timing_double(uint64_t (*run)(void *user, uint64_t n), void *user, uint64_t enough,
			  uint64_t max, uint64_t *ret_cycles);

/*
 * How many operations of @cycles each to time at once where reading the TSC twice
 * costs @overhead: 1 where that hardly matters, else a power of two.
 */
uint64_t ep_timing_batch(double cycles, double overhead);

void ep_timing_sort(uint64_t *samples, size_t count);

/*
 * The smallest sample that at least @percent of all, @count of them and sorted, do
 * not exceed: one that was measured, nothing in between. 0 without samples.
 */
uint64_t ep_timing_percentile(const uint64_t *sorted, size_t count, double percent);

/* How many of them are larger than @limit. */
size_t ep_timing_above(const uint64_t *sorted, size_t count, uint64_t limit);

#endif /* EP_CORE_HOST_TIMING_H */
