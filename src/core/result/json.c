// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/base/value.h"
#include "core/result/json.h"
#include "core/result/summary.h"

#define NAME_MAX_LENGTH 80

struct json_object *ep_result_json_host(const struct ep_host *host)
{
	struct json_object *json = json_object_new_object();

	ep_json_add_text(json, "vendor", ep_reasons_vendor_name(host->vendor));
	ep_json_add_text(json, "recognised", host->discovery ? "discovery" : "behaviour");
	ep_json_add_bool(json, "simulated", host->cpuid->simulated);
	ep_json_add_known(json, "abi_version", host->discovery, host->abi);
	ep_json_add_known(json, "level", host->discovery, host->level);
	ep_json_add_known(json, "vcpus_count", host->discovery, host->vcpus);
	ep_json_add_known(json, "tsc_khz", host->discovery, host->tsc_khz);
	ep_json_add_known(json, "generation", host->discovery, host->generation);
	ep_json_add_text(json, "dialect", ep_host_dialect(host));
	ep_json_add_bool(json, "marks_undefined_reasons", host->marks);
	ep_json_add_text(json, "read_by", host->latch ? "latch" : host->dialect->name);
	ep_json_add_bool(json, "collects_details", host->details);
	ep_json_add_bool(json, "lists_handled_reasons", host->lists_handled);
	ep_json_add_u64(json, "readable_reasons_count", host->count);
	return json;
}

static struct json_object *json_guest(const struct ep_record *record)
{
	struct json_object *json = json_object_new_object();

	ep_json_add_text(json, "kernel", record->guest.kernel);
	ep_json_add_text(json, "cpu_vendor", record->host->cpu_vendor);
	ep_json_add_text(json, "cpu_model", record->host->cpu_model);
	ep_json_add_u64(json, "cpus_count", record->guest.cpus);
	ep_json_add_text(json, "hypervisor", record->host->hypervisor);
	return json;
}

static bool is_default(const struct exitprof_option *option, const union exitprof_value *value)
{
	uint64_t number = 0;

	if (option->type == EXITPROF_OPTION_STRING)
		return !strcmp(option->default_value, value->str);
	return !ep_value_parse(option->type, option->default_value, &number) &&
	       number == value->u64;
}

/* What is not as by default, as one would type it after --set. */
static struct json_object *json_set(const struct ep_settings *settings)
{
	struct json_object *json = json_object_new_array();

	for (size_t i = 0; i < settings->count; i++) {
		const struct exitprof_option *option = &settings->workload->options[i];
		const union exitprof_value *value = &settings->values[i];
		_cleanup_free_ char *text = NULL;
		char number[EP_VALUE_TEXT_MAX];

		if (is_default(option, value))
			continue;
		if (asprintf(&text, "%s=%s", option->name,
			     option->type == EXITPROF_OPTION_STRING
				     ? value->str
				     : ep_value_format(option->type, value->u64, number)) < 0)
			text = NULL;
		json_object_array_add(json, text ? ep_json_text(text) : NULL);
	}
	return json;
}

static struct json_object *json_workload(const struct ep_record *record)
{
	const struct ep_settings *settings = record->settings;
	struct json_object *json, *options;

	if (!record->workload)
		return NULL;
	json = json_object_new_object();
	options = json_object_new_object();
	for (size_t i = 0; i < settings->count; i++) {
		const struct exitprof_option *option = &settings->workload->options[i];

		if (option->type == EXITPROF_OPTION_STRING)
			ep_json_add_text(options, option->name, settings->values[i].str);
		else
			ep_json_add_u64(options, option->name, settings->values[i].u64);
	}
	ep_json_add_text(json, "name", record->workload->name);
	ep_json_add_text(json, "path", record->workload_path);
	ep_json_add_text(json, "operation", record->workload->operation);
	ep_json_add(json, "options", options);
	ep_json_add(json, "set", json_set(settings));
	return json;
}

static struct json_object *json_command(const struct ep_record *record)
{
	struct json_object *json;

	if (!record->command)
		return NULL;
	json = json_object_new_array();
	for (char *const *word = record->command; *word; word++)
		json_object_array_add(json, ep_json_text(*word));
	return json;
}

static struct json_object *json_series(const struct ep_record *record)
{
	struct json_object *json;

	if (!record->series.interval_ns)
		return NULL;
	json = json_object_new_object();
	ep_json_add_u64(json, "interval_ns", record->series.interval_ns);
	ep_json_add_u64(json, "samples_count", record->series.samples);
	ep_json_add_u64(json, "missed_count", record->series.missed);
	ep_json_add_u64(json, "restarts_count", record->series.restarts);
	ep_json_add_u64(json, "own_cpu_ns", record->series.own_cpu_ns);
	ep_json_add_real(json, "own_cpu_share", ep_record_own_share(&record->series), 6);
	return json;
}

static uint64_t lost_details(const struct ep_record *record)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < record->count; i++)
		lost += record->repeats[i].details.lost;
	return lost;
}

static struct json_object *json_run(const struct ep_record *record)
{
	struct json_object *json = json_object_new_object();
	char text[sizeof("2026-01-01T00:00:00Z") + 16] = "";
	struct tm utc;
	double share;

