// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/median.h"
#include "core/counters/classic.h"

#define MAX_PASSES	  200
#define CALIBRATION_READS 129

static void read_total_exits(const struct ep_host *host, struct ep_counter *total)
{
	total->exits = ep_host_read(host, EP_FIGURE_TOTAL_EXITS, 0);
	total->own_exits = host->cpuid->executed;
}

static void read_total_cycles(const struct ep_host *host, struct ep_counter *total)
{
	total->own_cycles_exits = host->cpuid->executed;
	total->cycles = ep_host_read(host, EP_FIGURE_TOTAL_CYCLES, 0);
}

static void read_row(const struct ep_host *host, uint32_t i, struct ep_counter *row)
{
	bool own = i == host->cpuid_row;

	row->exits = ep_host_read(host, EP_FIGURE_REASON_EXITS, host->reasons[i]);
	row->own_exits = own ? host->cpuid->executed : 0;
	row->own_cycles_exits = row->own_exits;
	row->cycles = ep_host_read(host, EP_FIGURE_REASON_CYCLES, host->reasons[i]);
}

/* What the rest of the guest caused. Wraps around if the host loses counts. */
static uint64_t net_exits(const struct ep_counter *counter)
{
	return counter->exits - counter->own_exits;
}

static uint64_t net_sum(const struct ep_snapshot *snapshot)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < snapshot->count; i++)
		sum += net_exits(&snapshot->rows[i]);
	return sum;
}

/* None if it has become less: a host that loses counts. */
static uint64_t others(const struct ep_host *host, const struct ep_counter *first,
		       const struct ep_counter *last)
{
	uint64_t grown = net_exits(last) - net_exits(first);

	if (!host->discovery)
		grown = (uint64_t)(int64_t)(int32_t)grown;
	return (int64_t)grown > 0 ? grown : 0;
}

/* Returns whether nothing but the reader's own CPUIDs happened meanwhile. */
static bool read_pass(struct ep_reader *reader, struct ep_snapshot *snapshot, bool all)
{
	const struct ep_host *host = reader->host;
	struct ep_counter first;

	read_total_exits(host, &first);
	for (uint32_t i = 0; i < host->count; i++) {
		if (!all && !reader->active[i])
			continue;
		read_row(host, i, &snapshot->rows[i]);
		reader->active[i] |= snapshot->rows[i].exits || snapshot->rows[i].cycles;
	}
	read_total_cycles(host, &snapshot->total);
	read_total_exits(host, &snapshot->total);
	snapshot->disturbed = others(host, &first, &snapshot->total);
	return net_exits(&first) == net_exits(&snapshot->total);
}

/* CPUIDs of a pass, as far as is known before it. */
static uint64_t count_reads(const struct ep_reader *reader, bool all)
{
	const struct ep_host *host = reader->host;
	uint64_t rows = 0;

	for (uint32_t i = 0; i < host->count; i++)
		rows += all || reader->active[i];
	return 3 + rows * (ep_host_tells(host, EP_FIGURE_REASON_CYCLES) ? 2 : 1);
}

void ep_classic_take(struct ep_reader *reader, struct ep_snapshot *ret)
{
	const struct ep_host *host = reader->host;
	uint64_t start = host->cpuid->executed, missing;
	/* Counters of 32 bits wrap around one by one. */
	uint64_t mask = host->discovery ? UINT64_MAX : UINT32_MAX;
	bool all = false, last = false, quiet;

	ep_snapshot_clear(reader, ret);
	ret->count = host->count;
	ret->timed = ep_host_tells(host, EP_FIGURE_REASON_CYCLES);
	ret->generation = ep_host_generation(host);

	while (!ret->consistent && !last) {
		ret->passes++;
		/* The last try at least misses no reason. */
		last = ret->passes == MAX_PASSES || host->cpuid->executed - start +
								    count_reads(reader, all) +
								    count_reads(reader, true) >
							    EP_SNAPSHOT_COST_MAX;
		all |= last;
		quiet = read_pass(reader, ret, all);
		/* Where there are totals only, no reason can be missing. */
		missing = host->totals ? 0 : (net_exits(&ret->total) - net_sum(ret)) & mask;
		ret->consistent = quiet && missing == reader->unlisted;
		/*
		 * A reason without a readable row leaves a difference that stays. A
		 * vCPU caught between its two increments leaves one that goes: the
		 * next pass tells.
		 */
		if (quiet && all)
			reader->unlisted = missing;
		all = quiet && !all;
	}
	ret->unlisted = host->totals ? net_exits(&ret->total) : reader->unlisted;
	ret->cost = host->cpuid->executed - start;
}

/* Of the reason where it has any, else of all: the median leaves out other exits. */
static uint64_t measure_own(const struct ep_host *host)
{
	uint64_t cycles[CALIBRATION_READS];
	uint32_t own = host->reasons[host->cpuid_row];
	enum ep_figure figure = ep_host_tells(host, EP_FIGURE_REASON_CYCLES)
					? EP_FIGURE_REASON_CYCLES
					: EP_FIGURE_TOTAL_CYCLES;

	for (int i = 0; i < CALIBRATION_READS; i++)
		cycles[i] = ep_host_read(host, figure, own);
	for (int i = 0; i < CALIBRATION_READS - 1; i++)
		cycles[i] = cycles[i + 1] - cycles[i];
	return ep_median(cycles, CALIBRATION_READS - 1);
}

void ep_classic_calibrate(struct ep_reader *reader)
{
	struct ep_snapshot first;

	ep_classic_take(reader, &first);
	reader->cycles_per_own = measure_own(reader->host);
}
