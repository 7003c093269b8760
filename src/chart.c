// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>

#include "chart.h"
#include "core/cleanup.h"
#include "core/input.h"
#include "core/result.h"
#include "environment.h"
#include "program.h"

/*
 * A new chart is one script in plots/ and one entry here. @data: the file of a result that
 * it is made of; @with: text that the file must have in it, or NULL; @how: to get the one
 * and the other; @usual: one of those that are drawn unless one is named; @text: can be
 * drawn for a terminal
 */
static const struct chart {
	const char *name;
	const char *question;
	const char *data;
	const char *with;
	const char *how;
	bool usual;
	bool text;
} charts[] = {
	{ "exits-by-reason", "which reasons made the guest exit, and how often", "summary.csv",
	  .usual = true, .text = true },
	{ "cycles-by-reason", "which reasons take the host's time", "summary.csv", .usual = true,
	  .text = true },
	{ "cycles-per-exit", "which reasons are dear: handling cycles of one exit", "summary.csv",
	  .text = true },
	{ "handling-and-away", "is an exit's time KVM's, or is the vCPU away for longer",
	  "summary.csv" },
	{ "latency-heatmap", "how long exits take, and whether there are fast and slow ones",
	  "histogram.csv", .how = "a host at level full tells how long exits took" },
	{ "latency-percentiles", "how slow the slow ones are", "histogram.csv",
	  .how = "a host at level full tells how long exits took" },
	{ "over-time", "when the guest exited, and why", "series.csv",
	  .how = "measure with --interval", .usual = true },
	{ "per-vcpu", "which vCPU has the exits", "exits.csv", ",vcpu",
	  .how = "measure with --per-vcpu" },
};

const char *ep_chart_name(size_t index)
{
	return index < ARRAY_SIZE(charts) ? charts[index].name : NULL;
}

const char *ep_chart_question(size_t index)
{
	return charts[index].question;
}

static const struct chart *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(charts); i++)
		if (!strcmp(charts[i].name, name))
			return &charts[i];
	return NULL;
}

bool ep_chart_is_text(const char *name)
{
	const struct chart *chart = find(name);

	return chart && chart->text;
}

bool ep_chart_available(struct ep_error *err)
{
	_cleanup_free_ char *script = NULL;

	if (!ep_environment_has("gnuplot")) {
		ep_error_hint(err, "install gnuplot-nox, or copy the folder to a machine that has "
				   "it and use 'exitprof plot DIR' there");
		ep_error_set(err, -ENOENT, "cannot draw charts: there is no gnuplot");
		return false;
	}
	if (asprintf(&script, "%s/%s.gp", ep_environment_plots(), charts[0].name) < 0) {
		script = NULL;
		return false;
	}
	if (access(script, R_OK)) {
		ep_error_hint(err, "set EXITPROF_PLOT_PATH to the folder that has the chart "
				   "scripts");
		ep_error_set(err, -errno, "cannot draw charts: cannot read '%s': %m", script);
		return false;
	}
	return true;
}

static int run_gnuplot(char *const *argv)
{
	/* In a locale without UTF-8 gnuplot warns about every chart. */
	setenv("LC_ALL", "C.UTF-8", 1);
	return ep_program_run(argv, -1, -1);
}

static int copy_to_stdout(const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char buffer[4096];
	size_t length;

	if (!file)
		return -errno;
	while ((length = fread(buffer, 1, sizeof(buffer), file)))
		fwrite(buffer, 1, length, stdout);
	return ferror(file) ? -EIO : 0;
}

/* Gnuplot draws into a new file, which takes the old one's place when complete. */
static int draw(const char *path, const struct chart *kind, const char *format, const char *title,
		struct ep_error *err)
{
	const char *chart = kind->name;
	_cleanup_free_ char *script = NULL, *data = NULL, *scratch = NULL, *final = NULL;
	const char *folder = path;
	bool terminal = !strcmp(format, "txt");
	int code;

	/* The folder may be read-only, and looking must not change it. */
	if (terminal)
		folder = getenv("TMPDIR") ?: "/tmp";
	if (asprintf(&script, "%s/%s.gp", ep_environment_plots(), chart) < 0 ||
	    asprintf(&data, "%s/%s", path, kind->data) < 0 ||
	    asprintf(&scratch, "%s/.%s-%d.%s", folder, chart, getpid(), format) < 0 ||
	    asprintf(&final, "%s/%s.%s", folder, chart, format) < 0)
		return ep_error_set(err, -ENOMEM, "out of memory");

