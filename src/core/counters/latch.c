// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>

#include "core/base/median.h"
#include "core/counters/latch.h"

#define MAX_TRIES 1000
/* CPUIDs, each an exit: some attempts at a table with all histograms, hundreds without. */
#define MAX_COST     5000
#define MAX_SWITCHES 20
#define CALIBRATIONS 15

/* Of the APM and the SDM. */
#define SVM_HLT 0x78
#define VMX_HLT 12

/*
 * One attempt at a snapshot.
 *
 * @place: where the thread is
 * @cpu: where it was when it had latched
 * @moved: it may have read the table of another vCPU since
 * @careful: that is looked at after each CPUID, and not once for all
 * @own: CPUIDs executed before it latched
 * @passes: attempts so far
 * @first: row 0 of abi.h; the others are in @snapshot
 */
struct attempt {
	struct ep_reader *reader;
	struct ep_snapshot *snapshot;
	struct ep_place place;
	uint32_t cpu;
	bool moved;
	bool careful;
	uint64_t own;
	unsigned int passes;
	struct ep_counter first;
};

/*
 * Executes the CPUID until it is certain which CPU it was executed on: the id in
 * the bitmap does not tell a thread that went to another vCPU and came back.
 */
static struct ep_cpuid_regs query(struct attempt *attempt, uint32_t operation)
{
	struct ep_cpuid *cpuid = attempt->reader->host->cpuid;
	struct ep_place before;
	struct ep_cpuid_regs regs;

	if (!attempt->careful)
		return ep_cpuid_query(cpuid, EXITPROF_LEAF_LATCH, operation);
	for (int i = 0; i < MAX_SWITCHES; i++) {
		before = attempt->place;
		regs = ep_cpuid_query(cpuid, EXITPROF_LEAF_LATCH, operation);
		cpuid->locate(cpuid, &attempt->place);
		if (attempt->place.switches != before.switches)
			continue;
		attempt->moved |= before.cpu != attempt->cpu;
		return regs;
	}
	attempt->moved = true;
	return regs;
}

static void read_pair(struct attempt *attempt, uint32_t row, uint32_t field, uint64_t *first,
		      uint64_t *second)
{
	struct ep_cpuid_regs regs = query(attempt, EXITPROF_LATCH_ROW | field << 16 | row);

	*first = (uint64_t)regs.ebx << 32 | regs.eax;
	*second = (uint64_t)regs.edx << 32 | regs.ecx;
}

/*
 * Buckets are read from the lowest one that was ever in use until they add up to
 * the count, and only if they do not, those below as well.
 */
static void read_histogram(struct attempt *attempt, uint32_t row, uint64_t exits)
{
	uint64_t *histogram = attempt->snapshot->histogram[row];
	uint8_t *lowest = &attempt->reader->lowest_pair[row];
	uint64_t sum = 0;

	for (uint32_t i = 0; i < EXITPROF_BUCKETS / 2 && sum != exits && !attempt->moved; i++) {
		uint32_t pair = (*lowest + i) % (EXITPROF_BUCKETS / 2);
		uint64_t *buckets = &histogram[2 * pair];

		read_pair(attempt, row, EXITPROF_FIELD_HISTOGRAM + pair, &buckets[0], &buckets[1]);
		sum += buckets[0] + buckets[1];
	}
	for (uint32_t pair = EXITPROF_BUCKETS / 2; pair-- > 0;)
		if (histogram[2 * pair] || histogram[2 * pair + 1])
			*lowest = pair;
}

static struct ep_counter *counter_of(struct attempt *attempt, uint32_t row)
{
	return row ? &attempt->snapshot->rows[row - 1] : &attempt->first;
}

static void account(struct attempt *attempt, uint32_t row, const struct ep_counter *counter)
{
	struct ep_snapshot *snapshot = attempt->snapshot;
	struct ep_counter *total = &snapshot->total;

	*counter_of(attempt, row) = *counter;
	total->exits += counter->exits;
	total->cycles += counter->cycles;
	total->away += counter->away;
	if (counter->max > total->max)
		total->max = counter->max;
}

