/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * snapshot.h - all counters of the VM, as a set that belongs together
 *
 * A host with the latch leaf copies all counters at once, see latch.h. In all other dialects
 * leaves give one number a CPUID, see classic.h. This chooses.
 *
 *	struct ep_reader reader;
 *	struct ep_snapshot before;
 *
 *	ep_reader_init(&reader, &host, false);
 *	ep_snapshot_take(&reader, &before);
 */
#ifndef EP_CORE_COUNTERS_SNAPSHOT_H
#define EP_CORE_COUNTERS_SNAPSHOT_H

#include "core/counters/reader.h"

/*
 * Calibrates the cost of own CPUIDs by some hundred of them, and takes a first
 * snapshot so that later ones know the active rows. @full: snapshots are to have
 * all fields, which takes about ten times the exits; where the host has no latch
 * leaf, they have none of them. A latch leaf that has no table to give is not
 * used: host->latch is false then. Needs no release.
 */
void ep_reader_init(struct ep_reader *reader, struct ep_host *host, bool full);

/*
 * From now on full snapshots have no histograms, which most of their exits are for.
 * Calibrates again, as the remaining ones cost something else on average. Returns as
 * ep_snapshot_take() does.
 */
int ep_reader_omit_histograms(struct ep_reader *reader);

/*
 * Allocates nothing, and makes no system call that could cause an exit. Executes no more than
 * EP_SNAPSHOT_COST_MAX CPUIDs without the latch leaf; a snapshot that is not of one instant by
 * then is marked as not consistent. Returns 0, or -ENODEV if the latch leaf, which did answer at
 * first, does no more.
 */
int ep_snapshot_take(struct ep_reader *reader, struct ep_snapshot *ret);

#endif /* EP_CORE_COUNTERS_SNAPSHOT_H */
