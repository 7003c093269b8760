// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/base/value.h"
#include "print/compare.h"

static const char *const verdicts[] = {
	[EP_COMPARE_UNKNOWN] = "unknown", [EP_COMPARE_UNTESTED] = "untested",
	[EP_COMPARE_SAME] = "same",	  [EP_COMPARE_LESS] = "less",
	[EP_COMPARE_MORE] = "more",
};

static const char *const presences[] = {
	[EP_PRESENCE_BOTH] = "both",
	[EP_PRESENCE_NEW] = "new",
	[EP_PRESENCE_GONE] = "gone",
};

/* Large numbers whole, small ones with three digits. */
static const char *format_figure(double figure, char *text)
{
	int decimals = 0;

	if (figure >= 999.5 && figure < 0x1p63)
		return ep_value_group(figure + 0.5, text);
	for (double at = figure; at > 0 && at < 99.95 && decimals < 6; at *= 10)
		decimals++;
	snprintf(text, EP_VALUE_TEXT_MAX, "%.*f", decimals, figure);
	return text;
}

/* What is not significant is "~", what could not be tested ends with "?". */
static const char *format_change(const struct ep_compare_row *row,
				 const struct ep_compare_cell *cell, char *text)
{
	if (cell->verdict == EP_COMPARE_UNKNOWN)
		return "-";
	if (cell->verdict == EP_COMPARE_SAME)
		return "~";
	if (row->presence != EP_PRESENCE_BOTH)
		strcpy(text, presences[row->presence]);
	else
		ep_compare_format_ratio(cell->change.ratio.value, text);
	if (cell->verdict == EP_COMPARE_UNTESTED)
		strcat(text, "?");
	return text;
}

static const char *format_interval(const struct ep_compare_row *row,
				   const struct ep_compare_cell *cell,
				   char text[2 * EP_VALUE_TEXT_MAX])
{
	char low[EP_VALUE_TEXT_MAX], high[EP_VALUE_TEXT_MAX];

	if (cell->verdict == EP_COMPARE_UNKNOWN || !cell->change.ratio.interval ||
	    row->presence != EP_PRESENCE_BOTH || isinf(cell->change.ratio.low))
		return "-";
	snprintf(text, 2 * EP_VALUE_TEXT_MAX, "%s .. %s",
		 ep_compare_format_ratio(cell->change.ratio.low, low),
		 isinf(cell->change.ratio.high)
			 ? "any"
			 : ep_compare_format_ratio(cell->change.ratio.high, high));
	return text;
}

/* The two metrics beside the one that is shown in full. */
static void others(enum ep_metric metric, enum ep_metric ret[2])
{
	int count = 0;

	for (int i = 0; i < EP_METRICS; i++)
		if (i != (int)metric)
			ret[count++] = i;
}

static void add_row(struct ep_table *table, const struct ep_compare_row *row, enum ep_metric metric)
{
	const struct ep_compare_cell *cell = &row->cells[metric];
	char before[EP_VALUE_TEXT_MAX], after[EP_VALUE_TEXT_MAX], change[EP_VALUE_TEXT_MAX];
	char first[EP_VALUE_TEXT_MAX], second[EP_VALUE_TEXT_MAX], p[EP_VALUE_TEXT_MAX];
	char interval[2 * EP_VALUE_TEXT_MAX];
	enum ep_metric beside[2];

	others(metric, beside);
	ep_table_add(table, row->name, cell->has_before ? format_figure(cell->before, before) : "-",
		     cell->has_after ? format_figure(cell->after, after) : "-",
		     format_change(row, cell, change), format_interval(row, cell, interval),
		     ep_compare_format_p(cell, p),
		     format_change(row, &row->cells[beside[0]], first),
		     format_change(row, &row->cells[beside[1]], second));
}

