/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scratch_entry.h - scratch as entries of a folder: their names, and what may become of them */
#ifndef EP_CORE_BASE_SCRATCH_ENTRY_H
#define EP_CORE_BASE_SCRATCH_ENTRY_H

#include <dirent.h>
#include <stdbool.h>

#define EP_SCRATCH_NAME_MAX 255

/* In a folder, what is worth keeping when its process was killed, and what is written last. */
#define EP_SCRATCH_WORTH    "series.csv"
#define EP_SCRATCH_COMPLETE "run.json"

#define EP_SCRATCH_MARK	   ".exitprof-"
#define EP_SCRATCH_MACHINE 8
#define EP_SCRATCH_RANDOM  8

/* What a name of scratch has beside NAME. */
#define EP_SCRATCH_EXTRA (1 + sizeof(EP_SCRATCH_MARK) - 1 + EP_SCRATCH_MACHINE + EP_SCRATCH_RANDOM)

/* This machine's part of a name: eight digits. */
const char *ep_scratch_machine(void);

/* Whether @name is one that scratch has, on whichever machine. */
bool ep_scratch_is_mark(const char *name);

/* The folder @fd, to be read from its beginning; NULL and errno if it may not be. */
DIR *ep_scratch_open_folder(int fd);

/* Whether @name in the folder @parent is what @fd is. Safe in a signal's handler. */
bool ep_scratch_is_same(int parent, const char *name, int fd);

/* Whether a series was recorded in the folder @fd. Likewise. */
bool ep_scratch_has_worth(int fd);

/*
 * Removes @name in @parent, if it is what @fd is: a file, or a folder with the files in
 * it. Likewise. Returns 0 or a negative errno.
 */
int ep_scratch_remove_at(int parent, const char *name, int fd);

/* Gives @name in @parent the name @to, which nothing has, or -EEXIST. Likewise. */
int ep_scratch_rename_at(int parent, const char *name, const char *to);

/* NAME, @middle and the random part of @name, which is one of scratch. */
void ep_scratch_kept_name(const char *name, const char *middle, char ret[EP_SCRATCH_NAME_MAX + 1]);

#endif /* EP_CORE_BASE_SCRATCH_ENTRY_H */
