/* SPDX-License-Identifier: GPL-3.0-or-later */
/* course.h - a report as a course asks for it */
#ifndef EP_REPORT_COURSE_H
#define EP_REPORT_COURSE_H

#include "report/document.h"
#include "report/settings.h"
#include "report/source.h"

/* As a course on virtualization asks for it. */
int ep_report_course(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *sources, size_t count, struct ep_error *err);

#endif /* EP_REPORT_COURSE_H */
