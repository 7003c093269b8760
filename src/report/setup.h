/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setup.h - what was measured, where and with what */
#ifndef EP_REPORT_SETUP_H
#define EP_REPORT_SETUP_H

#include "report/document.h"
#include "report/source.h"

/* Host, guest, workload and its options; a column for each source. */
void ep_report_setup(struct ep_document *document, const struct ep_report_source *sources,
		     size_t count);

#endif /* EP_REPORT_SETUP_H */
