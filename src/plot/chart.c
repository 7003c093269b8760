// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/base/csv_read.h"
#include "core/base/file.h"
#include "core/base/folder.h"
#include "core/base/input.h"
#include "core/base/program.h"
#include "core/base/stream.h"
#include "core/base/utf8.h"
#include "core/result/json.h"
#include "plot/chart.h"

/* More than any chart of ours. */
#define PICTURE_BYTES_MAX (32 << 20)

/* So much of a name is in a message. */
#define OF_MAX 512

/*
 * A new chart is one script in plots/ and one entry here. @data: the file of a result that
 * it is made of; @with: text that the file must have in it, or NULL; @how: to get the one
 * and the other; @usual: one of those that are drawn unless one is named; @text: can be
 * drawn for a terminal
 */
static const struct kind {
	const char *name;
	const char *question;
	const char *data;
	const char *with;
	const char *how;
	bool usual;
	bool text;
} kinds[] = {
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
	return index < ARRAY_SIZE(kinds) ? kinds[index].name : NULL;
}

const char *ep_chart_question(size_t index)
{
	return kinds[index].question;
}

static const struct kind *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

bool ep_chart_is_text(const char *name)
{
	const struct kind *kind = find(name);

	return kind && kind->text;
}

bool ep_chart_available(struct ep_error *err)
{
	_cleanup_free_ char *script = NULL;

	if (!ep_program_exists("gnuplot")) {
		ep_error_hint(err, "install gnuplot-nox, or copy the folder to a machine that has "
				   "it and use 'exitprof plot DIR' there");
		ep_error_set(err, -ENOENT, "cannot draw charts: there is no gnuplot");
		return false;
	}
	if (asprintf(&script, "%s/%s.gp", ep_paths_plots(), kinds[0].name) < 0) {
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

static const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && folder[0] ? folder : "/tmp";
}

/* A name that gnuplot takes for nothing else than a file's: no pipe, no variable. */
static char *gnuplot_path(const char *path)
{
	char *safe;

	return asprintf(&safe, "%s%s", path[0] == '/' ? "" : "./", path) < 0 ? NULL : safe;
}

static int run_gnuplot(const struct ep_chart *chart, const char *data, const char *out)
{
	_cleanup_free_ char *script = NULL, *safe = gnuplot_path(data);

	if (!safe || asprintf(&script, "%s%s/%s.gp", ep_paths_plots()[0] == '/' ? "" : "./",
			      ep_paths_plots(), chart->name) < 0) {
		script = NULL;
		return -ENOMEM;
	}
	/* In a locale without UTF-8 gnuplot warns about every chart. */
	setenv("LC_ALL", "C.UTF-8", 1);
	return ep_program_run((char *[]){ "gnuplot", "-c", script, safe, (char *)out,
					  (char *)chart->title, (char *)chart->more, NULL },
			      -1, -1);
}

static int write_data(const struct ep_chart *chart, const char *path)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : ep_stream_open(fd);

	if (!file)
		return -errno;
	chart->write(file, chart->user);
	return ep_stream_close(file);
}

/* Gnuplot says nothing of a disk that is full: what it has drawn tells. */
static bool is_whole(const char *format, const char *picture, size_t length)
{
	static const struct {
		const char *format;
		const char *end;
		size_t length;
	} ends[] = {
		{ "svg", "</svg>", 6 },
		{ "png", "IEND\xae\x42\x60\x82", 8 },
		{ "pdf", "%%EOF", 5 },
	};

	while (length && strcmp(format, "png") && strchr("\r\n", picture[length - 1]))
		length--;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (!strcmp(format, ends[i].format))
			return length >= ends[i].length &&
			       !memcmp(picture + length - ends[i].length, ends[i].end,
				       ends[i].length);
	return length;
}

static int cannot_draw(const struct ep_chart *chart, int code, struct ep_error *err)
{
	char of[OF_MAX] = "";

	if (chart->of)
		snprintf(of, sizeof(of), " of '%s'", chart->of);
	if (code == -EIO)
		return ep_error_set(err, code, "gnuplot failed to draw %s%s", chart->name, of);
	return ep_error_set(err, code, "cannot draw %s%s: %m", chart->name, of);
}

static int not_whole(const struct ep_chart *chart, struct ep_error *err)
{
	struct statvfs status;

	if (statvfs(temporary_folder(), &status) || status.f_bavail)
		return cannot_draw(chart, -EIO, err);
	ep_error_hint(err, "make room in %s, or set TMPDIR to another folder", temporary_folder());
	return cannot_draw(chart, -ENOSPC, err);
}

/* @picture takes the place of a text in which others may have had a hand. */
static int clean_text(char **picture, size_t *length)
{
	char *clean = ep_utf8_clean(*picture, EP_UTF8_LINES);

	free(*picture);
	*picture = clean;
	*length = clean ? strlen(clean) : 0;
	return clean ? 0 : -ENOMEM;
}

static int render_in(const struct ep_chart *chart, const char *folder, const char *format,
		     char **ret, size_t *ret_length, struct ep_error *err)
{
	_cleanup_free_ char *written = NULL, *out = NULL;
	const char *data = chart->data;
	int code = 0;

	if (asprintf(&written, "%s/data.csv", folder) < 0 ||
	    asprintf(&out, "%s/chart.%s", folder, format) < 0)
		return ep_error_set(err, -ENOMEM, "out of memory");
	if (chart->write) {
		data = written;
		code = write_data(chart, data);
		if (code)
			return ep_error_set(err, code, "cannot write '%s': %m", data);
	} else {
		code = ep_input_check(data, err);
		if (code)
			return code;
	}
	code = run_gnuplot(chart, data, out);
	if (code)
		return cannot_draw(chart, code, err);
	code = ep_input_read(out, PICTURE_BYTES_MAX, ret, ret_length, err);
	if (code == -ENOENT || (!code && !is_whole(format, *ret, *ret_length)))
		code = not_whole(chart, err);
	if (!code && (!strcmp(format, "svg") || !strcmp(format, "txt")) &&
	    clean_text(ret, ret_length))
		code = ep_error_set(err, -ENOMEM, "out of memory");
	return code;
}

