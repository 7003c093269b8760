// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/base/cleanup.h"
#include "core/stats/comparable.h"
#include "report/paging.h"
#include "report/several.h"
#include "report/text.h"

/* A boot's work is its kernel. */
static bool same_kernel(const struct ep_report_source *a, const struct ep_report_source *b)
{
	return !a->is_boot || !strcmp(a->boot.kernel, b->boot.kernel);
}

/* Sets @remarks; returns whether paging alone may explain what differs, or -ENOMEM. */
static int may_be_paired(const struct ep_report_source *nested,
			 const struct ep_report_source *shadow, struct ep_remarks *remarks)
{
	const struct ep_loaded results[] = { nested->loaded, shadow->loaded };
	int code = ep_comparable(remarks, results, 2);

	return code ? code : !remarks->refusals && same_kernel(nested, shadow);
}

static void say_why_not(struct ep_document *document, const struct ep_report_source *nested,
			const struct ep_report_source *shadow, const struct ep_remarks *remarks)
{
	ep_document_item(document);
	ep_document_code(document, "%s", nested->label);
	ep_document_text(document, " has nested paging, ");
	ep_document_code(document, "%s", shadow->label);
	ep_document_text(document, " shadow paging, but they cannot be compared: ");
	for (size_t i = 0; i < remarks->count; i++)
		if (remarks->list[i].refuse) {
			ep_document_text(document, "%s.", remarks->list[i].text);
			return;
		}
	ep_document_text(document, "kernel of the guest: %s against %s.", nested->boot.kernel,
			 shadow->boot.kernel);
}

/*
 * The first nested and the first shadow paging of the same work. Without @document
 * silent; with it, writes why each pair of the same kind is none. Returns 1, 0 if there
 * is no pair, or -ENOMEM.
 */
static int find_pair(const struct ep_report_source *sources, size_t count,
		     const struct ep_report_source *ret[2], struct ep_document *document)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			_cleanup_(ep_comparable_finish) struct ep_remarks remarks = {};
			int code;

			if (ep_source_paging(&sources[i]) != EP_PAGING_NESTED ||
			    ep_source_paging(&sources[j]) != EP_PAGING_SHADOW ||
			    sources[i].is_boot != sources[j].is_boot)
				continue;
			code = may_be_paired(&sources[i], &sources[j], &remarks);
			if (code > 0) {
				ret[0] = &sources[i];
				ret[1] = &sources[j];
			}
			if (code)
				return code;
			if (document)
				say_why_not(document, &sources[i], &sources[j], &remarks);
		}
	return 0;
}

/* @sources have no pair. */
static int ask_for_pair(struct ep_document *document, const struct ep_report_source *sources,
			size_t count)
{
	const struct ep_report_source *none[2];

	ep_document_paragraph(document);
	ep_document_text(document, "That takes two measurements of the same work, with the same "
				   "options: one with, one without nested paging (on the host ");
	ep_document_code(document, "modprobe kvm_intel ept=0");
	ep_document_text(document, " or ");
	ep_document_code(document, "modprobe kvm_amd npt=0");
	ep_document_text(document, "; in the lab ");
	ep_document_code(document, "--shadow-paging");
	ep_document_text(document, "). Give both folders.");
	if (find_pair(sources, count, none, document) < 0)
		return -ENOMEM;
	ep_document_blank(document, "what changes, and why.");
	return 0;
}

/* Of runs what one operation costs, if both count them; else per second; of boots all. */
static double exits_for_pair(const struct ep_report_source *source, bool operations)
{
	if (source->is_boot)
		return ep_boot_total(&source->boot).exits;
	return operations ? source->facts.per_operation.median
			  : source->facts.exits_per_second.median;
}

int ep_report_paging(struct ep_document *document, const struct ep_report_source *sources,
		     size_t count, struct ep_error *err)
{
	const struct ep_report_source *pair[2];
	char nested_text[EP_VALUE_TEXT_MAX], shadow_text[EP_VALUE_TEXT_MAX];
	char ratio_text[EP_VALUE_TEXT_MAX];
	double nested, shadow;
	bool operations;
	int code;

	ep_document_heading(document, 3, "What changes between nested and shadow paging?");
	code = find_pair(sources, count, pair, NULL);
	if (code <= 0)
		return code ? code : ask_for_pair(document, sources, count);
	operations = pair[0]->facts.operations.count && pair[1]->facts.operations.count;
	nested = exits_for_pair(pair[0], operations);
	shadow = exits_for_pair(pair[1], operations);
	ep_document_paragraph(document);
	ep_document_text(document, "With nested paging (");
	ep_document_code(document, "%s", pair[0]->label);
	ep_document_text(document, ") there were %s exits%s, with shadow paging (",
			 ep_text_figure(nested, nested_text),
			 pair[0]->is_boot ? ""
			 : operations	  ? " per operation"
					  : " per second");
	ep_document_code(document, "%s", pair[1]->label);
	ep_document_text(document, ") %s", ep_text_figure(shadow, shadow_text));
	if (nested > 0)
		ep_document_text(document, ": %s times as many",
				 ep_text_figure(shadow / nested, ratio_text));
	ep_document_text(document,
			 ". With shadow paging the host keeps page tables of its own for the "
			 "guest, and must see the guest's page faults and changes of its "
			 "tables; with nested paging the processor walks both, and only "
			 "memory that the host has not mapped is an exit.");
	{
		const struct ep_report_source both[] = { *pair[0], *pair[1] };

		code = ep_report_side_by_side(document, both, 2, err);
	}
	ep_document_blank(document,
			  "is that what you expected? What did you learn from the difference?");
	return code;
}
