// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/boot/boot.h"
#include "core/boot/json.h"

static struct json_object *json_sample(const struct ep_boot *boot,
				       const struct ep_boot_sample *sample)
{
	struct json_object *json = json_object_new_object();
	struct json_object *reasons = json_object_new_object();

	ep_json_add_u64(json, "time_ns", sample->now_ns);
	ep_json_add_u64(json, "duration_ns", sample->duration_ns);
	ep_json_add_u64(json, "missed_count", sample->missed);
	ep_json_add_u64(json, "exits_count", sample->exits);
	ep_json_add_u64(json, "handling_cycles", sample->cycles);
	for (size_t i = 0; i < sample->count; i++) {
		const struct ep_boot_entry *entry = &boot->entries[sample->first + i];
		struct json_object *reason = json_object_new_object();

		ep_json_add_u64(reason, "exits_count", entry->exits);
		ep_json_add_u64(reason, "handling_cycles", entry->cycles);
		json_object_object_add(reasons, boot->names[entry->row], reason);
	}
	json_object_object_add(json, "reasons", reasons);
	return json;
}

struct json_object *ep_boot_json(const struct ep_boot *boot)
{
	struct json_object *json = json_object_new_object();
	struct json_object *samples = json_object_new_array();
	struct json_object *units = json_object_new_array();

	ep_json_add_u64(json, "format", EP_BOOT_FORMAT);
	ep_json_add_text(json, "boot_id", boot->id);
	ep_json_add_text(json, "kernel", boot->kernel);
	ep_json_add_text(json, "started", boot->started);
	ep_json_add_text(json, "ended", boot->ended);
	ep_json_add_known(json, "generation", boot->generation_known, boot->generation);
	ep_json_add_bool(json, "before_known", boot->before_known);
	ep_json_add_bool(json, "in_initrd", boot->in_initrd);
	ep_json_add_bool(json, "consistent", boot->consistent);
	ep_json_add_known(json, "firmware_ns", boot->firmware_ns, boot->firmware_ns);
	ep_json_add_known(json, "loader_ns", boot->loader_ns, boot->loader_ns);
	ep_json_add_known(json, "initrd_ns", boot->initrd_ns, boot->initrd_ns);
	ep_json_add_known(json, "userspace_ns", boot->userspace_ns, boot->userspace_ns);
	ep_json_add_known(json, "units_loaded_ns", boot->units_loaded_ns, boot->units_loaded_ns);
	ep_json_add_known(json, "finish_ns", boot->finish_ns, boot->finish_ns);
	ep_json_add_u64(json, "soft_reboots_count", boot->soft_reboots);
	ep_json_add_u64(json, "interval_ns", boot->interval_ns);
	ep_json_add_u64(json, "own_exits_count", boot->own_exits);
	for (size_t i = 0; i < boot->count; i++)
		json_object_array_add(samples, json_sample(boot, &boot->samples[i]));
	json_object_object_add(json, "samples", samples);
	for (size_t i = 0; i < boot->unit_count; i++) {
		struct json_object *unit = json_object_new_object();

		ep_json_add_text(unit, "name", boot->units[i].name);
		ep_json_add_u64(unit, "start_ns", boot->units[i].start_ns);
		ep_json_add_known(unit, "active_ns", boot->units[i].active_ns,
				  boot->units[i].active_ns);
		json_object_array_add(units, unit);
	}
	json_object_object_add(json, "units", units);
	return json;
}

static uint64_t u64_at(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) ? json_object_get_uint64(value) : 0;
}

static bool bool_at(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) && json_object_get_boolean(value);
}

static void text_at(struct json_object *json, const char *name, char *ret, size_t size)
{
	struct json_object *value;

	if (json_object_object_get_ex(json, name, &value) && value)
		snprintf(ret, size, "%s", json_object_get_string(value));
	/* They will be printed. */
	for (char *at = ret; *at; at++)
		*at = (unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at;
}

/* As a column's name in CSV, which needs no quotes. */
static bool is_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f || *at == ',' || *at == '"')
			return false;
	return name[0];
}

/* Only the first one has no duration, and none reaches back beyond the one before it. */
static bool is_in_order(const struct ep_boot *boot, const struct ep_boot_sample *sample)
{
	uint64_t last_ns;

	if (!boot->count)
		return !sample->duration_ns;
	last_ns = boot->samples[boot->count - 1].now_ns;
	return sample->now_ns >= last_ns && sample->duration_ns <= sample->now_ns - last_ns;
}

