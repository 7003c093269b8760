/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench.h - measure what one operation of a probe costs, and what exits it caused
 *
 * A probe is run in segments of about a millisecond. On a patched host each lies
 * between two snapshots. Segments in which nothing but the probe's own reason
 * occurred are clean: exits and cycles per operation are taken from them where
 * there are a few, so that timer ticks are in neither, and from all else.
 *
 *	_cleanup_(ep_bencher_cleanup) struct ep_bencher *bencher = ep_bencher_create(&tsc, &reader);
 *
 *	if (!bencher)
 *		return -ENOMEM;
 *	ep_bench_measure(bencher, ep_probe_find("cpuid"), &bench, duration_ns, &result);
 */
#ifndef EP_BENCH_BENCH_H
#define EP_BENCH_BENCH_H

#include "bench/probes.h"
#include "core/counters/delta.h"
#include "core/host/timing.h"

/* What the exits of one reason were, per operation. */
struct ep_bench_exits {
	uint32_t reason;
	const char *name;
	double exits;
	double handling;
	double away;
};

#define EP_BENCH_REASONS_MAX 12

/*
 * Cycles are of one operation, without those for reading the TSC and without the
 * time that the probe takes on purpose.
 *
 * @skip: why it was not measured, "" if it was; all else is 0 otherwise
 * @batch: how many operations were timed at once: percentiles are of their means
 *	where it is not 1
 * @samples: how many times that was done
 * @outliers: how many of them took more than ten times the median
 * @interrupted: the user ended it early
 * @counted: the host told of exits; all below is unknown otherwise
 * @clean, @segments: how many segments were clean, of how many. @operations are
 *	those in the clean ones, or in all if these were too few: @mixed
 * @exits: of all reasons
 * @reasons: by exits, @count of them
 * @own: exits of the probe's own reason if it is direct and does exit, else 0
 * @handling: of the own exits if there are any, else of all
 * @split: the host tells away cycles of own exits. @away are those, and @leave the rest
 *	of the operation: out of the guest and back, or a negative number where there is
 *	no sense in it
 */
struct ep_bench_result {
	const struct ep_probe *probe;
	char skip[256];
	uint64_t batch;
	size_t samples;
	size_t outliers;
	bool interrupted;
	double min;
	double median;
	double p99;
	double max;
	double mean;

	bool counted;
	unsigned int clean;
	unsigned int segments;
	bool mixed;
	uint64_t operations;
	double exits;
	double own;
	double handling;
	struct ep_bench_exits reasons[EP_BENCH_REASONS_MAX];
	unsigned int count;
	bool split;
	double away;
	double leave;
};

struct ep_bencher;

/* @tsc and @reader are borrowed; @reader is NULL without a patched host. NULL if out of memory. */
struct ep_bencher *ep_bencher_create(const struct ep_tsc *tsc, struct ep_reader *reader);
void ep_bencher_destroy(struct ep_bencher *bencher);
void ep_bencher_cleanup(struct ep_bencher **bencher);

/* Cycles for reading the TSC twice, the median, which all figures are without. */
uint64_t ep_bencher_overhead(const struct ep_bencher *bencher);

/* Whether counters were found to have started anew; the segments concerned are left out. */
bool ep_bencher_stale(const struct ep_bencher *bencher);

/* Sets @probe up, measures it for about @duration_ns, and fills *@ret in any case. */
void ep_bench_measure(struct ep_bencher *bencher, const struct ep_probe *probe,
		      struct ep_bench *bench, uint64_t duration_ns, struct ep_bench_result *ret);

#endif /* EP_BENCH_BENCH_H */
