// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "boot/plot.h"
#include "core/base/cleanup.h"
#include "core/result/json.h"
#include "plot/draw.h"
#include "report/charts.h"

static int draw_run(struct ep_document *document, const struct ep_report_source *source,
		    const struct ep_scripts *scripts, enum ep_report_part part,
		    struct ep_error *err)
{
	_cleanup_free_ char *title = NULL;
	int code = ep_result_title(&title, source->loaded.run);

	if (code)
		return ep_error_set(err, code, "out of memory");
	for (size_t i = 0; !code && i < scripts->count; i++) {
		const struct ep_script *script = &scripts->list[i];
		char *svg;

		if (!ep_script_is_of_result(script) || script->times != (part == EP_PART_TIMES))
			continue;
		code = ep_chart_render_result(source->folder, script, title, &svg, err);
		if (!code)
			ep_document_figure(document, script->name, svg, script->caption);
		if (code == -ENODATA)
			code = 0;
	}
	return code;
}

static int draw_boot(struct ep_document *document, const struct ep_report_source *source,
		     const struct ep_scripts *scripts, struct ep_error *err)
{
	int code = 0;

	for (size_t i = 0; !code && i < scripts->count; i++) {
		const struct ep_script *script = &scripts->list[i];
		char *svg;

		if (strcmp(script->data, EP_SCRIPT_BOOT))
			continue;
		code = ep_boot_render(&source->boot, script->name, &svg, err);
		if (!code)
			ep_document_figure(document, script->name, svg, script->caption);
	}
	return code;
}

int ep_report_draw(struct ep_document *document, const struct ep_report_source *source,
		   enum ep_report_part part, struct ep_error *err)
{
	_cleanup_(ep_scripts_finish) struct ep_scripts scripts = {};
	int code;

	if (source->is_boot && part != EP_PART_COUNTS)
		return 0;
	code = ep_scripts_find(&scripts, err);
	if (code)
		return code;
	return source->is_boot ? draw_boot(document, source, &scripts, err)
			       : draw_run(document, source, &scripts, part, err);
}

int ep_report_charts(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *source, enum ep_report_part part,
		     struct ep_error *err)
{
	return settings->draw ? settings->draw(document, source, part, err) : 0;
}
