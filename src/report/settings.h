/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings.h - what a report is to be like */
#ifndef EP_REPORT_SETTINGS_H
#define EP_REPORT_SETTINGS_H

#include "report/document.h"
#include "report/source.h"

/* What a chart goes with: how many exits there were, or how long they took. */
enum ep_report_part {
	EP_PART_COUNTS,
	EP_PART_TIMES,
};

/*
 * @title: the user's, or NULL
 * @ending: of the file, "html", "md" or "pdf"; NULL is "html"
 * @draw: adds the figures of a source, or NULL: there are to be none
 */
struct ep_report_settings {
	const char *title;
	const char *ending;
	bool course;
	int (*draw)(struct ep_document *document, const struct ep_report_source *source,
		    enum ep_report_part part, struct ep_error *err);
};

#endif /* EP_REPORT_SETTINGS_H */
