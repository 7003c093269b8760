/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delta.h - what the rest of the guest caused between two snapshots
 *
 *	err = ep_delta_compute(&delta, &reader, &before, &after);
 *	if (err == -ESTALE)
 *		...	// the counters started anew in between
 */
#ifndef EP_CORE_COUNTERS_DELTA_H
#define EP_CORE_COUNTERS_DELTA_H

#include "core/counters/reader.h"

/*
 * Net of the reader's own. @away and @max are 0 unless the delta is full.
 *
 * @max: handling cycles of the longest exit since the VM was created, not since the
 *	first snapshot; it may have been one of the reader's own
 */
struct ep_delta_row {
	uint64_t exits;
	uint64_t cycles;
	uint64_t away;
	uint64_t max;
};

/*
 * @exits, @cycles, @away, @max: of all reasons, as in a row
 * @own_exits, @own_cycles: what was taken out; exits are counted, cycles are
 *	counted exits times the reader's calibration, or all that their row has
 * @consistent: both snapshots are, see reader.h, and the host lost none of
 *	the reader's own exits, nor any that a reason has
 * @disturbed: of both snapshots together, see reader.h
 * @timed, @full: both snapshots are; without the former the rows have no cycles
 * @rows: in the order of host->reasons, @count of them; those behind are undefined
 */
struct ep_delta {
	uint64_t exits;
	uint64_t cycles;
	uint64_t away;
	uint64_t max;
	uint64_t own_exits;
	uint64_t own_cycles;
	uint64_t disturbed;
	bool timed;
	bool full;
	bool consistent;
	uint32_t count;
	struct ep_delta_row rows[EP_REASONS_MAX];
};

/*
 * Counters are 64 bits and wrap around. On a host without the discovery leaf, a
 * decrease below 2^32 counts as the wrap-around of a counter of 32 bits. Returns
 * -ESTALE, and leaves *@ret alone, if a counter went backwards otherwise or the
 * host's generation changed: the VM was restored or migrated.
 */
int ep_delta_compute(struct ep_delta *ret, const struct ep_reader *reader,
		     const struct ep_snapshot *before, const struct ep_snapshot *after);

/*
 * Adds what two full snapshots differ by to @histogram, whose index is that of
 * rows plus 1. Of the reader's own exits, only the distribution at calibration is
 * known: they are taken out in its proportions, and as many as there were.
 */
void ep_delta_add_histogram(uint64_t histogram[][EXITPROF_BUCKETS], const struct ep_reader *reader,
			    const struct ep_snapshot *before, const struct ep_snapshot *after);

/* The row of @reason, or NULL if the host does not count it. */
const struct ep_delta_row *ep_delta_find(const struct ep_delta *delta, const struct ep_host *host,
					 uint32_t reason);

#endif /* EP_CORE_COUNTERS_DELTA_H */
