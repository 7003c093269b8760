/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style.h - the style of the HTML */
#ifndef EP_REPORT_WRITE_STYLE_H
#define EP_REPORT_WRITE_STYLE_H

/* The style of the HTML; chromium and WeasyPrint 57 (Debian 12) understand it. */
extern const char ep_report_style[];

#endif /* EP_REPORT_WRITE_STYLE_H */
