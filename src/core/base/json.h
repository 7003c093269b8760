/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json.h - members of JSON objects, as all files and outputs have them
 *
 *	ep_json_add_u64(json, "exits_count", exits);
 *	ep_json_add_known(json, "away_cycles", host->full, away);
 *
 * What is unknown is null, not 0. @to takes ownership of what is added. json-c aborts
 * nothing: a member that could not be made is null.
 */
#ifndef EP_CORE_BASE_JSON_H
#define EP_CORE_BASE_JSON_H

#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/utf8.h"

static inline void ep_json_add(struct json_object *to, const char *name, struct json_object *value)
{
	json_object_object_add(to, name, value);
}

static inline void ep_json_add_u64(struct json_object *to, const char *name, uint64_t value)
{
	ep_json_add(to, name, json_object_new_uint64(value));
}

static inline void ep_json_add_known(struct json_object *to, const char *name, bool known,
				     uint64_t value)
{
	ep_json_add(to, name, known ? json_object_new_uint64(value) : NULL);
}

/* @value as UTF-8, which JSON must be, and safe to be shown; NULL is null. */
static inline struct json_object *ep_json_text(const char *value)
{
	_cleanup_free_ char *text = value ? ep_utf8_clean(value, EP_UTF8_C0) : NULL;

	return text ? json_object_new_string(text) : NULL;
}

static inline void ep_json_add_text(struct json_object *to, const char *name, const char *value)
{
	ep_json_add(to, name, ep_json_text(value));
}

static inline void ep_json_add_bool(struct json_object *to, const char *name, bool value)
{
	ep_json_add(to, name, json_object_new_boolean(value));
}

/* A number with @decimals digits, as the CSV has it. */
static inline void ep_json_add_real(struct json_object *to, const char *name, double value,
				    int decimals)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*f", decimals, value);
	ep_json_add(to, name, json_object_new_double_s(value, text));
}

static inline void ep_json_add_known_real(struct json_object *to, const char *name, bool known,
					  double value, int decimals)
{
	if (known)
		ep_json_add_real(to, name, value, decimals);
	else
		ep_json_add(to, name, NULL);
}

#endif /* EP_CORE_BASE_JSON_H */
