// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/csv_read.h"
#include "core/base/grow.h"
#include "core/base/median.h"
#include "core/boot/rate.h"
#include "report/facts_files.h"

/* A straight line through fewer samples says little. */
#define SAMPLES_LEAST 5

static int out_of_memory(struct ep_error *err)
{
	return ep_error_set(err, -ENOMEM, "out of memory");
}

static int copy_text(char *to, size_t size, const char *column, const char *text,
		     struct ep_error *err)
{
	if (strlen(text) >= size)
		return ep_error_set(err, -EINVAL, "%s takes at most %zu bytes", column, size - 1);
	strcpy(to, text);
	return 0;
}

static const char *const time_columns[] = {
	"name",
	"handling_p50_cycles",
	"handling_p90_cycles",
	"handling_p99_cycles",
	"handling_max_cycles",
	"exits_count",
	"away_cycles",
	NULL,
};

enum { TIME_NAME, TIME_P50, TIME_P90, TIME_P99, TIME_MAX, TIME_EXITS, TIME_AWAY, TIME_COLUMNS };

static int on_time(char *const *fields, void *data, struct ep_error *err)
{
	struct ep_facts *facts = data;
	uint64_t figures[TIME_COLUMNS] = {};
	struct ep_facts_time time = { .known = true };
	int code = copy_text(time.name, sizeof(time.name), "name", fields[TIME_NAME], err);

	for (size_t i = TIME_P50; i < TIME_COLUMNS && !code; i++) {
		if (fields[i][0])
			code = ep_csv_parse_u64(time_columns[i], fields[i], &figures[i], err);
		else if (i <= TIME_MAX)
			time.known = false;
	}
	time.p50_cycles = figures[TIME_P50];
	time.p90_cycles = figures[TIME_P90];
	time.p99_cycles = figures[TIME_P99];
	time.max_cycles = figures[TIME_MAX];
	time.away_known = fields[TIME_AWAY][0] && figures[TIME_EXITS];
	if (time.away_known)
		time.away_per_exit = (double)figures[TIME_AWAY] / figures[TIME_EXITS];
	if (!code && ep_grow((void **)&facts->times, facts->time_count, sizeof(*facts->times)))
		code = out_of_memory(err);
	if (!code)
		facts->times[facts->time_count++] = time;
	return code;
}

static const char *const detail_columns[] = {
	"repeat", "scope", "name", "kind", "direction", "value", "value_name", "events_count", NULL,
};

enum {
	DETAIL_REPEAT,
	DETAIL_SCOPE,
	DETAIL_NAME,
	DETAIL_KIND,
	DETAIL_DIRECTION,
	DETAIL_VALUE,
	DETAIL_VALUE_NAME,
	DETAIL_EVENTS
};

static bool same_detail(const struct ep_facts_detail *a, const struct ep_facts_detail *b)
{
	return !strcmp(a->value, b->value) && !strcmp(a->kind, b->kind) &&
	       !strcmp(a->direction, b->direction) && !strcmp(a->name, b->name);
}

/* Of one row: @detail is its number among those of the facts. */
struct events {
	size_t detail;
	uint64_t repeat;
	uint64_t count;
};

struct details {
	struct ep_facts *facts;
	size_t repeats;
	struct events *rows;
	size_t count;
};

/* The number of @detail, which may be new, in *@ret. */
static int add_detail(struct ep_facts *facts, const struct ep_facts_detail *detail, size_t *ret,
		      struct ep_error *err)
{
	for (*ret = 0; *ret < facts->detail_count; ++*ret)
		if (same_detail(&facts->details[*ret], detail))
			return 0;
	/* The host's tables are small; a file with more was not written by exitprof. */
	if (facts->detail_count == 1 << 14)
		return ep_error_set(err, -E2BIG, "more than %d different details", 1 << 14);
	if (ep_grow((void **)&facts->details, facts->detail_count, sizeof(*facts->details)))
		return out_of_memory(err);
	facts->details[facts->detail_count++] = *detail;
	return 0;
}