int ep_chart_render(const struct ep_chart *chart, const char *format, char **ret,
		    size_t *ret_length, struct ep_error *err)
{
	_cleanup_(ep_scratch_remove) struct ep_scratch scratch = {};
	_cleanup_free_ char *place = NULL, *picture = NULL;
	int code;

	if (asprintf(&place, "%s/exitprof-chart", temporary_folder()) < 0) {
		place = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	code = ep_scratch_folder(&scratch, place, 0700);
	if (code) {
		ep_error_hint(err, "set TMPDIR to a folder that may be written");
		return ep_error_set(err, code, "cannot make a folder in '%s': %m",
				    temporary_folder());
	}
	code = render_in(chart, scratch.path, format, &picture, ret_length, err);
	if (code)
		return code;
	*ret = picture;
	picture = NULL;
	return 0;
}

int ep_chart_save(const struct ep_chart *chart, const char *path, struct ep_error *err)
{
	_cleanup_(ep_file_discard) struct ep_file file = {};
	_cleanup_free_ char *picture = NULL;
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
	size_t length;
	/* First, as a wrong place is found out the sooner. */
	int code = ep_file_begin(&file, path, err);

	if (!code)
		code = ep_chart_render(chart, dot ? dot + 1 : "", &picture, &length, err);
	if (code)
		return code;
	fwrite(picture, 1, length, file.stream);
	return ep_file_publish(&file, err);
}

static int draw(const char *path, const struct kind *kind, const char *format, const char *title,
		struct ep_error *err)
{
	_cleanup_free_ char *data = NULL, *out = NULL, *text = NULL;
	struct ep_chart chart = { .name = kind->name, .title = title, .of = path };
	size_t length;
	int code;

	if (asprintf(&data, "%s/%s", path, kind->data) < 0 ||
	    asprintf(&out, "%s/%s.%s", path, kind->name, format) < 0)
		return ep_error_set(err, -ENOMEM, "out of memory");
	chart.data = data;
	if (strcmp(format, "txt"))
		return ep_chart_save(&chart, out, err);
	/* The folder may be read-only, and looking must not change it. */
	code = ep_chart_render(&chart, format, &text, &length, err);
	if (!code)
		fwrite(text, 1, length, stdout);
	return code;
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
static bool has_data(const char *path, const struct kind *kind)
{
	_cleanup_free_ char *name = NULL, *text = NULL;
	size_t length;

	/* That file every result has: without it, gnuplot has to complain. */
	if (!strcmp(kind->data, "summary.csv"))
		return true;
	if (asprintf(&name, "%s/%s", path, kind->data) < 0) {
		name = NULL;
		return false;
	}
	if (!kind->with)
		return !ep_input_check(name, NULL);
	return !ep_input_read(name, EP_CSV_BYTES_MAX, &text, &length, NULL) &&
	       strstr(text, kind->with);
}

static bool wanted(const struct kind *kind, const char *which, bool terminal)
{
	if (terminal && !kind->text)
		return false;
	if (!which)
		return kind->usual;
	return !strcmp(which, EP_CHART_ALL) || !strcmp(which, kind->name);
}

int ep_chart_draw(const char *path, const char *which, bool terminal, struct ep_error *err)
{
	static const char *const text[] = { "txt", NULL }, *const files[] = { "svg", "png", NULL };
	const struct kind *only = which ? find(which) : NULL;
	const char *const *format = terminal ? text : files;
	_cleanup_free_ char *title = NULL;
	int code = read_title(&title, path, err);

	if (!code && only && !has_data(path, only)) {
		ep_error_hint(err, "%s", only->how);
		return ep_error_set(err, -ENODATA, "cannot draw %s of '%s': its %s does not tell",
				    only->name, path, only->data);
	}
	for (; *format && !code; format++)
		for (size_t i = 0; i < ARRAY_SIZE(kinds) && !code; i++)
			if (wanted(&kinds[i], which, terminal) && has_data(path, &kinds[i]))
				code = draw(path, &kinds[i], *format, title, err);
	return code;
}

int ep_chart_render_kind(const char *path, size_t index, const char *title, char **ret,
			 struct ep_error *err)
{
	const struct kind *kind = &kinds[index];
	_cleanup_free_ char *data = NULL;
	size_t length;

	if (asprintf(&data, "%s/%s", path, kind->data) < 0) {
		data = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	if (access(data, F_OK) || !has_data(path, kind))
		return -ENODATA;
	return ep_chart_render(
		&(struct ep_chart){ .name = kind->name, .data = data, .title = title, .of = path },
		"svg", ret, &length, err);
}

bool ep_chart_is_file(const char *name)
{
	static const char *const of_boots[] = { "boot-rate", "boot-cumulative" };
	static const char *const endings[] = { "svg", "png" };
	const char *dot = strrchr(name, '.');
	_cleanup_free_ char *stem = dot ? strndup(name, dot - name) : NULL;
	bool found = false;

	if (!stem)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		found = found || !strcmp(dot + 1, endings[i]);
	if (!found || find(stem))
		return found;
	for (size_t i = 0; i < ARRAY_SIZE(of_boots); i++)
		if (!strcmp(stem, of_boots[i]))
			return true;
	return false;
}
