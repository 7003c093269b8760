// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/json.h"
#include "core/base/value.h"
#include "core/result/json.h"
#include "print/bench.h"

#define FORMAT	      1
#define SELDOM	      0.1
#define REASONS_SHOWN 2

/* Digits after the point: a tenth of a cycle matters to what takes a few. */
static const char *text_of(double value, char text[EP_VALUE_TEXT_MAX])
{
	if (value < 100)
		snprintf(text, EP_VALUE_TEXT_MAX, "%.1f", value);
	else
		ep_value_group((uint64_t)(value + 0.5), text);
	return text;
}

static const char *rate_of(double value, char text[EP_VALUE_TEXT_MAX])
{
	snprintf(text, EP_VALUE_TEXT_MAX, value && value < 0.0995 ? "%.4f" : "%.2f", value);
	return text;
}

static bool measured(const struct ep_bench_result *result)
{
	return !result->skip[0];
}

static bool has_leave(const struct ep_bench_result *result)
{
	return result->split && result->leave >= 0;
}

/* The exits that the row is about: its own, or all of them. */
static double exits_of(const struct ep_bench_result *result)
{
	return result->own ? result->own : result->exits;
}

/* "~" before what is an estimate only. */
static const char *leave_of(const struct ep_bench_result *result, char text[EP_VALUE_TEXT_MAX])
{
	char value[EP_VALUE_TEXT_MAX];

	snprintf(text, EP_VALUE_TEXT_MAX, "%s%.30s", result->mixed ? "~" : "",
		 text_of(result->leave, value));
	return text;
}

/* NULL if there were none. */
static const struct ep_bench_exits *reason_of(const struct ep_bench_record *record,
					      const struct ep_bench_result *result)
{
	uint32_t own = ep_probe_reason(result->probe, record->host);

	for (unsigned int i = 0; i < result->count && result->own; i++)
		if (result->reasons[i].reason == own)
			return &result->reasons[i];
	return result->counted && result->count ? &result->reasons[0] : NULL;
}

/* The first few; what few operations cause, such as a timer tick's, is left out. */
static void list_reasons(const struct ep_bench_record *record, const struct ep_bench_result *result,
			 char *text, size_t size)
{
	const struct ep_bench_exits *own = reason_of(record, result);
	unsigned int many = 0;
	size_t length = 0;

	snprintf(text, size, "%s", result->own ? own->name : "");
	if (result->own)
		return;
	while (many < result->count && result->reasons[many].exits >= SELDOM)
		many++;
	for (unsigned int i = 0; i < many && i < REASONS_SHOWN; i++)
		length += snprintf(text + length, size - length, "%s%s", length ? " " : "",
				   result->reasons[i].name);
	if (many > REASONS_SHOWN)
		snprintf(text + length, size - length, " +%u", many - REASONS_SHOWN);
}

static void add_row(struct ep_table *table, const struct ep_bench_record *record,
		    const struct ep_bench_result *result, bool counted)
{
	char min[EP_VALUE_TEXT_MAX], median[EP_VALUE_TEXT_MAX], p99[EP_VALUE_TEXT_MAX];
	char ns[EP_VALUE_TEXT_MAX], exits[EP_VALUE_TEXT_MAX], handling[EP_VALUE_TEXT_MAX];
	char away[EP_VALUE_TEXT_MAX], leave[EP_VALUE_TEXT_MAX], reasons[128];
	bool known = result->counted;

	text_of(result->min, min);
	text_of(result->median, median);
	text_of(result->p99, p99);
	text_of(ep_tsc_ns(record->tsc, result->median), ns);
	if (!counted) {
		ep_table_add(table, result->probe->name, min, median, p99, ns,
			     result->probe->operation);
		return;
	}
	list_reasons(record, result, reasons, sizeof(reasons));
	ep_table_add(table, result->probe->name, min, median, p99, ns,
		     known ? rate_of(exits_of(result), exits) : "-",
		     known ? text_of(result->handling, handling) : "-",
		     result->split ? text_of(result->away, away) : "-",
		     has_leave(result) ? leave_of(result, leave) : "-", known ? reasons : "-");
}

