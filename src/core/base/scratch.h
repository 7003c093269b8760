/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch.h - what has a name of its own until it is complete
 *
 * A file or folder .NAME.exitprof-MMMMMMMMRRRRRRRR in the folder where NAME is, or is to be:
 * M stands for this machine, R is random, both are hexadecimal. It is made so that nobody can
 * have put anything there before, and locked (flock(2)) as long as it is somebody's. Three
 * ways lead to its end: ep_scratch_rename(), ep_scratch_remove(), or a signal that ends the
 * process, which removes it.
 *
 * Only kill -9 and a crash leave one. Who makes the next one in the same folder removes those
 * of the same machine and user that nobody holds a lock on. That lock is the kernel's, so
 * PID namespaces do not matter to it; on file systems where another machine's locks are not
 * seen (9p, virtiofs, NFS ...) all are taken for somebody's. A folder in which a series was
 * recorded, or which is complete, is never swept but renamed to NAME.partial-RRRRRRRR, to be
 * seen.
 *
 *	_cleanup_(ep_scratch_remove) struct ep_scratch scratch = {};
 *
 *	code = ep_scratch_file(&scratch, "results/a.csv");
 *	file = ep_stream_open(scratch.fd);
 *	fputs("a,b\n", file);
 *	code = ep_stream_close(file);
 *	code = ep_scratch_rename(&scratch, "a.csv");
 *
 * For one thread of the process. At most EP_SCRATCH_MAX at a time.
 */
#ifndef EP_CORE_BASE_SCRATCH_H
#define EP_CORE_BASE_SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>

#define EP_SCRATCH_MAX 8

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
 * It is complete, and gets the name @name in the folder that it is in: the file of that
 * name is replaced. Returns 0, and *@scratch is none, or a negative errno.
 */
int ep_scratch_rename(struct ep_scratch *scratch, const char *name);

/* Likewise, but -EEXIST if there is anything of that name. */
int ep_scratch_rename_new(struct ep_scratch *scratch, const char *name);

/*
 * It gets the name @name, and what had that name, which @fd is a descriptor of, becomes
 * the scratch. Returns 0, -EEXIST if @name is not what @fd is, or another negative errno.
 * @fd remains the caller's.
 */
int ep_scratch_exchange(struct ep_scratch *scratch, const char *name, int fd);

/*
 * Instead of ep_scratch_remove(), for what is worth more: it gets the name NAME@middleRRRRRRRR,
 * such as ".partial-". The path, for free(), or NULL: it is where it was, and has that name
 * already where nothing else is possible. Either way *@scratch is none.
 */
char *ep_scratch_keep_as(struct ep_scratch *scratch, const char *middle);

/* Whether a series was recorded in it, or it is complete. */
bool ep_scratch_is_worth(const struct ep_scratch *scratch);

/* Removes it, with the files in it; nothing if there is none. Leaves it zeroed. */
void ep_scratch_remove(struct ep_scratch *scratch);

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

#endif /* EP_CORE_BASE_SCRATCH_H */
