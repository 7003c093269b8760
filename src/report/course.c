// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "report/boot.h"
#include "report/charts.h"
#include "report/course.h"
#include "report/paging.h"
#include "report/reproduce.h"
#include "report/run.h"
#include "report/setup.h"
#include "report/text.h"

#define REASONS_SAMPLED 5

/* Which leaf answers what, by the host's dialect: doc/dialects.md. */
struct leaves {
	const char *dialect;
	const char *total_exits;
	const char *total_cycles;
	const char *exits;
	const char *cycles;
};

static const struct leaves dialects[] = {
	{ "combined", "0x4fffffff", "0x4fffffff", "0x4ffffffe", NULL },
	{ "reversed", "0x4ffffffc", "0x4ffffffd", "0x4ffffffe", "0x4fffffff" },
	/* This one is what exitprof's own host speaks, and older results do not tell. */
	{ "classic", "0x4fffffff", "0x4ffffffe", "0x4ffffffd", "0x4ffffffc" },
};

static const struct leaves *leaves_of(const struct ep_report_source *source)
{
	const char *dialect = ep_load_text(&source->loaded, "host", "dialect");

	for (size_t i = 0; i < ARRAY_SIZE(dialects); i++)
		if (!strcmp(dialects[i].dialect, dialect))
			return &dialects[i];
	return &dialects[ARRAY_SIZE(dialects) - 1];
}

static void write_steps(struct ep_document *document, const struct ep_report_source *sources,
			size_t count)
{
	static const struct {
		const char *before;
		const char *code;
		const char *after;
	} steps[] = {
		{ "Change KVM's exit path (", "vcpu_enter_guest()",
		  ", common to Intel and AMD) to count each exit under its reason, and the TSC "
		  "cycles from the exit until it has been handled, in counters of each vCPU." },
		{ "Change KVM's answer to CPUID (", "kvm_cpuid()",
		  ") to give these counters, summed over the vCPUs, in the leaves 0x4ffffffc to "
		  "0x4fffffff; a reason that the manual does not define gives EDX = 0xffffffff, "
		  "one that KVM does not handle gives 0 in all four registers." },
		{ "Build only the modules ", "kvm, kvm-intel and kvm-amd",
		  ", against the distribution's kernel, and load them." },
		{ "In a guest, run ", "exitprof verify",
		  ", which tries the leaves: every register, undefined reasons, all vCPUs, lost "
		  "updates, cycles against the clock." },
		{ "Measure; the commands of this report are at its ", "end", "." },
	};

	ep_document_heading(document, 2, "Steps");
	ep_document_paragraph(document);
	ep_document_text(document, "These are the steps with exitprof's own patch of KVM; its "
				   "exitprof-lab takes them all. Change them to what you did.");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		ep_document_step(document);
		ep_document_text(document, "%s", steps[i].before);
		if (strcmp(steps[i].code, "end"))
			ep_document_code(document, "%s", steps[i].code);
		else
			ep_document_text(document, "%s", steps[i].code);
		ep_document_text(document, "%s", steps[i].after);
	}
	ep_document_blank(document,
			  "what you did yourself, for a reader who develops software but "
			  "does not know the assignment: the code you changed and why, how "
			  "you built and loaded it, what went wrong.");
	ep_document_heading(document, 3, "Set-up");
	ep_report_setup(document, sources, count);
}

static void add_leaf(struct ep_document *document, const char *leaf, const char *ecx,
		     const char *what, double value)
{
	uint64_t whole = value < 0 ? 0 : value < 0x1p64 ? value : UINT64_MAX;
	char text[EP_VALUE_TEXT_MAX], halves[32] = "-";

	if (!leaf)
		return;
	if (value >= 0)
		snprintf(halves, sizeof(halves), "0x%08" PRIx64 " : 0x%08" PRIx64, whole >> 32,
			 whole & UINT32_MAX);
	ep_document_row(document, leaf, ecx, what, ep_text_known(value >= 0, value, text), halves);
}

static uint32_t number_of(const char *name, const char *vendor)
{
	const struct ep_reasons *known =
		ep_reasons_of(strcmp(vendor, "VMX") ? EP_VENDOR_SVM : EP_VENDOR_VMX);

	for (size_t i = 0; i < known->count; i++)
		if (!strcmp(known->list[i].name, name))
			return known->list[i].number;
	return UINT32_MAX;
}

