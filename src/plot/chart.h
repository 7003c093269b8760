/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart.h - a picture of a CSV file, drawn by gnuplot */
#ifndef EP_PLOT_CHART_H
#define EP_PLOT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"

/* Whether charts can be drawn here; else @err says what is missing. */
bool ep_chart_available(struct ep_error *err);

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
 * png or pdf. An SVG is valid UTF-8 without control characters, whatever is in the data. Returns 0
 * or a negative errno: -ENOSPC if there was no room for it in TMPDIR.
 */
int ep_chart_render(const struct ep_chart *chart, const char *format, char **ret,
		    size_t *ret_length, struct ep_error *err);

/*
 * Draws it as @path, whose ending says how; what is there is replaced once the picture is
 * complete. Returns as above.
 */
int ep_chart_save(const struct ep_chart *chart, const char *path, struct ep_error *err);

/*
 * Whether a file of that name in a result folder is a picture that exitprof has drawn there, or on
 * another machine: see ep_script_is_ours().
 */
bool ep_chart_is_file(const char *name);

#endif /* EP_PLOT_CHART_H */