/* Whether away cycles may have come since the latest snapshot. */
static bool may_have_gone_on(const struct ep_reader *reader, uint32_t row, uint64_t exits)
{
	const struct ep_host *host = reader->host;
	uint32_t hlt = host->vendor == EP_VENDOR_SVM ? SVM_HLT : VMX_HLT;

	return exits != reader->last[row].exits || reader->recent[row] ||
	       (row && host->reasons[row - 1] == hlt);
}

/* Returns the row's exits. */
static uint64_t read_row(struct attempt *attempt, uint32_t row, bool sparse)
{
	const struct ep_reader *reader = attempt->reader;
	struct ep_counter counter = {};

	read_pair(attempt, row, EXITPROF_FIELD_COUNT, &counter.exits, &counter.cycles);
	if (sparse && !may_have_gone_on(reader, row, counter.exits)) {
		counter.away = reader->last[row].away;
		counter.max = reader->last[row].max;
	} else if (reader->full && counter.exits) {
		read_pair(attempt, row, EXITPROF_FIELD_AWAY, &counter.away, &counter.max);
	}
	if (reader->histogram && counter.exits)
		read_histogram(attempt, row, counter.exits);
	account(attempt, row, &counter);
	return counter.exits;
}

static void keep_row(struct attempt *attempt, uint32_t row)
{
	struct ep_counter counter = attempt->reader->last[row];

	if (attempt->reader->full && may_have_gone_on(attempt->reader, row, counter.exits))
		read_pair(attempt, row, EXITPROF_FIELD_AWAY, &counter.away, &counter.max);
	account(attempt, row, &counter);
}

/*
 * Rows until they and the others' earlier values add up to the total, those that change most first.
 */
static void read_changed(struct attempt *attempt, bool *done)
{
	struct ep_reader *reader = attempt->reader;
	const struct ep_host *host = reader->host;
	uint64_t total = ep_host_read(host, EP_FIGURE_TOTAL_EXITS, 0), sum = 0;

	/* What the table has not: that CPUID, and those since it was made. */
	total -= host->cpuid->executed - attempt->own;
	for (uint32_t row = 0; row <= host->count; row++)
		sum += reader->last[row].exits;
	for (int recent = 1; recent >= 0; recent--) {
		for (uint32_t row = 0; row <= host->count && !attempt->moved; row++) {
			if (sum == total)
				break;
			if (reader->recent[row] != recent || !reader->last[row].exits)
				continue;
			sum += read_row(attempt, row, true) - reader->last[row].exits;
			done[row] = true;
		}
	}
	for (uint32_t row = 0; row <= host->count && !attempt->moved; row++) {
		if (done[row] || !reader->last[row].exits)
			continue;
		keep_row(attempt, row);
		done[row] = true;
	}
}

/* Reads rows in @words, a bitmap, that are not @done; returns whether there were any. */
static bool read_rows(struct attempt *attempt, const uint32_t *words, bool *done)
{
	bool any = false;

	for (uint32_t row = 0; row <= attempt->snapshot->count && !attempt->moved; row++) {
		if (done[row] || !(words[row / 32] & 1u << row % 32))
			continue;
		read_row(attempt, row, false);
		attempt->reader->latched[row / 32] |= 1u << row % 32;
		done[row] = any = true;
	}
	return any;
}

/* Whether the thread has not been off its CPU since it latched. */
static bool stayed(const struct attempt *attempt)
{
	struct ep_cpuid *cpuid = attempt->reader->host->cpuid;
	struct ep_place now;

	if (attempt->careful)
		return true;
	cpuid->locate(cpuid, &now);
	return now.switches == attempt->place.switches;
}

/* Returns whether all that was read is of the table @id. */
static bool read_table(struct attempt *attempt, uint32_t id)
{
	const struct ep_reader *reader = attempt->reader;
	bool done[EXITPROF_ROWS_MAX] = {};

	if (reader->sparse && reader->known && reader->generation == attempt->snapshot->generation)
		read_changed(attempt, done);
	read_rows(attempt, attempt->reader->latched, done);
	while (!attempt->moved) {
		struct ep_cpuid_regs regs = query(attempt, EXITPROF_LATCH_BITMAP);
		const uint32_t words[] = { regs.eax, regs.ebx, regs.ecx };

		if (attempt->moved || regs.edx != id)
			return false;
		if (!read_rows(attempt, words, done))
			return stayed(attempt);
	}
	return false;
}

