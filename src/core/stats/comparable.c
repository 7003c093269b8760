// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/stats/comparable.h"

/* More of a value is not shown. */
#define VALUE_MAX (EP_COMPARABLE_VALUE_MAX - 4)

/* Two calibrations of the same clock differ by less. */
#define CLOCK_SLACK 0.01

/*
 * A member of run.json that both are to have alike. What one of them does not tell is
 * no difference, unless @null tells something, too. @why may be "".
 */
struct property {
	const char *object;
	const char *member;
	bool refuse;
	bool null;
	const char *name;
	const char *why;
};

static const struct property properties[] = {
	{ "host", "vendor", true, false, "vendor", "; their exit reasons are not the same" },
	{ "host", "simulated", true, false, "simulated host", "" },
	{ "workload", "operation", true, false, "operation of the workload", "" },
	{ "guest", "cpus_count", true, false, "CPUs of the guest", "" },
	{ "host", "vcpus_count", true, false, "vCPUs", "" },
	{ "guest", "cpu_model", true, false, "processor", "; cycles are not of the same kind" },
	{ "guest", "hypervisor", false, false, "hypervisor", "" },
	{ "guest", "kernel", false, false, "kernel of the guest", "" },
	{ "host", "abi_version", false, false, "version of the host's leaves", "" },
	{ "host", "level", false, false, "level of the host's accounting", "" },
	{ "host", "dialect", false, false, "dialect of the host's leaves", "" },
	{ "host", "collects_details", false, false, "host collects details", "" },
	{ "run", "since_vm_creation", true, false, "counted since the VM's creation", "" },
	{ "run", "duration_limit_ns", false, true, "time limit of a repeat in ns", "" },
};

