/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program.h - whether another program is there, and running it to its end
 *
 *	int code = ep_program_run((char *[]){ "gnuplot", "-c", script, NULL }, -1, -1);
 */
#ifndef EP_CORE_BASE_PROGRAM_H
#define EP_CORE_BASE_PROGRAM_H

#include <stdbool.h>

/*
 * Looks for @argv[0] in PATH. @in: what becomes its standard input, or -1 for nothing to
 * read; @out: its standard output, or -1 for that of this process. It is in a process group
 * of its own, and is killed by a signal that ends this process (scratch.h). Returns 0, -EIO if the
 * program failed, or why it did not run.
 */
int ep_program_run(char *const *argv, int in, int out);

/* Whether the program @name is in PATH. */
bool ep_program_exists(const char *name);

#endif /* EP_CORE_BASE_PROGRAM_H */
