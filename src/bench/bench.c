// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "cli/stop.h"
#include "core/base/median.h"
#include "core/counters/snapshot.h"

#define SAMPLES_MAX    (UINT64_C(1) << 18)
#define SEGMENTS_MAX   2048
#define SEGMENT_NS     1000000
#define CLEAN_MIN      3
#define ENOUGH_CYCLES  200000
#define OPERATIONS_MAX (UINT64_C(1) << 24)
#define OUTLIER	       10
#define OVERHEAD_READS 1001

/* What segments have caused together; by row of the host. */
struct sums {
	unsigned int segments;
	uint64_t operations;
	uint64_t exits[EP_REASONS_MAX];
	uint64_t cycles[EP_REASONS_MAX];
	uint64_t away[EP_REASONS_MAX];
	uint64_t unlisted;
};

/*
 * Of the probe's own row, one of each for a segment, to take the median of: cycles, with
 * those of exitprof's own CPUIDs, which are @own; and what an operation took.
 */
struct shares {
	size_t count;
	double handling[SEGMENTS_MAX];
	double away[SEGMENTS_MAX];
	double own[SEGMENTS_MAX];
	double operations[SEGMENTS_MAX];
	double round_trip[SEGMENTS_MAX];
};

/* What one of exitprof's own CPUIDs took, of pairs of snapshots with nothing between them. */
struct own {
	size_t count;
	double handling[SEGMENTS_MAX];
	double away[SEGMENTS_MAX];
};

/*
 * @overhead: cycles for reading the TSC twice
 * @planned: cycles that an operation takes on purpose
 * @limit: operations left
 */
struct ep_bencher {
	const struct ep_tsc *tsc;
	struct ep_reader *reader;
	uint64_t overhead;
	bool stale;

	const struct ep_probe *probe;
	struct ep_bench *bench;
	uint32_t own_row;
	uint64_t batch;
	uint64_t limit;
	double planned;
	struct sums all;
	struct sums clean;
	struct shares shares_all;
	struct shares shares_clean;
	struct own own;
	struct ep_snapshot before;
	struct ep_snapshot after;
	struct ep_snapshot again;
	struct ep_delta delta;
	size_t count;
	uint64_t samples[SAMPLES_MAX];
};

struct ep_bencher *ep_bencher_create(const struct ep_tsc *tsc, struct ep_reader *reader)
{
	struct ep_bencher *bencher = malloc(sizeof(*bencher));

	if (!bencher)
		return NULL;
	/* Written to, so that no page of it is touched first while we measure. */
	memset(bencher, 0, sizeof(*bencher));
	bencher->tsc = tsc;
	bencher->reader = reader;
	for (int i = 0; i < OVERHEAD_READS; i++) {
		uint64_t start = ep_timing_tsc();

		bencher->samples[i] = ep_timing_tsc() - start;
	}
	bencher->overhead = ep_median(bencher->samples, OVERHEAD_READS);
	return bencher;
}

void ep_bencher_destroy(struct ep_bencher *bencher)
{
	free(bencher);
}

void ep_bencher_cleanup(struct ep_bencher **bencher)
{
	ep_bencher_destroy(*bencher);
}

uint64_t ep_bencher_overhead(const struct ep_bencher *bencher)
{
	return bencher->overhead;
}

bool ep_bencher_stale(const struct ep_bencher *bencher)
{
	return bencher->stale;
}

/* Of ep_timing_double(). */
static uint64_t time_all(void *user, uint64_t n)
{
	struct ep_bencher *bencher = user;
	uint64_t start = ep_timing_tsc();

	for (uint64_t i = 0; i < n; i++)
		bencher->probe->once(bencher->bench);
	bencher->limit -= n;
	return ep_timing_tsc() - start;
}

/* As many as @n batches, each of which becomes a sample. Returns their cycles. */
static uint64_t time_batches(struct ep_bencher *bencher, uint64_t n)
{
	void (*once)(struct ep_bench * bench) = bencher->probe->once;
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t start = ep_timing_tsc(), cycles;

		for (uint64_t j = 0; j < bencher->batch; j++)
			once(bencher->bench);
		cycles = ep_timing_tsc() - start;
		bencher->samples[bencher->count + i] = cycles;
		sum += cycles;
	}
	bencher->count += n;
	bencher->limit -= n * bencher->batch;
	return sum;
}