static struct ep_remark *add(struct ep_remarks *remarks, bool refuse)
{
	struct ep_remark *grown = reallocarray(remarks->list, remarks->count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	remarks->list = grown;
	remarks->refusals += refuse;
	grown[remarks->count].refuse = refuse;
	grown[remarks->count].option[0] = '\0';
	return &grown[remarks->count++];
}

/* As in JSON, which shows no control character as it is. */
static const char *show(struct json_object *value, char text[VALUE_MAX + 4])
{
	const char *json =
		value ? json_object_to_json_string_ext(
				value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
		      : "none";
	bool quoted = json_object_is_type(value, json_type_string) && strlen(json) >= 2;
	size_t length = strlen(json) - 2 * quoted;

	snprintf(text, VALUE_MAX + 4, "%.*s%s", (int)(length > VALUE_MAX ? VALUE_MAX : length),
		 json + quoted, length > VALUE_MAX ? "..." : "");
	return text;
}

static int remark(struct ep_remarks *remarks, bool refuse, const char *name, const char *why,
		  const struct ep_loaded *a, struct json_object *value_a, const struct ep_loaded *b,
		  struct json_object *value_b)
{
	char text_a[VALUE_MAX + 4], text_b[VALUE_MAX + 4];
	struct ep_remark *to = add(remarks, refuse);

	if (!to)
		return -ENOMEM;
	snprintf(to->text, sizeof(to->text), "%s: %s in '%.100s', %s in '%.100s'%s", name,
		 show(value_a, text_a), a->path, show(value_b, text_b), b->path, why);
	return 0;
}

static int check_property(struct ep_remarks *remarks, const struct property *property,
			  const struct ep_loaded *results, size_t count)
{
	struct json_object *first = ep_load_member(&results[0], property->object, property->member);

	for (size_t i = 1; i < count; i++) {
		struct json_object *other =
			ep_load_member(&results[i], property->object, property->member);

		if (!property->null && (!first || !other))
			continue;
		if (!json_object_equal(first, other))
			return remark(remarks, property->refuse, property->name, property->why,
				      &results[0], first, &results[i], other);
	}
	return 0;
}

static int remark_option(struct ep_remarks *remarks, const char *key, const char *why,
			 const struct ep_loaded *a, struct json_object *value_a,
			 const struct ep_loaded *b, struct json_object *value_b)
{
	char option[EP_COMPARABLE_OPTION_MAX], name[VALUE_MAX];

	snprintf(option, sizeof(option), "%.50s", key);
	for (char *at = option; *at; at++)
		*at = (unsigned char)*at < ' ' ? '?' : *at;
	snprintf(name, sizeof(name), "workload option %s", option);
	if (remark(remarks, true, name, why, a, value_a, b, value_b))
		return -ENOMEM;
	strcpy(remarks->list[remarks->count - 1].option, option);
	return 0;
}

/* What one of them has set otherwise than the other, or alone, but for option @by. */
static int check_options_of(struct ep_remarks *remarks, const struct ep_loaded *a,
			    const struct ep_loaded *b, const char *by, bool backwards)
{
	struct json_object *options_a = ep_load_member(a, "workload", "options");
	struct json_object *options_b = ep_load_member(b, "workload", "options");
	struct json_object *here = backwards ? options_b : options_a, *other;
	struct json_object *there = backwards ? options_a : options_b;

	if (!json_object_is_type(here, json_type_object))
		return 0;
	json_object_object_foreach(here, key, value)
	{
		/* Back again, only what the other end does not have is new. */
		if (json_object_object_get_ex(there, key, &other) &&
		    (backwards || json_object_equal(value, other)))
			continue;
		if (by && !strcmp(key, by))
			continue;
		if (remark_option(remarks, key, "", a, backwards ? other : value, b,
				  backwards ? value : other))
			return -ENOMEM;
	}
	return 0;
}

static int check_options(struct ep_remarks *remarks, const struct ep_loaded *a,
			 const struct ep_loaded *b, const char *by)
{
	int code;

	/* Of another workload they are others anyway. */
	if (strcmp(ep_load_text(a, "workload", "name"), ep_load_text(b, "workload", "name")))
		return 0;
	code = check_options_of(remarks, a, b, by, false);
	return code ? code : check_options_of(remarks, a, b, by, true);
}

static struct json_object *get_option(const struct ep_loaded *result, const char *name)
{
	struct json_object *options = ep_load_member(result, "workload", "options"), *value = NULL;

	json_object_object_get_ex(options, name, &value);
	return value;
}

const char *ep_comparable_option(const struct ep_loaded *result, const char *name,
				 char text[EP_COMPARABLE_VALUE_MAX])
{
	return show(get_option(result, name), text);
}

/* Whether @by is alike on each side, and not on both. */
static int check_by(struct ep_remarks *remarks, const struct ep_loaded *results, size_t before,
		    size_t count, const char *by)
{
	struct json_object *first = get_option(&results[0], by);
	struct json_object *second = get_option(&results[before], by);

	for (size_t i = 1; i < count; i++) {
		const struct ep_loaded *of_side = &results[i < before ? 0 : before];
		struct json_object *value = get_option(&results[i], by);
		struct json_object *wanted = i < before ? first : second;

		if (!json_object_equal(wanted, value))
			return remark_option(remarks, by, ", on the same side", of_side, wanted,
					     &results[i], value);
	}
	if (!json_object_equal(first, second))
		return 0;
	return remark_option(remarks, by, ": nothing to compare by", &results[0], first,
			     &results[before], second);
}

/* A workload, a command with all its words, or neither. */
static int check_work(struct ep_remarks *remarks, const struct ep_loaded *a,
		      const struct ep_loaded *b)
{
	struct json_object *work_a = ep_load_member(a, "workload", "name"), *work_b;

	work_b = ep_load_member(b, "workload", "name");
	if (!json_object_equal(work_a, work_b))
		return remark(remarks, true, "workload", "", a, work_a, b, work_b);
	work_a = work_b = NULL;
	json_object_object_get_ex(a->run, "command", &work_a);
	json_object_object_get_ex(b->run, "command", &work_b);
	if (!json_object_equal(work_a, work_b))
		return remark(remarks, true, "command", "", a, work_a, b, work_b);
	return 0;
}

static int check_clock(struct ep_remarks *remarks, const struct ep_loaded *a,
		       const struct ep_loaded *b)
{
	struct json_object *khz_a = ep_load_member(a, "host", "tsc_khz");
	struct json_object *khz_b = ep_load_member(b, "host", "tsc_khz");
	double x = json_object_get_double(khz_a), y = json_object_get_double(khz_b);

	if (!khz_a || !khz_b || fabs(x - y) <= CLOCK_SLACK * fmax(x, y))
		return 0;
	return remark(remarks, false, "kHz of the TSC", "; cycles are not of the same length", a,
		      khz_a, b, khz_b);
}

static bool is(const struct ep_loaded *result, const char *name, bool wanted)
{
	struct json_object *value = ep_load_member(result, "run", name);

	return json_object_is_type(value, json_type_boolean) &&
	       !!json_object_get_boolean(value) == wanted;
}

static int check_quality(struct ep_remarks *remarks, const struct ep_loaded *result)
{
	struct ep_remark *to;

	if (is(result, "interrupted", true)) {
		to = add(remarks, false);
		if (!to)
			return -ENOMEM;
		snprintf(to->text, sizeof(to->text),
			 "'%.100s' was interrupted: its last repeat is short", result->path);
	}
	if (is(result, "consistent", false)) {
		to = add(remarks, false);
		if (!to)
			return -ENOMEM;
		snprintf(to->text, sizeof(to->text),
			 "'%.100s' is not of one instant: its sums may be a few exits off",
			 result->path);
	}
	return 0;
}

static int check_all_options(struct ep_remarks *remarks, const struct ep_loaded *results,
			     size_t count, const char *by)
{
	size_t had = remarks->count;
	int code = 0;

	for (size_t i = 1; i < count && !code && remarks->count == had; i++)
		code = check_options(remarks, &results[0], &results[i], by);
	return code;
}

/* Checks @results one by one against the first, until @check has remarked something. */
static int check_pairs(struct ep_remarks *remarks, const struct ep_loaded *results, size_t count,
		       int (*check)(struct ep_remarks *remarks, const struct ep_loaded *a,
				    const struct ep_loaded *b))
{
	size_t had = remarks->count;
	int code = 0;

	for (size_t i = 1; i < count && !code && remarks->count == had; i++)
		code = check(remarks, &results[0], &results[i]);
	return code;
}

int ep_comparable(struct ep_remarks *ret, const struct ep_loaded *results, size_t count)
{
	return ep_comparable_by(ret, results, 0, count, NULL);
}

int ep_comparable_by(struct ep_remarks *ret, const struct ep_loaded *results, size_t before,
		     size_t count, const char *by)
{
	int code = check_pairs(ret, results, count, check_work);

	for (size_t i = 0; i < ARRAY_SIZE(properties) && !code; i++)
		code = check_property(ret, &properties[i], results, count);
	if (!code)
		code = check_all_options(ret, results, count, by);
	if (!code && by)
		code = check_by(ret, results, before, count, by);
	if (!code)
		code = check_pairs(ret, results, count, check_clock);
	for (size_t i = 0; i < count && !code; i++)
		code = check_quality(ret, &results[i]);
	return code;
}

void ep_comparable_finish(struct ep_remarks *remarks)
{
	free(remarks->list);
	*remarks = (struct ep_remarks){};
}
