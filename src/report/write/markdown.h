/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * markdown.h - a document as Markdown
 *
 * The same document gives the same bytes. Write errors stick to the FILE.
 */
#ifndef EP_REPORT_WRITE_MARKDOWN_H
#define EP_REPORT_WRITE_MARKDOWN_H

#include <stdio.h>

#include "report/document.h"

/*
 * GitHub's Markdown. @images: the folder of the charts as the file names it, a relative
 * path such as "report-charts"; they are called CHART-N.svg by ep_report_image().
 */
void ep_report_write_markdown(FILE *file, const struct ep_document *document, const char *images);

/* The file name of the @index'th block's chart, counted from 0. For free(), NULL: no memory. */
char *ep_report_image(const struct ep_document *document, size_t index);

#endif /* EP_REPORT_WRITE_MARKDOWN_H */