/* Of one operation, from what @batches of them took. */
static double net(const struct ep_bencher *bencher, double cycles, uint64_t batches)
{
	double each = (cycles / batches - bencher->overhead) / bencher->batch - bencher->planned;

	return each > 0 ? each : 0;
}

static void add_sums(struct sums *sums, const struct ep_delta *delta, uint64_t operations)
{
	uint64_t listed = 0;

	sums->segments++;
	sums->operations += operations;
	for (uint32_t i = 0; i < delta->count; i++) {
		sums->exits[i] += delta->rows[i].exits;
		sums->cycles[i] += delta->rows[i].cycles;
		sums->away[i] += delta->rows[i].away;
		listed += delta->rows[i].exits;
	}
	if (delta->exits > listed)
		sums->unlisted += delta->exits - listed;
}

static void add_shares(struct shares *shares, const struct ep_bencher *bencher, uint64_t operations,
		       double round_trip)
{
	const struct ep_counter *before = &bencher->before.rows[bencher->own_row];
	const struct ep_counter *after = &bencher->after.rows[bencher->own_row];
	size_t i = shares->count;

	if (i == SEGMENTS_MAX || bencher->own_row == EP_REASONS_MAX)
		return;
	shares->handling[i] = after->cycles - before->cycles;
	shares->away[i] = after->away - before->away;
	shares->own[i] = after->own_cycles_exits - before->own_cycles_exits;
	shares->operations[i] = operations;
	shares->round_trip[i] = round_trip;
	shares->count++;
}

static void add_own(struct ep_bencher *bencher)
{
	const struct ep_counter *before = &bencher->after.rows[bencher->own_row];
	const struct ep_counter *after = &bencher->again.rows[bencher->own_row];
	double exits = after->own_cycles_exits - before->own_cycles_exits;
	struct own *own = &bencher->own;

	if (own->count == SEGMENTS_MAX || !exits)
		return;
	own->handling[own->count] = (after->cycles - before->cycles) / exits;
	own->away[own->count] = (after->away - before->away) / exits;
	own->count++;
}

/* exitprof's own CPUIDs are exits of the probe's reason, and have to be taken out of it. */
static bool counts_own(const struct ep_bencher *bencher)
{
	return bencher->reader && bencher->own_row == bencher->reader->host->cpuid_row;
}

static void account(struct ep_bencher *bencher, uint64_t batches, uint64_t cycles)
{
	const struct ep_delta *delta = &bencher->delta;
	static const struct ep_delta_row none;
	const struct ep_delta_row *own = &none;
	uint64_t operations = batches * bencher->batch;
	double round_trip = net(bencher, cycles, batches);
	bool clean;

	if (ep_delta_compute(&bencher->delta, bencher->reader, &bencher->before, &bencher->after)) {
		bencher->stale = true;
		return;
	}
	if (bencher->own_row < delta->count)
		own = &delta->rows[bencher->own_row];
	clean = delta->consistent && delta->exits == own->exits;
	add_sums(&bencher->all, delta, operations);
	add_shares(&bencher->shares_all, bencher, operations, round_trip);
	if (clean) {
		add_sums(&bencher->clean, delta, operations);
		add_shares(&bencher->shares_clean, bencher, operations, round_trip);
	}
	if (counts_own(bencher))
		add_own(bencher);
}

/* Returns false if the segment is not to be had: then it leaves no samples either. */
static bool measure_segment(struct ep_bencher *bencher, uint64_t batches)
{
	struct ep_reader *reader = bencher->reader;
	size_t count = bencher->count;
	bool readable = true;
	uint64_t cycles;

	if (reader)
		readable = !ep_snapshot_take(reader, &bencher->before);
	cycles = time_batches(bencher, batches);
	if (reader)
		readable &= !ep_snapshot_take(reader, &bencher->after);
	/* A calibration of before may be of a time when the host had more to do, or less. */
	if (counts_own(bencher))
		readable &= !ep_snapshot_take(reader, &bencher->again);
	/* A call that a signal ended was no whole operation. */
	if (ep_stop_interrupted() || !readable) {
		bencher->stale |= !readable;
		bencher->count = count;
		return false;
	}
	if (reader)
		account(bencher, batches, cycles);
	return true;
}