	if (gmtime_r(&record->started, &utc))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	ep_json_add_text(json, "started", text);
	ep_json_add_u64(json, "repeats_wanted_count", record->wanted);
	ep_json_add_u64(json, "repeats_count", record->count);
	ep_json_add_u64(json, "warmups_count", record->warmups);
	ep_json_add(json, "duration_limit_ns",
		    record->duration_ns ? json_object_new_uint64(record->duration_ns) : NULL);
	ep_json_add_bool(json, "interrupted", ep_record_interrupted(record));
	ep_json_add_bool(json, "consistent", ep_record_consistent(record));
	if (ep_record_away_share(record, &share))
		ep_json_add_real(json, "away_share", share, 6);
	else
		ep_json_add(json, "away_share", NULL);
	ep_json_add_known(json, "details_lost_count", record->details, lost_details(record));
	ep_json_add_bool(json, "per_vcpu", record->vcpus);
	return json;
}

static struct json_object *json_expected(const struct ep_record *record)
{
	struct json_object *json = json_object_new_array();

	for (size_t i = 0; i < record->count; i++) {
		for (int cause = 0; cause < EXITPROF_CAUSES; cause++) {
			const struct ep_repeat *repeat = &record->repeats[i];
			uint32_t reason = ep_reasons_of_cause(record->host->vendor, cause);
			const struct ep_delta_row *row;
			struct json_object *entry;

			if (!record->workload || !(record->workload->exact_causes & 1u << cause))
				continue;
			row = ep_delta_find(&repeat->delta, record->host, reason);
			entry = json_object_new_object();
			ep_json_add_u64(entry, "repeat", i + 1);
			ep_json_add_text(entry, "cause", ep_reasons_cause_name(cause));
			ep_json_add_u64(entry, "reason", reason);
			ep_json_add_text(entry, "name",
					 ep_reasons_name(record->host->vendor, reason));
			ep_json_add_u64(entry, "expected_count",
					ep_record_expected(record, repeat, reason));
			ep_json_add_u64(entry, "counted_count", row ? row->exits : 0);
			json_object_array_add(json, entry);
		}
	}
	return json;
}

static struct json_object *json_own(const struct ep_record *record)
{
	struct json_object *json = json_object_new_object();
	uint64_t exits = 0;

	for (size_t i = 0; i < record->count; i++)
		exits += record->repeats[i].delta.own_exits;
	ep_json_add_u64(json, "exits_count", exits);
	ep_json_add_u64(json, "handling_cycles_per_exit", record->cycles_per_own);
	ep_json_add_known(json, "away_cycles_per_exit", record->histogram, record->away_per_own);
	ep_json_add_text(json, "exits_method",
			 "every CPUID of the reader is counted and subtracted");
	ep_json_add_text(json, "handling_cycles_method",
			 "own exits times the median of one, calibrated before the run");
	return json;
}

struct json_object *ep_result_json_details(const struct ep_record *record)
{
	_cleanup_(ep_details_finish) struct ep_details details = {};
	const struct ep_host *host = record->host;
	struct json_object *json;

	if (!record->details || ep_record_details(&details, record))
		return NULL;
	json = json_object_new_array();
	for (size_t i = 0; i < details.count; i++) {
		struct json_object *entry = json_object_new_object();
		uint64_t key = details.list[i].key;
		uint32_t row = ep_detail_row(host, key);
		char value[sizeof("0x") + 16];
		bool listed = row < host->count;

		snprintf(value, sizeof(value), "0x%" PRIx64, ep_detail_value(key));
		ep_json_add_known(entry, "reason", listed, listed ? host->reasons[row] : 0);
		ep_json_add_text(entry, "name",
				 listed ? ep_reasons_name(host->vendor, host->reasons[row])
					: "other");
		ep_json_add_text(entry, "kind", ep_detail_kind(key));
		ep_json_add_text(entry, "direction", ep_detail_direction(key));
		ep_json_add_text(entry, "value", value);
		ep_json_add_text(entry, "value_name", ep_detail_value_name(key));
		ep_json_add_u64(entry, "events_count", details.list[i].events);
		json_object_array_add(json, entry);
	}
	return json;
}

struct json_object *ep_result_json(const struct ep_record *record)
{
	struct json_object *json = json_object_new_object();
	struct json_object *tool = json_object_new_object();

	if (!json || !tool) {
		json_object_put(json);
		json_object_put(tool);
		return NULL;
	}
	ep_json_add_text(tool, "name", "exitprof");
	ep_json_add_text(tool, "version", EXITPROF_VERSION);
	ep_json_add_u64(json, "format", EP_RESULT_FORMAT);
	ep_json_add(json, "tool", tool);
	ep_json_add(json, "run", json_run(record));
	ep_json_add(json, "workload", json_workload(record));
	ep_json_add(json, "command", json_command(record));
	ep_json_add(json, "series", json_series(record));
	ep_json_add(json, "host", ep_result_json_host(record->host));
	ep_json_add(json, "guest", json_guest(record));
	ep_json_add(json, "expected", json_expected(record));
	ep_json_add(json, "own", json_own(record));
	return json;
}

