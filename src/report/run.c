// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/boot/rate.h"
#include "core/stats/stats.h"
#include "report/run.h"

#define DETAILS_SHOWN 12

struct ep_report_share *ep_run_shares(const struct ep_facts *facts)
{
	struct ep_report_share *shares = calloc(facts->count + 1, sizeof(*shares));

	for (size_t i = 0; shares && i < facts->count; i++)
		shares[i] = (struct ep_report_share){
			.name = facts->reasons[i].name,
			.exits = facts->reasons[i].exits.median,
			.exits_share = facts->reasons[i].exits_share,
			.timed = facts->reasons[i].timed,
			.cycles = facts->reasons[i].cycles.median,
			.cycles_share = facts->reasons[i].cycles_share,
		};
	return shares;
}

/* "read or write", "" where a repeat is not made of operations. */
static const char *operation(const struct ep_report_source *source)
{
	if (source->facts.operations.count)
		return ep_load_text(&source->loaded, "workload", "operation");
	return "";
}

static double number_at(const struct ep_report_source *source, const char *object,
			const char *member)
{
	struct json_object *value = ep_load_member(&source->loaded, object, member);

	return json_object_is_type(value, json_type_int) ||
			       json_object_is_type(value, json_type_double)
		       ? json_object_get_double(value)
		       : -1;
}

/* Which part of the vCPUs' time the host's handling took, below 0 if that is not known. */
static double handling_share(const struct ep_report_source *source)
{
	double khz = number_at(source, "host", "tsc_khz");
	double vcpus = number_at(source, "host", "vcpus_count");
	double seconds = source->facts.duration_ns.median / 1e9;

	if (!source->facts.total.timed || khz <= 0 || vcpus <= 0 || seconds <= 0)
		return -1;
	return source->facts.total.cycles.median / (khz * 1e3) / seconds / vcpus;
}

void ep_run_facts(struct ep_document *document, const struct ep_report_source *source)
{
	const struct ep_facts *facts = &source->facts;
	char a[EP_VALUE_TEXT_MAX], b[EP_VALUE_TEXT_MAX], remark[160];
	double away = number_at(source, "run", "away_share"), handling = handling_share(source);

	ep_document_facts(document);
	if (facts->total.exits.count > 1)
		snprintf(remark, sizeof(remark), "median of %zu repeats", facts->total.exits.count);
	else
		strcpy(remark, "one repeat");
	ep_document_row(document, "Exits", ep_text_figure(facts->total.exits.median, a), remark);
	snprintf(remark, sizeof(remark), "in %s", ep_text_seconds(facts->duration_ns.median, b));
	ep_document_row(document, "Exits per second",
			ep_text_figure(facts->exits_per_second.median, a), remark);
	if (facts->operations.count) {
		snprintf(remark, sizeof(remark), "each is one %.100s", operation(source));
		ep_document_row(document, "Exits per operation",
				ep_text_figure(facts->per_operation.median, a),
				operation(source)[0] ? remark : "");
	}
	if (facts->total.timed)
		ep_document_row(document, "Handling cycles per exit",
				ep_text_figure(facts->total.cycles_per_exit, a), "the host's TSC");
	if (handling >= 0)
		ep_document_row(document, "Time in the host's handling", ep_text_share(handling, a),
				"of all vCPUs' time");
	if (away >= 0)
		ep_document_row(document, "Time out of the guest", ep_text_share(away, a),
				"with device emulation, sleep and waiting");
}

static void say_outlier(struct ep_document *document, const struct ep_facts *facts)
{
	if (!facts->outlier)
		return;
	ep_document_text(document,
			 " Repeat %zu stands apart from the others (more than 3.5 "
			 "median absolute deviations); look at what else ran then.",
			 facts->outlier);
}

