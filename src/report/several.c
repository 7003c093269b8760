// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/boot/rate.h"
#include "core/stats/comparable.h"
#include "core/stats/compare.h"
#include "report/boot.h"
#include "report/run.h"
#include "report/several.h"
#include "report/text.h"

/* Runs come first, as sources are given; boots have a table of their own. */
static size_t count_kind(const struct ep_report_source *sources, size_t count, bool boots)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += sources[i].is_boot == boots;
	return found;
}

static void add_run(struct ep_document *document, const struct ep_report_source *source)
{
	const struct ep_facts *facts = &source->facts;
	char exits[EP_VALUE_TEXT_MAX], rate[EP_VALUE_TEXT_MAX], each[EP_VALUE_TEXT_MAX];
	char cycles[EP_VALUE_TEXT_MAX], cost[EP_VALUE_TEXT_MAX], repeats[EP_VALUE_TEXT_MAX];
	bool operations = facts->operations.count;

	ep_document_row(document, source->label,
			ep_value_group(source->loaded.repeat_count, repeats),
			ep_text_figure(facts->total.exits.median, exits),
			ep_text_figure(facts->exits_per_second.median, rate),
			ep_text_known(operations, facts->per_operation.median, each),
			ep_text_known(operations && facts->total.timed,
				      facts->cycles_per_operation.median, cycles),
			ep_text_known(facts->total.timed, facts->total.cycles_per_exit, cost),
			facts->count ? facts->reasons[0].name : "-");
}

static void add_runs(struct ep_document *document, const struct ep_report_source *sources,
		     size_t count)
{
	static const struct ep_report_column columns[] = {
		{ "Result", EP_COLUMN_CODE },
		{ "Repeats", EP_COLUMN_NUMBER },
		{ "Exits", EP_COLUMN_NUMBER },
		{ "Per second", EP_COLUMN_NUMBER },
		{ "Per operation", EP_COLUMN_NUMBER },
		{ "Cycles per operation", EP_COLUMN_NUMBER },
		{ "Cycles per exit", EP_COLUMN_NUMBER },
		{ "Most frequent", EP_COLUMN_CODE },
		{},
	};

	if (!count_kind(sources, count, false))
		return;
	ep_document_table(document, "Runs: medians over their repeats", columns);
	for (size_t i = 0; i < count; i++)
		if (!sources[i].is_boot)
			add_run(document, &sources[i]);
}

static void add_boot(struct ep_document *document, const struct ep_report_source *source)
{
	const struct ep_boot *boot = &source->boot;
	size_t count;
	_cleanup_free_ struct ep_report_share *shares = ep_report_boot_shares(boot, &count);
	char exits[EP_VALUE_TEXT_MAX], seconds[EP_VALUE_TEXT_MAX], departure[EP_VALUE_TEXT_MAX];
	char ratio[EP_VALUE_TEXT_MAX];
	struct ep_boot_rate rate;

	ep_boot_rate(&rate, boot);
	snprintf(ratio, sizeof(ratio), rate.busiest ? "%.1f" : "-", ep_boot_peak_ratio(&rate));
	ep_document_row(document, source->label, boot->kernel[0] ? boot->kernel : "-",
			ep_text_figure(ep_boot_total(boot).exits, exits),
			boot->before_known ? "VM created" : "first sample",
			ep_text_seconds(boot->samples[boot->count - 1].now_ns, seconds),
			ep_text_share(rate.departure, departure), ratio,
			shares && count ? shares[0].name : "-");
}

static void add_boots(struct ep_document *document, const struct ep_report_source *sources,
		      size_t count)
{
	static const struct ep_report_column columns[] = {
		{ "Boot", EP_COLUMN_CODE },
		{ "Kernel", EP_COLUMN_TEXT },
		{ "Exits", EP_COLUMN_NUMBER },
		{ "Since", EP_COLUMN_TEXT },
		{ "Until", EP_COLUMN_NUMBER },
		{ "Drift", EP_COLUMN_NUMBER },
		{ "Peak / mean", EP_COLUMN_NUMBER },
		{ "Most frequent", EP_COLUMN_CODE },
		{},
	};

	if (!count_kind(sources, count, true))
		return;
	ep_document_table(document, "Boots", columns);
	for (size_t i = 0; i < count; i++)
		if (sources[i].is_boot)
			add_boot(document, &sources[i]);
}

