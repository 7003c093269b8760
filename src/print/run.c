// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/utf8.h"
#include "core/base/value.h"
#include "core/result/json.h"
#include "core/result/result.h"
#include "core/result/summary.h"
#include "print/run.h"
#include "print/summary.h"

static void print_operations(FILE *file, const struct ep_record *record,
			     const struct ep_summary *summary)
{
	char operations[EP_VALUE_TEXT_MAX];

	ep_utf8_put(file, ep_record_name(record));
	fputs(": ", file);
	if (record->workload)
		fprintf(file, "%s x %s in ", ep_value_group(summary->operations, operations),
			record->workload->operation);
	fprintf(file, "%.3f s", summary->duration_ns / 1e9);
	if (record->workload && summary->operations)
		fprintf(file, ", %.3f exits each",
			(double)summary->total.exits / summary->operations);
	if (record->count > 1)
		fprintf(file, " (medians of %zu repeats)", record->count);
	putc('\n', file);
}

/* Whether an earlier cause has the same reason: both are in its line. */
static bool shares_reason(const struct ep_record *record, int cause)
{
	enum ep_vendor vendor = record->host->vendor;

	for (int other = 0; other < cause; other++)
		if (record->workload->exact_causes & 1u << other &&
		    ep_reasons_of_cause(vendor, other) == ep_reasons_of_cause(vendor, cause))
			return true;
	return false;
}

/* A workload that has a cause by an option only need not speak of it without. */
static bool is_claimed(const struct ep_record *record, int cause)
{
	uint32_t reason = ep_reasons_of_cause(record->host->vendor, cause);

	for (size_t i = 0; i < record->count; i++)
		if (ep_record_expected(record, &record->repeats[i], reason))
			return true;
	return false;
}

/* One line a cause where all repeats agree with what they expect, else one a repeat. */
static void print_cause(FILE *file, const struct ep_record *record, int cause)
{
	char expected[EP_VALUE_TEXT_MAX], counted[EP_VALUE_TEXT_MAX];
	uint32_t reason = ep_reasons_of_cause(record->host->vendor, cause);

	for (size_t i = 0; i < record->count; i++) {
		const struct ep_repeat *repeat = &record->repeats[i];
		const struct ep_delta_row *row;
		uint64_t must = ep_record_expected(record, repeat, reason), exits;

		row = ep_delta_find(&repeat->delta, record->host, reason);
		exits = row ? row->exits : 0;
		fprintf(file, "%s", ep_reasons_name(record->host->vendor, reason));
		if (record->count > 1)
			fprintf(file, " (repeat %zu)", i + 1);
		fprintf(file, ": expected %s, counted %s", ep_value_group(must, expected),
			ep_value_group(exits, counted));
		if (must == exits)
			fputs(": exact\n", file);
		else
			fprintf(file, ": %s %s\n",
				ep_value_group(must > exits ? must - exits : exits - must,
					       expected),
				must > exits ? "missing" : "more");
	}
}

static void print_own(FILE *file, const struct ep_record *record)
{
	char exits[EP_VALUE_TEXT_MAX], cycles[EP_VALUE_TEXT_MAX];
	uint64_t own_exits = 0, own_cycles = 0;

	for (size_t i = 0; i < record->count; i++) {
		own_exits += record->repeats[i].delta.own_exits;
		own_cycles += record->repeats[i].delta.own_cycles;
	}
	fprintf(file, "subtracted: %s exits of exitprof's own, and %s cycles for them\n",
		ep_value_group(own_exits, exits), ep_value_group(own_cycles, cycles));
}

static void print_status(FILE *file, const struct ep_record *record)
{
	for (size_t i = 0; record->command && i < record->count; i++) {
		int status = record->repeats[i].status;

		if (!status)
			continue;
		if (record->count > 1)
			fprintf(file, "repeat %zu: ", i + 1);
		fprintf(file, "exit status %d", status);
		if (status > 128 && sigdescr_np(status - 128))
			fprintf(file, ": signal %d, %s", status - 128, sigdescr_np(status - 128));
		putc('\n', file);
	}
}

/* Idle time is most of it in many a guest, and nobody's fault. */
static void print_away(FILE *file, const struct ep_record *record, const struct ep_summary *summary)
{
	uint32_t vcpus = record->host->vcpus;
	double share;

	if (!ep_record_away_share(record, &share))
		return;
	fprintf(file, "out of the guest: %.1f%% of the time of %u vCPU%s", 100 * share, vcpus,
		vcpus > 1 ? "s" : "");
	for (uint32_t i = 0; i < summary->count; i++)
		if (!strcasecmp(summary->rows[i].name, "hlt") && summary->total.away)
			fprintf(file, ", of which %s is %.0f%%", summary->rows[i].name,
				100.0 * summary->rows[i].away / summary->total.away);
	putc('\n', file);
}

void ep_print_own_cpu(FILE *file, const struct ep_record_series *series)
{
	if (series->samples)
		fprintf(file, "exitprof itself: %.2f%% of one CPU, %.1f us a sample\n",
			100 * ep_record_own_share(series),
			series->own_cpu_ns / 1e3 / series->samples);
}

