/* SPDX-License-Identifier: GPL-3.0-or-later */
/* svg.h - a chart of gnuplot's within an HTML page */
#ifndef EP_REPORT_WRITE_SVG_H
#define EP_REPORT_WRITE_SVG_H

#include <stddef.h>
#include <stdio.h>

/*
 * Writes @svg without its XML declaration and its title, which browsers would show at the
 * pointer. Its symbols are put where they are used, as WeasyPrint does not know
 * currentColor in a symbol of a symbol; other names get @number in front, as all
 * pictures of a page share them. @label: for those who do not see it, as text
 */
void ep_report_write_svg(FILE *file, const char *svg, const char *label, size_t number);

#endif /* EP_REPORT_WRITE_SVG_H */
