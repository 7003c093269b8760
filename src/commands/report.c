// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "core/base/cleanup.h"
#include "core/base/file.h"
#include "plot/chart.h"
#include "report/charts.h"
#include "report/report.h"
#include "report/write/html.h"
#include "report/write/markdown.h"
#include "report/write/pdf.h"

static const char help[] =
	"Usage: exitprof report DIR... [OPTION...]\n"
	"\n"
	"Makes a report of result folders: tables, charts, what the numbers say, and how to\n"
	"measure it again. Several are put side by side. Needs no patched host.\n"
	"\n"
	"Examples:\n"
	"  exitprof report results/io-heavy                  exitprof-report.html\n"
	"  exitprof report results/nested results/shadow -o paging.html\n"
	"  exitprof report results/boot -o boot.pdf\n"
	"  exitprof report --course results/boot results/io-heavy -o lab-report.md\n";

enum format { FORMAT_BY_ENDING, FORMAT_HTML, FORMAT_MARKDOWN, FORMAT_PDF, FORMATS };

static const char *const formats[FORMATS] = {
	[FORMAT_HTML] = "html",
	[FORMAT_MARKDOWN] = "md",
	[FORMAT_PDF] = "pdf",
};

/* @file: "-" for stdout */
struct request {
	const char *file;
	enum format format;
	bool force;
	struct ep_report_settings settings;
};

static const struct ep_option options[] = {
	{ "output", 'o', "FILE",
	  "the report's file; '-' for stdout (default: exitprof-report.html)", EP_TEXT(file) },
	{ "format", 0, "FORMAT",
	  "file format: html, one file without scripts; md, Markdown with its charts in a folder "
	  "beside it; or "
	  "pdf (default: by FILE's ending)",
	  EP_CHOICE(format, formats) },
	{ "course", 0, NULL,
	  "as courses on virtualization ask for it, with room for what a person must write",
	  EP_SWITCH(settings.course) },
	{ "title", 0, "TEXT", "what it is headed", EP_TEXT(settings.title) },
	{ "force", 0, NULL, "replace a report of --course, and what was written into it",
	  EP_SWITCH(force) },
	{},
};

static bool to_stdout(const struct request *request)
{
	return !strcmp(request->file, "-");
}

static int fail(const struct ep_error *err)
{
	ep_say_error(err);
	return EP_STATUS_FAILED;
}

/* "charts" of "reports/a.md" is "reports/a-charts". */
static char *images_folder(const char *file)
{
	const char *slash = strrchr(file, '/'), *dot = strrchr(slash ? slash : file, '.');
	char *folder;

	return asprintf(&folder, "%.*s-charts", (int)(dot ? dot - file : (int)strlen(file)), file) <
			       0
		       ? NULL
		       : folder;
}

static int write_image(const char *folder, const struct ep_document *document, size_t index,
		       struct ep_error *err)
{
	_cleanup_(ep_file_discard) struct ep_file file = {};
	_cleanup_free_ char *name = ep_report_image(document, index), *path = NULL;
	int code;

	if (!name || asprintf(&path, "%s/%s", folder, name) < 0)
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = ep_file_begin(&file, path, err);
	if (code)
		return code;
	fputs(document->blocks[index].svg, file.stream);
	return ep_file_publish(&file, err);
}

/* "3-over-time.svg": a name as charts of a report have it */
static bool is_image(const char *name)
{
	size_t digits = strspn(name, "0123456789"), length = strlen(name);

	return digits && name[digits] == '-' && length > 4 && !strcmp(name + length - 4, ".svg");
}

/* A folder for charts: a new one, or one of an earlier report with nothing else in it. */
static int make_images_folder(const char *folder, struct ep_error *err)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	struct stat status;
	int fd;

	if (!mkdir(folder, 0777))
		return 0;
	if (errno != EEXIST)
		return ep_error_set(err, -errno, "cannot make '%s': %m", folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		ep_cleanup_close(&fd);
	ep_error_hint(err, "choose another file with -o FILE, or keep that folder elsewhere");
	if (!dir || fstat(dirfd(dir), &status) || status.st_uid != geteuid())
		return ep_error_set(err, -EEXIST, "'%s' exists and is no folder of yours", folder);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !is_image(entry->d_name))
			return ep_error_set(err, -EEXIST,
					    "'%s' holds '%s', which is no chart of a report",
					    folder, entry->d_name);
	ep_error_hint(err, "%s", "");
	return 0;
}

/* The charts come first: a report that is there has all that it shows. */
static int write_images(const char *folder, const struct ep_document *document,
			struct ep_error *err)
{
	int code = 0;
	bool any = false;

	for (size_t i = 0; i < document->count && !code; i++) {
		if (document->blocks[i].kind != EP_BLOCK_FIGURE)
			continue;
		code = any ? 0 : make_images_folder(folder, err);
		any = true;
		if (!code)
			code = write_image(folder, document, i, err);
	}
	return code;
}

