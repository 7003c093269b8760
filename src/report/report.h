/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report.h - from result folders to a document
 *
 *	struct ep_report_source source;
 *
 *	err = ep_source_open(&source, "results/a", &error);
 *	ep_report_build(&document, &settings, &source, 1, &error);
 *	ep_source_close(&source);
 */
#ifndef EP_REPORT_REPORT_H
#define EP_REPORT_REPORT_H

#include "report/document.h"
#include "report/settings.h"
#include "report/source.h"

/* The whole document. Returns 0 or a negative errno with a message. */
int ep_report_build(struct ep_document *document, const struct ep_report_settings *settings,
		    const struct ep_report_source *sources, size_t count, struct ep_error *err);

#endif /* EP_REPORT_REPORT_H */