/* "handling cycles per operation, which is one read or write". */
static void print_metric(FILE *file, enum ep_metric metric, bool per_second, const char *operation)
{
	fprintf(file, "%s per ", metric == EP_METRIC_EXITS ? "exits" : "handling cycles");
	if (metric == EP_METRIC_COST)
		fputs("exit", file);
	else if (per_second)
		fputs("second", file);
	else if (operation[0])
		fprintf(file, "operation, which is one %s", operation);
	else
		fputs("operation", file);
}

static const char *head(enum ep_metric metric, bool per_second)
{
	static const char *const texts[EP_METRICS][2] = {
		[EP_METRIC_CYCLES] = { "cycles/op", "cycles/s" },
		[EP_METRIC_EXITS] = { "exits/op", "exits/s" },
		[EP_METRIC_COST] = { "cycles/exit", "cycles/exit" },
	};

	return texts[metric][per_second];
}

static void print_side(FILE *file, const char *name, const struct ep_side *side, size_t repeats)
{
	fprintf(file, "%s", name);
	for (size_t i = 0; i < side->count; i++) {
		putc(' ', file);
		ep_utf8_put(file, side->results[i].path);
	}
	fprintf(file, " (%zu %s)\n", repeats, repeats == 1 ? "repeat" : "repeats");
}

static void print_untested(FILE *file, const struct ep_comparison *comparison)
{
	size_t family = 0;

	for (int metric = 0; metric < EP_METRICS; metric++)
		if (comparison->family[metric] > family)
			family = comparison->family[metric];
	fprintf(file,
		"?: not tested: with %zu and %zu repeats no difference in %zu reasons at once can\n"
		"be told from chance; with %zu each it can\n",
		comparison->before_count, comparison->after_count, family,
		ep_compare_repeats_needed(family));
}

static bool any(const struct ep_comparison *comparison, enum ep_compare_verdict verdict)
{
	for (int metric = 0; metric < EP_METRICS; metric++) {
		for (size_t i = 0; i < comparison->count; i++)
			if (comparison->rows[i].cells[metric].verdict == verdict)
				return true;
		if (comparison->total.cells[metric].verdict == verdict)
			return true;
	}
	return false;
}

static bool any_cycles_unknown(const struct ep_comparison *comparison)
{
	for (size_t i = 0; i < comparison->count; i++)
		if (comparison->rows[i].cells[EP_METRIC_CYCLES].verdict == EP_COMPARE_UNKNOWN)
			return true;
	return comparison->total.cells[EP_METRIC_CYCLES].verdict == EP_COMPARE_UNKNOWN;
}

static void print_legend(const struct ep_comparison *comparison, enum ep_metric metric)
{
	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
	FILE *file = ep_terminal_begin(&text, stdout, 2);

	if (any(comparison, EP_COMPARE_SAME))
		fprintf(file, "~: no significant difference, p >= %g\n", EP_STATS_ALPHA);
	if (any(comparison, EP_COMPARE_UNTESTED))
		print_untested(file, comparison);
	if (any_cycles_unknown(comparison))
		fputs("-: not known: the host does not tell these cycles\n", file);
	if (!any(comparison, EP_COMPARE_SAME) && !any(comparison, EP_COMPARE_LESS) &&
	    !any(comparison, EP_COMPARE_MORE))
		return;
	fputs("p: two-sided Mann-Whitney U test", file);
	if (comparison->family[metric] > 1)
		fprintf(file, ", by Holm for %zu reasons at once", comparison->family[metric]);
	fprintf(file, "\nchange and its %g%% interval: Hodges-Lehmann\n",
		EP_STATS_CONFIDENCE * 100);
}

static void print_head(const struct ep_comparison *comparison, const struct ep_side *before,
		       const struct ep_side *after, enum ep_metric metric, const char *by)
{
	char value_before[EP_COMPARABLE_VALUE_MAX], value_after[EP_COMPARABLE_VALUE_MAX];
	const char *operation = ep_load_text(&before->results[0], "workload", "operation");
	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
	FILE *file = ep_terminal_begin(&text, stdout, 8);
	char name[EP_LOAD_NAME_MAX];

	print_side(file, "before:", before, comparison->before_count);
	print_side(file, "after: ", after, comparison->after_count);
	if (by)
		fprintf(file, "%s: %s before, %s after\n", by,
			ep_comparable_option(&before->results[0], by, value_before),
			ep_comparable_option(&after->results[0], by, value_after));
	fprintf(file, "%s: ", ep_load_name(&before->results[0], name));
	print_metric(file, metric, comparison->per_second, operation);
	fprintf(file, "\n\n");
}

