/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader.h - how the counters of a VM are read, and what a snapshot of them is
 *
 * snapshot.h takes one. Beside every value stands how many of the reader's own CPUIDs it
 * contains; value minus own is what the rest of the guest caused, and does not depend on when or
 * how often it was read.
 */
#ifndef EP_CORE_COUNTERS_READER_H
#define EP_CORE_COUNTERS_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/host/host.h"

/*
 * CPUIDs that a snapshot executes at most, each an exit, without the latch leaf: enough for
 * dozens of passes over the active rows, and for two over all.
 */
#define EP_SNAPSHOT_COST_MAX 1500

/*
 * @exits, @cycles: as the host says
 * @away, @max: cycles until the vCPU was in the guest again, and the handling
 *	cycles of the longest exit; 0 unless the snapshot is full
 * @own_exits, @own_cycles_exits: how many of the reader's own CPUIDs are in
 *	@exits, and of how many of them the cycles are in @cycles
 */
struct ep_counter {
	uint64_t exits;
	uint64_t cycles;
	uint64_t away;
	uint64_t max;
	uint64_t own_exits;
	uint64_t own_cycles_exits;
};

/*
 * @unlisted: exits in the total that no readable reason has: all but the reader's own of a host
 *	that has totals only
 * @consistent: the numbers belong together: of one table of the latch leaf, in which
 *	only rows of a vCPU that runs meanwhile may be some exits apart, see abi.h;
 *	else, all of one instant
 * @disturbed: exits of others between the first and the last read, by the classic leaves: rows
 *	may have so many more than the total, or less
 * @passes: how often it took
 * @vcpu: index of the vCPU that the reader was on, with the latch leaf
 * @cost: CPUIDs that the snapshot executed, each an exit
 * @generation: of the discovery leaf, or 0
 * @timed: the rows' cycles are known, and not only those of the total
 * @full: with away and max
 * @rows: in the order of host->reasons, @count of them; those behind are undefined
 * @histogram: index as @rows, plus 1; undefined unless the reader reads it
 */
struct ep_snapshot {
	struct ep_counter total;
	uint32_t count;
	uint64_t unlisted;
	bool consistent;
	uint64_t disturbed;
	unsigned int passes;
	uint32_t vcpu;
	uint64_t cost;
	uint32_t generation;
	bool timed;
	bool full;
	struct ep_counter rows[EP_REASONS_MAX];
	uint64_t histogram[EXITPROF_ROWS_MAX][EXITPROF_BUCKETS];
};

/*
 * @host: borrowed
 * @latch: reads by the latch leaf
 * @scope: the whole VM, EXITPROF_SCOPE_VM, or the index of a vCPU; see scopes.h
 * @full: read away and max of a host that has them; @histogram: and the histogram
 * @sparse: read no more rows than have changed, see latch.h
 * @last, @recent: rows of abi.h as in the latest snapshot, and whether they had changed;
 *	@generation: its, @known: there was one
 * @cycles_per_own, @away_per_own: cycles of one of the reader's own CPUIDs
 * @own_histogram: how they were distributed when that was measured
 * @unlisted: as the last undisturbed pass over all rows found it
 * @active, @latched: rows that have ever been seen not to be 0, by the classic
 *	leaves and, as a bitmap, by the latch leaf
 * @lowest_pair: the lowest buckets of each row that were ever in use
 */
struct ep_reader {
	const struct ep_host *host;
	bool latch;
	uint32_t scope;
	bool full;
	bool histogram;
	bool sparse;
	bool known;
	uint32_t generation;
	struct ep_counter last[EXITPROF_ROWS_MAX];
	bool recent[EXITPROF_ROWS_MAX];
	uint64_t cycles_per_own;
	uint64_t away_per_own;
	uint64_t own_histogram[EXITPROF_BUCKETS];
	uint64_t unlisted;
	bool active[EP_REASONS_MAX];
	uint32_t latched[EXITPROF_ROWS_MAX / 32];
	uint8_t lowest_pair[EXITPROF_ROWS_MAX];
};

/*
 * Not calibrated: snapshots hold what the host says, which may be shown as it is,
 * but what own CPUIDs cost is not known. Executes none. host->latch may turn out to be of
 * no use at the first snapshot.
 */
void ep_reader_init_raw(struct ep_reader *reader, const struct ep_host *host, bool full);

/* Zeros what the reader fills: of a series' snapshot, that is a tenth of it. */
void ep_snapshot_clear(const struct ep_reader *reader, struct ep_snapshot *snapshot);

#endif /* EP_CORE_COUNTERS_READER_H */
