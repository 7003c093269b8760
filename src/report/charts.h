/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charts.h - the charts of a report, drawn anew by gnuplot */
#ifndef EP_REPORT_CHARTS_H
#define EP_REPORT_CHARTS_H

#include "report/settings.h"

/*
 * For ep_report_settings.draw: every chart of that part that the source has data for. Nothing is
 * written into its folder. Returns 0 or a negative errno with a message.
 */
int ep_report_draw(struct ep_document *document, const struct ep_report_source *source,
		   enum ep_report_part part, struct ep_error *err);

/* Draws the source's charts where settings say so. Returns 0 or a negative errno with a message. */
int ep_report_charts(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *source, enum ep_report_part part,
		     struct ep_error *err);

#endif /* EP_REPORT_CHARTS_H */
