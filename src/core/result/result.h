/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result.h - a run as files: exits.csv, runs.csv, summary.csv, histogram.csv,
 * details.csv and run.json; series.csv is series_csv.h's
 *
 * doc/csv.md describes every column and member.
 */
#ifndef EP_CORE_RESULT_RESULT_H
#define EP_CORE_RESULT_RESULT_H

#include "core/base/folder.h"
#include "core/result/record.h"
#include "core/result/summary.h"

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

#endif /* EP_CORE_RESULT_RESULT_H */