/* A row for each of the first few reasons, and the totals; cycles below 0 are not known. */
struct sampled {
	const char *name;
	double exits;
	double cycles;
};

/* What the leaves told in the first repeat, or in the boot. Returns how many reasons. */
static size_t sample(const struct ep_report_source *source, struct sampled ret[REASONS_SAMPLED],
		     struct sampled *ret_total)
{
	const struct ep_loaded *loaded = &source->loaded;
	size_t count = source->facts.count;

	*ret_total = (struct sampled){};
	if (source->is_boot) {
		_cleanup_free_ struct ep_report_share *shares =
			ep_report_boot_shares(&source->boot, &count);

		ret_total->exits = ep_boot_total(&source->boot).exits;
		for (size_t i = 0; shares && i < count; i++) {
			ret_total->cycles += shares[i].cycles;
			if (i < REASONS_SAMPLED)
				ret[i] = (struct sampled){ shares[i].name, shares[i].exits,
							   shares[i].cycles };
		}
		return !shares ? 0 : count < REASONS_SAMPLED ? count : REASONS_SAMPLED;
	}
	ret_total->exits = loaded->repeats[0].all.exits;
	ret_total->cycles =
		loaded->repeats[0].all.has_cycles ? loaded->repeats[0].all.cycles : -1.0;
	for (size_t i = 0; i < count && i < REASONS_SAMPLED; i++) {
		struct ep_loaded_figure figure =
			ep_load_find(loaded, source->facts.reasons[i].reason, 0);

		ret[i] = (struct sampled){ source->facts.reasons[i].name, figure.exits,
					   figure.has_cycles ? figure.cycles : -1.0 };
	}
	return count < REASONS_SAMPLED ? count : REASONS_SAMPLED;
}

static void write_leaves_of(struct ep_document *document, const struct ep_report_source *source)
{
	static const struct ep_report_column columns[] = {
		{ "Leaf (EAX)", EP_COLUMN_CODE },
		{ "ECX", EP_COLUMN_TEXT },
		{ "Answer", EP_COLUMN_TEXT },
		{ "Value", EP_COLUMN_NUMBER },
		{ "High : low 32 bits", EP_COLUMN_CODE },
		{},
	};
	const struct leaves *leaves = leaves_of(source);
	struct sampled reasons[REASONS_SAMPLED], total;
	size_t count = sample(source, reasons, &total);
	char caption[256];

	snprintf(caption, sizeof(caption), "%.120s: %s", source->label,
		 source->is_boot ? "what was counted in the boot"
				 : "differences of two readings, in the first repeat");
	ep_document_table(document, caption, columns);
	add_leaf(document, leaves->total_exits, "–", "all exits", total.exits);
	add_leaf(document, leaves->total_cycles, "–", "cycles of all exits", total.cycles);
	for (size_t i = 0; i < count; i++) {
		char ecx[16], what[EP_LOAD_NAME_MAX + 16];

		snprintf(ecx, sizeof(ecx), "%#" PRIx32,
			 number_of(reasons[i].name, ep_source_vendor(source)));
		snprintf(what, sizeof(what), "exits: %s", reasons[i].name);
		add_leaf(document, leaves->exits, ecx, what, reasons[i].exits);
		snprintf(what, sizeof(what), "cycles: %s", reasons[i].name);
		add_leaf(document, leaves->cycles, ecx, what, reasons[i].cycles);
	}
}

static void write_leaves(struct ep_document *document, const struct ep_report_source *sources,
			 size_t count)
{
	ep_document_heading(document, 2, "Sample output of the leaves");
	ep_document_paragraph(document);
	ep_document_text(document,
			 "What the leaves told in these measurements, without the exits that "
			 "reading them costs. Exits are in EAX (and their high half in EBX, "
			 "where a host gives it), cycles in EBX (high) and ECX (low).");
	for (size_t i = 0; i < count; i++)
		write_leaves_of(document, &sources[i]);
	ep_document_paragraph(document);
	ep_document_text(document, "A single leaf, read by another program, in the guest:");
	ep_document_listing(document, "cpuid -1 -i -r -l 0x4fffffff\n"
				      "cpuid -1 -i -r -l 0x4ffffffd -s REASON\n");
	ep_document_blank(document, "the output of such a reading, or of your own test program.");
}