void ep_print_compare_table(const struct ep_comparison *comparison, const struct ep_side *before,
			    const struct ep_side *after, enum ep_metric metric, const char *by)
{
	enum ep_metric beside[2];
	_cleanup_(ep_table_cleanup) struct ep_table *table = NULL;

	others(metric, beside);
	table = ep_table_create((struct ep_column[]){
		{ "reason" },
		{ "before", true },
		{ "after", true },
		{ "change", true },
		{ "95% interval", true },
		{ "p", true },
		{ head(beside[0], comparison->per_second), true },
		{ head(beside[1], comparison->per_second), true },
		{},
	});
	print_head(comparison, before, after, metric, by);
	for (size_t i = 0; i < comparison->count; i++)
		add_row(table, &comparison->rows[i], metric);
	add_row(table, &comparison->total, metric);
	ep_table_print(table);
	putchar('\n');
	print_legend(comparison, metric);
}

/* A figure of a cell as files have it: empty or null where it is not known. */
struct figure {
	const char *name;
	bool known;
	double value;
};

#define FIGURES 12

static void list_figures(const struct ep_compare_cell *cell, struct figure ret[FIGURES])
{
	const struct ep_stats_change *change = &cell->change;
	const struct ep_stats_estimate *ratio = &change->ratio, *difference = &change->difference;
	bool compared = cell->verdict != EP_COMPARE_UNKNOWN;
	const struct figure figures[FIGURES] = {
		{ "before", cell->has_before, cell->before },
		{ "after", cell->has_after, cell->after },
		{ "difference", compared, difference->value },
		{ "difference_low", compared && difference->interval, difference->low },
		{ "difference_high", compared && difference->interval, difference->high },
		{ "ratio", compared && isfinite(ratio->value), ratio->value },
		{ "ratio_low", compared && ratio->interval && isfinite(ratio->low), ratio->low },
		{ "ratio_high", compared && ratio->interval && isfinite(ratio->high), ratio->high },
		{ "p_value", compared, change->p },
		{ "p_adjusted", compared, cell->p_adjusted },
		{ "before_repeats_count", compared, change->before_count },
		{ "after_repeats_count", compared, change->after_count },
	};

	memcpy(ret, figures, sizeof(figures));
}

static void csv_cell(FILE *file, const struct ep_compare_row *row, bool is_total,
		     enum ep_metric metric, bool per_second)
{
	struct figure figures[FIGURES];

	if (!is_total)
		fprintf(file, "%" PRIu32, row->reason);
	putc(',', file);
	ep_csv_text(file, row->name, ',');
	ep_csv_text(file, ep_compare_metric_name(metric, per_second), ',');
	list_figures(&row->cells[metric], figures);
	for (int i = 0; i < FIGURES; i++) {
		if (figures[i].known)
			fprintf(file, "%.8g", figures[i].value);
		putc(',', file);
	}
	ep_csv_text(file, verdicts[row->cells[metric].verdict], ',');
	ep_csv_text(file, presences[row->presence], '\n');
}

void ep_print_compare_csv(FILE *file, const struct ep_comparison *comparison)
{
	fputs("reason,name,metric,before,after,difference,difference_low,difference_high,ratio,"
	      "ratio_low,ratio_high,p_value,p_adjusted,before_repeats_count,after_repeats_count,"
	      "verdict,presence\n",
	      file);
	for (size_t i = 0; i <= comparison->count; i++) {
		bool is_total = i == comparison->count;

		for (int metric = 0; metric < EP_METRICS; metric++)
			csv_cell(file, is_total ? &comparison->total : &comparison->rows[i],
				 is_total, metric, comparison->per_second);
	}
}