static int add_events(struct details *details, const struct ep_facts_detail *detail,
		      uint64_t repeat, uint64_t count, struct ep_error *err)
{
	struct events events = { .repeat = repeat, .count = count };
	int code;

	if (!repeat || repeat > details->repeats)
		return ep_error_set(err, -EINVAL, "runs.csv has no such repeat");
	code = add_detail(details->facts, detail, &events.detail, err);
	if (code)
		return code;
	if (ep_grow((void **)&details->rows, details->count, sizeof(*details->rows)))
		return out_of_memory(err);
	details->rows[details->count++] = events;
	return 0;
}

static int on_detail(char *const *fields, void *data, struct ep_error *err)
{
	struct ep_facts_detail detail = {};
	uint64_t repeat, count;
	struct {
		char *to;
		size_t size;
		int column;
	} texts[] = {
		{ detail.name, sizeof(detail.name), DETAIL_NAME },
		{ detail.kind, sizeof(detail.kind), DETAIL_KIND },
		{ detail.direction, sizeof(detail.direction), DETAIL_DIRECTION },
		{ detail.value, sizeof(detail.value), DETAIL_VALUE },
		{ detail.value_name, sizeof(detail.value_name), DETAIL_VALUE_NAME },
	};
	int code = 0;

	if (strcmp(fields[DETAIL_SCOPE], "vm"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(texts) && !code; i++)
		code = copy_text(texts[i].to, texts[i].size, detail_columns[texts[i].column],
				 fields[texts[i].column], err);
	if (!code)
		code = ep_csv_parse_u64("repeat", fields[DETAIL_REPEAT], &repeat, err);
	if (!code)
		code = ep_csv_parse_u64("events_count", fields[DETAIL_EVENTS], &count, err);
	return code ? code : add_events(data, &detail, repeat, count, err);
}

static int by_detail(const void *a, const void *b)
{
	const struct events *x = a, *y = b;

	if (x->detail != y->detail)
		return x->detail < y->detail ? -1 : 1;
	return (x->repeat > y->repeat) - (x->repeat < y->repeat);
}

/* Reasons that the host does not list are one here: what they have in common is added up. */
static int find_medians(struct details *details, struct ep_error *err)
{
	_cleanup_free_ uint64_t *counts = calloc(details->repeats ?: 1, sizeof(*counts));
	size_t i = 0;

	if (!counts)
		return out_of_memory(err);
	if (details->count)
		qsort(details->rows, details->count, sizeof(*details->rows), by_detail);
	while (i < details->count) {
		size_t detail = details->rows[i].detail;

		memset(counts, 0, details->repeats * sizeof(*counts));
		for (; i < details->count && details->rows[i].detail == detail; i++)
			if (__builtin_add_overflow(counts[details->rows[i].repeat - 1],
						   details->rows[i].count,
						   &counts[details->rows[i].repeat - 1]))
				return ep_error_set(err, -EINVAL,
						    "more events than 64 bits can count");
		details->facts->details[detail].events = ep_median(counts, details->repeats);
	}
	return 0;
}

static void details_finish(struct details *details)
{
	free(details->rows);
}

static int most_events_first(const void *a, const void *b)
{
	const struct ep_facts_detail *x = a, *y = b;

	if (x->events != y->events)
		return x->events < y->events ? 1 : -1;
	return strcmp(x->name, y->name) ?: strcmp(x->value, y->value) ?:
	       strcmp(x->direction, y->direction);
}

/* The totals of the samples of one repeat, and what is known of those before. */
struct samples {
	struct ep_rate_interval *list;
	size_t count;
	uint64_t repeat;
	struct ep_facts_series *series;
};

static void end_repeat(struct samples *samples)
{
	struct ep_facts_series *series = samples->series;
	double longest = 0, departure = ep_rate_departure(samples->list, samples->count);
	double exits = 0, seconds = 0, peak = 0, ratio;
	size_t count = samples->count;

	samples->count = 0;
	if (count < SAMPLES_LEAST)
		return;
	for (size_t i = 0; i < count; i++) {
		longest = fmax(longest, samples->list[i].seconds);
		exits += samples->list[i].exits;
		seconds += samples->list[i].seconds;
	}
	for (size_t i = 0; i < count; i++) {
		double rate = samples->list[i].exits / samples->list[i].seconds;

		/* The last one of a repeat is cut off, and its rate says little. */
		if (!(samples->list[i].seconds >= longest / 2 && longest > 0))
			continue;
		if (!series->samples++ || rate < series->slowest)
			series->slowest = rate;
		series->fastest = fmax(series->fastest, rate);
		peak = fmax(peak, rate);
	}
	ratio = exits > 0 ? peak * seconds / exits : 0;
	series->drifting += departure >= EP_BOOT_STABLE;
	series->bursty += ratio >= EP_BOOT_BURST;
	series->stable += departure < EP_BOOT_STABLE && ratio < EP_BOOT_BURST;
	series->departure = fmax(series->departure, departure);
	series->peak_ratio = fmax(series->peak_ratio, ratio);
	series->width_s = fmax(series->width_s, longest);
	series->repeats++;
}

static const char *const series_columns[] = {
	"repeat", "interval_ns", "scope", "reason", "name", "exits_count", NULL,
};

enum { SERIES_REPEAT, SERIES_INTERVAL, SERIES_SCOPE, SERIES_REASON, SERIES_NAME, SERIES_EXITS };

static int on_sample(char *const *fields, void *data, struct ep_error *err)
{
	struct samples *samples = data;
	uint64_t repeat, interval, exits;
	int code;

	/* Counters that started anew have no figures. */
	if (strcmp(fields[SERIES_SCOPE], "vm") || fields[SERIES_REASON][0] ||
	    strcmp(fields[SERIES_NAME], "total") || !fields[SERIES_EXITS][0])
		return 0;
	code = ep_csv_parse_u64("repeat", fields[SERIES_REPEAT], &repeat, err);
	if (!code)
		code = ep_csv_parse_u64("interval_ns", fields[SERIES_INTERVAL], &interval, err);
	if (!code)
		code = ep_csv_parse_u64("exits_count", fields[SERIES_EXITS], &exits, err);
	if (code)
		return code;
	if (repeat != samples->repeat)
		end_repeat(samples);
	samples->repeat = repeat;
	if (ep_grow((void **)&samples->list, samples->count, sizeof(*samples->list)))
		return out_of_memory(err);
	samples->list[samples->count++] = (struct ep_rate_interval){ interval / 1e9, exits };
	return 0;
}

static void samples_finish(struct samples *samples)
{
	free(samples->list);
}

/* Reads @name of the folder if it is there. */
static int read_if_any(const struct ep_loaded *loaded, const char *name, const char *const *columns,
		       int (*row)(char *const *fields, void *data, struct ep_error *err),
		       void *data, struct ep_error *err)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s", loaded->path, name) < 0) {
		path = NULL;
		return out_of_memory(err);
	}
	return access(path, F_OK) ? 0 : ep_csv_read(path, columns, row, data, err);
}

static int read_details(struct ep_facts *facts, const struct ep_loaded *loaded,
			struct ep_error *err)
{
	_cleanup_(details_finish) struct details details = { facts, loaded->repeat_count };
	size_t count = 0;
	int code = read_if_any(loaded, "details.csv", detail_columns, on_detail, &details, err);

	if (!code)
		code = find_medians(&details, err);
	if (code || !facts->detail_count)
		return code;
	qsort(facts->details, facts->detail_count, sizeof(*facts->details), most_events_first);
	/* In less than half of the repeats: none, as a rule. */
	while (count < facts->detail_count && facts->details[count].events)
		count++;
	facts->detail_count = count;
	return 0;
}

int ep_facts_read(struct ep_facts *facts, const struct ep_loaded *loaded, struct ep_error *err)
{
	_cleanup_(samples_finish) struct samples samples = { .series = &facts->series };
	int code;

	code = read_if_any(loaded, "summary.csv", time_columns, on_time, facts, err);
	if (!code)
		code = read_details(facts, loaded, err);
	if (!code)
		code = read_if_any(loaded, "series.csv", series_columns, on_sample, &samples, err);
	if (code)
		return code;
	end_repeat(&samples);
	return 0;
}