static void print_series(FILE *file, const struct ep_record *record)
{
	const struct ep_record_series *series = &record->series;
	char samples[EP_VALUE_TEXT_MAX], missed[EP_VALUE_TEXT_MAX], interval[EP_VALUE_TEXT_MAX];

	if (!series->interval_ns)
		return;
	ep_value_format(EXITPROF_OPTION_DURATION, series->interval_ns, interval);
	fprintf(file, "series: %s samples, one every %s; %s ticks missed\n",
		ep_value_group(series->samples, samples), interval,
		ep_value_group(series->missed, missed));
	ep_print_own_cpu(file, series);
}

static uint64_t lost_details(const struct ep_record *record)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < record->count; i++)
		lost += record->repeats[i].details.lost;
	return lost;
}

static void print_details(FILE *file, const struct ep_record *record,
			  const struct ep_summary *summary)
{
	_cleanup_(ep_details_finish) struct ep_details details = {};

	if (!record->details || ep_record_details(&details, record))
		return;
	if (details.count)
		ep_print_details(file, summary, &details, record->host);
	else if (lost_details(record))
		fputs("details: - (all were lost)\n", file);
	else
		fputs("no exits with details\n", file);
	putc('\n', file);
}

static void print_unknown(FILE *file, const struct ep_record *record)
{
	if (record->host->totals)
		fputs("exits and cycles by reason: - (the host answers totals only)\n", file);
	else if (!ep_host_tells(record->host, EP_FIGURE_REASON_CYCLES))
		fprintf(file,
			"cycles by reason: - (the host's dialect, %s, has those of all reasons "
			"together only)\n",
			ep_host_dialect(record->host));
	if (!record->histogram)
		fputs("percentiles, away cycles: - (the host does not tell, see 'exitprof "
		      "doctor')\n",
		      file);
}

static void print_lost_details(FILE *file, const struct ep_record *record)
{
	char text[EP_VALUE_TEXT_MAX];

	/* The guest's boot alone may have filled them. */
	if (lost_details(record))
		fprintf(file,
			"details lost: %s events found no room in the host's tables of %u for each "
			"vCPU;\n"
			"  to empty them, on the host: echo 0 > /sys/module/kvm/parameters/"
			"exitprof_details,\n"
			"  and then 1\n",
			ep_value_group(lost_details(record), text), EXITPROF_DETAILS_MAX);
}

static void print_doubts(FILE *file, const struct ep_record *record)
{
	size_t doubtful = 0, last = record->count - 1;

	for (size_t i = 0; i < record->count; i++)
		doubtful += !record->repeats[i].delta.consistent;
	if (doubtful)
		fprintf(file,
			"not of one instant: in %zu of %zu repeats the guest never was quiet long "
			"enough to read all counters between two exits, or the host lost some; "
			"sums may be a few exits off\n",
			doubtful, record->count);
	if (record->repeats[last].interrupted)
		fprintf(file, "interrupted: repeat %zu ended early%s\n", record->count,
			record->count < record->wanted ? ", the rest was not run" : "");
	else if (record->count < record->wanted)
		fprintf(file, "interrupted: %zu of %u repeats were run\n", record->count,
			record->wanted);
}

static void print_remarks(FILE *to, const struct ep_record *record,
			  const struct ep_summary *summary, const char *path)
{
	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
	FILE *file = ep_terminal_begin(&text, to, 2);

	print_operations(file, record, summary);
	print_status(file, record);
	print_away(file, record, summary);
	for (int cause = 0; cause < EXITPROF_CAUSES; cause++)
		if (record->workload && record->workload->exact_causes & 1u << cause &&
		    !record->host->totals && is_claimed(record, cause) &&
		    !shares_reason(record, cause))
			print_cause(file, record, cause);
	print_own(file, record);
	print_series(file, record);
	print_lost_details(file, record);
	print_unknown(file, record);
	print_doubts(file, record);
	if (!path)
		return;
	fputs("saved in ", file);
	ep_utf8_put(file, path);
	putc('\n', file);
}

static void print_tables(FILE *file, const struct ep_record *record,
			 const struct ep_summary *summary)
{
	ep_print_summary(file, summary, true);
	putc('\n', file);
	if (record->histogram) {
		ep_print_times(file, summary);
		putc('\n', file);
	}
	if (record->vcpus) {
		ep_print_vcpus(file, record);
		putc('\n', file);
	}
	print_details(file, record, summary);
}

void ep_print_run(const struct ep_record *record, const struct ep_summary *summary,
		  enum ep_output_format format, const char *path)
{
	FILE *file = record->command ? stderr : stdout;
	struct json_object *json;

	switch (format) {
	case EP_OUTPUT_TABLE:
		print_tables(file, record, summary);
		print_remarks(file, record, summary, path);
		break;
	case EP_OUTPUT_CSV:
		ep_result_write_summary(stdout, summary);
		print_remarks(stderr, record, summary, path);
		break;
	case EP_OUTPUT_JSON:
		json = ep_result_json(record);
		if (json) {
			json_object_object_add(json, "summary", ep_result_json_summary(summary));
			json_object_object_add(json, "details", ep_result_json_details(record));
			json_object_object_add(json, "vcpus", ep_result_json_vcpus(record));
			ep_output_json(json);
		}
		print_remarks(stderr, record, summary, path);
		break;
	}
	fflush(stdout);
}