void ep_run_stability(struct ep_document *document, const struct ep_report_source *source)
{
	const struct ep_facts_series *series = &source->facts.series;
	const struct ep_spread *rate = &source->facts.exits_per_second;
	char a[EP_VALUE_TEXT_MAX], b[EP_VALUE_TEXT_MAX], c[EP_VALUE_TEXT_MAX];

	ep_document_item(document);
	if (series->repeats) {
		ep_document_text(document, "Within a repeat the rate was ");
		if (series->stable == series->repeats)
			ep_document_strong(document, "stable");
		else if (!series->stable)
			ep_document_strong(document, "not stable");
		else
			ep_document_strong(document, "stable in %zu of %zu repeats", series->stable,
					   series->repeats);
		ep_document_text(
			document,
			". Drift in %zu: exits against time depart by up to %s of all "
			"from a straight line (below %.0f%% is called none, which is a "
			"choice). Bursts in %zu: samples, of up to %.0f ms, had %s to %s "
			"exits per second, up to %.1f times the mean of their repeat (from "
			"%.0f times on is called a burst, which is a choice, too).",
			series->drifting, ep_text_share(series->departure, a), EP_BOOT_STABLE * 100,
			series->bursty, series->width_s * 1e3, ep_text_whole(series->slowest, b),
			ep_text_whole(series->fastest, c), series->peak_ratio, EP_BOOT_BURST);
	} else {
		ep_document_text(document, "Whether the rate was stable within a repeat is not "
					   "known: there is no time series of it (");
		ep_document_code(document, "--interval 100ms");
		ep_document_text(document, " records one).");
	}
	if (rate->count < 2)
		return;
	ep_document_text(document, " From repeat to repeat it was %s to %s exits per second",
			 ep_text_figure(rate->min, a), ep_text_figure(rate->max, b));
	if (rate->median > 0)
		ep_document_text(document, ", a spread of %s of the median",
				 ep_text_share((rate->max - rate->min) / rate->median, c));
	ep_document_text(document, ".");
	say_outlier(document, &source->facts);
}

void ep_run_findings(struct ep_document *document, const struct ep_report_source *source)
{
	_cleanup_free_ struct ep_report_share *shares = ep_run_shares(&source->facts);
	const struct ep_facts *facts = &source->facts;
	char a[EP_VALUE_TEXT_MAX], b[EP_VALUE_TEXT_MAX];

	if (!shares) {
		document->failed = true;
		return;
	}
	ep_report_extremes(document, shares, facts->count);
	if (facts->operations.count && facts->per_operation.median > 0) {
		ep_document_item(document);
		ep_document_text(document, "One %s costs %s exits",
				 operation(source)[0] ? operation(source) : "operation",
				 ep_text_figure(facts->per_operation.median, a));
		if (facts->total.timed)
			ep_document_text(document, " and %s cycles of handling",
					 ep_text_figure(facts->cycles_per_operation.median, b));
		ep_document_text(document, ".");
	}
	ep_run_stability(document, source);
}

static void add_reason(struct ep_document *document, const struct ep_facts_reason *reason,
		       bool repeats)
{
	char exits[EP_VALUE_TEXT_MAX], share[EP_VALUE_TEXT_MAX], rate[EP_VALUE_TEXT_MAX];
	char cycles[EP_VALUE_TEXT_MAX], cycles_share[EP_VALUE_TEXT_MAX];
	char each[EP_VALUE_TEXT_MAX], least[EP_VALUE_TEXT_MAX], most[EP_VALUE_TEXT_MAX];
	char range[2 * EP_VALUE_TEXT_MAX + 4];

	snprintf(range, sizeof(range), "%s – %s", ep_text_figure(reason->exits.min, least),
		 ep_text_figure(reason->exits.max, most));
	ep_text_figure(reason->exits.median, exits);
	ep_text_share(reason->exits_share, share);
	ep_text_whole(reason->exits_per_second, rate);
	ep_text_known(reason->timed, reason->cycles.median, cycles);
	if (reason->timed)
		ep_text_share(reason->cycles_share, cycles_share);
	else
		strcpy(cycles_share, "-");
	ep_text_known(reason->timed && reason->exits.median > 0, reason->cycles_per_exit, each);
	if (repeats)
		ep_document_row(document, reason->name, exits, share, range, rate, cycles,
				cycles_share, each);
	else
		ep_document_row(document, reason->name, exits, share, rate, cycles, cycles_share,
				each);
}

