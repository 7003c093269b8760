/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h - the parts of a report that are about one run */
#ifndef EP_REPORT_RUN_H
#define EP_REPORT_RUN_H

#include "report/document.h"
#include "report/source.h"
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

/* How it was measured, and what the words mean. */
void ep_run_method(struct ep_document *document, const struct ep_report_source *source);

#endif /* EP_REPORT_RUN_H */
