// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "core/base/cleanup.h"
#include "core/base/closest_match.h"
#include "core/base/value.h"
#include "core/host/reasons.h"
#include "plot/chart.h"
#include "print/compare.h"

static const char help[] =
	"Usage: exitprof compare BEFORE AFTER [OPTION...]\n"
	"       exitprof compare BEFORE... -- AFTER... [OPTION...]\n"
	"\n"
	"Compares results of the same workload: for each exit reason, by how much its handling\n"
	"cycles and its exits per operation have changed, and whether that is more than\n"
	"chance. Needs no patched host.\n"
	"\n"
	"Examples:\n"
	"  exitprof compare results/stock results/tuned\n"
	"  exitprof compare a1 a2 a3 -- b1 b2 b3            several boots of each\n"
	"  exitprof compare old new --threshold 5%          for CI: status 3 if it got worse\n"
	"  exitprof compare old new --metric exits --threshold 1% --reason total\n"
	"  exitprof compare old new --chart change.svg\n"
	"  exitprof compare depth1 depth32 --by depth       what an option of the workload does\n";

static const char notes[] =
	"Repeats are what differences are judged by: record them with 'exitprof run -n 8 -w 1'.\n";

/* @ratio: by which something may rise, 0.05 for 5 % */
struct threshold {
	bool given;
	double ratio;
};

/*
 * @paths: first the @before_count ones before, then the others, @count in all
 * @reasons: the only ones to be judged, all if there are none
 * @by: the workload's option in which the sides differ, or NULL
 */
struct request {
	char **paths;
	size_t before_count;
	size_t count;
	enum ep_metric metric;
	struct threshold threshold;
	struct ep_option_list reasons;
	const char *chart;
	const char *by;
	bool force;
	enum ep_output_format format;
};

static const char *const metrics[EP_METRICS] = {
	[EP_METRIC_CYCLES] = "cycles",
	[EP_METRIC_EXITS] = "exits",
	[EP_METRIC_COST] = "cost",
};

static int take_threshold(const char *text, void *member, struct ep_error *err)
{
	char *end = NULL;
	double percent = isdigit((unsigned char)text[0]) ? strtod(text, &end) : 0;

	/* strtod() reads hexadecimal, too, which nobody means. */
	if (!end || (strcmp(end, "%") && *end) || percent > 1e6 || strpbrk(text, "xX"))
		return -EINVAL;
	*(struct threshold *)member = (struct threshold){ true, percent / 100 };
	return 0;
}

static int take_chart(const char *path, void *member, struct ep_error *err)
{
	static const char *const endings[] = { ".svg", ".png", ".pdf" };
	size_t length = strlen(path);

	*(const char **)member = path;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (length > 4 && path[length - 5] != '/' && !strcmp(path + length - 4, endings[i]))
			return 0;
	return -EINVAL;
}

static const struct ep_option options[] = {
	{ "metric", 'm', "NAME",
	  "what is shown in full, sorts and is judged: cycles (handling cycles per operation), "
	  "exits (per operation) or cost (handling cycles per exit)",
	  EP_CHOICE(metric, metrics), .initial = "cycles" },
	{ "threshold", 't', "N%",
	  "end with status 3 if a reason or the total has risen significantly and by more than "
	  "that",
	  EP_CUSTOM(threshold, struct threshold, take_threshold),
	  .expects = "a percentage such as 5%" },
	{ "reason", 0, "NAME", "judge this reason only, or 'total'; can be repeated",
	  EP_LIST(reasons) },
	{ "chart", 0, "FILE",
	  "draw the changes with their intervals; FILE ends in .svg, .png or .pdf",
	  EP_CUSTOM(chart, const char *, take_chart),
	  .expects = "a file that ends in .svg, .png or .pdf" },
	{ "by", 0, "OPTION",
	  "the sides differ in this option of the workload, and nothing else: that is the "
	  "question",
	  EP_TEXT(by) },
	{ "force", 0, NULL, "compare results that are not comparable", EP_SWITCH(force) },
	EP_OPTION_CSV(format, "print a row for each reason and metric on stdout"),
	EP_OPTION_JSON(format, "print the same as JSON, with how it was compared"),
	{},
};

/* Returns a status, or -1 to go on. */
static int find_twice(const struct ep_command *command, const struct request *request)
{
	for (size_t i = 0; i < request->count; i++)
		for (size_t j = i + 1; j < request->count; j++)
			if ((i < request->before_count) == (j < request->before_count) &&
			    !strcmp(request->paths[i], request->paths[j]))
				return ep_command_misused(command, "'%s' is twice on the same side",
							  request->paths[i]);
	return -1;
}

