// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/csv_read.h"
#include "core/base/grow.h"
#include "core/base/utf8.h"
#include "core/base/value.h"
#include "print/bars.h"

/* The largest reasons, as long as one could see their bars; a group has two at least. */
#define BARS_MAX  12
#define SHARE_MIN 0.002

/* Columns; what is left is the bar's. */
#define COLUMNS	    80
#define NAME_MIN    4
#define NAME_WIDTH  24
#define VALUE_WIDTH 11
#define SHARE_WIDTH 7
#define PER_WIDTH   16
#define BAR_MIN	    10

#define TEXT_MAX 64

enum column {
	NAME,
	EXITS,
	EXITS_MIN,
	EXITS_MAX,
	RATE,
	CYCLES,
	CYCLES_MIN,
	CYCLES_MAX,
	PER_EXIT,
	COLUMN_COUNT,
};

static const char *const columns[] = {
	[NAME] = "name",
	[EXITS] = "exits_count",
	[EXITS_MIN] = "exits_count_min",
	[EXITS_MAX] = "exits_count_max",
	[RATE] = "exits_per_second",
	[CYCLES] = "handling_cycles",
	[CYCLES_MIN] = "handling_cycles_min",
	[CYCLES_MAX] = "handling_cycles_max",
	[PER_EXIT] = "cycles_per_exit",
	NULL,
};

/* 1234567 as "1,234,567" */
static void grouped(double value, const char *unit, char text[TEXT_MAX])
{
	char number[EP_VALUE_TEXT_MAX];

	snprintf(text, TEXT_MAX, "%s%s",
		 ep_value_group((uint64_t)(fmin(value, 1.8e19) + 0.5), number), unit);
}

/* 1234567 as "1.23 M": three digits, more than that nobody compares. */
static void scaled(double value, const char *unit, char text[TEXT_MAX])
{
	static const char units[] = "kMGTPE";
	int scale = -1;

	for (; value >= 999.5 && (scale < 0 || units[scale + 1]); scale++)
		value /= 1000;
	snprintf(text, TEXT_MAX, "%.*f%s%.*s%s",
		 value >= 99.95 || (scale < 0 && value == floor(value)) ? 0
		 : value >= 9.995					? 1
									: 2,
		 value, scale < 0 ? "" : " ", scale >= 0, scale < 0 ? "" : &units[scale], unit);
}

static void exits(double value, char text[TEXT_MAX])
{
	grouped(value, "", text);
}

static void exits_per_second(double value, char text[TEXT_MAX])
{
	scaled(value, "/s", text);
}

static void exits_of_reason(double value, char text[TEXT_MAX])
{
	grouped(value, value == 1 ? " exit" : " exits", text);
}

static void cycles(double value, char text[TEXT_MAX])
{
	scaled(value, "", text);
}

static void cycles_per_exit(double value, char text[TEXT_MAX])
{
	scaled(value, " per exit", text);
}

/*
 * What bars can be of. @weight: how much a reason matters, the small ones are put together. If it
 * is not @value, @value is @weight divided by @per. @low, @high: least and most of the repeats.
 * @sum: in place of @total after several repeats, as a sum of medians is no median.
 */
static const struct kind {
	enum column value, low, high, weight, per;
	const char *heading;
	const char *total;
	const char *sum;
	const char *unknown;
	void (*write_value)(double value, char text[TEXT_MAX]);
	void (*write_per)(double value, char text[TEXT_MAX]);
} kinds[] = {
	{ EXITS, EXITS_MIN, EXITS_MAX, EXITS, RATE, "VM exits by reason", "exits in all",
	  "exits: these medians added up", "exits by reason", exits, exits_per_second },
	{ CYCLES, CYCLES_MIN, CYCLES_MAX, CYCLES, PER_EXIT, "Handling cycles by exit reason",
	  "host TSC cycles in all", "host TSC cycles: these medians added up", "cycles by reason",
	  cycles, cycles_per_exit },
	{ PER_EXIT, PER_EXIT, PER_EXIT, CYCLES, EXITS, "Handling cycles per exit",
	  "host TSC cycles per exit of all reasons together", NULL, "cycles by reason", cycles,
	  exits_of_reason },
};

static const struct kind *find_kind(const char *column)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(columns[kinds[i].value], column))
			return &kinds[i];
	return NULL;
}

bool ep_bars_can(const char *column)
{
	return find_kind(column);
}

/* @per: NAN if it is not known; @row: in the file */
struct bar {
	char *name;
	double value;
	double weight;
	double per;
	size_t row;
};

/*
 * @list: reasons whose value is not 0
 * @shown: the first of them, which have a bar of their own; of all the others @rest
 * @unknown: a value is empty, which is not 0
 * @several: repeats differ
 */
struct bars {
	const struct kind *kind;
	struct bar *list;
	size_t count;
	size_t shown;
	struct bar total;
	struct bar rest;
	bool unknown;
	bool several;
};

