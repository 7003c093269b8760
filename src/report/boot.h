/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot.h - the parts of a report that are about one boot */
#ifndef EP_REPORT_BOOT_H
#define EP_REPORT_BOOT_H

#include "core/boot/boot.h"
#include "report/document.h"
#include "report/text.h"

/* For free(), *@ret_count of them. NULL: no memory. */
struct ep_report_share *ep_report_boot_shares(const struct ep_boot *boot, size_t *ret_count);
void ep_report_boot_facts(struct ep_document *document, const struct ep_boot *boot);
/* The answers to what one asks of a boot, each a list item: how many exits, was it stable. */
void ep_report_boot_total(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_stability(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_findings(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_phases(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_reasons(struct ep_document *document, const struct ep_boot *boot);
void ep_report_boot_method(struct ep_document *document, const struct ep_boot *boot);

#endif /* EP_REPORT_BOOT_H */
