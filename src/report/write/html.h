/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * html.h - a document as one HTML file
 *
 * The same document gives the same bytes. Write errors stick to the FILE.
 */
#ifndef EP_REPORT_WRITE_HTML_H
#define EP_REPORT_WRITE_HTML_H

#include <stdio.h>

#include "report/document.h"

/* One file that needs no other: style and charts are in it, scripts are not. */
void ep_report_write_html(FILE *file, const struct ep_document *document);

#endif /* EP_REPORT_WRITE_HTML_H */
