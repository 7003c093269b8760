/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * write.h - a document as a file
 *
 * The same document gives the same bytes. Write errors stick to the FILE.
 */
#ifndef EP_REPORT_WRITE_H
#define EP_REPORT_WRITE_H

#include <stdio.h>

#include "core/base/error.h"
#include "report/document.h"

/* One file that needs no other: style and charts are in it, scripts are not. */
void ep_report_write_html(FILE *file, const struct ep_document *document);

/*
 * GitHub's Markdown. @images: the folder of the charts as the file names it, a relative
 * path such as "report-charts"; they are called CHART-N.svg by ep_report_image().
 */
void ep_report_write_markdown(FILE *file, const struct ep_document *document, const char *images);

/* The file name of the @index'th block's chart, counted from 0. For free(), NULL: no memory. */
char *ep_report_image(const struct ep_document *document, size_t index);

/* Whether PDF can be made here; else @err says what is missing. */
bool ep_report_pdf_available(struct ep_error *err);

/* The HTML printed by WeasyPrint onto @fd. Returns 0 or a negative errno with a message. */
int ep_report_write_pdf(int fd, const struct ep_document *document, struct ep_error *err);

/* The style of the HTML; chromium and WeasyPrint 57 (Debian 12) understand it. */
extern const char ep_report_style[];

#endif /* EP_REPORT_WRITE_H */
