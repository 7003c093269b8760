/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result_files.h - a small result folder, as a whole or with something wrong in it
 *
 *	struct result_files files;
 *
 *	result_files_init(&files);
 *	result_files_write(&files, "runs.csv", "repeat\n");
 *	...
 *	result_files_finish(&files);
 */
#ifndef EP_TEST_RESULT_FILES_H
#define EP_TEST_RESULT_FILES_H

#include <stddef.h>

struct result_files {
	char path[sizeof("/tmp/exitprof-XXXXXX")];
};

/* Two repeats of a workload on SVM: hlt and io. */
extern const char result_files_run[], result_files_runs[], result_files_exits[];

/* A folder with these three. */
void result_files_init(struct result_files *files);

/* Replaces the file @name. */
void result_files_write(const struct result_files *files, const char *name, const char *text);
void result_files_write_bytes(const struct result_files *files, const char *name, const void *data,
			      size_t length);
void result_files_finish(struct result_files *files);

#endif /* EP_TEST_RESULT_FILES_H */
