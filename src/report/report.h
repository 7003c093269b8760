/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report.h - from result folders to a document
 *
 *	struct ep_report_source source;
 *
 *	err = ep_source_open(&source, "results/a", &error);
 *	ep_report_build(&document, &settings, &source, 1, &error);
 *	ep_source_close(&source);
 */
#ifndef EP_REPORT_H
#define EP_REPORT_H

#include "core/boot/boot.h"
#include "core/result/load.h"
#include "report/document.h"
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

/* What a chart goes with: how many exits there were, or how long they took. */
enum ep_report_part {
	EP_PART_COUNTS,
	EP_PART_TIMES,
};

/*
 * @title: the user's, or NULL
 * @ending: of the file, "html", "md" or "pdf"; NULL is "html"
 * @draw: adds the figures of a source, or NULL: there are to be none
 */
struct ep_report_settings {
	const char *title;
	const char *ending;
	bool course;
	int (*draw)(struct ep_document *document, const struct ep_report_source *source,
		    enum ep_report_part part, struct ep_error *err);
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

/* The whole document. Returns 0 or a negative errno with a message. */
int ep_report_build(struct ep_document *document, const struct ep_report_settings *settings,
		    const struct ep_report_source *sources, size_t count, struct ep_error *err);

#endif /* EP_REPORT_H */
