/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.h - a run as run.json, which doc/csv.md describes, and as what --json prints beside it */
#ifndef EP_CORE_RESULT_JSON_H
#define EP_CORE_RESULT_JSON_H

#include "core/result/summary.h"

/* Raised when a column or a member changes its meaning. */
#define EP_RESULT_FORMAT 1

/* The workload's name in results of 'exitprof snapshot -o'. */
#define EP_RESULT_LIFE "life-of-vm"

struct json_object;

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

#endif /* EP_CORE_RESULT_JSON_H */