/* @fd: what @file writes to */
static int write_to(FILE *file, int fd, const struct request *request,
		    const struct ep_document *document, const char *images, struct ep_error *err)
{
	if (request->format == FORMAT_PDF) {
		fflush(file);
		return ep_report_write_pdf(fd, document, err);
	}
	if (request->format == FORMAT_HTML)
		ep_report_write_html(file, document);
	else
		ep_report_write_markdown(file, document, images);
	return 0;
}

static int write_file(const struct request *request, const struct ep_document *document,
		      struct ep_error *err)
{
	_cleanup_(ep_file_discard) struct ep_file file = {};
	_cleanup_free_ char *images = images_folder(request->file);
	const char *slash;
	int code = 0;

	if (!images)
		return ep_error_set(err, -ENOMEM, "out of memory");
	slash = strrchr(images, '/');
	code = ep_file_begin(&file, request->file, err);
	if (!code && request->format == FORMAT_MARKDOWN)
		code = write_images(images, document, err);
	if (!code)
		code = write_to(file.stream, file.scratch.fd, request, document,
				slash ? slash + 1 : images, err);
	return code ?: ep_file_publish(&file, err);
}

static int save(const struct request *request, const struct ep_document *document)
{
	struct ep_error err = {};
	int code;

	if (to_stdout(request))
		code = write_to(stdout, STDOUT_FILENO, request, document, NULL, &err);
	else
		code = write_file(request, document, &err);
	if (code)
		return fail(&err);
	if (!to_stdout(request))
		ep_say("saved %s", request->file);
	return EP_STATUS_DONE;
}

static int report(struct request *request, const struct ep_report_source *sources, size_t count)
{
	_cleanup_(ep_document_finish) struct ep_document document = {};
	struct ep_error err = {};

	request->settings.draw = ep_report_draw;
	request->settings.ending = formats[request->format];
	if (!ep_chart_available(&err)) {
		ep_say_warning("%s; the report is without them", err.message);
		if (err.hint[0])
			ep_say_hint("%s", err.hint);
		request->settings.draw = NULL;
	}
	err = (struct ep_error){};
	if (ep_report_build(&document, &request->settings, sources, count, &err))
		return fail(&err);
	return save(request, &document);
}

/* What would fail at the end need not be begun. Returns a status. */
static int check(const struct request *request)
{
	struct ep_error err = {};

	if (request->format == FORMAT_PDF && !ep_report_pdf_available(&err))
		return fail(&err);
	if (!request->settings.course || request->force || to_stdout(request) ||
	    access(request->file, F_OK))
		return EP_STATUS_DONE;
	ep_say("'%s' exists, and somebody may have written into it", request->file);
	ep_say_hint("choose another file with -o FILE, or --force to replace it");
	return EP_STATUS_FAILED;
}

static int run(struct request *request, char **paths, size_t count)
{
	struct ep_report_source sources[EP_REPORT_SOURCES_MAX] = {};
	struct ep_error err = {};
	int status = check(request);

	for (size_t i = 0; i < count && !status; i++)
		if (ep_source_open(&sources[i], paths[i], &err))
			status = fail(&err);
	if (!status)
		status = report(request, sources, count);
	for (size_t i = 0; i < count; i++)
		ep_source_close(&sources[i]);
	return status;
}

static enum format format_of(const char *file)
{
	const char *ending = strrchr(file, '.');
	enum format format = FORMAT_HTML;

	if (!strcmp(file, "-"))
		return FORMAT_HTML;
	while (ending && format < FORMATS && strcmp(ending + 1, formats[format]))
		format++;
	return ending && format < FORMATS ? format : FORMAT_BY_ENDING;
}

/* Returns a status, or -1 to go on. */
static int choose_format(const struct ep_command *command, struct request *request)
{
	static const char *const files[FORMATS] = {
		[FORMAT_BY_ENDING] = "exitprof-report.html",
		[FORMAT_HTML] = "exitprof-report.html",
		[FORMAT_MARKDOWN] = "exitprof-report.md",
		[FORMAT_PDF] = "exitprof-report.pdf",
	};

	if (!request->file)
		request->file = files[request->format];
	if (request->format == FORMAT_BY_ENDING)
		request->format = format_of(request->file);
	if (request->format == FORMAT_BY_ENDING)
		return ep_command_misused(command,
					  "'%s' does not end in .html, .md or .pdf, and there is "
					  "no --format",
					  request->file);
	if (request->format == FORMAT_MARKDOWN && to_stdout(request))
		return ep_command_misused(command, "Markdown needs a file, as its charts are put "
						   "beside it");
	return -1;
}

static int report_command(const struct ep_command *command, void *data, int argc, char **argv)
{
	struct request *request = data;
	int status;

	if (!argc)
		return ep_command_misused(command, "give one result folder or more");
	if (argc > EP_REPORT_SOURCES_MAX)
		return ep_command_misused(command, "at most %d folders", EP_REPORT_SOURCES_MAX);
	status = choose_format(command, request);
	return status >= 0 ? status : run(request, argv, argc);
}

const struct ep_command ep_command_report = {
	.name = "report",
	.summary = "a report of results, as HTML, Markdown or PDF",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_FOLDERS,
	.run = report_command,
};