/* Exits of the reason in a source: what has no row had none. */
static double exits_of(const struct ep_report_source *source, const char *name)
{
	for (size_t i = 0; !source->is_boot && i < source->facts.count; i++)
		if (!strcmp(source->facts.reasons[i].name, name))
			return source->facts.reasons[i].exits.median;
	if (source->is_boot) {
		size_t count;
		_cleanup_free_ struct ep_report_share *shares =
			ep_report_boot_shares(&source->boot, &count);

		for (size_t i = 0; shares && i < count; i++)
			if (!strcmp(shares[i].name, name))
				return shares[i].exits;
	}
	return 0;
}

/* One row a reason, in the order in which sources name them. */
static void add_reasons(struct ep_document *document, const struct ep_report_source *sources,
			size_t count)
{
	struct ep_report_column columns[EP_REPORT_SOURCES_MAX + 2] = { { "Reason",
									 EP_COLUMN_CODE } };
	_cleanup_free_ const char **seen = calloc(count * EP_REASONS_MAX + 1, sizeof(*seen));
	size_t seen_count = 0;

	if (!seen) {
		document->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		columns[i + 1] = (struct ep_report_column){ sources[i].label, EP_COLUMN_NUMBER };
	ep_document_table(document, "Exits by reason; of runs the medians", columns);
	for (size_t i = 0; i < count; i++) {
		size_t share_count = sources[i].facts.count;
		_cleanup_free_ struct ep_report_share *shares =
			sources[i].is_boot ? ep_report_boot_shares(&sources[i].boot, &share_count)
					   : ep_run_shares(&sources[i].facts);

		for (size_t j = 0; shares && j < share_count; j++) {
			char texts[EP_REPORT_SOURCES_MAX][EP_VALUE_TEXT_MAX];
			const char *cells[EP_REPORT_SOURCES_MAX];
			bool known = false;

			for (size_t k = 0; k < seen_count; k++)
				known = known || !strcmp(seen[k], shares[j].name);
			if (known)
				continue;
			seen[seen_count++] = shares[j].name;
			for (size_t k = 0; k < count; k++) {
				/* Another vendor has no such reason at all. */
				cells[k] = ep_text_known(!strcmp(ep_source_vendor(&sources[k]),
								 ep_source_vendor(&sources[i])),
							 exits_of(&sources[k], shares[j].name),
							 texts[k]);
			}
			ep_document_row_of(document, shares[j].name, cells, count);
		}
	}
}

static const char *format_change(const struct ep_compare_row *row,
				 const struct ep_compare_cell *cell,
				 char text[EP_VALUE_TEXT_MAX + 4])
{
	if (cell->verdict == EP_COMPARE_UNKNOWN)
		return "-";
	if (cell->verdict == EP_COMPARE_SAME)
		return "~";
	if (row->presence == EP_PRESENCE_BOTH)
		ep_compare_format_ratio(cell->change.ratio.value, text);
	else
		strcpy(text, row->presence == EP_PRESENCE_NEW ? "new" : "gone");
	if (cell->verdict == EP_COMPARE_UNTESTED)
		strcat(text, "?");
	return text;
}

static void add_change(struct ep_document *document, const struct ep_compare_row *row)
{
	const struct ep_compare_cell *exits = &row->cells[EP_METRIC_EXITS];
	const struct ep_compare_cell *cycles = &row->cells[EP_METRIC_CYCLES];
	char texts[6][EP_VALUE_TEXT_MAX + 4];

	ep_document_row(document, row->name,
			ep_text_known(exits->has_before, exits->before, texts[0]),
			ep_text_known(exits->has_after, exits->after, texts[1]),
			format_change(row, exits, texts[2]), ep_compare_format_p(exits, texts[3]),
			format_change(row, cycles, texts[4]),
			format_change(row, &row->cells[EP_METRIC_COST], texts[5]));
}

static void say_change(struct ep_document *document, const struct ep_comparison *comparison)
{
	const struct ep_compare_cell *exits = &comparison->total.cells[EP_METRIC_EXITS];
	const char *unit = comparison->per_second ? "second" : "operation";
	char ratio[EP_VALUE_TEXT_MAX], low[EP_VALUE_TEXT_MAX], high[EP_VALUE_TEXT_MAX];

	ep_document_paragraph(document);
	if (exits->verdict == EP_COMPARE_SAME) {
		ep_document_text(document,
				 "All exits per %s together have not changed "
				 "significantly.",
				 unit);
	} else if (exits->verdict == EP_COMPARE_UNTESTED) {
		ep_document_text(document,
				 "With %zu and %zu repeats no difference can be told from chance; "
				 "%zu of each are enough for the total.",
				 comparison->before_count, comparison->after_count,
				 ep_compare_repeats_needed(1));
	} else if (exits->verdict != EP_COMPARE_UNKNOWN) {
		ep_document_text(document, "All exits per %s together have changed by ", unit);
		ep_document_strong(document, "%s",
				   ep_compare_format_ratio(exits->change.ratio.value, ratio));
		if (exits->change.ratio.interval && isfinite(exits->change.ratio.high))
			ep_document_text(document, ", with 95%% confidence between %s and %s",
					 ep_compare_format_ratio(exits->change.ratio.low, low),
					 ep_compare_format_ratio(exits->change.ratio.high, high));
		ep_document_text(document, ".");
	}
}

static void write_legend(struct ep_document *document)
{
	ep_document_paragraph(document);
	ep_document_text(document,
			 "~: no significant difference; ?: could not be tested with so few "
			 "repeats. p "
			 "is that of the two-sided Mann-Whitney U test, by Holm for all reasons at "
			 "once; changes are Hodges and Lehmann's estimates.");
}

static int compare_pair(struct ep_document *document, const struct ep_report_source *before,
			const struct ep_report_source *after, struct ep_error *err)
{
	static const struct ep_report_column columns[] = {
		{ "Reason", EP_COLUMN_CODE },
		{ "Exits before", EP_COLUMN_NUMBER },
		{ "After", EP_COLUMN_NUMBER },
		{ "Change", EP_COLUMN_NUMBER },
		{ "p", EP_COLUMN_NUMBER },
		{ "Change of cycles", EP_COLUMN_NUMBER },
		{ "Change per exit", EP_COLUMN_NUMBER },
		{},
	};
	const struct ep_loaded results[] = { before->loaded, after->loaded };
	const struct ep_side sides[] = { { &results[0], 1 }, { &results[1], 1 } };
	_cleanup_(ep_compare_finish) struct ep_comparison comparison = {};
	_cleanup_(ep_comparable_finish) struct ep_remarks remarks = {};
	char caption[96];
	int code = ep_comparable(&remarks, results, 2);

	if (!code && !remarks.refusals)
		code = ep_compare(&comparison, &sides[0], &sides[1], EP_METRIC_EXITS, err);
	if (code && code != -E2BIG)
		return code;
	ep_document_heading(document, 3, "%s against %s", after->label, before->label);
	for (size_t i = 0; i < remarks.count; i++) {
		ep_document_item(document);
		ep_document_text(document,
				 remarks.list[i].refuse ? "Not comparable: " : "Differs: ");
		ep_document_text(document, "%s.", remarks.list[i].text);
	}
	if (code) {
		/* All pairs of repeats would be held in memory; the rest can be shown. */
		ep_document_item(document);
		ep_document_text(document, "Not compared: %s.", err->message);
		*err = (struct ep_error){};
	}
	if (code || remarks.refusals)
		return 0;
	say_change(document, &comparison);
	snprintf(caption, sizeof(caption), "Per %s; before is the first, after the second",
		 comparison.per_second ? "second" : "operation");
	ep_document_table(document, caption, columns);
	for (size_t i = 0; i < comparison.count; i++)
		add_change(document, &comparison.rows[i]);
	add_change(document, &comparison.total);
	write_legend(document);
	return 0;
}

int ep_report_side_by_side(struct ep_document *document, const struct ep_report_source *sources,
			   size_t count, struct ep_error *err)
{
	const struct ep_report_source *first = NULL;
	int code = 0;

	add_runs(document, sources, count);
	add_boots(document, sources, count);
	add_reasons(document, sources, count);
	for (size_t i = 0; i < count && !code; i++) {
		if (sources[i].is_boot)
			continue;
		if (first)
			code = compare_pair(document, first, &sources[i], err);
		else
			first = &sources[i];
	}
	return code;
}