/* Which of the arguments are before, which after. Returns a status, or -1 to go on. */
static int divide(const struct ep_command *command, struct request *request, int argc, char **argv)
{
	int middle = 0;

	while (middle < argc && strcmp(argv[middle], "--"))
		middle++;
	if (middle == argc && argc != 2)
		return ep_command_misused(command, "give two result folders, or "
						   "BEFORE... -- AFTER...");
	request->before_count = middle == argc ? 1 : middle;
	for (int i = middle; i + 1 < argc; i++)
		argv[i] = argv[i + 1];
	request->paths = argv;
	request->count = argc - (middle < argc);
	if (!request->before_count || request->before_count == request->count)
		return ep_command_misused(command, "give result folders on both sides of '--'");
	if (request->reasons.count && !request->threshold.given)
		return ep_command_misused(command, "--reason is for --threshold");
	return find_twice(command, request);
}

/* The next step: where an option is all that differs, that may be the question. */
static void say_how(const struct request *request, const struct ep_remarks *remarks)
{
	const char *option = "";

	for (size_t i = 0; i < remarks->count; i++)
		if (remarks->list[i].refuse)
			option = remarks->list[i].option;
	if (remarks->refusals == 1 && option[0] && !request->by)
		ep_say_hint("'--by %s' compares what this option does; --force compares these "
			    "whatever differs",
			    option);
	else
		ep_say_hint("compare results of one workload on like machines; --force compares "
			    "these all the same");
}

/* Whether the results may be compared, and why not. Returns a status. */
static int check(const struct request *request, const struct ep_loaded *results,
		 struct ep_remarks *remarks)
{
	bool refused;

	if (ep_comparable_by(remarks, results, request->before_count, request->count,
			     request->by)) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	refused = remarks->refusals && !request->force;
	for (size_t i = 0; i < remarks->count; i++) {
		const struct ep_remark *remark = &remarks->list[i];

		if (refused && remark->refuse)
			ep_say("not comparable: %s", remark->text);
		else if (!refused)
			ep_say_warning("%s", remark->text);
	}
	if (!refused)
		return EP_STATUS_DONE;
	say_how(request, remarks);
	return EP_STATUS_FAILED;
}

static void write_data(FILE *file, const void *comparison)
{
	ep_print_compare_csv(file, comparison);
}

static int draw(const struct request *request, const struct ep_comparison *comparison,
		const struct ep_loaded *results)
{
	struct ep_chart chart = {
		.name = "compare",
		.write = write_data,
		.user = comparison,
	};
	char before[EP_COMPARABLE_VALUE_MAX], after[EP_COMPARABLE_VALUE_MAX], by[256] = "";
	_cleanup_free_ char *title = NULL;
	char name[EP_LOAD_NAME_MAX];
	struct ep_error err = {};

	if (request->by)
		snprintf(by, sizeof(by), ", %s %s and %s", request->by,
			 ep_comparable_option(&results[0], request->by, before),
			 ep_comparable_option(&results[request->before_count], request->by, after));
	if (asprintf(&title, "%s: %zu repeats before, %zu after%s", ep_load_name(results, name),
		     comparison->before_count, comparison->after_count, by) < 0)
		return EP_STATUS_FAILED;
	chart.title = title;
	if (ep_chart_available(&err) && !ep_chart_save(&chart, request->chart, &err))
		return EP_STATUS_DONE;
	ep_say_error(&err);
	return EP_STATUS_FAILED;
}

static bool is_judged(const struct request *request, const struct ep_compare_row *row)
{
	for (size_t i = 0; i < request->reasons.count; i++)
		if (!strcmp(request->reasons.list[i], row->name))
			return true;
	return !request->reasons.count;
}

/* A reason that nobody knows is a mistake; one that did not occur has not risen. */
static int check_reasons(const struct request *request, const struct ep_comparison *comparison,
			 const struct ep_loaded *results)
{
	bool vmx = !strcmp(ep_load_text(results, "host", "vendor"), "VMX");
	const struct ep_reasons *known = ep_reasons_of(vmx ? EP_VENDOR_VMX : EP_VENDOR_SVM);
	_cleanup_free_ const char **names =
		calloc(known->count + comparison->count + 1, sizeof(*names));
	size_t count = 0;

	if (!names)
		return EP_STATUS_FAILED;
	names[count++] = "total";
	for (size_t i = 0; i < known->count; i++)
		names[count++] = known->list[i].name;
	for (size_t i = 0; i < comparison->count; i++)
		names[count++] = comparison->rows[i].name;
	for (size_t i = 0; i < request->reasons.count; i++) {
		const char *name = request->reasons.list[i], *nearest;
		bool found = false;

		for (size_t j = 0; j < count; j++)
			found = found || !strcmp(names[j], name);
		if (found)
			continue;
		nearest = ep_closest_match(name, names, count);
		ep_say("compare: there is no reason '%s'", name);
		if (nearest)
			ep_say_hint("did you mean '%s'?", nearest);
		else
			ep_say_hint("'exitprof reasons' lists them");
		return EP_STATUS_USAGE;
	}
	return EP_STATUS_DONE;
}

