/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reproduce.h - how to get the same report again */
#ifndef EP_REPORT_REPRODUCE_H
#define EP_REPORT_REPRODUCE_H

#include "report/document.h"
#include "report/settings.h"
#include "report/source.h"

/*
 * The commands that measure it again and make this report. RESULT, RESULT-1 and REPORT stand for
 * names of the reader's; all else is as it was called.
 */
void ep_report_reproduce(struct ep_document *document, const struct ep_report_settings *settings,
			 const struct ep_report_source *sources, size_t count);

#endif /* EP_REPORT_REPRODUCE_H */