void ep_run_reasons(struct ep_document *document, const struct ep_report_source *source)
{
	static const struct ep_report_column columns[] = {
		{ "Reason", EP_COLUMN_CODE },
		{ "Exits", EP_COLUMN_NUMBER },
		{ "Share", EP_COLUMN_SHARE },
		{ "Least – most", EP_COLUMN_NUMBER },
		{ "Per second", EP_COLUMN_NUMBER },
		{ "Handling cycles", EP_COLUMN_NUMBER },
		{ "Share", EP_COLUMN_SHARE },
		{ "Cycles per exit", EP_COLUMN_NUMBER },
		{},
	};
	bool repeats = source->loaded.repeat_count > 1;
	struct ep_report_column shown[ARRAY_SIZE(columns)];
	size_t count = 0;
	char caption[160];

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (repeats || i != 3)
			shown[count++] = columns[i];
	if (repeats)
		snprintf(caption, sizeof(caption),
			 "Medians of %zu repeats, each by itself: the total is that of the totals, "
			 "and no sum of these",
			 source->loaded.repeat_count);
	else
		strcpy(caption, "One repeat");
	ep_document_table(document, caption, shown);
	for (size_t i = 0; i < source->facts.count; i++)
		add_reason(document, &source->facts.reasons[i], repeats);
	add_reason(document, &source->facts.total, repeats);
}

void ep_run_times(struct ep_document *document, const struct ep_report_source *source)
{
	static const struct ep_report_column columns[] = {
		{ "Reason", EP_COLUMN_CODE },
		{ "p50", EP_COLUMN_NUMBER },
		{ "p90", EP_COLUMN_NUMBER },
		{ "p99", EP_COLUMN_NUMBER },
		{ "Longest", EP_COLUMN_NUMBER },
		{ "Away, mean", EP_COLUMN_NUMBER },
		{},
	};
	const struct ep_facts *facts = &source->facts;
	bool any = false;

	for (size_t i = 0; i < facts->time_count; i++)
		any = any || facts->times[i].known;
	ep_document_heading(document, 2, "How long one exit takes");
	if (!any) {
		ep_document_paragraph(document);
		ep_document_text(document, "Of single exits the host does not tell: that takes the "
					   "level full.");
		return;
	}
	ep_document_table(document,
			  "Handling cycles that 50, 90 and 99 of 100 exits did not exceed, rounded "
			  "up to a power of two; and the mean until the guest ran again",
			  columns);
	for (size_t i = 0; i < facts->time_count; i++) {
		const struct ep_facts_time *time = &facts->times[i];
		char a[EP_VALUE_TEXT_MAX], b[EP_VALUE_TEXT_MAX], c[EP_VALUE_TEXT_MAX];
		char d[EP_VALUE_TEXT_MAX], e[EP_VALUE_TEXT_MAX];

		ep_document_row(document, time->name,
				ep_text_known(time->known, time->p50_cycles, a),
				ep_text_known(time->known, time->p90_cycles, b),
				ep_text_known(time->known, time->p99_cycles, c),
				ep_text_known(time->known, time->max_cycles, d),
				ep_text_known(time->away_known, time->away_per_exit, e));
	}
}

void ep_run_details(struct ep_document *document, const struct ep_report_source *source)
{
	static const struct ep_report_column columns[] = {
		{ "Reason", EP_COLUMN_CODE },
		{ "About", EP_COLUMN_TEXT },
		{ "Value", EP_COLUMN_CODE },
		{ "Events", EP_COLUMN_NUMBER },
		{},
	};
	const struct ep_facts *facts = &source->facts;
	double lost = number_at(source, "run", "details_lost_count");
	char text[EP_VALUE_TEXT_MAX], caption[96] = "The most frequent events";

	if (!facts->detail_count)
		return;
	ep_document_heading(document, 2, "What the exits were about");
	if (source->loaded.repeat_count > 1)
		snprintf(caption, sizeof(caption),
			 "The most frequent events; medians of %zu repeats",
			 source->loaded.repeat_count);
	ep_document_table(document, caption, columns);
	for (size_t i = 0; i < facts->detail_count && i < DETAILS_SHOWN; i++) {
		const struct ep_facts_detail *detail = &facts->details[i];
		char about[2 * EP_LOAD_NAME_MAX];

		snprintf(about, sizeof(about), "%s%s%s%s%s", detail->kind,
			 detail->direction[0] ? " " : "", detail->direction,
			 detail->value_name[0] ? ", usually " : "", detail->value_name);
		ep_document_row(document, detail->name, about, detail->value,
				ep_value_group(detail->events, text));
	}
	if (facts->detail_count > DETAILS_SHOWN) {
		ep_document_paragraph(document);
		ep_document_text(document, "%zu more are in details.csv.",
				 facts->detail_count - DETAILS_SHOWN);
	}
	ep_document_paragraph(document);
	ep_document_text(document, "Events are not exits: one exit can be two of them, or none, "
				   "and they are read "
				   "a little before and after the exits. They need not add up to "
				   "their reason.");
	if (lost > 0) {
		ep_document_note(document);
		ep_document_text(document,
				 "%s events found no room in the host's tables: the "
				 "figures are lower bounds.",
				 ep_text_figure(lost, text));
	}
}

