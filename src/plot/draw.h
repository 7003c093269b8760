/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draw.h - the charts of a result folder */
#ifndef EP_PLOT_DRAW_H
#define EP_PLOT_DRAW_H

#include "core/base/error.h"
#include "plot/script.h"

/*
 * Draws charts of the result folder @path into it as SVG and PNG. @which: the name of one,
 * EP_CHART_ALL, or NULL for the usual few. Of more than one, those are left out that the result
 * has no data for; with one it is an error. An existing chart is replaced once the new one is
 * complete; the data is never touched. Returns 0 or a negative errno.
 *
 *	ep_chart_draw("results/a", "latency-heatmap", &err);
 */
int ep_chart_draw(const char *path, const char *which, struct ep_error *err);

/*
 * The chart @script of the result folder @path, as SVG for free(). Returns also -ENODATA, without a
 * message, if the result has no data for it.
 */
int ep_chart_render_result(const char *path, const struct ep_script *script, const char *title,
			   char **ret, struct ep_error *err);

/* The line below the heading of the charts of that result, for free(). Returns as above. */
int ep_chart_title(const char *path, char **ret, struct ep_error *err);

#endif /* EP_PLOT_DRAW_H */