static void add_text(struct json_object *to, const char *name, const char *text)
{
	json_object_object_add(to, name, ep_json_text(text));
}

static void add_size(struct json_object *to, const char *name, size_t value)
{
	json_object_object_add(to, name, json_object_new_uint64(value));
}

/* null for what is not known. */
static void add_known(struct json_object *to, const char *name, bool known, double value)
{
	char text[64];

	snprintf(text, sizeof(text), "%.8g", value);
	json_object_object_add(to, name, known ? json_object_new_double_s(value, text) : NULL);
}

static struct json_object *json_cell(const struct ep_compare_cell *cell)
{
	struct json_object *json = json_object_new_object();
	struct figure figures[FIGURES];

	list_figures(cell, figures);
	for (int i = 0; i < FIGURES; i++)
		add_known(json, figures[i].name, figures[i].known, figures[i].value);
	add_text(json, "verdict", verdicts[cell->verdict]);
	return json;
}

static struct json_object *json_row(const struct ep_compare_row *row, bool is_total,
				    bool per_second)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "reason",
			       is_total ? NULL : json_object_new_uint64(row->reason));
	add_text(json, "name", row->name);
	add_text(json, "presence", presences[row->presence]);
	for (int metric = 0; metric < EP_METRICS; metric++)
		json_object_object_add(json, ep_compare_metric_name(metric, per_second),
				       json_cell(&row->cells[metric]));
	return json;
}

static struct json_object *json_side(const struct ep_side *side, size_t repeats)
{
	struct json_object *json = json_object_new_object(), *paths = json_object_new_array();

	for (size_t i = 0; i < side->count; i++)
		json_object_array_add(paths, ep_json_text(side->results[i].path));
	json_object_object_add(json, "results", paths);
	add_size(json, "repeats_count", repeats);
	return json;
}

static struct json_object *json_by(const struct ep_side *before, const struct ep_side *after,
				   const char *by)
{
	struct json_object *json = json_object_new_object();
	char value[EP_COMPARABLE_VALUE_MAX];

	json_object_object_add(json, "option", ep_json_text(by));
	add_text(json, "before", ep_comparable_option(&before->results[0], by, value));
	add_text(json, "after", ep_comparable_option(&after->results[0], by, value));
	return json;
}

static struct json_object *json_method(void)
{
	struct json_object *json = json_object_new_object();

	add_text(json, "test", "Mann-Whitney U, two-sided");
	add_text(json, "estimate", "Hodges-Lehmann");
	add_text(json, "correction", "Holm, over the reasons of one metric");
	add_known(json, "alpha", true, EP_STATS_ALPHA);
	add_known(json, "confidence", true, EP_STATS_CONFIDENCE);
	return json;
}

void ep_print_compare_json(const struct ep_comparison *comparison, const struct ep_side *before,
			   const struct ep_side *after, const struct ep_remarks *remarks,
			   const char *by)
{
	struct json_object *json = json_object_new_object(), *rows = json_object_new_array();
	struct json_object *texts = json_object_new_array();
	bool per_second = comparison->per_second;
	char name[EP_LOAD_NAME_MAX];

	for (size_t i = 0; i < remarks->count; i++)
		json_object_array_add(texts, ep_json_text(remarks->list[i].text));
	for (size_t i = 0; i < comparison->count; i++)
		json_object_array_add(rows, json_row(&comparison->rows[i], false, per_second));
	add_text(json, "name", ep_load_name(&before->results[0], name));
	add_text(json, "operation", ep_load_text(&before->results[0], "workload", "operation"));
	json_object_object_add(json, "by", by ? json_by(before, after, by) : NULL);
	json_object_object_add(json, "before", json_side(before, comparison->before_count));
	json_object_object_add(json, "after", json_side(after, comparison->after_count));
	json_object_object_add(json, "method", json_method());
	json_object_object_add(json, "remarks", texts);
	json_object_object_add(json, "reasons", rows);
	json_object_object_add(json, "total", json_row(&comparison->total, true, per_second));
	ep_output_json(json);
}
