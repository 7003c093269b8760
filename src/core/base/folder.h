/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder.h - a result folder that is there as a whole or not at all
 *
 * It is written as scratch, see there, beside its final place and renamed when it is
 * complete. It takes the place of an earlier result only, and of nothing that somebody
 * else may have put there: run.json must say that exitprof wrote it, and no file may be
 * in it that exitprof does not write.
 *
 *	_cleanup_(ep_folder_discard) struct ep_folder folder = {};
 *	FILE *file;
 *
 *	err = ep_folder_place(&folder, "results/a", ep_chart_is_file, &error);
 *	err = ep_folder_begin(&folder, &error);
 *	err = ep_folder_create(&folder, "run.json", &file, &error);
 *	fputs("{}\n", file);
 *	err = ep_folder_close(&folder, "run.json", file, &error);
 *	err = ep_folder_publish(&folder, &error);
 */
#ifndef EP_CORE_BASE_FOLDER_H
#define EP_CORE_BASE_FOLDER_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/error.h"
#include "core/base/scratch.h"

/*
 * Zeroed is none.
 *
 * @path: where it is to be, or, published, where it is
 * @is_chart: whether a file of a result is a chart
 * @replaces: an earlier result is there, which @earlier is a descriptor of, so that no
 *	other can be taken for it
 * @moved: published, but beside its place, for that negative errno: -EEXIST if somebody
 *	else's is there by now
 * @kept: published, but the earlier result could not be removed whole, and is there; or NULL
 */
struct ep_folder {
	char *path;
	bool (*is_chart)(const char *name);
	bool replaces;
	int earlier;
	int moved;
	char *kept;
	struct ep_scratch scratch;
};

/* The file that makes a folder a result; written last. */
#define EP_FOLDER_MARK "run.json"

/*
 * Where the result will be, without changing anything there, so that a user learns of a
 * wrong folder before a long run. -EEXIST if @path is there and is not an earlier result
 * of this user's, or one with files that exitprof has not written; -EACCES and so on.
 */
int ep_folder_place(struct ep_folder *folder, const char *path, bool (*is_chart)(const char *name),
		    struct ep_error *err);

/* Makes the parents and the scratch folder. */
int ep_folder_begin(struct ep_folder *folder, struct ep_error *err);

int ep_folder_create(const struct ep_folder *folder, const char *name, FILE **ret,
		     struct ep_error *err);

/* Closes @file in any case; reports what failed since ep_folder_create(). */
int ep_folder_close(const struct ep_folder *folder, const char *name, FILE *file,
		    struct ep_error *err);

/*
 * Puts the folder in its place; the earlier result that ep_folder_place() saw there is
 * replaced at once. If it is another one by now, both are kept: this one as PATH-2, PATH-3
 * and so on, and @folder->moved says so. A failure leaves it as PATH.partial-RRRRRRRR.
 */
int ep_folder_publish(struct ep_folder *folder, struct ep_error *err);

/*
 * Removes the result at @path, under the conditions of ep_folder_place(); no error if
 * nothing is there.
 */
int ep_folder_remove(const char *path, bool (*is_chart)(const char *name), struct ep_error *err);

/* Removes the scratch folder unless published; leaves *@folder zeroed. */
void ep_folder_discard(struct ep_folder *folder);

#endif /* EP_CORE_BASE_FOLDER_H */
