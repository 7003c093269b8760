// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complete.h"
#include "cli/table.h"
#include "core/base/cleanup.h"
#include "core/base/closest_match.h"
#include "plot/chart.h"
#include "plot/draw.h"
#include "print/bars.h"

static const char help[] =
	"Usage: exitprof plot DIR [OPTION...]\n"
	"\n"
	"Draws the charts of a result folder with gnuplot, into the folder. Needs no patched\n"
	"host: results can be brought to another machine.\n"
	"\n"
	"Examples:\n"
	"  exitprof plot exitprof-results/io-heavy-20260131T120000\n"
	"  exitprof plot results/a --chart all       all that there is data for\n"
	"  exitprof plot results/a --chart latency-heatmap\n"
	"  exitprof plot --list                      what there is, and what it answers\n"
	"  exitprof plot results/a --terminal        in the terminal, nothing is written\n";

struct request {
	const char *chart;
	bool list;
	bool terminal;
};

static const struct ep_option options[] = {
	{ "chart", 'c', "NAME", "draw that one, or 'all', instead of the usual few",
	  EP_TEXT(chart) },
	{ "list", 0, NULL, "show what charts there are, and draw none", EP_SWITCH(list) },
	{ "terminal", 't', NULL, "draw bar charts with characters on stdout", EP_SWITCH(terminal) },
	{},
};

/* Whether --terminal can draw it. */
static bool is_bars(const struct ep_script *script)
{
	return script->bars && !strcmp(script->data, "summary.csv") && ep_bars_can(script->bars);
}

/* The folder may be read-only, and looking must not change it. */
static int draw_bars(const char *path, const struct ep_scripts *scripts, const char *which,
		     struct ep_error *err)
{
	_cleanup_free_ char *title = NULL;
	int code = ep_chart_title(path, &title, err);

	for (size_t i = 0; i < scripts->count && !code; i++)
		if (ep_script_is_wanted(&scripts->list[i], which) && is_bars(&scripts->list[i]))
			code = ep_print_bars(stdout, path, scripts->list[i].bars, title, err);
	return code;
}

static int list(void)
{
	static const struct ep_column columns[] = { { "chart" }, { "answers" }, {} };
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};
	struct ep_error err = {};

	if (ep_scripts_find(&scripts, &err)) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	for (size_t i = 0; i < scripts.count; i++)
		if (ep_script_is_of_result(&scripts.list[i]))
			ep_table_add(table, scripts.list[i].name, scripts.list[i].question);
	ep_table_print(table);
	return EP_STATUS_DONE;
}

static int refuse_chart(const struct ep_scripts *scripts, const char *name)
{
	_cleanup_free_ const char **names = calloc(scripts->count + 1, sizeof(*names));
	const char *nearest;
	size_t count = 0;

	if (names) {
		names[count++] = EP_CHART_ALL;
		for (size_t i = 0; i < scripts->count; i++)
			if (ep_script_is_of_result(&scripts->list[i]))
				names[count++] = scripts->list[i].name;
	}
	nearest = ep_closest_match(name, names, count);
	ep_say("plot: no chart '%s'", name);
	if (nearest)
		ep_say_hint("did you mean '%s'?", nearest);
	else
		ep_say_hint("see 'exitprof plot --list'");
	return EP_STATUS_USAGE;
}

/* Returns a status. */
static int check_chart(const struct ep_scripts *scripts, const char *name, bool terminal)
{
	const struct ep_script *script = ep_scripts_named(scripts, name);

	if (!strcmp(name, EP_CHART_ALL))
		return EP_STATUS_DONE;
	if (!script || !ep_script_is_of_result(script))
		return refuse_chart(scripts, name);
	if (!terminal || is_bars(script))
		return EP_STATUS_DONE;
	ep_say("plot: --terminal draws bar charts only, and %s needs an image", name);
	ep_say_hint("leave out --terminal");
	return EP_STATUS_USAGE;
}

static int draw(const char *path, const char *which, bool terminal)
{
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};
	struct ep_error err = {};
	int code = ep_scripts_find(&scripts, &err);
	int status = !code && which ? check_chart(&scripts, which, terminal) : EP_STATUS_DONE;

	if (status)
		return status;
	if (!code && terminal)
		code = draw_bars(path, &scripts, which, &err);
	else if (!code)
		code = ep_chart_available(&err) ? ep_chart_draw(path, which, &err) : -ENOENT;
	if (code)
		ep_say_error(&err);
	return code ? EP_STATUS_FAILED : EP_STATUS_DONE;
}

static int plot(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;

	if (request->list)
		return list();
	if (argc != 1)
		return ep_command_misused(command, "give one result folder");
	return draw(argv[0], request->chart, request->terminal);
}

static bool complete(const struct ep_completion *completion, const char *option)
{
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};

	if (!option || strcmp(option, "chart"))
		return false;
	ep_complete_offer(completion, EP_CHART_ALL, "all that there is data for");
	ep_scripts_find(&scripts, NULL);
	for (size_t i = 0; i < scripts.count; i++)
		if (ep_script_is_of_result(&scripts.list[i]))
			ep_complete_offer(completion, scripts.list[i].name,
					  scripts.list[i].question);
	return true;
}

const struct ep_command ep_command_plot = {
	.name = "plot",
	.summary = "draw the charts of a result",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_FOLDERS,
	.complete = complete,
	.run = plot,
};
