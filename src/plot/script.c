// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <string.h>

#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/base/grow.h"
#include "core/base/input.h"
#include "core/base/utf8.h"
#include "plot/script.h"

/* No header is longer; a line that reaches beyond is not read. */
#define HEADER_BYTES_MAX 4096
#define VALUE_BYTES_MAX	 256

#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

static bool has_only(const char *text, const char *characters)
{
	return text[0] && !text[strspn(text, characters)];
}

/* The keys whose text is not kept. */
struct header {
	const char *section;
	const char *usual;
	const char *place;
};

/* A line behind its '#'. The first of two with the same key counts. */
static void take_line(struct ep_script *script, struct header *header, char *line)
{
	const struct {
		const char *key;
		const char **value;
	} keys[] = {
		{ "question", &script->question }, { "data", &script->data },
		{ "caption", &script->caption },   { "section", &header->section },
		{ "bars", &script->bars },	   { "usual", &header->usual },
		{ "requires", &script->requires }, { "hint", &script->hint },
		{ "place", &header->place },
	};
	char *key = line + strspn(line, " "), *value = strstr(key, ": ");
	size_t length;

	if (!value)
		return;
	*value++ = '\0';
	value += strspn(value, " ");
	length = strlen(value);
	while (length && value[length - 1] == ' ')
		value[--length] = '\0';
	if (!length || length > VALUE_BYTES_MAX)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(key, keys[i].key) && !*keys[i].value)
			*keys[i].value = value;
}

static void parse(struct ep_script *script)
{
	struct header header = {};
	char *rest = script->header, *line;

	while ((line = strsep(&rest, "\n")) && line[0] == '#')
		take_line(script, &header, line + 1);
	script->usual = header.usual && !strcmp(header.usual, "yes");
	script->times = header.section && !strcmp(header.section, "times");
	script->place = header.place && has_only(header.place, "0123456789")
				? strtoul(header.place, NULL, 10)
				: UINT_MAX;
	script->question = script->question ?: script->name;
	script->caption = script->caption ?: script->name;
}

/* The lines that are whole within HEADER_BYTES_MAX, as text that can be shown; or NULL. */
static char *read_header(const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t length;

	if (ep_input_head(path, HEADER_BYTES_MAX, &text, &length, NULL))
		return NULL;
	if (length == HEADER_BYTES_MAX)
		*(char *)(memrchr(text, '\n', length) ?: text) = '\0';
	for (char *at = text; (at = strpbrk(at, "\r\t"));)
		*at = ' ';
	return ep_utf8_clean(text, EP_UTF8_LINES);
}

static void finish(struct ep_script *script)
{
	free(script->name);
	free(script->header);
	*script = (struct ep_script){};
}

/* Whether @script, which is zeroed, has become the chart @file of @folder; else it is zeroed. */
static bool read_script(struct ep_script *script, const char *folder, const char *file)
{
	size_t length = strlen(file), ending = strlen(".gp");
	_cleanup_free_ char *path = NULL;

	if (length <= ending || strcmp(file + length - ending, ".gp"))
		return false;
	script->name = strndup(file, length - ending);
	if (script->name && has_only(script->name, LETTERS)) {
		if (asprintf(&path, "%s/%s", folder, file) < 0)
			path = NULL;
		script->header = path ? read_header(path) : NULL;
	}
	if (script->header)
		parse(script);
	if (script->data && has_only(script->data, LETTERS "._") && script->data[0] != '.')
		return true;
	finish(script);
	return false;
}

static int compare(const void *a, const void *b)
{
	const struct ep_script *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int read_folder(struct ep_scripts *ret, const char *path)
{
	_cleanup_closedir_ DIR *folder = opendir(path);
	const struct dirent *entry;

	if (!folder)
		return -errno;
	while ((entry = readdir(folder))) {
		struct ep_script script = {};

		if (!read_script(&script, path, entry->d_name))
			continue;
		if (ep_grow((void **)&ret->list, ret->count, sizeof(*ret->list))) {
			finish(&script);
			return -ENOMEM;
		}
		ret->list[ret->count++] = script;
	}
	if (!ret->count)
		return -ENODATA;
	qsort(ret->list, ret->count, sizeof(*ret->list), compare);
	return 0;
}

int ep_scripts_find(struct ep_scripts *ret, struct ep_error *err)
{
	const char *path = ep_paths_plots();
	int code;

	*ret = (struct ep_scripts){};
	code = read_folder(ret, path);
	if (!code)
		return 0;
	ep_error_hint(err, "set EXITPROF_PLOT_PATH to the folder that has the chart scripts");
	if (code == -ENODATA)
		return ep_error_set(err, code, "cannot draw charts: '%s' has none", path);
	return ep_error_set(err, code, "cannot draw charts: cannot read '%s': %m", path);
}

void ep_scripts_finish(struct ep_scripts *scripts)
{
	for (size_t i = 0; i < scripts->count; i++)
		finish(&scripts->list[i]);
	free(scripts->list);
	*scripts = (struct ep_scripts){};
}

const struct ep_script *ep_scripts_named(const struct ep_scripts *scripts, const char *name)
{
	for (size_t i = 0; i < scripts->count; i++)
		if (!strcmp(scripts->list[i].name, name))
			return &scripts->list[i];
	return NULL;
}

bool ep_script_is_of_result(const struct ep_script *script)
{
	const char *dot = strrchr(script->data, '.');

	return dot && !strcmp(dot, ".csv");
}

bool ep_script_is_wanted(const struct ep_script *script, const char *which)
{
	if (!ep_script_is_of_result(script))
		return false;
	if (!which)
		return script->usual;
	return !strcmp(which, EP_CHART_ALL) || !strcmp(which, script->name);
}

/* EXITPROF_CHARTS: names with commas between, which plots/meson.build reads in the scripts. */
static bool is_built_in(const char *name)
{
	_cleanup_free_ char *entry = NULL;

	if (asprintf(&entry, ",%s,", name) < 0) {
		entry = NULL;
		return false;
	}
	return strstr("," EXITPROF_CHARTS ",", entry);
}

bool ep_script_is_ours(const char *name)
{
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};
	const struct ep_script *script;

	if (!has_only(name, LETTERS))
		return false;
	if (is_built_in(name))
		return true;
	script = ep_scripts_find(&scripts, NULL) ? NULL : ep_scripts_named(&scripts, name);
	return script && (ep_script_is_of_result(script) || !strcmp(script->data, EP_SCRIPT_BOOT));
}
