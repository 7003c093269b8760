/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * partial.h - a file that is written for a long time, and has its name when complete
 *
 * Until then it is NAME.partial, which a killed process leaves behind: all that it had
 * written is there to be read. The next one of that name renames it to NAME.partial-1, -2 ...
 *
 *	_cleanup_(ep_partial_finish) struct ep_partial partial = {};
 *
 *	err = ep_partial_begin(&partial, "series.csv", &error);
 *	fputs("a,b\n", partial.file);
 *	err = ep_partial_publish(&partial, &error);
 */
#ifndef EP_CORE_BASE_PARTIAL_H
#define EP_CORE_BASE_PARTIAL_H

#include <stdio.h>

#include "core/base/error.h"

/*
 * Zeroed is an empty one.
 *
 * @file: to write to
 * @lock: a descriptor, as long as there is @file
 * @earlier: where what a killed process had left is now, or NULL
 */
struct ep_partial {
	char *path;
	char *temporary;
	FILE *file;
	int lock;
	char *earlier;
};

/*
 * -EBUSY if another process is writing it; -EEXIST if @path or NAME.partial is anything
 * else than a regular file, or NAME.partial another user's or a link; -EACCES and so on.
 */
int ep_partial_begin(struct ep_partial *partial, const char *path, struct ep_error *err);

/* Closes the file and gives it its name. A failure leaves it as NAME.partial. */
int ep_partial_publish(struct ep_partial *partial, struct ep_error *err);

/* Leaves NAME.partial where it is, unless published. */
void ep_partial_finish(struct ep_partial *partial);

#endif /* EP_CORE_BASE_PARTIAL_H */