static bool is_regression(const struct request *request, const struct ep_compare_row *row)
{
	const struct ep_compare_cell *cell = &row->cells[request->metric];

	return cell->verdict == EP_COMPARE_MORE &&
	       cell->change.ratio.value - 1 > request->threshold.ratio;
}

/* No exits have no cost, and nothing can be said about it, which is fine. */
static bool is_undecided(const struct request *request, const struct ep_compare_row *row)
{
	const struct ep_compare_cell *cell = &row->cells[request->metric];

	return cell->verdict == EP_COMPARE_UNTESTED ||
	       (cell->verdict == EP_COMPARE_UNKNOWN &&
		(request->metric != EP_METRIC_COST || row->presence == EP_PRESENCE_BOTH));
}

static int say_undecided(const struct request *request, const struct ep_comparison *comparison,
			 const struct ep_compare_row *row)
{
	bool total = row == &comparison->total;
	size_t family = total ? 1 : comparison->family[request->metric];

	if (row->cells[request->metric].verdict == EP_COMPARE_UNKNOWN) {
		ep_say("cannot judge %s: the host does not tell its cycles", row->name);
		ep_say_hint("--metric exits judges by what it does tell");
		return EP_STATUS_FAILED;
	}
	ep_say("cannot judge %s: too few repeats for any test", row->name);
	ep_say_hint("record with -n %zu or more on both sides%s", ep_compare_repeats_needed(family),
		    total ? "" : ", or judge '--reason total' only");
	return EP_STATUS_FAILED;
}

static int judge(const struct request *request, const struct ep_comparison *comparison)
{
	const struct ep_compare_row *undecided = NULL;
	char change[EP_VALUE_TEXT_MAX];
	size_t regressions = 0;

	for (size_t i = 0; i <= comparison->count; i++) {
		const struct ep_compare_row *row =
			i < comparison->count ? &comparison->rows[i] : &comparison->total;
		const struct ep_compare_cell *cell = &row->cells[request->metric];

		if (!is_judged(request, row))
			continue;
		if (is_undecided(request, row) && !undecided)
			undecided = row;
		if (!is_regression(request, row))
			continue;
		regressions++;
		ep_say("regression: %s of %s: %s, p = %.2g, and the threshold is %g%%",
		       ep_compare_metric_name(request->metric, comparison->per_second), row->name,
		       row->presence == EP_PRESENCE_NEW
			       ? "new"
			       : ep_compare_format_ratio(cell->change.ratio.value, change),
		       cell->p_adjusted, request->threshold.ratio * 100);
	}
	if (regressions)
		return EP_STATUS_REGRESSION;
	if (undecided)
		return say_undecided(request, comparison, undecided);
	if (request->format == EP_OUTPUT_TABLE)
		printf("no significant rise beyond %g%%\n", request->threshold.ratio * 100);
	return EP_STATUS_DONE;
}

static int show(const struct request *request, const struct ep_loaded *results,
		const struct ep_remarks *remarks)
{
	const struct ep_side before = { results, request->before_count };
	const struct ep_side after = { results + before.count, request->count - before.count };
	_cleanup_(ep_compare_finish) struct ep_comparison comparison = {};
	struct ep_error err = {};
	int status;

	if (ep_compare(&comparison, &before, &after, request->metric, &err)) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	status = check_reasons(request, &comparison, results);
	if (status)
		return status;
	if (request->format == EP_OUTPUT_TABLE)
		ep_print_compare_table(&comparison, &before, &after, request->metric, request->by);
	else if (request->format == EP_OUTPUT_CSV)
		ep_print_compare_csv(stdout, &comparison);
	else
		ep_print_compare_json(&comparison, &before, &after, remarks, request->by);
	if (request->chart)
		status = draw(request, &comparison, results);
	return status || !request->threshold.given ? status : judge(request, &comparison);
}

static int run(const struct request *request, struct ep_loaded *results)
{
	_cleanup_(ep_comparable_finish) struct ep_remarks remarks = {};
	struct ep_error err = {};
	int status;

	for (size_t i = 0; i < request->count; i++) {
		if (ep_load(&results[i], request->paths[i], &err)) {
			ep_say_error(&err);
			return EP_STATUS_FAILED;
		}
	}
	status = check(request, results, &remarks);
	return status ? status : show(request, results, &remarks);
}

static int compare(const struct ep_command *command, void *data, int argc, char **argv)
{
	_cleanup_free_ struct ep_loaded *results = calloc(argc + 1, sizeof(*results));
	struct request *request = data;
	int status;

	if (!results)
		return EP_STATUS_FAILED;
	status = divide(command, request, argc, argv);
	if (status >= 0)
		return status;
	status = run(request, results);
	for (size_t i = 0; i < request->count; i++)
		ep_load_finish(&results[i]);
	return status;
}

const struct ep_command ep_command_compare = {
	.name = "compare",
	.summary = "what has changed between results",
	.help = help,
	.notes = notes,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_SIDES,
	.run = compare,
};
