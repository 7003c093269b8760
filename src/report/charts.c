// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "boot/plot.h"
#include "core/base/cleanup.h"
#include "core/result/json.h"
#include "plot/chart.h"
#include "report/charts.h"

/* What a chart shows, for those who do not see it, too, and where it belongs. */
static const struct {
	const char *chart;
	enum ep_report_part part;
	const char *caption;
} captions[] = {
	{ "exits-by-reason", EP_PART_COUNTS, "How often the guest left guest mode, by reason." },
	{ "cycles-by-reason", EP_PART_COUNTS,
	  "Where the host's time went: handling cycles by reason." },
	{ "cycles-per-exit", EP_PART_TIMES,
	  "What is dear: handling cycles of one exit, by reason." },
	{ "handling-and-away", EP_PART_TIMES,
	  "Whether the time is KVM's, or whether the vCPU was away for longer, as for device "
	  "emulation or sleep." },
	{ "latency-heatmap", EP_PART_TIMES, "How long exits took, by reason." },
	{ "latency-percentiles", EP_PART_TIMES, "How slow the slow exits are, by reason." },
	{ "over-time", EP_PART_COUNTS, "Exits per second over the time of the run, by reason." },
	{ "per-vcpu", EP_PART_COUNTS, "Exits by vCPU and reason." },
	{ "boot-rate", EP_PART_COUNTS, "Exits per second over the boot, by reason." },
	{ "boot-cumulative", EP_PART_COUNTS,
	  "All exits against time: a straight line is a stable rate." },
};

/* A chart that nobody has said anything about is shown all the same. */
static const char *caption_of(const char *chart, enum ep_report_part *ret_part)
{
	for (size_t i = 0; i < ARRAY_SIZE(captions); i++) {
		if (strcmp(captions[i].chart, chart))
			continue;
		*ret_part = captions[i].part;
		return captions[i].caption;
	}
	*ret_part = EP_PART_COUNTS;
	return chart;
}

static int draw_run(struct ep_document *document, const struct ep_report_source *source,
		    enum ep_report_part part, struct ep_error *err)
{
	_cleanup_free_ char *title = NULL;
	const char *chart;
	int code = ep_result_title(&title, source->loaded.run);

	if (code)
		return ep_error_set(err, code, "out of memory");
	for (size_t i = 0; !code && (chart = ep_chart_name(i)); i++) {
		enum ep_report_part belongs;
		const char *caption = caption_of(chart, &belongs);
		char *svg;

		if (belongs != part)
			continue;
		code = ep_chart_render_kind(source->folder, i, title, &svg, err);
		if (!code)
			ep_document_figure(document, chart, svg, caption);
		if (code == -ENODATA)
			code = 0;
	}
	return code;
}

static int draw_boot(struct ep_document *document, const struct ep_report_source *source,
		     struct ep_error *err)
{
	static const char *const charts[] = { "boot-rate", "boot-cumulative" };
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(charts) && !code; i++) {
		enum ep_report_part part;
		char *svg;

		code = ep_boot_render(&source->boot, charts[i], &svg, err);
		if (!code)
			ep_document_figure(document, charts[i], svg, caption_of(charts[i], &part));
	}
	return code;
}

int ep_report_draw(struct ep_document *document, const struct ep_report_source *source,
		   enum ep_report_part part, struct ep_error *err)
{
	if (source->is_boot && part != EP_PART_COUNTS)
		return 0;
	return source->is_boot ? draw_boot(document, source, err)
			       : draw_run(document, source, part, err);
}

int ep_report_charts(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *source, enum ep_report_part part,
		     struct ep_error *err)
{
	return settings->draw ? settings->draw(document, source, part, err) : 0;
}
