/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source.h - a folder that a report is made from
 *
 *	struct ep_report_source source;
 *
 *	err = ep_source_open(&source, "results/a", &error);
 *	ep_source_close(&source);
 */
#ifndef EP_REPORT_SOURCE_H
#define EP_REPORT_SOURCE_H

#include "core/boot/boot.h"
#include "core/result/load.h"
#include "report/facts.h"

#define EP_REPORT_SOURCES_MAX 16

/*
 * One folder: a run (@loaded, @facts) or a boot (@loaded, @boot).
 *
 * @label: what it is called in tables: the path as given
 * @folder: where its run.json is
 * @lab: of lab.json, which the lab writes beside the result, or NULL
 */
struct ep_report_source {
	char *label;
	char *folder;
	bool is_boot;
	struct ep_loaded loaded;
	struct ep_facts facts;
	struct ep_boot boot;
	struct json_object *lab;
};

/*
 * Opens a result folder, the folder of a boot, or one that has boots in it, of which the
 * latest is taken. To be closed in any case. Returns 0 or a negative errno with a
 * message.
 */
int ep_source_open(struct ep_report_source *ret, const char *path, struct ep_error *err);
void ep_source_close(struct ep_report_source *source);

/* "VMX", "SVM" or "". */
const char *ep_source_vendor(const struct ep_report_source *source);
/* "io-heavy", "boot". Returns @ret. */
const char *ep_source_name(const struct ep_report_source *source, char ret[EP_LOAD_NAME_MAX]);
enum ep_paging ep_source_paging(const struct ep_report_source *source);
/* A text of lab.json, or "". */
const char *ep_source_lab(const struct ep_report_source *source, const char *member);
/* Whether cycles and times are an emulator's: known to the lab, or told by the processor's name. */
bool ep_source_emulated(const struct ep_report_source *source);

#endif /* EP_REPORT_SOURCE_H */
