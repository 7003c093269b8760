/* SPDX-License-Identifier: GPL-3.0-or-later */
/* paging.h - nested against shadow paging */
#ifndef EP_REPORT_PAGING_H
#define EP_REPORT_PAGING_H

#include "report/document.h"
#include "report/source.h"

/*
 * What changes between nested and shadow paging, of the first two sources of the same work:
 * workload or command, options, operation, host and guest; of boots, the same kernel. Without
 * such two, says what is missing, and of those that have different paging why they are not
 * compared. Returns 0 or a negative errno with a message.
 */
int ep_report_paging(struct ep_document *document, const struct ep_report_source *sources,
		     size_t count, struct ep_error *err);

#endif /* EP_REPORT_PAGING_H */
