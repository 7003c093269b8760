/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_add.h - members of JSON objects, as all files and outputs have them
 *
 *	ep_json_add_u64(json, "exits_count", exits);
 *	ep_json_add_known(json, "away_cycles", host->full, away);
 *
 * What is unknown is null, not 0. @to takes ownership of what is added. json-c aborts
 * nothing: a member that could not be made is null.
 */
#ifndef EP_JSON_ADD_H
#define EP_JSON_ADD_H

#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

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

/* NULL is null. */
static inline void ep_json_add_text(struct json_object *to, const char *name, const char *value)
{
	ep_json_add(to, name, value ? json_object_new_string(value) : NULL);
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

#endif /* EP_JSON_ADD_H */
