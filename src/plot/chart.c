// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/program.h"
#include "core/base/stream.h"
#include "core/base/utf8.h"
#include "plot/chart.h"
#include "plot/script.h"

/* More than any chart of ours. */
#define PICTURE_BYTES_MAX (32 << 20)

/* So much of a name is in a message. */
#define OF_MAX 512

bool ep_chart_available(struct ep_error *err)
{
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};

	if (!ep_program_exists("gnuplot")) {
		ep_error_hint(err, "install gnuplot-nox, or copy the folder to a machine that has "
				   "it and use 'exitprof plot DIR' there");
		ep_error_set(err, -ENOENT, "cannot draw charts: there is no gnuplot");
		return false;
	}
	return !ep_scripts_find(&scripts, err);
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
	return false;
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
	if (!code && !strcmp(format, "svg") && clean_text(ret, ret_length))
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

bool ep_chart_is_file(const char *name)
{
	const char *dot = strrchr(name, '.');
	_cleanup_free_ char *stem = dot ? strndup(name, dot - name) : NULL;

	return stem && (!strcmp(dot, ".svg") || !strcmp(dot, ".png")) && ep_script_is_ours(stem);
}
