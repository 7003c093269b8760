// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/output.h"
#include "core/base/csv.h"
#include "core/base/json.h"
#include "watch/lines.h"
#include "watch/text.h"

#define BUSIEST 6

int ep_watch_lines_begin(struct ep_watch_lines *lines, enum ep_output_format format, uint32_t vcpus)
{
	*lines = (struct ep_watch_lines){ format, vcpus, malloc(sizeof(*lines->table)) };
	if (!lines->table)
		return -ENOMEM;
	if (format == EP_OUTPUT_CSV)
		puts("elapsed_ns,interval_ns,missed_count,scope,reason,name,exits_count,exits_per_"
		     "second,"
		     "handling_cycles,cycles_share,cycles_per_exit,away_cycles,own_exits_count");
	else if (format == EP_OUTPUT_TABLE)
		printf("time      %s  exits/s  handling  exits/s of the busiest\n",
		       vcpus ? "vCPU" : "    ");
	fflush(stdout);
	return 0;
}

void ep_watch_lines_finish(struct ep_watch_lines *lines)
{
	free(lines->table);
	lines->table = NULL;
}

static double per_second(uint64_t count, uint64_t ns)
{
	return ns ? count * 1e9 / ns : NAN;
}

static void csv_real(double value, int decimals)
{
	if (isfinite(value))
		ep_csv_real(stdout, value, decimals, ',');
	else
		putchar(',');
}

static const char *scope_name(uint32_t scope, char text[16])
{
	if (!scope)
		return "vm";
	snprintf(text, 16, "vcpu%u", scope - 1);
	return text;
}

/* NULL after the counters have started anew: nothing is known. */
static const struct ep_delta *delta_of(const struct ep_sample *sample, uint32_t scope)
{
	if (!sample->delta)
		return NULL;
	return scope ? &sample->delta->vcpus[scope - 1] : &sample->delta->vm;
}

/*
 * What a row says, or the total; NAN is unknown.
 * @timed: its cycles are known, even if others' are not
 */
struct figures {
	struct ep_delta_row row;
	bool timed;
	bool full;
	double rate;
	double share;
	double each;
};

static struct figures figures_of(const struct ep_sample *sample, const struct ep_delta *delta,
				 const struct ep_delta_row *row)
{
	double cycles = row && !delta->timed ? NAN : 1;
	struct figures figures = {
		.row = { delta->exits, delta->cycles, delta->away },
		.timed = !row || delta->timed,
		.full = delta->full,
	};

	if (row)
		figures.row = *row;
	cycles *= figures.row.cycles;
	figures.rate = per_second(figures.row.exits, sample->duration_ns);
	figures.share = cycles / delta->cycles;
	figures.each = cycles / figures.row.exits;
	return figures;
}

static void csv_known(bool known, uint64_t value)
{
	if (known)
		ep_csv_u64(stdout, value, ',');
	else
		putchar(',');
}

static void print_csv_start(const struct ep_sample *sample, uint32_t scope)
{
	char name[16];

	ep_csv_u64(stdout, sample->elapsed_ns, ',');
	ep_csv_u64(stdout, sample->duration_ns, ',');
	ep_csv_u64(stdout, sample->missed, ',');
	ep_csv_text(stdout, scope_name(scope, name), ',');
}

static void print_csv_figures(const struct figures *figures)
{
	ep_csv_u64(stdout, figures->row.exits, ',');
	csv_real(figures->rate, 3);
	csv_known(figures->timed, figures->row.cycles);
	csv_real(figures->share, 6);
	csv_real(figures->each, 1);
	csv_known(figures->full, figures->row.away);
}

static void print_csv(const struct ep_watch *watch, const struct ep_sample *sample, uint32_t scope)
{
	const struct ep_delta *delta = delta_of(sample, scope);
	const struct ep_host *host = watch->host;
	struct figures figures;

	print_csv_start(sample, scope);
	fputs(",total,", stdout);
	if (!delta) {
		puts(",,,,,,");
		return;
	}
	figures = figures_of(sample, delta, NULL);
	print_csv_figures(&figures);
	ep_csv_u64(stdout, delta->own_exits, '\n');
	for (uint32_t i = 0; i < delta->count; i++) {
		if (!delta->rows[i].exits)
			continue;
		print_csv_start(sample, scope);
		ep_csv_u64(stdout, host->reasons[i], ',');
		ep_csv_text(stdout, ep_reasons_name(host->vendor, host->reasons[i]), ',');
		figures = figures_of(sample, delta, &delta->rows[i]);
		print_csv_figures(&figures);
		putchar('\n');
	}
}

static struct json_object *json_real(double value, int decimals)
{
	char text[64];

	if (!isfinite(value))
		return NULL;
	snprintf(text, sizeof(text), "%.*f", decimals, value);
	return json_object_new_double_s(value, text);
}

