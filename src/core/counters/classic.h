/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * classic.h - snapshots by leaves that give one number a CPUID
 *
 * Such a snapshot takes many reads, each of which is an exit itself, while the rest of the guest
 * goes on. Two things make it exact nevertheless.
 *
 * Own exits. Beside every value stands how many of the reader's own CPUIDs it
 * contains. The total and the CPUID reason's row contain all that were executed
 * so far, the one that read it included in a count, but not yet in cycles; other
 * rows contain none.
 *
 * One instant. The total is read before and after the rows. If it grew by the
 * reader's own CPUIDs alone, nothing else left guest mode in between, and all
 * rows belong together. If not, the pass is repeated with the active rows only,
 * those that are not 0, which is quick enough to fall between two timer ticks.
 * That a row has left 0 meanwhile shows in the sum over rows, which must equal
 * the total; then all rows are read again.
 *
 * For snapshot.c; everybody else uses snapshot.h.
 */
#ifndef EP_CORE_COUNTERS_CLASSIC_H
#define EP_CORE_COUNTERS_CLASSIC_H

#include "core/counters/reader.h"

/*
 * Fills *@ret. Executes no more than EP_SNAPSHOT_COST_MAX CPUIDs; a snapshot that is not of one
 * instant by then is marked as not consistent.
 */
void ep_classic_take(struct ep_reader *reader, struct ep_snapshot *ret);

/* Takes a first snapshot, so that later ones know the active rows, and what an own CPUID costs. */
void ep_classic_calibrate(struct ep_reader *reader);

#endif /* EP_CORE_COUNTERS_CLASSIC_H */
