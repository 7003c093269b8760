/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metrics.h - counters in the text format of Prometheus
 *
 * Format 0.0.4, which every scraper and node_exporter's textfile collector read
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). OpenMetrics says nothing
 * more here, and the collector does not read it.
 *
 *	struct ep_metrics metrics = {
 *		.host = &host,
 *		.snapshot = &snapshot,
 *		.own_exits = snapshot.rows[host.cpuid_row].own_exits,
 *	};
 *
 *	ep_metrics_write(stdout, &metrics);
 *
 *	# HELP exitprof_exits_total VM exits since the VM was created, exitprof's own included.
 *	# TYPE exitprof_exits_total counter
 *	exitprof_exits_total{reason="hlt"} 5000
 *
 * Counters are raw: as the host has them, so that they never go back and two readers
 * agree. What exitprof has caused itself is a counter beside them.
 *
 * Time is in seconds, so that hosts can be compared, where the host tells its TSC's
 * frequency, else in cycles under another name. The histogram is in cycles always: its
 * limits are powers of two less 1, which are the same labels on every host.
 */
#ifndef EP_CORE_COUNTERS_METRICS_H
#define EP_CORE_COUNTERS_METRICS_H

#include <stdio.h>

#include "core/counters/reader.h"

/* The file that a reader of such text gets: Content-Type of HTTP. */
#define EP_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/*
 * @snapshot: of a raw reader will do; NULL if the host does not answer. Then the text
 *	says so, and nothing else
 * @histogram: the snapshot has one
 * @own_exits: CPUIDs of exitprof that are in the counters, by reason of CPUID
 * @pending_exits: those that were executed since, and will be in the next ones
 */
struct ep_metrics {
	const struct ep_host *host;
	const struct ep_snapshot *snapshot;
	bool histogram;
	uint64_t own_exits;
	uint64_t pending_exits;
};

void ep_metrics_write(FILE *file, const struct ep_metrics *metrics);

/*
 * How many of exitprof's own exits the counters of @generation have by a file that
 * ep_metrics_write() has written earlier: @own_exits and @pending_exits. 0 if there is no
 * such file, or it is of another generation, or of a host that has none.
 */
uint64_t ep_metrics_recall(const char *path, uint32_t generation);

#endif /* EP_CORE_COUNTERS_METRICS_H */
