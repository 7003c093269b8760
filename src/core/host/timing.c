// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/host/timing.h"

#define LEAF_TSC	0x15
#define LEAF_HYPERVISOR 0x40000000
#define LEAF_TIMING	0x40000010
#define NSEC_PER_MSEC	1e6
#define RUNS		3
#define BRACKETS	16
#define CALIBRATION_NS	20000000
#define DOUBTFUL	0.01
/* One reading may cost a tenth of what it measures, and a hundredth of a batch. */
#define BATCH_BELOW	10
#define BATCH_OVERHEADS 100
#define BATCH_MAX	4096

static uint64_t real_tsc(struct ep_tsc_clock *clock)
{
	return ep_timing_tsc();
}

static uint64_t real_raw_ns(struct ep_tsc_clock *clock)
{
	return ep_clock_raw();
}

void ep_tsc_clock_init(struct ep_tsc_clock *clock)
{
	*clock = (struct ep_tsc_clock){ .tsc = real_tsc, .raw_ns = real_raw_ns };
}

/* One moment on both clocks: of several, the one that took the least time to read. */
static void read_both(struct ep_tsc_clock *clock, uint64_t *ret_tsc, uint64_t *ret_ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < BRACKETS; i++) {
		uint64_t before = clock->tsc(clock);
		uint64_t ns = clock->raw_ns(clock);
		uint64_t width = clock->tsc(clock) - before;

		if (width >= best)
			continue;
		best = width;
		*ret_tsc = before + width / 2;
		*ret_ns = ns;
	}
}

double ep_tsc_calibrate(struct ep_tsc_clock *clock, uint64_t window_ns)
{
	uint64_t tsc = 0, ns = 0, start_tsc = 0, start_ns = 0;
	double khz;

	read_both(clock, &start_tsc, &start_ns);
	while (clock->raw_ns(clock) - start_ns < window_ns)
		;
	read_both(clock, &tsc, &ns);
	khz = ns > start_ns ? (tsc - start_tsc) * NSEC_PER_MSEC / (ns - start_ns) : 0;
	return khz > 0 ? khz : 1;
}

/* 0 if CPUID does not say. */
static double crystal_khz(const struct ep_host *host)
{
	struct ep_cpuid_regs regs;

	if (ep_cpuid_query(host->cpuid, 0, 0).eax < LEAF_TSC)
		return 0;
	regs = ep_cpuid_query(host->cpuid, LEAF_TSC, 0);
	return regs.eax ? (double)regs.ecx * regs.ebx / regs.eax / 1000 : 0;
}

static double hypervisor_khz(const struct ep_host *host)
{
	uint32_t highest;

	if (!host->in_vm)
		return 0;
	highest = ep_cpuid_query(host->cpuid, LEAF_HYPERVISOR, 0).eax;
	/* Anything else is no range of leaves. */
	if (highest < LEAF_TIMING || highest > LEAF_HYPERVISOR + 0xffff)
		return 0;
	return ep_cpuid_query(host->cpuid, LEAF_TIMING, 0).eax;
}

void ep_tsc_identify(struct ep_tsc *ret, const struct ep_host *host, struct ep_tsc_clock *clock)
{
	*ret = (struct ep_tsc){ .calibrated_khz = ep_tsc_calibrate(clock, CALIBRATION_NS) };
	ret->source = EP_TSC_DISCOVERY;
	ret->khz = host->patched ? host->tsc_khz : 0;
	if (!ret->khz) {
		ret->source = EP_TSC_CPUID_15;
		ret->khz = crystal_khz(host);
	}
	if (!ret->khz) {
		ret->source = EP_TSC_HYPERVISOR;
		ret->khz = hypervisor_khz(host);
	}
	if (!ret->khz) {
		ret->source = EP_TSC_CALIBRATED;
		ret->khz = ret->calibrated_khz;
	}
}

const char *ep_tsc_source_name(enum ep_tsc_source source)
{
	static const char *const names[] = {
		[EP_TSC_DISCOVERY] = "discovery leaf",
		[EP_TSC_CPUID_15] = "CPUID 0x15",
		[EP_TSC_HYPERVISOR] = "CPUID 0x40000010",
		[EP_TSC_CALIBRATED] = "CLOCK_MONOTONIC_RAW",
	};

	return names[source];
}

bool ep_tsc_doubtful(const struct ep_tsc *tsc)
{
	double difference = tsc->khz - tsc->calibrated_khz;

	return difference * difference > DOUBTFUL * DOUBTFUL * tsc->khz * tsc->khz;
}

double ep_tsc_ns(const struct ep_tsc *tsc, double cycles)
{
	return cycles * NSEC_PER_MSEC / tsc->khz;
}

uint64_t ep_timing_double(uint64_t (*run)(void *user, uint64_t n), void *user, uint64_t enough,
			  uint64_t max, uint64_t *ret_cycles)
{
	uint64_t n = 1, done = 0;

	for (;; n *= 2) {
		*ret_cycles = UINT64_MAX;
		for (int i = 0; i < RUNS && *ret_cycles >= enough; i++) {
			uint64_t cycles = run(user, n);

			if (cycles < *ret_cycles)
				*ret_cycles = cycles;
			done += n;
			if (done >= max || n > max - done)
				return n;
		}
		if (*ret_cycles >= enough || 2 * n > max - done)
			return n;
	}
}

uint64_t ep_timing_batch(double cycles, double overhead)
{
	uint64_t batch = 1;

	if (cycles >= BATCH_BELOW * overhead)
		return 1;
	while (batch * cycles < BATCH_OVERHEADS * overhead && batch < BATCH_MAX)
		batch *= 2;
	return batch;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void ep_timing_sort(uint64_t *samples, size_t count)
{
	qsort(samples, count, sizeof(*samples), compare);
}

uint64_t ep_timing_percentile(const uint64_t *sorted, size_t count, double percent)
{
	double exact = percent * count / 100;
	size_t rank = exact;

	if (!count)
		return 0;
	rank += rank < exact;
	if (rank > count)
		rank = count;
	return sorted[rank ? rank - 1 : 0];
}

size_t ep_timing_above(const uint64_t *sorted, size_t count, uint64_t limit)
{
	size_t above = 0;

	while (above < count && sorted[count - 1 - above] > limit)
		above++;
	return above;
}
