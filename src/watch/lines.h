/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lines.h - `exitprof watch` where nothing can be drawn: it appends to stdout
 *
 *	ep_watch_lines_begin(&lines, EP_OUTPUT_CSV, 0);
 *	ep_watch_lines_add(&lines, &watch, &view, &sample);
 */
#ifndef EP_WATCH_LINES_H
#define EP_WATCH_LINES_H

#include "cli/output.h"
#include "core/counters/series.h"
#include "watch/model.h"

/* @vcpus: with each vCPU by itself, so many of them; @table: memory to work with */
struct ep_watch_lines {
	enum ep_output_format format;
	uint32_t vcpus;
	struct ep_watch_table *table;
};

/* Returns 0 or -ENOMEM. Prints what comes before the first sample. */
int ep_watch_lines_begin(struct ep_watch_lines *lines, enum ep_output_format format,
			 uint32_t vcpus);
void ep_watch_lines_finish(struct ep_watch_lines *lines);

/*
 * Prints a sample that @watch knows already, and flushes. Of one without a delta, CSV
 * and JSON tell that nothing is known. Errors stick to stdout.
 */
void ep_watch_lines_add(struct ep_watch_lines *lines, const struct ep_watch *watch,
			const struct ep_watch_view *view, const struct ep_sample *sample);

#endif /* EP_WATCH_LINES_H */