static struct json_object *json_known(bool known, uint64_t value)
{
	return known ? json_object_new_uint64(value) : NULL;
}

/* @figures: NULL if nothing is known */
static void json_figures(struct json_object *json, const struct figures *figures)
{
	static const struct figures unknown = { .rate = NAN, .share = NAN, .each = NAN };
	bool known = figures;

	if (!known)
		figures = &unknown;
	json_object_object_add(json, "exits_count", json_known(known, figures->row.exits));
	json_object_object_add(json, "exits_per_second", json_real(figures->rate, 3));
	json_object_object_add(json, "handling_cycles",
			       json_known(figures->timed, figures->row.cycles));
	json_object_object_add(json, "cycles_share", json_real(figures->share, 6));
	json_object_object_add(json, "cycles_per_exit", json_real(figures->each, 1));
	json_object_object_add(json, "away_cycles", json_known(figures->full, figures->row.away));
}

static struct json_object *json_rows(const struct ep_host *host, const struct ep_sample *sample,
				     const struct ep_delta *delta)
{
	struct json_object *rows = json_object_new_array();

	for (uint32_t i = 0; i < delta->count; i++) {
		struct figures figures = figures_of(sample, delta, &delta->rows[i]);
		const char *name = ep_reasons_name(host->vendor, host->reasons[i]);
		struct json_object *row;

		if (!delta->rows[i].exits)
			continue;
		row = json_object_new_object();
		json_object_object_add(row, "reason", json_object_new_int64(host->reasons[i]));
		json_object_object_add(row, "name", ep_json_text(name));
		json_figures(row, &figures);
		json_object_array_add(rows, row);
	}
	return rows;
}

static void print_json(const struct ep_watch *watch, const struct ep_sample *sample, uint32_t scope)
{
	const struct ep_delta *delta = delta_of(sample, scope);
	struct json_object *json = json_object_new_object();
	struct figures figures;
	char name[16];

	json_object_object_add(json, "elapsed_ns", json_object_new_uint64(sample->elapsed_ns));
	json_object_object_add(json, "interval_ns", json_object_new_uint64(sample->duration_ns));
	json_object_object_add(json, "missed_count", json_object_new_uint64(sample->missed));
	json_object_object_add(json, "scope", ep_json_text(scope_name(scope, name)));
	if (delta)
		figures = figures_of(sample, delta, NULL);
	json_figures(json, delta ? &figures : NULL);
	json_object_object_add(json, "own_exits_count",
			       json_known(delta, delta ? delta->own_exits : 0));
	json_object_object_add(json, "consistent",
			       delta ? json_object_new_boolean(delta->consistent) : NULL);
	json_object_object_add(json, "reasons",
			       delta ? json_rows(watch->host, sample, delta) : NULL);
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
}

static void print_line(struct ep_watch_lines *lines, const struct ep_watch *watch,
		       const struct ep_watch_view *view, uint32_t scope)
{
	struct ep_watch_view here = *view;
	struct ep_watch_table *table = lines->table;
	const struct ep_watch_item *all = ep_watch_total(watch, scope);
	double handling = ep_watch_time_share(watch, scope, all->last.cycles);
	char clock[16] = "-", number[EP_WATCH_NUMBER_MAX], share[16] = "-", vcpu[16] = "";
	time_t now = time(NULL);
	const char *separator = "";
	struct tm local;

	here.scope = scope;
	here.vcpus = false;
	ep_watch_list(watch, &here, table);
	ep_watch_fold(&here, table, BUSIEST);
	if (localtime_r(&now, &local))
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	if (!isnan(handling))
		snprintf(share, sizeof(share), "%.1f%%", handling * 100);
	if (lines->vcpus)
		snprintf(vcpu, sizeof(vcpu), scope ? "%u" : "all", scope - 1);
	printf("%-8s  %4s  %7s  %8s  ", clock, vcpu,
	       ep_watch_number(table->total.value[EP_WATCH_RATE], 7, number), share);
	for (uint32_t i = 0; i < table->count; i++) {
		const struct ep_watch_line *line = &table->lines[i];

		if (!(line->value[EP_WATCH_RATE] > 0))
			continue;
		printf("%s%s %s", separator, line->name,
		       ep_watch_number(line->value[EP_WATCH_RATE], 9, number));
		separator = ", ";
	}
	putchar('\n');
}

void ep_watch_lines_add(struct ep_watch_lines *lines, const struct ep_watch *watch,
			const struct ep_watch_view *view, const struct ep_sample *sample)
{
	for (uint32_t scope = 0; scope <= lines->vcpus; scope++) {
		if (lines->format == EP_OUTPUT_CSV)
			print_csv(watch, sample, scope);
		else if (lines->format == EP_OUTPUT_JSON)
			print_json(watch, sample, scope);
		else if (sample->delta)
			print_line(lines, watch, view, scope);
	}
	fflush(stdout);
}