static uint64_t at_least_one(double value)
{
	return value < 1 ? 1 : value;
}

/* Warms up, and finds out how many operations make a sample and how many a segment. */
static uint64_t plan(struct ep_bencher *bencher)
{
	double segment = bencher->tsc->khz * SEGMENT_NS / 1e6, each;
	uint64_t max = bencher->limit / 4 < OPERATIONS_MAX ? bencher->limit / 4 : OPERATIONS_MAX;
	uint64_t cycles, n;

	n = ep_timing_double(time_all, bencher, ENOUGH_CYCLES, max, &cycles);
	each = (double)cycles / n;
	bencher->batch = ep_timing_batch(each, bencher->overhead);
	return at_least_one(segment / (each * bencher->batch + bencher->overhead));
}

static void measure_segments(struct ep_bencher *bencher, uint64_t duration_ns)
{
	uint64_t start = ep_timing_tsc(), batches = plan(bencher);
	double budget = bencher->tsc->khz * duration_ns / 1e6;

	while (!ep_stop_interrupted() && bencher->all.segments < SEGMENTS_MAX) {
		if (bencher->count + batches > SAMPLES_MAX ||
		    bencher->limit < batches * bencher->batch)
			break;
		if (!measure_segment(bencher, batches) || ep_timing_tsc() - start > budget)
			break;
	}
}

static int by_exits(const void *a, const void *b)
{
	const struct ep_bench_exits *x = a, *y = b;

	return (x->exits < y->exits) - (x->exits > y->exits);
}

static void conclude_exits(const struct ep_bencher *bencher, struct ep_bench_result *ret)
{
	const struct ep_host *host = bencher->reader->host;
	bool mixed = bencher->clean.segments < CLEAN_MIN &&
		     bencher->clean.segments < bencher->all.segments;
	const struct sums *sums = mixed ? &bencher->all : &bencher->clean;
	struct ep_bench_exits list[EP_REASONS_MAX];
	unsigned int count = 0;

	ret->counted = true;
	ret->mixed = mixed;
	ret->operations = sums->operations;
	ret->clean = bencher->clean.segments;
	ret->segments = bencher->all.segments;
	ret->exits = (double)sums->unlisted / sums->operations;
	for (uint32_t i = 0; i < host->count; i++) {
		struct ep_bench_exits *each = &list[count];

		if (!sums->exits[i])
			continue;
		each->reason = host->reasons[i];
		each->name = ep_reasons_name(host->vendor, host->reasons[i]);
		each->exits = (double)sums->exits[i] / sums->operations;
		each->handling = (double)sums->cycles[i] / sums->operations;
		each->away = (double)sums->away[i] / sums->operations;
		ret->exits += each->exits;
		ret->handling += each->handling;
		count++;
	}
	qsort(list, count, sizeof(*list), by_exits);
	ret->count = count < EP_BENCH_REASONS_MAX ? count : EP_BENCH_REASONS_MAX;
	memcpy(ret->reasons, list, ret->count * sizeof(*list));
}

/* The median of what is left of each segment's @cycles, by operation, without the own part. */
static double median_share(const struct shares *shares, const double *cycles, double per_own,
			   double *scratch)
{
	for (size_t i = 0; i < shares->count; i++)
		scratch[i] = (cycles[i] - shares->own[i] * per_own) / shares->operations[i];
	return ep_median_real(scratch, shares->count);
}

static double median_leave(const struct shares *shares, double per_own, double *scratch)
{
	for (size_t i = 0; i < shares->count; i++)
		scratch[i] = shares->round_trip[i] -
			     (shares->away[i] - shares->own[i] * per_own) / shares->operations[i];
	return ep_median_real(scratch, shares->count);
}

/*
 * In a clean segment everything but the own exits is the guest's, so that the
 * difference is exact. Else ticks are in the sum, and the median operation is
 * compared, which has none.
 */
