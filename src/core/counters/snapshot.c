// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/counters/classic.h"
#include "core/counters/latch.h"
#include "core/counters/snapshot.h"

int ep_snapshot_take(struct ep_reader *reader, struct ep_snapshot *ret)
{
	if (reader->latch)
		return ep_latch_take(reader, ret);
	ep_classic_take(reader, ret);
	return 0;
}

void ep_reader_init(struct ep_reader *reader, struct ep_host *host, bool full)
{
	ep_reader_init_raw(reader, host, full);
	if (host->latch) {
		if (!ep_latch_calibrate(reader))
			return;
		/* A host that has no memory for a table still has the classic leaves. */
		host->latch = false;
		ep_reader_init_raw(reader, host, false);
	}
	ep_classic_calibrate(reader);
}

int ep_reader_omit_histograms(struct ep_reader *reader)
{
	reader->histogram = false;
	return reader->full ? ep_latch_calibrate(reader) : 0;
}
