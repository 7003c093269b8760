/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart.h - gnuplot over a result folder */
#ifndef EP_CHART_H
#define EP_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* Whether charts can be drawn here; else @err says what is missing. */
bool ep_chart_available(struct ep_error *err);

#define EP_CHART_ALL "all"

/* Of the charts that a result folder can have, or NULL behind the last one. */
const char *ep_chart_name(size_t index);

/* What the chart of that index answers. */
const char *ep_chart_question(size_t index);

/* Whether that one can be drawn for a terminal. */
bool ep_chart_is_text(const char *name);

/*
 * Draws charts of the result folder @path: into it as SVG and PNG, or as text on
 * stdout. @which: the name of one, EP_CHART_ALL, or NULL for the usual few. Of more than
 * one, those are left out that the result has no data for; with one it is an error. An
 * existing chart is replaced once the new one is complete; the data is never touched.
 * Returns 0 or a negative errno.
 *
 *	ep_chart_draw("results/a", "latency-heatmap", false, &err);
 */
int ep_chart_draw(const char *path, const char *which, bool terminal, struct ep_error *err);

/*
 * Draws @data, a CSV file, with the script @chart as @file, whose ending says how: svg,
 * png or pdf. It is replaced once it is complete. @more: a further argument of the
 * script, or NULL. Returns as above.
 */
int ep_chart_draw_file(const char *chart, const char *data, const char *file, const char *title,
		       const char *more, struct ep_error *err);

/*
 * The chart of that index likewise, of the result folder @path. Returns also -ENODATA,
 * without a message, if the result has no data for it.
 */
int ep_chart_draw_one(const char *path, size_t index, const char *file, const char *title,
		      struct ep_error *err);

#endif /* EP_CHART_H */