static void bars_finish(struct bars *bars)
{
	for (size_t i = 0; i < bars->count; i++)
		free(bars->list[i].name);
	free(bars->list);
	free(bars->rest.name);
}

/* NAN for an empty field. */
static int parse(enum column column, char *const *fields, double *ret, struct ep_error *err)
{
	const char *text = fields[column];
	char *end;

	*ret = NAN;
	if (!text[0])
		return 0;
	/* strtod() reads more than that. */
	*ret = text[strspn(text, "0123456789.eE+-")] ? NAN : strtod(text, &end);
	if (isnan(*ret) || *ret < 0 || *ret > UINT64_MAX || *end)
		return ep_error_set(err, -EINVAL, "%s is no number", columns[column]);
	return 0;
}

static int on_row(char *const *fields, void *data, struct ep_error *err)
{
	struct bars *bars = data;
	const struct kind *kind = bars->kind;
	struct bar bar = { .row = bars->count };
	double low, high;
	int code = parse(kind->value, fields, &bar.value, err);

	if (!code)
		code = parse(kind->weight, fields, &bar.weight, err);
	if (!code)
		code = parse(kind->per, fields, &bar.per, err);
	if (!code)
		code = parse(kind->low, fields, &low, err);
	if (!code)
		code = parse(kind->high, fields, &high, err);
	if (code)
		return code;
	bars->unknown = bars->unknown || isnan(bar.value);
	if (!(bar.value > 0) || isnan(bar.weight))
		return 0;
	bars->several = bars->several || high > low;
	bar.name = strdup(fields[NAME]);
	if (!bar.name || ep_grow((void **)&bars->list, bars->count, sizeof(*bars->list))) {
		free(bar.name);
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	bars->list[bars->count++] = bar;
	return 0;
}

static int order(double x, double y, const struct bar *a, const struct bar *b)
{
	return x < y ? 1 : x > y ? -1 : (a->row > b->row) - (a->row < b->row);
}

static int by_weight(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	return order(x->weight, y->weight, x, y);
}

static int by_value(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	return order(x->value, y->value, x, y);
}

static bool is_quotient(const struct kind *kind)
{
	return kind->weight != kind->value;
}

/* Of the bars from number @first on */
static struct bar sum(const struct bars *bars, size_t first)
{
	struct bar all = {};

	for (size_t i = first; i < bars->count; i++) {
		all.weight += bars->list[i].weight;
		all.per += bars->list[i].per;
	}
	all.value = is_quotient(bars->kind) && all.per > 0 ? all.weight / all.per : all.weight;
	return all;
}

/* Sorts, and puts the small ones together. */
static int arrange(struct bars *bars)
{
	size_t count = bars->count;

	if (!count)
		return 0;
	qsort(bars->list, count, sizeof(*bars->list), by_weight);
	bars->total = sum(bars, 0);
	while (count > BARS_MAX ||
	       (count && bars->list[count - 1].weight < SHARE_MIN * bars->total.weight))
		count--;
	bars->shown = bars->count - count == 1 ? bars->count : count;
	if (is_quotient(bars->kind))
		qsort(bars->list, bars->shown, sizeof(*bars->list), by_value);
	if (bars->shown == bars->count)
		return 0;
	bars->rest = sum(bars, bars->shown);
	return asprintf(&bars->rest.name, "other (%zu reasons)", bars->count - bars->shown) < 0
		       ? -ENOMEM
		       : 0;
}

/* A bar as it is shown. */
struct row {
	const char *name;
	char value[TEXT_MAX];
	char share[TEXT_MAX];
	char per[TEXT_MAX];
	double part;
};

static void write_share(double part, char text[TEXT_MAX])
{
	if (part >= 1)
		snprintf(text, TEXT_MAX, "100 %%");
	else if (part < 0.0005)
		snprintf(text, TEXT_MAX, "<0.1 %%");
	else
		snprintf(text, TEXT_MAX, "%.1f %%", 100 * part);
}

/* @has_per: whether @bar->per is one figure, not a sum of rates */
static void fill(struct row *row, const struct bars *bars, const struct bar *bar, double largest,
		 bool has_per)
{
	*row = (struct row){ .name = bar->name, .part = bar->value / largest };
	bars->kind->write_value(bar->value, row->value);
	write_share(bar->weight / bars->total.weight, row->share);
	if (has_per && !isnan(bar->per))
		bars->kind->write_per(bar->per, row->per);
}

/* Columns of each part of a row, 0 for one that there is no room for. */
struct layout {
	size_t name;
	size_t value;
	size_t share;
	size_t per;
	size_t bar;
};

static size_t wider(size_t width, const char *text)
{
	size_t length = ep_terminal_width(text, strlen(text));

	return length > width ? length : width;
}

/* A part of @width and the blank before it, if a bar is left of *@room. */
static size_t place(size_t width, size_t *room)
{
	if (*room < width + 1 + BAR_MIN)
		return 0;
	*room -= width + 1;
	return width;
}

static void lay_out(struct layout *layout, const struct row *rows, size_t count, size_t room)
{
	size_t name = NAME_MIN, share = SHARE_WIDTH, per = PER_WIDTH;
	size_t most = room / 3 < NAME_WIDTH ? room / 3 : NAME_WIDTH;

	layout->value = VALUE_WIDTH;
	for (size_t i = 0; i < count; i++) {
		name = wider(name, rows[i].name);
		layout->value = wider(layout->value, rows[i].value);
		share = wider(share, rows[i].share);
		per = wider(per, rows[i].per);
	}
	layout->name = name < most ? name : most;
	/* With the blanks behind the name and before the bar */
	room -= layout->name + layout->value + 2 < room ? layout->name + layout->value + 2 : room;
	layout->share = place(share, &room);
	layout->per = place(per, &room);
	layout->bar = room;
}

/* Bytes of @text that take at most @width columns. */
static size_t cut(const char *text, size_t width)
{
	size_t length = 0;

	while (text[length]) {
		size_t end = length + 1;

		while ((text[end] & 0xc0) == 0x80)
			end++;
		if (ep_terminal_width(text, end) > width)
			break;
		length = end;
	}
	return length;
}

static void put_name(FILE *file, const char *name, size_t width)
{
	size_t length = strlen(name), used = ep_terminal_width(name, length);
	bool fits = used <= width;

	if (!fits) {
		length = cut(name, width > 3 ? width - 3 : 0);
		used = ep_terminal_width(name, length) + 3;
	}
	fprintf(file, "%.*s%s%*s", (int)length, name, fits ? "" : "...",
		used < width ? (int)(width - used) : 0, "");
}

static void put_row(FILE *file, const struct row *row, const struct layout *layout)
{
	size_t bar = layout->bar * row->part + 0.5;

	put_name(file, row->name, layout->name);
	fprintf(file, " %*s", (int)layout->value, row->value);
	if (layout->share)
		fprintf(file, " %*s", (int)layout->share, row->share);
	if (layout->per && (bar || row->per[0]))
		fprintf(file, " %-*s", bar ? (int)layout->per : 0, row->per);
	if (bar)
		fputc(' ', file);
	while (bar--)
		fputc('#', file);
	fputc('\n', file);
}

static void put_rows(FILE *file, const struct bars *bars, size_t room)
{
	struct row rows[BARS_MAX + 1];
	struct layout layout;
	double largest = bars->rest.value;
	size_t count = bars->shown;

	for (size_t i = 0; i < bars->shown; i++)
		largest = fmax(largest, bars->list[i].value);
	for (size_t i = 0; i < bars->shown; i++)
		fill(&rows[i], bars, &bars->list[i], largest, true);
	if (bars->rest.name)
		fill(&rows[count++], bars, &bars->rest, largest, is_quotient(bars->kind));
	lay_out(&layout, rows, count, room);
	for (size_t i = 0; i < count; i++)
		put_row(file, &rows[i], &layout);
}

static void put_total(FILE *file, const struct bars *bars)
{
	const struct kind *kind = bars->kind;
	char text[TEXT_MAX];

	if (is_quotient(kind))
		kind->write_value(bars->total.value, text);
	else
		grouped(bars->total.value, "", text);
	ep_terminal_print(file, 2, "\n%s %s\n", text,
			  bars->several && kind->sum ? kind->sum : kind->total);
}

/* In lines of @room columns, also where no terminal is. */
static void put_title(FILE *file, const char *title, size_t room)
{
	_cleanup_free_ char *clean = ep_utf8_clean(title, 0);
	const char *rest = clean;
	size_t next;

	for (; rest && rest[0]; rest += next) {
		size_t length = ep_terminal_fit(rest, room, &next);

		fprintf(file, "%.*s\n", (int)length, rest);
	}
}

static void put(FILE *file, const struct bars *bars, const char *title)
{
	size_t room = (ep_terminal_columns(file) ?: COLUMNS) - 1;

	ep_terminal_print(file, 2, "%s\n", bars->kind->heading);
	put_title(file, title, room ?: 1);
	fputc('\n', file);
	if (bars->count) {
		put_rows(file, bars, room);
		put_total(file, bars);
	} else if (bars->unknown) {
		ep_terminal_print(file, 2, "not known: the host does not tell %s\n",
				  bars->kind->unknown);
	} else {
		fputs("no exits counted\n", file);
	}
}

int ep_print_bars(FILE *file, const char *path, const char *column, const char *title,
		  struct ep_error *err)
{
	_cleanup_(bars_finish) struct bars bars = { .kind = find_kind(column) };
	_cleanup_free_ char *data = NULL;
	int code;

	if (asprintf(&data, "%s/summary.csv", path) < 0) {
		data = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	code = ep_csv_read(data, columns, on_row, &bars, err);
	if (code)
		return code;
	if (arrange(&bars))
		return ep_error_set(err, -ENOMEM, "out of memory");
	put(file, &bars, title);
	return 0;
}
