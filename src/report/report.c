// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/cleanup.h"
#include "core/result/json.h"
#include "report/boot.h"
#include "report/charts.h"
#include "report/course.h"
#include "report/report.h"
#include "report/reproduce.h"
#include "report/run.h"
#include "report/setup.h"
#include "report/several.h"
#include "report/text.h"

static void question_of_run(struct ep_document *document, const struct ep_report_source *source)
{
	const char *operation = ep_load_text(&source->loaded, "workload", "operation");
	char name[EP_LOAD_NAME_MAX];

	ep_document_heading(document, 2, "Question");
	ep_document_paragraph(document);
	ep_document_text(document, "Which VM exits does ");
	ep_document_code(document, "%s", ep_source_name(source, name));
	ep_document_text(document, " cause, how many%s%s, and what do they cost the host?",
			 operation[0] ? " for each " : "", operation);
}

static int build_run(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *source, struct ep_error *err)
{
	_cleanup_free_ struct ep_report_share *shares = ep_run_shares(&source->facts);
	int code;

	if (!shares)
		return -ENOMEM;
	ep_report_warnings(document, source);
	ep_run_facts(document, source);
	question_of_run(document, source);
	ep_document_heading(document, 2, "What the numbers say");
	ep_run_findings(document, source);
	ep_document_heading(document, 2, "Exits by reason");
	ep_run_reasons(document, source);
	code = ep_report_charts(document, settings, source, EP_PART_COUNTS, err);
	if (code)
		return code;
	ep_report_advice(document, shares, source->facts.count, ep_source_vendor(source));
	ep_run_times(document, source);
	code = ep_report_charts(document, settings, source, EP_PART_TIMES, err);
	if (code)
		return code;
	ep_run_details(document, source);
	if (source->loaded.repeat_count > 1) {
		ep_document_heading(document, 2, "Statistics over the repeats");
		ep_run_repeats(document, source);
	}
	ep_document_heading(document, 2, "Set-up");
	ep_report_setup(document, source, 1);
	ep_run_method(document, source);
	ep_report_reproduce(document, settings, source, 1);
	return 0;
}

static int build_boot(struct ep_document *document, const struct ep_report_settings *settings,
		      const struct ep_report_source *source, struct ep_error *err)
{
	size_t count;
	_cleanup_free_ struct ep_report_share *shares =
		ep_report_boot_shares(&source->boot, &count);
	int code;

	if (!shares)
		return -ENOMEM;
	ep_report_warnings(document, source);
	ep_report_boot_facts(document, &source->boot);
	ep_document_heading(document, 2, "Question");
	ep_document_paragraph(document);
	ep_document_text(document, "How many VM exits is a boot, when do they come, which reasons "
				   "lead, and is the rate stable?");
	ep_document_heading(document, 2, "What the numbers say");
	ep_report_boot_findings(document, &source->boot);
	ep_document_heading(document, 2, "Exits by phase");
	ep_report_boot_phases(document, &source->boot);
	code = ep_report_charts(document, settings, source, EP_PART_COUNTS, err);
	if (code)
		return code;
	ep_document_heading(document, 2, "Exits by reason");
	ep_report_boot_reasons(document, &source->boot);
	ep_report_advice(document, shares, count, ep_source_vendor(source));
	ep_document_heading(document, 2, "Set-up");
	ep_report_setup(document, source, 1);
	ep_report_boot_method(document, &source->boot);
	ep_report_reproduce(document, settings, source, 1);
	return 0;
}

static int build_part(struct ep_document *document, const struct ep_report_settings *settings,
		      const struct ep_report_source *source, struct ep_error *err)
{
	ep_document_heading(document, 2, "%s", source->label);
	if (source->is_boot) {
		ep_report_boot_findings(document, &source->boot);
		ep_report_boot_phases(document, &source->boot);
	} else {
		ep_run_findings(document, source);
		ep_run_reasons(document, source);
	}
	return ep_report_charts(document, settings, source, EP_PART_COUNTS, err);
}

static int build_several(struct ep_document *document, const struct ep_report_settings *settings,
			 const struct ep_report_source *sources, size_t count, struct ep_error *err)
{
	int code;

	/* The same sentence need not be read twice. */
	for (size_t i = 0; i < count; i++)
		if (!i || ep_source_emulated(&sources[i]) != ep_source_emulated(&sources[i - 1]))
			ep_report_warnings(document, &sources[i]);
	ep_document_heading(document, 2, "Side by side");
	code = ep_report_side_by_side(document, sources, count, err);
	for (size_t i = 0; i < count && !code; i++)
		code = build_part(document, settings, &sources[i], err);
	if (code)
		return code;
	ep_document_heading(document, 2, "Set-up");
	ep_report_setup(document, sources, count);
	ep_report_reproduce(document, settings, sources, count);
	return 0;
}

/* "a, b and c". */
static void write_labels(struct ep_document *document, const struct ep_report_source *sources,
			 size_t count)
{
	_cleanup_free_ char *labels = NULL;
	size_t size;
	FILE *file = open_memstream(&labels, &size);

	if (!file) {
		document->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		fprintf(file, "%s%s", !i ? "" : i + 1 < count ? ", " : " and ", sources[i].label);
	if (fclose(file))
		document->failed = true;
	else
		ep_document_subtitle(document, "%s", labels);
}

static void write_title(struct ep_document *document, const struct ep_report_settings *settings,
			const struct ep_report_source *sources, size_t count)
{
	_cleanup_free_ char *line = NULL;
	char name[EP_LOAD_NAME_MAX];

	if (settings->title)
		ep_document_begin(document, "%s", settings->title);
	else if (settings->course)
		ep_document_begin(document, "Lab report: VM exits, counted by CPUID leaves");
	else if (count > 1)
		ep_document_begin(document, "VM exits of %zu measurements", count);
	else if (sources[0].is_boot)
		ep_document_begin(document, "VM exits of a boot");
	else
		ep_document_begin(document, "VM exits of %s", ep_source_name(&sources[0], name));
	if (count > 1) {
		write_labels(document, sources, count);
	} else if (sources[0].is_boot) {
		ep_document_subtitle(document, "Linux %s, %s", sources[0].boot.kernel,
				     sources[0].boot.started);
	} else {
		if (ep_result_title(&line, sources[0].loaded.run)) {
			document->failed = true;
			return;
		}
		ep_document_subtitle(document, "%s, %s", line,
				     ep_load_text(&sources[0].loaded, "run", "started"));
	}
}

int ep_report_build(struct ep_document *document, const struct ep_report_settings *settings,
		    const struct ep_report_source *sources, size_t count, struct ep_error *err)
{
	int code;

	write_title(document, settings, sources, count);
	if (settings->course)
		code = ep_report_course(document, settings, sources, count, err);
	else if (count > 1)
		code = build_several(document, settings, sources, count, err);
	else if (sources[0].is_boot)
		code = build_boot(document, settings, sources, err);
	else
		code = build_run(document, settings, sources, err);
	if (!code && document->failed)
		code = -ENOMEM;
	return code == -ENOMEM ? ep_error_set(err, code, "out of memory") : code;
}
