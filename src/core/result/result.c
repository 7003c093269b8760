// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>

#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/result/json.h"
#include "core/result/result.h"
#include "core/result/summary.h"

static bool occurred(const struct ep_record *record, uint32_t row)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->repeats[i].delta.rows[row].exits)
			return true;
	return false;
}

/* Nothing is not 0: an empty field. */
static void known(FILE *file, bool is_known, uint64_t value, char end)
{
	if (is_known)
		ep_csv_u64(file, value, end);
	else
		fputc(end, file);
}

static void known_real(FILE *file, bool is_known, double value, int decimals, char end)
{
	if (is_known)
		ep_csv_real(file, value, decimals, end);
	else
		fputc(end, file);
}

static void write_scope(FILE *file, const struct ep_record *record, size_t repeat,
			const char *scope, const struct ep_delta *delta)
{
	const struct ep_host *host = record->host;

	for (uint32_t row = 0; row < delta->count; row++) {
		if (!occurred(record, row))
			continue;
		ep_csv_u64(file, repeat + 1, ',');
		ep_csv_text(file, scope, ',');
		ep_csv_u64(file, host->reasons[row], ',');
		ep_csv_text(file, ep_reasons_name(host->vendor, host->reasons[row]), ',');
		ep_csv_u64(file, delta->rows[row].exits, ',');
		known(file, delta->timed, delta->rows[row].cycles, ',');
		known(file, delta->full, delta->rows[row].away, '\n');
	}
}

void ep_result_write_exits(FILE *file, const struct ep_record *record)
{
	char scope[sizeof("vcpu") + 10];

	fputs("repeat,scope,reason,name,exits_count,handling_cycles,away_cycles\n", file);
	for (size_t i = 0; i < record->count; i++) {
		const struct ep_repeat *repeat = &record->repeats[i];

		write_scope(file, record, i, "vm", &repeat->delta);
		for (uint32_t vcpu = 0; vcpu < record->vcpus; vcpu++) {
			snprintf(scope, sizeof(scope), "vcpu%" PRIu32, vcpu);
			write_scope(file, record, i, scope, &repeat->vcpus[vcpu]);
		}
	}
}

void ep_result_write_runs(FILE *file, const struct ep_record *record)
{
	fputs("repeat,duration_ns,operations_count,exits_count,handling_cycles,"
	      "own_exits_count,own_handling_cycles,consistent,away_cycles,"
	      "details_lost_count,status\n",
	      file);
	for (size_t i = 0; i < record->count; i++) {
		const struct ep_repeat *repeat = &record->repeats[i];

		ep_csv_u64(file, i + 1, ',');
		ep_csv_u64(file, repeat->duration_ns, ',');
		known(file, ep_record_operation(record), repeat->outcome.operations, ',');
		ep_csv_u64(file, repeat->delta.exits, ',');
		ep_csv_u64(file, repeat->delta.cycles, ',');
		ep_csv_u64(file, repeat->delta.own_exits, ',');
		ep_csv_u64(file, repeat->delta.own_cycles, ',');
		ep_csv_u64(file, repeat->delta.consistent, ',');
		known(file, repeat->delta.full, repeat->delta.away, ',');
		known(file, record->details, repeat->details.lost, ',');
		known(file, record->command, repeat->status, '\n');
	}
}

void ep_result_write_summary(FILE *file, const struct ep_summary *summary)
{
	fputs("reason,name,exits_count,exits_per_second,handling_cycles,cycles_share,"
	      "cycles_per_exit,exits_count_min,exits_count_max,handling_cycles_min,"
	      "handling_cycles_max,away_cycles,handling_p50_cycles,handling_p90_cycles,"
	      "handling_p99_cycles,handling_max_cycles,handling_max_since_boot_cycles\n",
	      file);
	for (uint32_t i = 0; i < summary->count; i++) {
		const struct ep_summary_row *row = &summary->rows[i];

		ep_csv_u64(file, row->reason, ',');
		ep_csv_text(file, row->name, ',');
		ep_csv_u64(file, row->exits, ',');
		ep_csv_real(file, row->exits_per_second, 3, ',');
		known(file, row->timed, row->cycles, ',');
		known_real(file, row->timed, row->cycles_share, 6, ',');
		known_real(file, row->timed, row->cycles_per_exit, 1, ',');
		ep_csv_u64(file, row->exits_min, ',');
		ep_csv_u64(file, row->exits_max, ',');
		known(file, row->timed, row->cycles_min, ',');
		known(file, row->timed, row->cycles_max, ',');
		known(file, row->full, row->away, ',');
		known(file, row->max, row->p50, ',');
		known(file, row->max, row->p90, ',');
		known(file, row->max, row->p99, ',');
		known(file, row->max, row->max, ',');
		known(file, row->full, row->max_since_boot, '\n');
	}
}

