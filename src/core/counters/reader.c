// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/counters/reader.h"

void ep_reader_init_raw(struct ep_reader *reader, const struct ep_host *host, bool full)
{
	*reader = (struct ep_reader){
		.host = host,
		.latch = host->latch,
		.scope = EXITPROF_SCOPE_VM,
		.full = full && host->latch,
		.histogram = full && host->latch,
	};
}

void ep_snapshot_clear(const struct ep_reader *reader, struct ep_snapshot *snapshot)
{
	memset(snapshot, 0, offsetof(struct ep_snapshot, rows[reader->host->count]));
	if (reader->histogram)
		memset(snapshot->histogram, 0, sizeof(snapshot->histogram));
}
