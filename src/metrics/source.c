// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/counters/snapshot.h"
#include "metrics/source.h"

static void begin(struct ep_metrics_source *source)
{
	ep_reader_init_raw(&source->reader, &source->machine.host, true);
	source->reader.histogram &= source->histograms;
}

int ep_metrics_source_init(struct ep_metrics_source *source, const char *dialect, bool histograms)
{
	int status;

	*source = (struct ep_metrics_source){ .dialect = dialect, .histograms = histograms };
	status = ep_machine_require(&source->machine);
	if (!status)
		status = ep_machine_speak(&source->machine, dialect);
	source->up = !status;
	source->fresh = true;
	begin(source);
	return status;
}

static void recognise(struct ep_metrics_source *source)
{
	struct ep_host *host = &source->machine.host;

	source->up = !ep_host_recognise(host, host->cpuid) && !ep_host_speak(host, source->dialect);
	begin(source);
}

static void take(struct ep_metrics_source *source)
{
	struct ep_host *host = &source->machine.host;

	if (!ep_snapshot_take(&source->reader, &source->snapshot))
		return;
	/* A host that has no memory for a table still has the classic leaves. */
	host->latch = false;
	begin(source);
	ep_snapshot_take(&source->reader, &source->snapshot);
}

/* What @source was before has no counters any more that belong to these. */
static void start_anew(struct ep_metrics_source *source, uint64_t outside)
{
	source->earlier = 0;
	source->outside = outside;
}

static bool same_host(const struct ep_metrics_source *source)
{
	return source->up && source->snapshot.generation == source->machine.host.generation;
}

void ep_metrics_source_read(struct ep_metrics_source *source, struct ep_metrics *ret)
{
	const struct ep_host *host = &source->machine.host;
	uint64_t executed, own;

	ep_clock_catch_up();
	executed = host->cpuid->executed;

	*ret = (struct ep_metrics){ .host = host };
	/* Without a generation, nothing tells that it is another. */
	if (!source->fresh && (!source->up || !host->discovery)) {
		bool was_up = source->up;

		recognise(source);
		if (source->up && !was_up)
			start_anew(source, executed);
	}
	source->fresh = false;
	if (source->up)
		take(source);
	if (source->up && !same_host(source)) {
		recognise(source);
		start_anew(source, executed);
		if (source->up)
			take(source);
	}
	if (!source->up)
		return;

	ret->snapshot = &source->snapshot;
	ret->histogram = source->reader.histogram;
	own = host->totals ? source->snapshot.total.own_exits
			   : source->snapshot.rows[host->cpuid_row].own_exits;
	ret->own_exits = source->earlier - source->outside + own;
	ret->pending_exits = host->cpuid->executed - own;
}