static void add_spread(struct ep_document *document, const char *name,
		       const struct ep_spread *spread, double scale)
{
	char median[EP_VALUE_TEXT_MAX], least[EP_VALUE_TEXT_MAX], most[EP_VALUE_TEXT_MAX];
	char low[EP_VALUE_TEXT_MAX], high[EP_VALUE_TEXT_MAX];
	char interval[2 * EP_VALUE_TEXT_MAX + 4] = "-";

	if (!spread->count)
		return;
	if (spread->interval)
		snprintf(interval, sizeof(interval), "%s – %s",
			 ep_text_figure(spread->low * scale, low),
			 ep_text_figure(spread->high * scale, high));
	ep_document_row(document, name, ep_text_figure(spread->median * scale, median), interval,
			ep_text_figure(spread->min * scale, least),
			ep_text_figure(spread->max * scale, most));
}

void ep_run_repeats(struct ep_document *document, const struct ep_report_source *source)
{
	static const struct ep_report_column columns[] = {
		{ "Figure", EP_COLUMN_TEXT },	      { "Median", EP_COLUMN_NUMBER },
		{ "95% interval", EP_COLUMN_NUMBER }, { "Least", EP_COLUMN_NUMBER },
		{ "Most", EP_COLUMN_NUMBER },	      {},
	};
	const struct ep_facts *facts = &source->facts;
	char caption[96];

	if (source->loaded.repeat_count < 2)
		return;
	snprintf(caption, sizeof(caption), "Over %zu repeats", source->loaded.repeat_count);
	ep_document_table(document, caption, columns);
	add_spread(document, "Exits", &facts->total.exits, 1);
	add_spread(document, "Exits per second", &facts->exits_per_second, 1);
	if (facts->total.timed)
		add_spread(document, "Handling cycles", &facts->total.cycles, 1);
	add_spread(document, "Operations", &facts->operations, 1);
	add_spread(document, "Exits per operation", &facts->per_operation, 1);
	if (facts->total.timed)
		add_spread(document, "Handling cycles per operation", &facts->cycles_per_operation,
			   1);
	add_spread(document, "Duration, ms", &facts->duration_ns, 1e-6);
	ep_document_paragraph(document);
	if (facts->exits_per_second.interval)
		ep_document_text(document,
				 "The interval holds the median with %.0f%% confidence. It "
				 "is the sign test's, which makes no assumption on the "
				 "distribution.",
				 EP_STATS_CONFIDENCE * 100);
	else
		ep_document_text(document,
				 "A 95%% interval of a median takes six repeats or more.");
	say_outlier(document, facts);
}

void ep_run_method(struct ep_document *document, const struct ep_report_source *source)
{
	double own = number_at(source, "own", "exits_count");
	char text[EP_VALUE_TEXT_MAX];

	ep_document_paragraph(document);
	ep_document_text(document, "Exits are counted by KVM itself, and read in the guest by "
				   "CPUID before and "
				   "after each repeat. ");
	if (own >= 0)
		ep_document_text(document,
				 "The reading is exits, too: %s of them, which are "
				 "subtracted exactly, and their cycles by calibration. ",
				 ep_text_figure(own, text));
	ep_document_text(document,
			 "Handling cycles are those of the host's time-stamp counter from the exit "
			 "until KVM has handled it. What is not known is shown as “-”, never as "
			 "0.");
}
