// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <stdio.h>

#include "cli/output.h"

void ep_output_json(struct json_object *json)
{
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}
