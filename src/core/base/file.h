/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file.h - a file that is there as a whole or not at all
 *
 * It is written as scratch, see there, and takes its name, and the place of what had that
 * name, once it is complete.
 *
 *	_cleanup_(ep_file_discard) struct ep_file file = {};
 *
 *	code = ep_file_begin(&file, "chart.svg", &error);
 *	fputs(svg, file.stream);
 *	code = ep_file_publish(&file, &error);
 */
#ifndef EP_CORE_BASE_FILE_H
#define EP_CORE_BASE_FILE_H

#include <stdio.h>

#include "core/base/error.h"
#include "core/base/scratch.h"

/* Zeroed is none. @stream: to write to */
struct ep_file {
	char *path;
	struct ep_scratch scratch;
	FILE *stream;
};

/* -EEXIST if @path is anything else than a regular file; -EACCES, -ENOENT and so on. */
int ep_file_begin(struct ep_file *file, const char *path, struct ep_error *err);

/* Closes it and gives it its name. A failure leaves what was there as it was. */
int ep_file_publish(struct ep_file *file, struct ep_error *err);

/* Removes it unless published. Leaves it zeroed. */
void ep_file_discard(struct ep_file *file);

#endif /* EP_CORE_BASE_FILE_H */
