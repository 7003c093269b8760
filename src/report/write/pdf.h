/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf.h - a document as PDF */
#ifndef EP_REPORT_WRITE_PDF_H
#define EP_REPORT_WRITE_PDF_H

#include <stdbool.h>

#include "core/base/error.h"
#include "report/document.h"

/* Whether PDF can be made here; else @err says what is missing. */
bool ep_report_pdf_available(struct ep_error *err);

/* The HTML printed by WeasyPrint onto @fd. Returns 0 or a negative errno with a message. */
int ep_report_write_pdf(int fd, const struct ep_document *document, struct ep_error *err);

#endif /* EP_REPORT_WRITE_PDF_H */