/* Latches, and forgets what an earlier attempt has read. Returns 0 or -ENODEV. */
static int begin(struct attempt *attempt, uint32_t *ret_id)
{
	struct ep_snapshot *snapshot = attempt->snapshot;
	const struct ep_host *host = attempt->reader->host;
	struct ep_cpuid_regs regs;

	attempt->own = host->cpuid->executed;
	regs = ep_cpuid_query(host->cpuid, EXITPROF_LEAF_LATCH,
			      EXITPROF_LATCH | attempt->reader->scope);
	if (!regs.eax || regs.ecx != host->count + 1)
		return -ENODEV;
	/* Had it moved by then, the id would tell: no two vCPUs have the same. */
	host->cpuid->locate(host->cpuid, &attempt->place);
	attempt->cpu = attempt->place.cpu;
	attempt->moved = false;
	/* Few CPUIDs are rarely interrupted; those of histograms are many. */
	attempt->careful = attempt->reader->histogram || attempt->passes;
	*ret_id = regs.eax;
	ep_snapshot_clear(attempt->reader, snapshot);
	attempt->first = (struct ep_counter){};
	snapshot->count = host->count;
	snapshot->vcpu = regs.ebx;
	snapshot->generation = regs.edx;
	snapshot->timed = true;
	snapshot->full = attempt->reader->full;
	snapshot->passes = ++attempt->passes;
	return 0;
}

static void remember(struct ep_reader *reader, struct attempt *attempt)
{
	for (uint32_t row = 0; row <= attempt->snapshot->count; row++) {
		const struct ep_counter *counter = counter_of(attempt, row);

		reader->recent[row] = counter->exits != reader->last[row].exits;
		reader->last[row] = *counter;
	}
	reader->generation = attempt->snapshot->generation;
	reader->known = true;
}

int ep_latch_take(struct ep_reader *reader, struct ep_snapshot *ret)
{
	const struct ep_host *host = reader->host;
	struct attempt attempt = { .reader = reader, .snapshot = ret };
	uint64_t start = host->cpuid->executed;
	uint32_t id;
	int err;

	do {
		err = begin(&attempt, &id);
		if (err)
			return err;
		ret->consistent = read_table(&attempt, id);
	} while (!ret->consistent && ret->passes < MAX_TRIES &&
		 host->cpuid->executed - start < MAX_COST);

	ret->unlisted = attempt.first.exits;
	if (ret->consistent)
		remember(reader, &attempt);
	/* The CPUID that latched is not in its own table. */
	ret->total.own_exits = attempt.own;
	ret->total.own_cycles_exits = attempt.own;
	ret->rows[host->cpuid_row].own_exits = attempt.own;
	ret->rows[host->cpuid_row].own_cycles_exits = attempt.own;
	ret->cost = host->cpuid->executed - start;
	return 0;
}

int ep_latch_calibrate(struct ep_reader *reader)
{
	struct ep_snapshot before = {}, after;
	uint64_t cycles[CALIBRATIONS], away[CALIBRATIONS];
	uint32_t row = reader->host->cpuid_row;
	int err = ep_latch_take(reader, &before);

	for (int i = 0; i < CALIBRATIONS && !err; i++) {
		const struct ep_counter *old = &before.rows[row], *new = &after.rows[row];
		uint64_t exits;

		after = (struct ep_snapshot){};
		err = ep_latch_take(reader, &after);
		exits = new->exits - old->exits;
		cycles[i] = exits ? (new->cycles - old->cycles) / exits : 0;
		away[i] = exits ? (new->away - old->away) / exits : 0;
		for (int bucket = 0; bucket < EXITPROF_BUCKETS; bucket++)
			reader->own_histogram[bucket] += after.histogram[row + 1][bucket] -
							 before.histogram[row + 1][bucket];
		before = after;
	}
	if (err)
		return err;
	reader->cycles_per_own = ep_median(cycles, CALIBRATIONS);
	reader->away_per_own = ep_median(away, CALIBRATIONS);
	return 0;
}