	code = run_gnuplot(
		(char *[]){ "gnuplot", "-c", script, data, scratch, (char *)title, NULL });
	if (!code && terminal)
		code = copy_to_stdout(scratch);
	else if (!code && rename(scratch, final))
		code = -errno;
	if (code || terminal)
		unlink(scratch);
	if (code == -EIO)
		return ep_error_set(err, code, "gnuplot failed to draw %s of '%s'", chart, path);
	if (code)
		return ep_error_set(err, code, "cannot draw %s of '%s': %m", chart, path);
	return 0;
}

static int read_title(char **ret, const char *path, struct ep_error *err)
{
	_cleanup_free_ char *file = NULL;
	struct json_object *run;
	int code;

	if (asprintf(&file, "%s/" EP_FOLDER_MARK, path) < 0) {
		file = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	if (access(file, R_OK)) {
		ep_error_hint(err, "give a folder that 'exitprof run' has written");
		return ep_error_set(err, -errno, "cannot open '%s': %m", file);
	}
	code = ep_input_json(file, &run, err);
	if (code) {
		ep_error_hint(err, "give a folder that 'exitprof run' has written");
		return code;
	}
	code = ep_result_title(ret, run);
	json_object_put(run);
	return code ? ep_error_set(err, code, "out of memory") : 0;
}

/* Whether the folder @path has what @chart is made of. */
static bool has_data(const char *path, const struct chart *chart)
{
	_cleanup_free_ char *name = NULL, *line = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	bool found = !chart->with;
	size_t size = 0;

	/* That file every result has: without it, gnuplot has to complain. */
	if (!strcmp(chart->data, "summary.csv"))
		return true;
	if (asprintf(&name, "%s/%s", path, chart->data) < 0) {
		name = NULL;
		return false;
	}
	file = fopen(name, "re");
	while (file && !found && getline(&line, &size, file) > 0)
		found = strstr(line, chart->with);
	return file && found;
}

static bool wanted(const struct chart *chart, const char *which, bool terminal)
{
	if (terminal && !chart->text)
		return false;
	if (!which)
		return chart->usual;
	return !strcmp(which, EP_CHART_ALL) || !strcmp(which, chart->name);
}

int ep_chart_draw(const char *path, const char *which, bool terminal, struct ep_error *err)
{
	static const char *const text[] = { "txt", NULL }, *const files[] = { "svg", "png", NULL };
	const struct chart *only = which ? find(which) : NULL;
	const char *const *format = terminal ? text : files;
	_cleanup_free_ char *title = NULL;
	int code = read_title(&title, path, err);

	if (!code && only && !has_data(path, only)) {
		ep_error_hint(err, "%s", only->how);
		return ep_error_set(err, -ENODATA, "cannot draw %s of '%s': its %s does not tell",
				    only->name, path, only->data);
	}
	for (; *format && !code; format++)
		for (size_t i = 0; i < ARRAY_SIZE(charts) && !code; i++)
			if (wanted(&charts[i], which, terminal) && has_data(path, &charts[i]))
				code = draw(path, &charts[i], *format, title, err);
	return code;
}

static int can_create(const char *path)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : 0;
}

int ep_chart_draw_file(const char *chart, const char *data, const char *file, const char *title,
		       const char *more, struct ep_error *err)
{
	_cleanup_free_ char *script = NULL, *scratch = NULL;
	const char *slash = strrchr(file, '/');
	int folder = slash ? slash + 1 - file : 0;
	const char *name = file + folder;
	int code;

	if (asprintf(&script, "%s/%s.gp", ep_environment_plots(), chart) < 0 ||
	    asprintf(&scratch, "%.*s.%s-%d%s", folder, file, chart, getpid(),
		     strrchr(name, '.') ?: "") < 0)
		return ep_error_set(err, -ENOMEM, "out of memory");
	/* Gnuplot's own words for this do not name the file that was asked for. */
	code = can_create(scratch);
	if (code)
		return ep_error_set(err, code, "cannot write '%s': %m", file);
	code = run_gnuplot((char *[]){ "gnuplot", "-c", script, (char *)data, scratch,
				       (char *)title, (char *)more, NULL });
	if (!code && rename(scratch, file))
		code = -errno;
	if (!code)
		return 0;
	unlink(scratch);
	if (code == -EIO)
		return ep_error_set(err, code, "gnuplot failed to draw '%s'", file);
	return ep_error_set(err, code, "cannot draw '%s': %m", file);
}

int ep_chart_draw_one(const char *path, size_t index, const char *file, const char *title,
		      struct ep_error *err)
{
	const struct chart *chart = &charts[index];
	_cleanup_free_ char *data = NULL;

	if (asprintf(&data, "%s/%s", path, chart->data) < 0) {
		data = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	if (access(data, F_OK) || !has_data(path, chart))
		return -ENODATA;
	return ep_chart_draw_file(chart->name, data, file, title, NULL, err);
}