static void print_table(const struct ep_bench_record *record)
{
	static const struct ep_column with_exits[] = {
		{ "cycles of" },
		{ "min", true },
		{ "median", true },
		{ "p99", true },
		{ "ns", true },
		{ "exits", true },
		{ "handling", true },
		{ "away", true },
		{ "switch", true },
		{ "reasons" },
		{},
	};
	static const struct ep_column without[] = {
		{ "cycles of" },
		{ "min", true },
		{ "median", true },
		{ "p99", true },
		{ "ns", true },
		{ "operation" },
		{},
	};
	bool counted = record->host->patched, any = false;
	_cleanup_(ep_table_cleanup) struct ep_table *table =
		ep_table_create(counted ? with_exits : without);

	for (size_t i = 0; i < record->count; i++) {
		if (!measured(&record->results[i]))
			continue;
		add_row(table, record, &record->results[i], counted);
		any = true;
	}
	if (!any)
		return;
	ep_table_print(table);
	puts("ns: of the median");
	if (counted)
		ep_terminal_fill(stdout, 2, "%s",
				 "exits, handling, away, switch: of one operation, without timer "
				 "ticks where the reason is\n"
				 "one alone; switch: out of the guest and back, which is the "
				 "operation less away\n");
}

static void print_skipped(FILE *file, const struct ep_bench_record *record)
{
	for (size_t i = 0; i < record->count; i++)
		if (!measured(&record->results[i]))
			fprintf(file, "skip: %s: %s\n", record->results[i].probe->name,
				record->results[i].skip);
}

static void print_outliers(FILE *file, const struct ep_bench_record *record)
{
	const struct ep_bench_result *worst = NULL;
	char some[EP_VALUE_TEXT_MAX], all[EP_VALUE_TEXT_MAX];
	uint64_t outliers = 0, samples = 0;

	for (size_t i = 0; i < record->count; i++) {
		const struct ep_bench_result *result = &record->results[i];

		outliers += result->outliers;
		samples += result->samples;
		if (result->outliers && (!worst || result->max > worst->max))
			worst = result;
	}
	if (!worst)
		return;
	fprintf(file,
		"outliers: %s of %s samples took more than ten times their median, up to %.0f us "
		"(%s):\n  interrupts, or a vCPU that did not run; they count in mean and maximum, "
		"hardly in the rest\n",
		ep_value_group(outliers, some), ep_value_group(samples, all),
		ep_tsc_ns(record->tsc, worst->max * worst->batch) / 1000, worst->probe->name);
}

static void print_doubts(FILE *file, const struct ep_bench_record *record)
{
	bool mixed = false;

	if (record->stolen_ns)
		fprintf(file,
			"stolen: for %.0f ms the hypervisor let others have CPU %u; that is in "
			"outliers\n",
			record->stolen_ns / 1e6, record->cpu);
	if (ep_tsc_doubtful(record->tsc))
		fprintf(file,
			"clocks disagree: the TSC runs at %.0f kHz by CLOCK_MONOTONIC_RAW; trust "
			"cycles, not ns\n",
			record->tsc->calibrated_khz);
	for (size_t i = 0; i < record->count; i++)
		mixed |= has_leave(&record->results[i]) && record->results[i].mixed;
	if (mixed)
		fputs("~: other exits never ceased while it was measured, and may have lengthened "
		      "away\n",
		      file);
	for (size_t i = 0; i < record->count; i++)
		if (record->results[i].split && record->results[i].leave < 0)
			fprintf(file,
				"switch of %s unknown: its exits took longer than it did; try a "
				"longer --duration\n",
				record->results[i].probe->name);
	if (record->stale)
		fputs("counters started anew meanwhile: what was measured just then is left out\n",
		      file);
	if (record->interrupted)
		fputs("interrupted: what was measured until then is shown\n", file);
}

