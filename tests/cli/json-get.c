// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * json-get KEY... - the value at that path of the JSON on standard input; a
 * number is an index. Status 1 if there is none, 2 if the input is not exactly
 * one JSON value.
 */
#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

static char text[1 << 20], ascii[sizeof(text)];

static struct json_object *parse(const char *from, size_t length, int flags)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json;

	json_tokener_set_flags(tokener, flags);
	json = json_tokener_parse_ex(tokener, from, length);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		exit(2);
	json_tokener_free(tokener);
	return json;
}

int main(int argc, char **argv)
{
	size_t length = fread(text, 1, sizeof(text), stdin);
	struct json_object *json, *at;

	/* Strictly, json-c 0.18 takes no other than ASCII (its issue 875). */
	for (size_t i = 0; i < length; i++)
		ascii[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	json_object_put(parse(ascii, length, JSON_TOKENER_STRICT));
	at = json = parse(text, length, 0);
	for (int i = 1; i < argc; i++) {
		if (json_object_is_type(at, json_type_array))
			at = json_object_array_get_idx(at, atoi(argv[i]));
		else if (!json_object_object_get_ex(at, argv[i], &at))
			return 1;
	}
	puts(at ? json_object_get_string(at) : "null");
	json_object_put(json);
	return 0;
}