static int parse_sample(struct ep_boot *boot, struct json_object *json)
{
	struct ep_boot_sample sample = {
		.now_ns = u64_at(json, "time_ns"),
		.duration_ns = u64_at(json, "duration_ns"),
		.missed = u64_at(json, "missed_count"),
		.exits = u64_at(json, "exits_count"),
		.cycles = u64_at(json, "handling_cycles"),
	};
	struct json_object *reasons;
	int err = is_in_order(boot, &sample) ? ep_boot_add_sample(boot, &sample) : -EINVAL;

	if (err || !json_object_object_get_ex(json, "reasons", &reasons) ||
	    !json_object_is_type(reasons, json_type_object))
		return err ? err : -EINVAL;
	json_object_object_foreach(reasons, name, reason)
	{
		if (!err && !is_name(name))
			err = -EINVAL;
		if (!err)
			err = ep_boot_add_entry(boot, name, u64_at(reason, "exits_count"),
						u64_at(reason, "handling_cycles"));
	}
	return err;
}

static int parse_units(struct ep_boot *boot, struct json_object *json)
{
	struct json_object *units;
	int err = 0;

	if (!json_object_object_get_ex(json, "units", &units) ||
	    !json_object_is_type(units, json_type_array))
		return -EINVAL;
	for (size_t i = 0; i < json_object_array_length(units) && !err; i++) {
		struct json_object *unit = json_object_array_get_idx(units, i);
		char name[256] = "";

		text_at(unit, "name", name, sizeof(name));
		err = ep_boot_add_unit(boot, name, u64_at(unit, "start_ns"),
				       u64_at(unit, "active_ns"));
	}
	return err;
}

/* As run.json has it. */
static int check_format(struct json_object *json)
{
	struct json_object *format;
	int64_t version = 0;

	if (json_object_object_get_ex(json, "format", &format) &&
	    json_object_is_type(format, json_type_int))
		version = json_object_get_int64(format);
	return version == EP_BOOT_FORMAT ? 0 : version > EP_BOOT_FORMAT ? -EPROTO : -EINVAL;
}

/* Systemd's clock goes on when systemd begins anew: what came later is of another record. */
static void forget_others(struct ep_boot *boot)
{
	uint64_t *within[] = { &boot->initrd_ns, &boot->userspace_ns, &boot->units_loaded_ns,
			       &boot->finish_ns };
	uint64_t *before[] = { &boot->firmware_ns, &boot->loader_ns, &boot->initrd_ns };
	uint64_t end_ns = boot->samples[boot->count - 1].now_ns;

	for (size_t i = 0; i < ARRAY_SIZE(within); i++)
		if (*within[i] > end_ns)
			*within[i] = 0;
	for (size_t i = 0; i < boot->unit_count; i++)
		if (boot->units[i].active_ns > end_ns)
			boot->units[i].active_ns = 0;
	for (size_t i = 0; i < ARRAY_SIZE(before) && boot->soft_reboots; i++)
		*before[i] = 0;
}

int ep_boot_parse(struct ep_boot *boot, struct json_object *json)
{
	struct json_object *samples, *generation;
	int err = check_format(json);

	*boot = (struct ep_boot){};
	if (err)
		return err;
	if (!json_object_object_get_ex(json, "samples", &samples) ||
	    !json_object_is_type(samples, json_type_array))
		return -EINVAL;
	text_at(json, "boot_id", boot->id, sizeof(boot->id));
	text_at(json, "kernel", boot->kernel, sizeof(boot->kernel));
	text_at(json, "started", boot->started, sizeof(boot->started));
	text_at(json, "ended", boot->ended, sizeof(boot->ended));
	boot->generation = u64_at(json, "generation");
	boot->generation_known =
		json_object_object_get_ex(json, "generation", &generation) && generation;
	boot->before_known = bool_at(json, "before_known");
	boot->in_initrd = bool_at(json, "in_initrd");
	boot->consistent = bool_at(json, "consistent");
	boot->firmware_ns = u64_at(json, "firmware_ns");
	boot->loader_ns = u64_at(json, "loader_ns");
	boot->initrd_ns = u64_at(json, "initrd_ns");
	boot->userspace_ns = u64_at(json, "userspace_ns");
	boot->units_loaded_ns = u64_at(json, "units_loaded_ns");
	boot->finish_ns = u64_at(json, "finish_ns");
	boot->soft_reboots = u64_at(json, "soft_reboots_count");
	boot->interval_ns = u64_at(json, "interval_ns");
	boot->own_exits = u64_at(json, "own_exits_count");
	for (size_t i = 0; i < json_object_array_length(samples) && !err; i++)
		err = parse_sample(boot, json_object_array_get_idx(samples, i));
	if (!err)
		err = parse_units(boot, json);
	if (!err && !boot->count)
		err = -EINVAL;
	if (!err)
		forget_others(boot);
	return err;
}