static void print_remarks(FILE *to, const struct ep_bench_record *record)
{
	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
	FILE *file = ep_terminal_begin(&text, to, 2);

	fprintf(file,
		"TSC: %.0f kHz by %s; CPU %u; reading the TSC takes %" PRIu64
		" cycles, subtracted\n",
		record->tsc->khz, ep_tsc_source_name(record->tsc->source), record->cpu,
		record->overhead);
	print_skipped(file, record);
	print_outliers(file, record);
	print_doubts(file, record);
}

/* In cycles, and the same in ns. */
static void add_time(struct json_object *to, const char *name, const struct ep_bench_record *record,
		     double cycles)
{
	char member[64];

	snprintf(member, sizeof(member), "%s_cycles", name);
	ep_json_add_real(to, member, cycles, 1);
	snprintf(member, sizeof(member), "%s_ns", name);
	ep_json_add_real(to, member, ep_tsc_ns(record->tsc, cycles), 1);
}

static struct json_object *json_exits(const struct ep_bench_result *result, bool full)
{
	struct json_object *json = json_object_new_array();

	for (unsigned int i = 0; i < result->count; i++) {
		const struct ep_bench_exits *exits = &result->reasons[i];
		struct json_object *entry = json_object_new_object();

		ep_json_add_u64(entry, "reason", exits->reason);
		ep_json_add_text(entry, "name", exits->name);
		ep_json_add_real(entry, "exits_per_operation", exits->exits, 6);
		ep_json_add_known_real(entry, "handling_cycles_per_operation", true,
				       exits->handling, 1);
		ep_json_add_known_real(entry, "away_cycles_per_operation", full, exits->away, 1);
		json_object_array_add(json, entry);
	}
	return json;
}

static struct json_object *json_counted(const struct ep_bench_record *record,
					const struct ep_bench_result *result)
{
	struct json_object *json = json_object_new_object();

	ep_json_add_u64(json, "operations_count", result->operations);
	ep_json_add_u64(json, "segments_count", result->segments);
	ep_json_add_u64(json, "clean_segments_count", result->clean);
	ep_json_add(json, "clean", json_object_new_boolean(!result->mixed));
	ep_json_add_real(json, "exits_per_operation", result->exits, 6);
	ep_json_add_known_real(json, "own_exits_per_operation", result->own, result->own, 6);
	ep_json_add_real(json, "handling_cycles", result->handling, 1);
	ep_json_add_known_real(json, "away_cycles", result->split, result->away, 1);
	ep_json_add_known_real(json, "switch_cycles", has_leave(result), result->leave, 1);
	ep_json_add(json, "reasons", json_exits(result, record->host->latch));
	return json;
}

static struct json_object *json_result(const struct ep_bench_record *record,
				       const struct ep_bench_result *result)
{
	struct json_object *json = json_object_new_object();

	ep_json_add_text(json, "name", result->probe->name);
	ep_json_add_text(json, "operation", result->probe->operation);
	ep_json_add(json, "skipped", measured(result) ? NULL : ep_json_text(result->skip));
	if (!measured(result))
		return json;
	ep_json_add_u64(json, "batch_operations_count", result->batch);
	ep_json_add_u64(json, "samples_count", result->samples);
	ep_json_add_u64(json, "outliers_count", result->outliers);
	ep_json_add(json, "interrupted", json_object_new_boolean(result->interrupted));
	add_time(json, "min", record, result->min);
	add_time(json, "median", record, result->median);
	add_time(json, "p99", record, result->p99);
	add_time(json, "max", record, result->max);
	add_time(json, "mean", record, result->mean);
	ep_json_add(json, "exits", result->counted ? json_counted(record, result) : NULL);
	return json;
}

static struct json_object *json_guest(const struct ep_host *host)
{
	struct json_object *json = json_object_new_object();
	struct ep_guest guest;

	ep_guest_identify(&guest);
	ep_json_add_text(json, "kernel", guest.kernel);
	ep_json_add_text(json, "cpu_vendor", host->cpu_vendor);
	ep_json_add_text(json, "cpu_model", host->cpu_model);
	ep_json_add_u64(json, "cpus_count", guest.cpus);
	ep_json_add_text(json, "hypervisor", host->hypervisor);
	return json;
}

