/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch.h - what has a name of its own until it is complete
 *
 * A file or folder .NAME.exitprof-XXXXXX in the folder where NAME is, or is to be, made
 * so that nobody can have put anything there before, and locked (flock(2)) as long as it
 * is somebody's. Three ways lead to its end: ep_scratch_rename() and ep_scratch_keep(),
 * ep_scratch_remove(), or a signal that ends the process, which removes it.
 *
 * Only kill -9 leaves one. Who makes the next one in the same folder removes those of the
 * same user that nobody holds a lock on. That lock is the kernel's, so PID namespaces do
 * not matter to it; where locks of other machines are not seen (9p, virtiofs, NFS ...)
 * all are taken for somebody's. A folder in which a series was recorded is never removed
 * but renamed to NAME.partial-XXXXXX, to be seen.
 *
 *	_cleanup_(ep_scratch_remove) struct ep_scratch scratch = {};
 *
 *	code = ep_scratch_file(&scratch, "results/a.csv");
 *	dprintf(scratch.fd, "a,b\n");
 *	code = ep_scratch_rename(&scratch, "a.csv", 0);
 *	ep_scratch_keep(&scratch);
 *
 * For one thread of the process. At most EP_SCRATCH_MAX at a time.
 */
#ifndef EP_SCRATCH_H
#define EP_SCRATCH_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define EP_SCRATCH_MAX	    8
#define EP_SCRATCH_NAME_MAX 255

/* In a folder, the file that is worth keeping when its process was killed. */
#define EP_SCRATCH_WORTH "series.csv"

/*
 * Zeroed is none.
 *
 * @path: of it, by the place's folder; NULL if there is none
 * @name: the last part of @path
 * @parent: descriptor of the folder that it is in
 * @fd: its own, open for reading and writing, or for reading if it is a folder
 * @slot: where a signal finds it
 */
struct ep_scratch {
	char *path;
	const char *name;
	int parent;
	int fd;
	int slot;
};

/*
 * Makes one for @place, a path, after those that nobody owns any more have been removed.
 * Returns 0 or a negative errno; *@ret is left alone then. What others may do with it is
 * said by the umask, with a folder also by @mode.
 */
int ep_scratch_file(struct ep_scratch *ret, const char *place);
int ep_scratch_folder(struct ep_scratch *ret, const char *place, mode_t mode);

/*
 * Gives it the name @name in the folder that it is in; @flags as of renameat2(2). With
 * RENAME_EXCHANGE what had that name becomes the scratch. Returns 0 or a negative errno.
 */
int ep_scratch_rename(struct ep_scratch *scratch, const char *name, unsigned int flags);

/* It is scratch no more: releases what belongs to the process alone. */
void ep_scratch_keep(struct ep_scratch *scratch);

/*
 * Instead of ep_scratch_remove(), for a folder in which something may have been recorded.
 * The path of what was kept, for free(); or NULL, and nothing has changed.
 */
char *ep_scratch_keep_recorded(struct ep_scratch *scratch);

/* Removes it, with the files in it; nothing if there is none. Leaves it zeroed. */
void ep_scratch_remove(struct ep_scratch *scratch);

/*
 * Closes @file after all of it has reached the disk. Returns 0 or a negative errno, also
 * of a write that failed long ago.
 */
int ep_scratch_close(FILE *file);

/*
 * A child in a process group of its own, which writes into scratch: a signal that ends
 * this process kills it first. 0: there is none.
 */
void ep_scratch_child(pid_t pid);

/*
 * Removes all that this process has, and kills its child. For a handler of a signal
 * after which the process ends.
 */
void ep_scratch_abandon(void);

#endif /* EP_SCRATCH_H */
