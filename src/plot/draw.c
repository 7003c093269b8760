// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/csv_read.h"
#include "core/base/folder.h"
#include "core/base/input.h"
#include "core/result/json.h"
#include "plot/chart.h"
#include "plot/draw.h"

int ep_chart_title(const char *path, char **ret, struct ep_error *err)
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

/* Whether the folder @path has what @script is made of. */
static bool has_data(const char *path, const struct ep_script *script)
{
	_cleanup_free_ char *name = NULL, *text = NULL;
	size_t length;

	/* That file every result has: without it, gnuplot has to complain. */
	if (!strcmp(script->data, "summary.csv"))
		return true;
	if (asprintf(&name, "%s/%s", path, script->data) < 0) {
		name = NULL;
		return false;
	}
	if (!script->requires)
		return !ep_input_check(name, NULL);
	return !ep_input_read(name, EP_CSV_BYTES_MAX, &text, &length, NULL) &&
	       strstr(text, script->requires);
}

static int save(const char *path, const struct ep_script *script, const char *format,
		const char *title, struct ep_error *err)
{
	_cleanup_free_ char *data = NULL, *out = NULL;
	struct ep_chart chart = { .name = script->name, .title = title, .of = path };

	if (asprintf(&data, "%s/%s", path, script->data) < 0 ||
	    asprintf(&out, "%s/%s.%s", path, script->name, format) < 0)
		return ep_error_set(err, -ENOMEM, "out of memory");
	chart.data = data;
	return ep_chart_save(&chart, out, err);
}

static int refuse(const char *path, const struct ep_script *script, struct ep_error *err)
{
	if (script->hint)
		ep_error_hint(err, "%s", script->hint);
	return ep_error_set(err, -ENODATA, "cannot draw %s of '%s': its %s does not tell",
			    script->name, path, script->data);
}

int ep_chart_draw(const char *path, const char *which, struct ep_error *err)
{
	static const char *const formats[] = { "svg", "png" };
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};
	const struct ep_script *only;
	_cleanup_free_ char *title = NULL;
	int code = ep_scripts_find(&scripts, err);

	if (!code)
		code = ep_chart_title(path, &title, err);
	only = which ? ep_scripts_named(&scripts, which) : NULL;
	if (!code && only && !has_data(path, only))
		return refuse(path, only, err);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		for (size_t j = 0; j < scripts.count && !code; j++)
			if (ep_script_is_wanted(&scripts.list[j], which) &&
			    has_data(path, &scripts.list[j]))
				code = save(path, &scripts.list[j], formats[i], title, err);
	return code;
}

int ep_chart_render_result(const char *path, const struct ep_script *script, const char *title,
			   char **ret, struct ep_error *err)
{
	_cleanup_free_ char *data = NULL;
	size_t length;

	if (asprintf(&data, "%s/%s", path, script->data) < 0) {
		data = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	if (access(data, F_OK) || !has_data(path, script))
		return -ENODATA;
	return ep_chart_render(
		&(struct ep_chart){
			.name = script->name, .data = data, .title = title, .of = path },
		"svg", ret, &length, err);
}