static struct json_object *json_tsc(const struct ep_tsc *tsc)
{
	struct json_object *json = json_object_new_object();

	ep_json_add_real(json, "khz", tsc->khz, 0);
	ep_json_add_text(json, "source", ep_tsc_source_name(tsc->source));
	ep_json_add_real(json, "calibrated_khz", tsc->calibrated_khz, 0);
	return json;
}

static void print_json(const struct ep_bench_record *record)
{
	struct json_object *json = json_object_new_object();
	struct json_object *tool = json_object_new_object();
	struct json_object *probes = json_object_new_array();

	ep_json_add_text(tool, "name", "exitprof");
	ep_json_add_text(tool, "version", EXITPROF_VERSION);
	for (size_t i = 0; i < record->count; i++)
		json_object_array_add(probes, json_result(record, &record->results[i]));
	ep_json_add_u64(json, "format", FORMAT);
	ep_json_add(json, "tool", tool);
	ep_json_add(json, "virtual_machine", json_object_new_boolean(record->host->in_vm));
	ep_json_add(json, "host", record->host->patched ? ep_result_json_host(record->host) : NULL);
	ep_json_add(json, "guest", json_guest(record->host));
	ep_json_add(json, "tsc", record->tsc ? json_tsc(record->tsc) : NULL);
	ep_json_add_u64(json, "cpu", record->cpu);
	ep_json_add_u64(json, "duration_limit_ns", record->duration_ns);
	ep_json_add_u64(json, "timer_overhead_cycles", record->overhead);
	ep_json_add_u64(json, "stolen_ns", record->stolen_ns);
	ep_json_add(json, "interrupted", json_object_new_boolean(record->interrupted));
	ep_json_add(json, "probes", probes);
	ep_output_json(json);
}

/* Empty where the value is not known. */
static void csv_real(bool known, double value, int decimals, char end)
{
	if (known)
		ep_csv_real(stdout, value, decimals, end);
	else
		putchar(end);
}

static void print_csv(const struct ep_bench_record *record)
{
	puts("probe,operation,skipped,samples_count,batch_operations_count,min_cycles,"
	     "median_cycles,p99_cycles,max_cycles,mean_cycles,min_ns,median_ns,p99_ns,max_ns,"
	     "mean_ns,exits_per_operation,reason,name,handling_cycles,away_cycles,switch_cycles");
	for (size_t i = 0; i < record->count; i++) {
		const struct ep_bench_result *result = &record->results[i];
		const double times[] = { result->min, result->median, result->p99, result->max,
					 result->mean };
		bool known = measured(result), counted = known && result->counted;
		const struct ep_bench_exits *reason = reason_of(record, result);

		ep_csv_text(stdout, result->probe->name, ',');
		ep_csv_text(stdout, result->probe->operation, ',');
		ep_csv_text(stdout, result->skip, ',');
		csv_real(known, result->samples, 0, ',');
		csv_real(known, result->batch, 0, ',');
		for (size_t j = 0; j < ARRAY_SIZE(times); j++)
			csv_real(known, times[j], 1, ',');
		for (size_t j = 0; j < ARRAY_SIZE(times); j++)
			csv_real(known, known ? ep_tsc_ns(record->tsc, times[j]) : 0, 1, ',');
		csv_real(counted, exits_of(result), 6, ',');
		csv_real(reason, reason ? reason->reason : 0, 0, ',');
		ep_csv_text(stdout, reason ? reason->name : "", ',');
		csv_real(counted, result->handling, 1, ',');
		csv_real(counted && result->split, result->away, 1, ',');
		csv_real(counted && has_leave(result), result->leave, 1, '\n');
	}
}

void ep_print_bench(const struct ep_bench_record *record, enum ep_output_format format)
{
	switch (format) {
	case EP_OUTPUT_TABLE:
		print_table(record);
		break;
	case EP_OUTPUT_CSV:
		print_csv(record);
		break;
	case EP_OUTPUT_JSON:
		print_json(record);
		break;
	}
	fflush(stdout);
	if (record->host->in_vm)
		print_remarks(format == EP_OUTPUT_TABLE ? stdout : stderr, record);
}
