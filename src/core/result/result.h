/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result.h - a run as files: exits.csv, runs.csv, summary.csv, histogram.csv,
 * details.csv and run.json; series.csv is series_csv.h's
 *
 * doc/csv.md describes every column and member.
 */
#ifndef EP_RESULT_H
#define EP_RESULT_H

#include "core/base/folder.h"
#include "core/result/record.h"

/* Raised when a column or a member changes its meaning. */
#define EP_RESULT_FORMAT 1

/* The workload's name in results of 'exitprof snapshot -o'. */
#define EP_RESULT_LIFE "life-of-vm"

struct json_object;

/*
 * Writes these files, histogram.csv and details.csv where the record has such, into
 * @folder, which the caller has begun and publishes. Returns 0 or a negative errno; @folder is to
 * be discarded then.
 */
int ep_result_write(const struct ep_folder *folder, const struct ep_record *record,
		    const struct ep_summary *summary, struct ep_error *err);

void ep_result_write_exits(FILE *file, const struct ep_record *record);
void ep_result_write_runs(FILE *file, const struct ep_record *record);
void ep_result_write_summary(FILE *file, const struct ep_summary *summary);
void ep_result_write_histogram(FILE *file, const struct ep_record *record);
void ep_result_write_details(FILE *file, const struct ep_record *record);

/* The content of run.json. Owned by the caller, for json_object_put(). NULL: no memory. */
struct json_object *ep_result_json(const struct ep_record *record);

/* The rows of @summary as an array of objects with the columns of summary.csv. */
struct json_object *ep_result_json_summary(const struct ep_summary *summary);

/* The medians of @record's details as an array of objects, NULL if it has none. */
struct json_object *ep_result_json_details(const struct ep_record *record);

/* Of each vCPU scope, totals and summary, as an array; NULL if @record has none. */
struct json_object *ep_result_json_vcpus(const struct ep_record *record);

/* The host as in run.json. */
struct json_object *ep_result_json_host(const struct ep_host *host);

/* As one line of a chart: what ran, how long, on what. Of a parsed run.json. */
int ep_result_title(char **ret, struct json_object *run);

#endif /* EP_RESULT_H */
