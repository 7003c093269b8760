/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary.h - tables of a run or a snapshot: by reason, by detail, by vCPU, and how long exits took
 */
#ifndef EP_PRINT_SUMMARY_H
#define EP_PRINT_SUMMARY_H

#include <stdio.h>

#include "core/result/record.h"
#include "core/result/summary.h"

/*
 * The reasons of @summary with a total; @rates: with exits per second. Those that
 * most repeats did not have are left out.
 */
void ep_print_summary(FILE *file, const struct ep_summary *summary, bool rates);

/*
 * What most of the exits of each reason were about, in the order of @summary; a
 * reason's first few only.
 */
void ep_print_details(FILE *file, const struct ep_summary *summary,
		      const struct ep_details *details, const struct ep_host *host);

/* How long one exit of each took, where the summary has that. */
void ep_print_times(FILE *file, const struct ep_summary *summary);

/* Each vCPU of @record, which has them: totals, and which reasons most of them were. */
void ep_print_vcpus(FILE *file, const struct ep_record *record);

#endif /* EP_PRINT_SUMMARY_H */
