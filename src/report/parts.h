/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parts.h - the parts that a report is put together from, each for one source */
#ifndef EP_REPORT_PARTS_H
#define EP_REPORT_PARTS_H

#include "report/report.h"
#include "report/text.h"

/* For free(), @facts->count of them. NULL: no memory. */
struct ep_report_share *ep_run_shares(const struct ep_facts *facts);

/* Figures that one looks for first. */
void ep_run_facts(struct ep_document *document, const struct ep_report_source *source);
/* What the numbers say, in words. */
void ep_run_findings(struct ep_document *document, const struct ep_report_source *source);
/* A sentence on whether the rate was stable, and by what that is judged. */
void ep_run_stability(struct ep_document *document, const struct ep_report_source *source);
/* Exits by reason. */
void ep_run_reasons(struct ep_document *document, const struct ep_report_source *source);
/* How long exits took, and what they were about, where that is known. */
void ep_run_times(struct ep_document *document, const struct ep_report_source *source);
void ep_run_details(struct ep_document *document, const struct ep_report_source *source);
/* Medians, ranges, intervals. */
void ep_run_repeats(struct ep_document *document, const struct ep_report_source *source);
/* Host, guest, workload and its options; a column for each source. */
void ep_report_setup(struct ep_document *document, const struct ep_report_source *sources,
		     size_t count);
void ep_run_method(struct ep_document *document, const struct ep_report_source *source);
/*
 * The commands that measure it again and make this report. RESULT, RESULT-1 and REPORT stand for
 * names of the reader's; all else is as it was called.
 */
void ep_report_reproduce(struct ep_document *document, const struct ep_report_settings *settings,
			 const struct ep_report_source *sources, size_t count);

/* Of a boot likewise, *@ret_count of them. For free(). */
struct ep_report_share *ep_report_boot_shares(const struct ep_boot *boot, size_t *ret_count);
void ep_report_boot_facts(struct ep_document *document, const struct ep_boot *boot);
/* The answers to what one asks of a boot, each a list item: how many exits, was it stable. */
void ep_report_boot_total(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_stability(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_findings(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_phases(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_reasons(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_method(struct ep_document *document, const struct ep_boot *boot);

/* Draws the source's charts where settings say so. Returns 0 or a negative errno with a message. */
int ep_report_charts(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *source, enum ep_report_part part,
		     struct ep_error *err);

/* The first run against each other run of the same kind, and boots beside each other. */
int ep_report_side_by_side(struct ep_document *document, const struct ep_report_source *sources,
			   size_t count, struct ep_error *err);

/*
 * What changes between nested and shadow paging, of the first two sources of the same work:
 * workload or command, options, operation, host and guest; of boots, the same kernel. Without
 * such two, says what is missing, and of those that have different paging why they are not
 * compared. Returns 0 or a negative errno with a message.
 */
int ep_report_paging(struct ep_document *document, const struct ep_report_source *sources,
		     size_t count, struct ep_error *err);

/* As a course on virtualization asks for it. */
int ep_report_course(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *sources, size_t count, struct ep_error *err);

#endif /* EP_REPORT_PARTS_H */
