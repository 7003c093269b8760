/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder.h - a result folder that is there as a whole or not at all
 *
 * It is written as .NAME.tmp-PID beside its final place and renamed when it is
 * complete. What a killed process left behind is removed by the next one, but for a
 * series.csv that it had recorded: that becomes NAME.killed-PID.
 *
 *	_cleanup_(ep_folder_discard) struct ep_folder folder = {};
 *	FILE *file;
 *
 *	err = ep_folder_begin(&folder, "results/a", &error);
 *	err = ep_folder_create(&folder, "run.json", &file, &error);
 *	fputs("{}\n", file);
 *	err = ep_folder_close(&folder, "run.json", file, &error);
 *	err = ep_folder_publish(&folder, &error);
 */
#ifndef EP_FOLDER_H
#define EP_FOLDER_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"

/* Zeroed is an empty one. @path: the final place; @temporary: NULL once published. */
struct ep_folder {
	char *path;
	char *temporary;
};

/* The file that makes a folder a result; written last. */
#define EP_FOLDER_MARK "run.json"

/*
 * Looks whether ep_folder_begin() would succeed, without changing anything, so
 * that a user learns of a wrong folder before a long run. -EEXIST if @path is
 * there and is not an earlier result; -EACCES, -EROFS and so on.
 */
int ep_folder_check(const char *path, struct ep_error *err);

/*
 * Makes the parents and the temporary folder, and removes those that processes
 * which are no more have left in the same place.
 */
int ep_folder_begin(struct ep_folder *folder, const char *path, struct ep_error *err);

int ep_folder_create(const struct ep_folder *folder, const char *name, FILE **ret,
		     struct ep_error *err);

/* Closes @file in any case; reports what failed since ep_folder_create(). */
int ep_folder_close(const struct ep_folder *folder, const char *name, FILE *file,
		    struct ep_error *err);

/* Puts the folder in its place; an earlier result there is replaced at once. */
int ep_folder_publish(struct ep_folder *folder, struct ep_error *err);

/* Removes the temporary folder unless published; leaves *@folder empty. */
void ep_folder_discard(struct ep_folder *folder);

#endif /* EP_FOLDER_H */
