/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script.h - the charts that there are: scripts of gnuplot that describe themselves
 *
 * A script NAME.gp in ep_paths_plots() begins with comments. Those of the form "key: value" are
 * its header, which ends at the first line that is no comment:
 *
 * question: which vCPU has the exits
 *	what 'plot --list' and completion show
 *
 * data: exits.csv
 *	the file of a result that it is made of
 *
 * caption: Exits by vCPU and reason.
 *	of a report
 *
 * section: times
 *	of a report; "counts" unless set
 *
 * bars: exits_count
 *	the column of summary.csv of which --terminal draws bars
 *
 * usual: yes
 *	drawn unless a chart is named
 *
 * requires: ,vcpu
 *	text that the file must have in it
 *
 * hint: measure with --per-vcpu
 *	how to get a file that has it
 *
 * place: 1
 *	before those of a higher place, or of none
 *
 * A chart that another command draws has a word for data: EP_SCRIPT_BOOT, compare, ... A script
 * without data is no chart, but what charts load.
 *
 *	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};
 *
 *	code = ep_scripts_find(&scripts, &err);
 *	for (size_t i = 0; i < scripts.count; i++)
 *		puts(scripts.list[i].question);
 */
#ifndef EP_PLOT_SCRIPT_H
#define EP_PLOT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

/* For data: one boot, and several. */
#define EP_SCRIPT_BOOT	"boot"
#define EP_SCRIPT_BOOTS "boots"

/* In place of a name: every chart of a result */
#define EP_CHART_ALL "all"

/*
 * Valid UTF-8 without control characters, whatever is in the file.
 *
 * @name: of the file without .gp: lower case letters, digits and hyphens
 * @question, @caption: @name if the header has none
 * @data: a plain name
 * @bars, @requires, @hint: NULL if the header has none
 * @times: the section "times"
 * @place: UINT_MAX if the header has none
 * @header: what the others point into
 */
struct ep_script {
	char *name;
	const char *question;
	const char *data;
	const char *caption;
	const char *bars;
	const char *requires;
	const char *hint;
	bool usual;
	bool times;
	unsigned int place;
	char *header;
};

/* Sorted by place, then by name. Zeroed is none. */
struct ep_scripts {
	struct ep_script *list;
	size_t count;
};

/*
 * All charts in ep_paths_plots(). A script that cannot be read is left out. @ret is to be
 * finished in any case. Returns 0, or a negative errno with a message if the folder cannot be
 * read or has none.
 */
int ep_scripts_find(struct ep_scripts *ret, struct ep_error *err);
void ep_scripts_finish(struct ep_scripts *scripts);

/* The one of that name, or NULL. */
const struct ep_script *ep_scripts_named(const struct ep_scripts *scripts, const char *name);

/* Whether it is made of a file of a result. */
bool ep_script_is_of_result(const struct ep_script *script);

/* The same, and @which is its name, EP_CHART_ALL, or NULL and it is a usual one. */
bool ep_script_is_wanted(const struct ep_script *script, const char *which);

/*
 * Whether exitprof draws a chart of that name into a result or for a boot: one that it was built
 * with, also where the folder is missing, or one that is there now.
 */
bool ep_script_is_ours(const char *name);

#endif /* EP_PLOT_SCRIPT_H */
