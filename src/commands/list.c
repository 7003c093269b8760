// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complete_workload.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/json.h"
#include "core/base/value.h"
#include "core/host/reasons.h"
#include "core/result/module.h"
#include "core/result/settings.h"

static const char help[] =
	"Usage: exitprof list [WORKLOAD] [OPTION...]\n"
	"\n"
	"Lists the workloads, or explains one: what it does and which options it has.\n"
	"\n"
	"Examples:\n"
	"  exitprof list\n"
	"  exitprof list io-heavy\n"
	"  exitprof list ./mine.so\n"
	"  exitprof list --json | jq -r '.[] | select(.unavailable == null).name'\n"
	"\n"
	"Workloads are looked for in the folders of EXITPROF_WORKLOAD_PATH (separated by\n"
	"colons) and in the one that belongs to exitprof; 'exitprof doctor' shows them.\n"
	"Without that variable, a program in its build folder takes the workloads there.\n";

struct request {
	enum ep_output_format format;
};

static const struct ep_option options[] = {
	EP_OPTION_CSV(format, "print the list as CSV: workload, summary, operation, and why it "
			      "does not work here"),
	EP_OPTION_JSON(format, "print all that is known of the workloads, or the one, as JSON"),
	{},
};

static const char *why_not(const struct exitprof_workload *workload)
{
	return workload->unavailable ? workload->unavailable() : NULL;
}

static void add_table_row(struct ep_table *table, const char *name,
			  const struct exitprof_workload *workload)
{
	const char *reason = why_not(workload);
	_cleanup_free_ char *line = NULL;

	if (asprintf(&line, "%s%s%s%s", workload->summary, reason ? " (does not work here: " : "",
		     reason ?: "", reason ? ")" : "") < 0) {
		line = NULL;
		return;
	}
	ep_table_add(table, name, line);
}

static void print_csv_row(const char *name, const struct exitprof_workload *workload)
{
	ep_csv_text(stdout, name, ',');
	ep_csv_text(stdout, workload->summary, ',');
	ep_csv_text(stdout, workload->operation, ',');
	ep_csv_text(stdout, why_not(workload) ?: "", '\n');
}

static struct json_object *text_or_null(const char *text)
{
	return text ? ep_json_text(text) : NULL;
}

static struct json_object *json_of(const char *name, const struct exitprof_workload *workload)
{
	struct json_object *json = json_object_new_object();
	struct json_object *exact = json_object_new_array(), *list = json_object_new_array();

	json_object_object_add(json, "name", ep_json_text(name));
	json_object_object_add(json, "summary", ep_json_text(workload->summary));
	json_object_object_add(json, "description", text_or_null(workload->description));
	json_object_object_add(json, "operation", ep_json_text(workload->operation));
	json_object_object_add(json, "unavailable", text_or_null(why_not(workload)));
	for (int cause = 0; cause < EXITPROF_CAUSES; cause++)
		if (workload->exact_causes & 1u << cause)
			json_object_array_add(exact, ep_json_text(ep_reasons_cause_name(cause)));
	json_object_object_add(json, "exact", exact);
	for (const struct exitprof_option *option = workload->options; option && option->name;
	     option++) {
		struct json_object *entry = json_object_new_object();

		json_object_object_add(entry, "name", ep_json_text(option->name));
		json_object_object_add(entry, "default", ep_json_text(option->default_value));
		json_object_object_add(entry, "help", ep_json_text(option->help));
		json_object_array_add(list, entry);
	}
	json_object_object_add(json, "options", list);
	return json;
}

static int list_all(const char *search, enum ep_output_format format)
{
	static const struct ep_column columns[] = { { "workload" }, { "what it does" }, {} };
	_cleanup_(ep_table_cleanup) struct ep_table *table = NULL;
	_cleanup_(ep_names_finish) struct ep_names names = {};
	struct json_object *json = NULL;

	if (ep_module_names(&names, search)) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	if (!names.count) {
		ep_say("there are no workloads in '%s'", search);
		ep_say_hint("set EXITPROF_WORKLOAD_PATH to the folder that has them");
		return EP_STATUS_FAILED;
	}
	if (format == EP_OUTPUT_TABLE)
		table = ep_table_create(columns);
	else if (format == EP_OUTPUT_CSV)
		puts("workload,summary,operation,unavailable_reason");
	else
		json = json_object_new_array();
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_(ep_module_unload) struct ep_module module = {};
		struct ep_error err = {};

		if (ep_module_load(&module, names.list[i], search, &err)) {
			if (table)
				ep_table_add(table, names.list[i], err.message);
			else
				ep_say_error(&err);
		} else if (table) {
			add_table_row(table, names.list[i], module.workload);
		} else if (json) {
			json_object_array_add(json, json_of(names.list[i], module.workload));
		} else {
			print_csv_row(names.list[i], module.workload);
		}
	}
	ep_table_print(table);
	if (json)
		ep_output_json(json);
	return EP_STATUS_DONE;
}

