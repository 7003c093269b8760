/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart.h - gnuplot over a result folder */
#ifndef EP_PLOT_CHART_H
#define EP_PLOT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"

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
 * A chart of a CSV file.
 *
 * @name: of its script
 * @data: the file; or NULL, and @write writes what would be in it
 * @title: a line below the heading, or NULL
 * @more: a further argument of the script, or NULL
 * @of: the path of what it is of, in messages, or NULL
 */
struct ep_chart {
	const char *name;
	const char *data;
	void (*write)(FILE *file, const void *user);
	const void *user;
	const char *title;
	const char *more;
	const char *of;
};

/*
 * The picture, for free(), with a NUL behind it that is not in *@ret_length. @format: svg,
 * png, pdf, or txt where the script can do that. A text is valid UTF-8 without control
 * characters, whatever is in the data. Returns 0 or a negative errno: -ENOSPC if there
 * was no room for it in TMPDIR.
 */
int ep_chart_render(const struct ep_chart *chart, const char *format, char **ret,
		    size_t *ret_length, struct ep_error *err);

/*
 * Draws it as @path, whose ending says how; what is there is replaced once the picture is
 * complete. Returns as above.
 */
int ep_chart_save(const struct ep_chart *chart, const char *path, struct ep_error *err);

/*
 * The chart of that index, of the result folder @path, as SVG for free(). Returns also
 * -ENODATA, without a message, if the result has no data for it.
 */
int ep_chart_render_kind(const char *path, size_t index, const char *title, char **ret,
			 struct ep_error *err);

/* Whether a file of that name in a result folder is a chart that exitprof has drawn. */
bool ep_chart_is_file(const char *name);

#endif /* EP_PLOT_CHART_H */
