/* SPDX-License-Identifier: GPL-3.0-or-later */
/* escape.h - texts that may hold what is markup in HTML */
#ifndef EP_REPORT_WRITE_ESCAPE_H
#define EP_REPORT_WRITE_ESCAPE_H

#include <stdio.h>

/* @text as HTML, also within an attribute's double quotes. */
void ep_report_escape(FILE *file, const char *text);

#endif /* EP_REPORT_WRITE_ESCAPE_H */