void ep_result_write_histogram(FILE *file, const struct ep_record *record)
{
	const struct ep_host *host = record->host;

	fputs("reason,name,bucket_low_cycles,bucket_high_cycles,exits_count\n", file);
	for (uint32_t row = 0; record->histogram && row < host->count; row++) {
		for (int i = 0; i < EXITPROF_BUCKETS; i++) {
			if (!record->histogram[row + 1][i])
				continue;
			ep_csv_u64(file, host->reasons[row], ',');
			ep_csv_text(file, ep_reasons_name(host->vendor, host->reasons[row]), ',');
			ep_csv_u64(file, UINT64_C(1) << i, ',');
			ep_csv_u64(file, (UINT64_C(2) << i) - 1, ',');
			ep_csv_u64(file, record->histogram[row + 1][i], '\n');
		}
	}
}

void ep_result_write_details(FILE *file, const struct ep_record *record)
{
	const struct ep_host *host = record->host;

	fputs("repeat,scope,reason,name,kind,direction,value,value_name,events_count\n", file);
	for (size_t i = 0; i < record->count; i++) {
		const struct ep_details *details = &record->repeats[i].details;

		for (size_t j = 0; j < details->count; j++) {
			uint64_t key = details->list[j].key;
			uint32_t row = ep_detail_row(host, key);
			bool listed = row < host->count;

			ep_csv_u64(file, i + 1, ',');
			ep_csv_text(file, "vm", ',');
			known(file, listed, listed ? host->reasons[row] : 0, ',');
			ep_csv_text(file,
				    listed ? ep_reasons_name(host->vendor, host->reasons[row])
					   : "other",
				    ',');
			ep_csv_text(file, ep_detail_kind(key), ',');
			ep_csv_text(file, ep_detail_direction(key), ',');
			fprintf(file, "0x%" PRIx64 ",", ep_detail_value(key));
			ep_csv_text(file, ep_detail_value_name(key), ',');
			ep_csv_u64(file, details->list[j].events, '\n');
		}
	}
}

static int write_json(FILE *file, const struct ep_record *record)
{
	struct json_object *json = ep_result_json(record);
	const char *text;

	if (!json)
		return -ENOMEM;
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		fprintf(file, "%s\n", text);
	json_object_put(json);
	return text ? 0 : -ENOMEM;
}

enum { EXITS, RUNS, SUMMARY, HISTOGRAM, DETAILS, RUN };

static int write_file(FILE *file, int index, const struct ep_record *record,
		      const struct ep_summary *summary)
{
	switch (index) {
	case EXITS:
		ep_result_write_exits(file, record);
		return 0;
	case RUNS:
		ep_result_write_runs(file, record);
		return 0;
	case SUMMARY:
		ep_result_write_summary(file, summary);
		return 0;
	case HISTOGRAM:
		ep_result_write_histogram(file, record);
		return 0;
	case DETAILS:
		ep_result_write_details(file, record);
		return 0;
	default:
		return write_json(file, record);
	}
}

int ep_result_write(const struct ep_folder *folder, const struct ep_record *record,
		    const struct ep_summary *summary, struct ep_error *err)
{
	static const char *const names[] = {
		[EXITS] = "exits.csv",	       [RUNS] = "runs.csv",	  [SUMMARY] = "summary.csv",
		[HISTOGRAM] = "histogram.csv", [DETAILS] = "details.csv", [RUN] = EP_FOLDER_MARK,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		FILE *file;
		int code, memory;

		if ((i == HISTOGRAM && !record->histogram) || (i == DETAILS && !record->details))
			continue;
		code = ep_folder_create(folder, names[i], &file, err);
		if (code)
			return code;
		memory = write_file(file, i, record, summary);
		code = ep_folder_close(folder, names[i], file, err);
		if (code)
			return code;
		if (memory)
			return ep_error_set(err, memory, "cannot write '%s': %m", names[i]);
	}
	return 0;
}
