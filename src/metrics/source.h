/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source.h - counters for as long as the VM lives, whatever its host becomes
 *
 * A VM may be restored, migrated to a host with other counters or none, and back. Each
 * read looks whether the host is still the one of before, and recognises it anew if not.
 *
 *	struct ep_metrics_source source;
 *	struct ep_metrics metrics;
 *
 *	status = ep_metrics_source_init(&source, "auto", true);
 *	ep_metrics_source_read(&source, &metrics);
 *	ep_metrics_write(stdout, &metrics);
 */
#ifndef EP_METRICS_SOURCE_H
#define EP_METRICS_SOURCE_H

#include "cli/machine.h"
#include "core/counters/metrics.h"

/*
 * @dialect: that is asked for
 * @histograms: read them where the host has any
 * @up: the host has answered
 * @fresh: it was recognised just now
 * @earlier: own exits of other processes that are in the counters
 * @outside: CPUIDs of this process that are not, as the counters began after them
 */
struct ep_metrics_source {
	struct ep_machine machine;
	struct ep_reader reader;
	struct ep_snapshot snapshot;
	const char *dialect;
	bool histograms;
	bool up;
	bool fresh;
	uint64_t earlier;
	uint64_t outside;
};

/*
 * Reports what is wrong with the host, and returns a status of cli/message.h. After
 * EP_STATUS_NO_HOST the source can be read all the same. Not to be moved.
 */
int ep_metrics_source_init(struct ep_metrics_source *source, const char *dialect, bool histograms);

/* *@ret is valid until the next read; ret->snapshot is NULL while the host does not answer. */
void ep_metrics_source_read(struct ep_metrics_source *source, struct ep_metrics *ret);

#endif /* EP_METRICS_SOURCE_H */