/* Paragraphs of @text, broken into lines of at most 80 characters, or as the terminal has. */
static void print_wrapped(const char *text)
{
	size_t terminal = ep_terminal_columns(stdout), column = 0;
	size_t limit = terminal && terminal < 80 ? terminal : 80;

	while (*text) {
		size_t word = strcspn(text, " \n");

		if (column && column + 1 + word > limit) {
			putchar('\n');
			column = 0;
		}
		if (word) {
			printf("%s%.*s", column ? " " : "", (int)word, text);
			column += word + !!column;
		}
		text += word;
		if (*text == '\n') {
			putchar('\n');
			column = 0;
		}
		text += !!*text;
	}
	putchar('\n');
}

static void print_options(const struct exitprof_workload *workload)
{
	static const struct ep_column columns[] = {
		{ "option" }, { "default" }, { "range" }, { "meaning" }, {},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);
	const struct exitprof_option *option;

	for (option = workload->options; option->name; option++) {
		char range[EP_VALUE_RANGE_MAX];

		ep_table_add(table, option->name, option->default_value,
			     option->type == EXITPROF_OPTION_STRING
				     ? "text"
				     : ep_value_range(option->type, option->min, option->max,
						      range),
			     option->help);
	}
	ep_terminal_print(stdout, 2, "\nOptions (exitprof run WORKLOAD --set OPTION=VALUE):\n\n");
	ep_table_print(table);
}

static int explain(const char *name, const char *search, enum ep_output_format format)
{
	_cleanup_(ep_module_unload) struct ep_module module = {};
	const struct exitprof_workload *workload;
	struct ep_error err = {};
	const char *reason;
	int code;

	code = ep_module_load(&module, name, search, &err);
	if (code) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	workload = module.workload;
	if (format == EP_OUTPUT_JSON) {
		ep_output_json(json_of(workload->name, workload));
		return EP_STATUS_DONE;
	}
	ep_terminal_print(stdout, 2, "%s - %s\n\n", workload->name, workload->summary);
	print_wrapped(workload->description ?: "(no description)");
	ep_terminal_print(stdout, 2, "\nOne operation: %s\n", workload->operation);
	for (int cause = 0; cause < EXITPROF_CAUSES; cause++)
		if (workload->exact_causes & 1u << cause)
			ep_terminal_print(stdout, 2,
					  "Says exactly how many exits it causes by: %s\n",
					  ep_reasons_cause_name(cause));
	reason = why_not(workload);
	if (reason)
		ep_terminal_print(stdout, 2, "Does not work here: %s\n", reason);
	ep_terminal_print(stdout, 2, "File: %s\n", module.path);
	if (workload->options && workload->options->name)
		print_options(workload);
	return EP_STATUS_DONE;
}

static int list(const struct ep_command *command, void *data, int argc, char **argv)
{
	_cleanup_free_ char *search = ep_paths_workloads();
	const struct request *request = data;

	if (argc > 1)
		return ep_command_misused(command, "one workload at a time");
	if (argc && request->format == EP_OUTPUT_CSV)
		return ep_command_misused(command, "--csv is for the list of all");
	if (!search)
		return EP_STATUS_FAILED;
	return argc ? explain(argv[0], search, request->format) : list_all(search, request->format);
}

static bool complete(const struct ep_completion *completion, const char *option)
{
	return !option && ep_complete_workloads(completion);
}

const struct ep_command ep_command_list = {
	.name = "list",
	.summary = "the workloads, or one workload's options",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_NAMES,
	.complete = complete,
	.run = list,
};
