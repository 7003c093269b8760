/* SPDX-License-Identifier: GPL-3.0-or-later */
/* several.h - runs and boots beside each other */
#ifndef EP_REPORT_SEVERAL_H
#define EP_REPORT_SEVERAL_H

#include "report/document.h"
#include "report/source.h"

/* The first run against each other run of the same kind, and boots beside each other. */
int ep_report_side_by_side(struct ep_document *document, const struct ep_report_source *sources,
			   size_t count, struct ep_error *err);

#endif /* EP_REPORT_SEVERAL_H */