static void write_stability(struct ep_document *document, const struct ep_report_source *sources,
			    size_t count)
{
	ep_document_heading(document, 3,
			    "Does the number of exits grow at a stable rate, or do "
			    "certain operations cause more?");
	for (size_t i = 0; i < count; i++) {
		if (count > 1) {
			ep_document_paragraph(document);
			ep_document_code(document, "%s", sources[i].label);
			ep_document_text(document, ":");
		}
		if (sources[i].is_boot) {
			ep_report_boot_stability(document, &sources[i].boot);
			ep_report_boot_phases(document, &sources[i].boot);
		} else {
			ep_run_stability(document, &sources[i]);
		}
	}
	ep_document_blank(document,
			  "your comment: which operations of the guest cause more exits, and "
			  "why?");
}

static void write_boot_size(struct ep_document *document, const struct ep_report_source *sources,
			    size_t count)
{
	bool any = false;

	ep_document_heading(document, 3, "How many exits is a full boot?");
	for (size_t i = 0; i < count; i++) {
		if (!sources[i].is_boot)
			continue;
		any = true;
		ep_report_boot_total(document, &sources[i].boot);
	}
	if (any)
		return;
	ep_document_paragraph(document);
	ep_document_text(document, "None of these measurements is a boot. ");
	ep_document_code(document, "exitprof-lab boot");
	ep_document_text(document, " or ");
	ep_document_code(document, "exitprof-boot.service");
	ep_document_text(document, " in the guest records one; give its folder to ");
	ep_document_code(document, "exitprof report --course");
	ep_document_text(document, ", too.");
	ep_document_blank(document, "how many exits a boot of your guest took, and how you know.");
}

static int write_reasons(struct ep_document *document, const struct ep_report_settings *settings,
			 const struct ep_report_source *sources, size_t count, struct ep_error *err)
{
	int code = 0;

	ep_document_heading(document, 3,
			    "Which exit types are the most frequent, and which the least?");
	for (size_t i = 0; i < count && !code; i++) {
		size_t share_count = sources[i].facts.count;
		_cleanup_free_ struct ep_report_share *shares =
			sources[i].is_boot ? ep_report_boot_shares(&sources[i].boot, &share_count)
					   : ep_run_shares(&sources[i].facts);

		if (!shares)
			return -ENOMEM;
		if (count > 1) {
			ep_document_paragraph(document);
			ep_document_code(document, "%s", sources[i].label);
			ep_document_text(document, ":");
		}
		ep_report_extremes(document, shares, share_count);
		if (sources[i].is_boot)
			ep_report_boot_reasons(document, &sources[i].boot);
		else
			ep_run_reasons(document, &sources[i]);
		code = ep_report_charts(document, settings, &sources[i], EP_PART_COUNTS, err);
	}
	ep_document_blank(document, "your comment: is that what you expected of this guest?");
	return code;
}

int ep_report_course(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *sources, size_t count, struct ep_error *err)
{
	int code;

	ep_document_paragraph(document);
	ep_document_text(document,
			 "What is in frames like the next one is for you to write; the rest "
			 "was made from the measurements.");
	ep_document_blank(document,
			  "names, course, date; and, for each member of the team, what they "
			  "implemented or found out.");
	for (size_t i = 0; i < count; i++)
		if (!i || ep_source_emulated(&sources[i]) != ep_source_emulated(&sources[i - 1]))
			ep_report_warnings(document, &sources[i]);
	write_steps(document, sources, count);
	write_leaves(document, sources, count);
	ep_document_heading(document, 2, "Questions");
	write_stability(document, sources, count);
	write_boot_size(document, sources, count);
	code = write_reasons(document, settings, sources, count, err);
	if (!code)
		code = ep_report_paging(document, sources, count, err);
	if (code)
		return code;
	ep_report_reproduce(document, settings, sources, count);
	return 0;
}
