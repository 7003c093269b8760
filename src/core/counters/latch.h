/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * latch.h - snapshots by the latch leaf: one table, 128 bits a CPUID
 *
 * One CPUID copies all counters of the VM into a table that belongs to the
 * calling vCPU. The reader then reads the rows that it knows to be in use, and
 * last the bitmap of rows in use with the table's id: a row that is new is read
 * as well, and another id tells that the thread has moved to another vCPU, or
 * that somebody else has latched on this one, and all is read again. So does a
 * context switch after which the thread is elsewhere, even if it came back before
 * the bitmap was read. Where few CPUIDs are read, it is asked for once, at the end, and
 * any context switch counts. Counts and handling cycles of N reasons thus take N + 2
 * exits.
 *
 * A sparse reader asks for the total as well, by the classic leaf. When the rows that it has
 * read, and the others as they were in the snapshot before, add up to that, nothing
 * else has changed: the rows of a quiet guest are few. Away cycles come after the count,
 * though, when the vCPU goes on: they are read of rows that have changed in this snapshot or
 * the one before, and of HLT, which may take long; in others, they may be old.
 *
 * For snapshot.c; everybody else uses snapshot.h.
 */
#ifndef EP_CORE_COUNTERS_LATCH_H
#define EP_CORE_COUNTERS_LATCH_H

#include "core/counters/reader.h"

/*
 * Fills *@ret. ret->consistent is false if the tables changed under all of many tries, which take
 * some thousand CPUIDs at most. Returns 0, or -ENODEV if the host has no table to give.
 */
int ep_latch_take(struct ep_reader *reader, struct ep_snapshot *ret);

/*
 * What the reader's own CPUIDs cost, from snapshots one right after the other.
 * Returns as ep_latch_take() does.
 */
int ep_latch_calibrate(struct ep_reader *reader);

#endif /* EP_CORE_COUNTERS_LATCH_H */
