/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h - what `run`, `exec` and `record` print */
#ifndef EP_PRINT_RUN_H
#define EP_PRINT_RUN_H

#include <stdio.h>

#include "cli/output.h"
#include "core/result/record.h"
#include "core/result/summary.h"

/*
 * @path: the result folder, or NULL if there is none. The table goes to stdout, or, if
 * that is a command's, to stderr. As CSV and JSON, only data goes to stdout and the
 * remarks below the table go to stderr.
 */
void ep_print_run(const struct ep_record *record, const struct ep_summary *summary,
		  enum ep_output_format format, const char *path);

/* What the series itself has taken, if it has samples. */
void ep_print_own_cpu(FILE *file, const struct ep_record_series *series);

#endif /* EP_PRINT_RUN_H */
