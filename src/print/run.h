/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h - what `run` and `snapshot` print on stdout */
#ifndef EP_RUN_REPORT_H
#define EP_RUN_REPORT_H

#include <stdio.h>

#include "core/result/record.h"

enum ep_report_format {
	EP_REPORT_TABLE,
	EP_REPORT_CSV,
	EP_REPORT_JSON,
};

struct json_object;

/*
 * @path: the result folder, or NULL if there is none. The table goes to stdout, or, if
 * that is a command's, to stderr. As CSV and JSON, only data goes to stdout and the
 * remarks below the table go to stderr.
 */
void ep_report_run(const struct ep_record *record, const struct ep_summary *summary,
		   enum ep_report_format format, const char *path);

/* What the series itself has taken, if it has samples. */
void ep_report_own_cpu(FILE *file, const struct ep_record_series *series);

/* Prints @json and releases it. */
void ep_report_json(struct json_object *json);

#endif /* EP_RUN_REPORT_H */