struct json_object *ep_result_json_summary(const struct ep_summary *summary)
{
	struct json_object *json = json_object_new_array();

	for (uint32_t i = 0; i < summary->count; i++) {
		const struct ep_summary_row *row = &summary->rows[i];
		struct json_object *entry = json_object_new_object();

		ep_json_add_u64(entry, "reason", row->reason);
		ep_json_add_text(entry, "name", row->name);
		ep_json_add_u64(entry, "exits_count", row->exits);
		ep_json_add_real(entry, "exits_per_second", row->exits_per_second, 3);
		ep_json_add_known(entry, "handling_cycles", row->timed, row->cycles);
		ep_json_add_known_real(entry, "cycles_share", row->timed, row->cycles_share, 6);
		ep_json_add_known_real(entry, "cycles_per_exit", row->timed, row->cycles_per_exit,
				       1);
		ep_json_add_u64(entry, "exits_count_min", row->exits_min);
		ep_json_add_u64(entry, "exits_count_max", row->exits_max);
		ep_json_add_known(entry, "handling_cycles_min", row->timed, row->cycles_min);
		ep_json_add_known(entry, "handling_cycles_max", row->timed, row->cycles_max);
		ep_json_add_known(entry, "away_cycles", row->full, row->away);
		ep_json_add_known(entry, "handling_p50_cycles", row->max, row->p50);
		ep_json_add_known(entry, "handling_p90_cycles", row->max, row->p90);
		ep_json_add_known(entry, "handling_p99_cycles", row->max, row->p99);
		ep_json_add_known(entry, "handling_max_cycles", row->max, row->max);
		ep_json_add_known(entry, "handling_max_since_boot_cycles", row->full,
				  row->max_since_boot);
		json_object_array_add(json, entry);
	}
	return json;
}

struct json_object *ep_result_json_vcpus(const struct ep_record *record)
{
	struct json_object *json;

	if (!record->vcpus)
		return NULL;
	json = json_object_new_array();
	for (uint32_t i = 0; i < record->vcpus; i++) {
		_cleanup_(ep_record_finish) struct ep_record vcpu = {};
		struct json_object *entry = json_object_new_object();
		char scope[sizeof("vcpu") + 10];
		struct ep_summary summary;

		if (ep_record_of_vcpu(&vcpu, record, i) || ep_summary_compute(&summary, &vcpu)) {
			json_object_put(entry);
			break;
		}
		snprintf(scope, sizeof(scope), "vcpu%" PRIu32, i);
		ep_json_add_text(entry, "scope", scope);
		ep_json_add_u64(entry, "exits_count", summary.total.exits);
		ep_json_add_u64(entry, "handling_cycles", summary.total.cycles);
		ep_json_add_known(entry, "away_cycles", summary.total.full, summary.total.away);
		ep_json_add(entry, "summary", ep_result_json_summary(&summary));
		json_object_array_add(json, entry);
	}
	return json;
}

/* Of run.json, which a user may have edited: "" for what is not there. */
static const char *text_at(struct json_object *json, const char *object, const char *member)
{
	struct json_object *inner, *value;

	if (!json_object_object_get_ex(json, object, &inner) ||
	    !json_object_object_get_ex(inner, member, &value) || !value)
		return "";
	return json_object_get_string(value);
}

/* The command, cut off where a title would become too long, or the workload's name. */
static void name_of(struct json_object *run, char ret[NAME_MAX_LENGTH])
{
	struct json_object *command;
	size_t length = 0;

	snprintf(ret, NAME_MAX_LENGTH, "%s", text_at(run, "workload", "name"));
	if (ret[0])
		return;
	snprintf(ret, NAME_MAX_LENGTH, "record");
	if (!json_object_object_get_ex(run, "command", &command) ||
	    !json_object_is_type(command, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(command); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(command, i));

		length += snprintf(ret + length, NAME_MAX_LENGTH - length, "%s%s", i ? " " : "",
				   word ?: "");
		if (length >= NAME_MAX_LENGTH) {
			strcpy(ret + NAME_MAX_LENGTH - sizeof("..."), "...");
			return;
		}
	}
}

int ep_result_title(char **ret, struct json_object *run)
{
	char duration[EP_VALUE_TEXT_MAX + 1] = "";
	uint64_t limit = strtoull(text_at(run, "run", "duration_limit_ns"), NULL, 10);
	const char *repeats = text_at(run, "run", "repeats_count");
	char name[NAME_MAX_LENGTH];
	bool several = strcmp(repeats, "1");
	char *title;

	name_of(run, name);
	if (limit) {
		duration[0] = ' ';
		ep_value_format(EXITPROF_OPTION_DURATION, limit, duration + 1);
	}
	if (asprintf(&title, "%s,%s%s%s%s, %s, Linux %s", name, duration,
		     several ? (limit ? " x " : " ") : "", several ? repeats : "",
		     several && !limit ? " repeats" : "", text_at(run, "host", "vendor"),
		     text_at(run, "guest", "kernel")) < 0)
		return -ENOMEM;
	*ret = title;
	return 0;
}
