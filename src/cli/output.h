/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output.h - what a command prints on stdout: a table, or data for programs */
#ifndef EP_CLI_OUTPUT_H
#define EP_CLI_OUTPUT_H

enum ep_output_format {
	EP_OUTPUT_TABLE,
	EP_OUTPUT_CSV,
	EP_OUTPUT_JSON,
};

struct json_object;

/* Prints @json and releases it. */
void ep_output_json(struct json_object *json);

#endif /* EP_CLI_OUTPUT_H */