static void conclude_split(struct ep_bencher *bencher, struct ep_bench_result *ret)
{
	struct shares *shares = ret->mixed ? &bencher->shares_all : &bencher->shares_clean;
	struct own *own = &bencher->own;
	double exits = 0, scratch[SEGMENTS_MAX], per_own;

	for (unsigned int i = 0; i < ret->count; i++)
		if (ret->reasons[i].reason == ep_probe_reason(ret->probe, bencher->reader->host))
			exits = ret->reasons[i].exits;
	/* An operation that exits now and then is not split by its mean. */
	if (!ret->probe->direct || exits < 0.5 || !shares->count)
		return;
	ret->own = exits;
	per_own = own->count ? ep_median_real(own->handling, own->count) : 0;
	ret->handling = median_share(shares, shares->handling, per_own, scratch);
	if (!bencher->reader->full)
		return;
	ret->split = true;
	per_own = own->count ? ep_median_real(own->away, own->count) : 0;
	ret->away = median_share(shares, shares->away, per_own, scratch);
	ret->leave = ret->mixed ? ret->median - ret->away : median_leave(shares, per_own, scratch);
}

static void conclude(struct ep_bencher *bencher, struct ep_bench_result *ret)
{
	uint64_t *samples = bencher->samples;
	size_t count = bencher->count;
	double sum = 0, limit;

	for (size_t i = 0; i < count; i++)
		sum += samples[i];
	ep_timing_sort(samples, count);
	ret->batch = bencher->batch;
	ret->samples = count;
	ret->min = net(bencher, samples[0], 1);
	ret->median = net(bencher, ep_timing_percentile(samples, count, 50), 1);
	ret->p99 = net(bencher, ep_timing_percentile(samples, count, 99), 1);
	ret->max = net(bencher, samples[count - 1], 1);
	ret->mean = net(bencher, sum, count);
	limit = (OUTLIER * ret->median + bencher->planned) * bencher->batch + bencher->overhead;
	ret->outliers = ep_timing_above(samples, count, limit);
	if (bencher->all.segments) {
		conclude_exits(bencher, ret);
		conclude_split(bencher, ret);
	}
}

static void begin(struct ep_bencher *bencher, const struct ep_probe *probe, struct ep_bench *bench)
{
	const struct ep_host *host = bench->host;
	uint32_t reason = ep_probe_reason(probe, host);

	bencher->probe = probe;
	bencher->bench = bench;
	bencher->count = 0;
	bencher->limit = bench->limit ? bench->limit : UINT64_MAX;
	bencher->planned = bencher->tsc->khz * probe->planned_ns / 1e6;
	bencher->own_row = EP_REASONS_MAX;
	for (uint32_t i = 0; host->patched && i < host->count; i++)
		if (host->reasons[i] == reason)
			bencher->own_row = i;
	memset(&bencher->all, 0, sizeof(bencher->all));
	memset(&bencher->clean, 0, sizeof(bencher->clean));
	/* What an own exit costs depends on how many reasons there are to be read by now. */
	if (bencher->reader && ep_reader_omit_histograms(bencher->reader))
		bencher->stale = true;
	bencher->shares_all.count = 0;
	bencher->shares_clean.count = 0;
	bencher->own.count = 0;
}

void ep_bench_measure(struct ep_bencher *bencher, const struct ep_probe *probe,
		      struct ep_bench *bench, uint64_t duration_ns, struct ep_bench_result *ret)
{
	*ret = (struct ep_bench_result){ .probe = probe };
	bench->limit = 0;
	bench->skip[0] = '\0';
	if (ep_stop_interrupted()) {
		ep_bench_skip(bench, "interrupted");
	} else if (!probe->setup || !probe->setup(bench)) {
		begin(bencher, probe, bench);
		measure_segments(bencher, duration_ns);
		ret->interrupted = ep_stop_interrupted();
		if (bencher->count)
			conclude(bencher, ret);
		else
			ep_bench_skip(bench,
				      ret->interrupted ? "interrupted" : "nothing was measured");
		if (probe->teardown)
			probe->teardown(bench);
	}
	memcpy(ret->skip, bench->skip, sizeof(ret->skip));
}
