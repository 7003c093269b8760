/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scopes.h - snapshots of the VM, and if wanted of each of its vCPUs by itself
 *
 * Own exits. The latch leaf tells a vCPU's counters, so the reader must know how
 * many of its own CPUIDs were executed on which one. It keeps its thread where it is
 * while it reads, and the latch says where that is: all CPUIDs in between are that
 * vCPU's. Where that does not work, or others were executed between two snapshots,
 * their difference is not consistent.
 *
 * One instant. Only the reading vCPU's counters are all of one instant. Each row of another
 * vCPU is, see abi.h, and vCPUs are read one after another. The VM's are their sum, so that
 * nothing is missing or counted twice. Without vCPUs, they are what ep_snapshot_take() reads.
 *
 *	struct ep_scopes scopes;
 *	struct ep_scoped before = {}, after = {};
 *	struct ep_scoped_delta delta = {};
 *
 *	ep_scopes_init(&scopes, &reader, true);
 *	ep_scoped_init(&before, &scopes);
 *	...
 *	ep_scopes_take(&scopes, &before);
 *	...
 *	ep_scopes_take(&scopes, &after);
 *	err = ep_scopes_subtract(&scopes, &delta, &before, &after);
 */
#ifndef EP_CORE_COUNTERS_SCOPES_H
#define EP_CORE_COUNTERS_SCOPES_H

#include "core/counters/delta.h"

/*
 * @reader: of the VM, a copy of what the scopes were made with
 * @count: of vCPUs, 0 without
 * @readers: of each
 * @own: how many of the reader's own CPUIDs are known to have been executed on each
 */
struct ep_scopes {
	struct ep_reader reader;
	uint32_t count;
	struct ep_reader *readers;
	uint64_t *own;
};

/*
 * @vm: the whole VM; with vCPUs, the sum of theirs
 * @vcpus: by index
 * @elsewhere: own CPUIDs of which nobody knows where they were executed
 * @created: vCPUs in this VM, those that were added later included
 */
struct ep_scoped {
	struct ep_snapshot vm;
	struct ep_snapshot *vcpus;
	uint64_t elsewhere;
	uint32_t created;
};

struct ep_scoped_delta {
	struct ep_delta vm;
	struct ep_delta *vcpus;
};

/*
 * @vcpus: each by itself as well. Returns 0, -ENOMEM, or -EOPNOTSUPP if vCPUs are
 * wanted of a host that does not tell them apart: it must have the latch leaf.
 */
int ep_scopes_init(struct ep_scopes *scopes, const struct ep_reader *reader, bool vcpus);
void ep_scopes_finish(struct ep_scopes *scopes);

/* Whether snapshots are to have a histogram, which the reader must have. Returns what was. */
bool ep_scopes_read_histograms(struct ep_scopes *scopes, bool histograms);

/* Room for all scopes, for any number of snapshots. Return 0 or -ENOMEM. */
int ep_scoped_init(struct ep_scoped *scoped, const struct ep_scopes *scopes);
void ep_scoped_finish(struct ep_scoped *scoped);
int ep_scoped_delta_init(struct ep_scoped_delta *delta, const struct ep_scopes *scopes);
void ep_scoped_delta_finish(struct ep_scoped_delta *delta);

/* Allocates nothing. Returns 0, or -ENODEV as ep_snapshot_take() does. */
int ep_scopes_take(struct ep_scopes *scopes, struct ep_scoped *ret);

/* Returns as ep_delta_compute() does for any of them; *@ret is of no use then. */
int ep_scopes_subtract(const struct ep_scopes *scopes, struct ep_scoped_delta *ret,
		       const struct ep_scoped *before, const struct ep_scoped *after);

#endif /* EP_CORE_COUNTERS_SCOPES_H */
