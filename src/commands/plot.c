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

#define NAMES_MAX 32

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
	{ "terminal", 't', NULL, "draw with characters on stdout", EP_SWITCH(terminal) },
	{},
};

static int draw(const char *path, const char *which, bool terminal)
{
	struct ep_error err = {};
	int code;

	if (!ep_chart_available(&err)) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	code = ep_chart_draw(path, which, terminal, &err);
	if (code)
		ep_say_error(&err);
	return code ? EP_STATUS_FAILED : EP_STATUS_DONE;
}

static int list(void)
{
	static const struct ep_column columns[] = { { "chart" }, { "answers" }, {} };
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);

	for (size_t i = 0; ep_chart_name(i); i++)
		ep_table_add(table, ep_chart_name(i), ep_chart_question(i));
	ep_table_print(table);
	return EP_STATUS_DONE;
}

static int check_chart(const char *name)
{
	const char *names[NAMES_MAX] = { EP_CHART_ALL }, *nearest;
	size_t count = 1;

	for (size_t i = 0; ep_chart_name(i) && count < NAMES_MAX; i++)
		names[count++] = ep_chart_name(i);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return EP_STATUS_DONE;
	nearest = ep_closest_match(name, names, count);
	ep_say("plot: no chart '%s'", name);
	if (nearest)
		ep_say_hint("did you mean '%s'?", nearest);
	else
		ep_say_hint("see 'exitprof plot --list'");
	return EP_STATUS_USAGE;
}

static int plot(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	const char *which = request->chart;
	int status;

	if (request->list)
		return list();
	if (argc != 1)
		return ep_command_misused(command, "give one result folder");
	status = which ? check_chart(which) : EP_STATUS_DONE;
	if (status)
		return status;
	if (request->terminal && which && strcmp(which, EP_CHART_ALL) && !ep_chart_is_text(which))
		return ep_command_misused(command, "--terminal cannot draw %s", which);
	return draw(argv[0], which, request->terminal);
}

static bool complete(const struct ep_completion *completion, const char *option)
{
	if (!option || strcmp(option, "chart"))
		return false;
	ep_complete_offer(completion, EP_CHART_ALL, "all that there is data for");
	for (size_t i = 0; ep_chart_name(i); i++)
		ep_complete_offer(completion, ep_chart_name(i), ep_chart_question(i));
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
