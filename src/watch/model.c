// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/model.h"

#define NSEC_PER_SEC 1000000000

static uint32_t unlisted_row(const struct ep_watch *watch)
{
	return watch->host->count;
}

static uint32_t total_row(const struct ep_watch *watch)
{
	return watch->host->count + 1;
}

static uint32_t count_items(const struct ep_watch *watch)
{
	return total_row(watch) + 1;
}

int ep_watch_init(struct ep_watch *watch, const struct ep_host *host, uint32_t scopes,
		  uint64_t interval_ns, uint64_t now_ns)
{
	*watch = (struct ep_watch){
		.host = host,
		.scopes = calloc(scopes, sizeof(*watch->scopes)),
		.bin_ns = interval_ns > NSEC_PER_SEC ? interval_ns : NSEC_PER_SEC,
		.start_ns = now_ns,
	};
	if (!watch->scopes)
		return -ENOMEM;
	for (; watch->scope_count < scopes; watch->scope_count++) {
		struct ep_watch_scope *scope = &watch->scopes[watch->scope_count];

		scope->items = calloc(count_items(watch), sizeof(*scope->items));
		if (!scope->items) {
			ep_watch_finish(watch);
			return -ENOMEM;
		}
	}
	ep_watch_forget(watch);
	return 0;
}

void ep_watch_finish(struct ep_watch *watch)
{
	for (uint32_t i = 0; i < watch->scope_count; i++)
		free(watch->scopes[i].items);
	free(watch->scopes);
	*watch = (struct ep_watch){};
}

void ep_watch_forget(struct ep_watch *watch)
{
	for (uint32_t i = 0; i < watch->scope_count; i++) {
		struct ep_watch_scope *scope = &watch->scopes[i];

		scope->last_ns = 0;
		for (uint32_t row = 0; row < count_items(watch); row++)
			scope->items[row].last = (struct ep_watch_amount){ NAN, NAN, NAN };
	}
}

static void empty_bin(struct ep_watch *watch, uint64_t bin)
{
	for (uint32_t i = 0; i < watch->scope_count; i++) {
		struct ep_watch_scope *scope = &watch->scopes[i];

		scope->known_ns[bin % EP_WATCH_BINS] = 0;
		for (uint32_t row = 0; row < count_items(watch); row++)
			scope->items[row].exits[bin % EP_WATCH_BINS] = 0;
	}
}

void ep_watch_advance(struct ep_watch *watch, uint64_t now_ns, uint64_t duration_ns)
{
	/* Samples end about where bins would: from the middle, jitter changes nothing. */
	uint64_t bin = (now_ns - watch->start_ns + watch->bin_ns / 2) / watch->bin_ns;
	uint64_t first = watch->newest + 1;
	uint64_t spread = (duration_ns + watch->bin_ns / 2) / watch->bin_ns;

	if (bin >= EP_WATCH_BINS && first < bin - EP_WATCH_BINS + 1)
		first = bin - EP_WATCH_BINS + 1;
	for (uint64_t i = first; i <= bin; i++)
		empty_bin(watch, i);
	if (spread < 1)
		spread = 1;
	if (spread > bin + 1)
		spread = bin + 1;
	if (spread > EP_WATCH_BINS)
		spread = EP_WATCH_BINS;
	watch->newest = bin;
	watch->spread = spread;
	watch->duration_ns = duration_ns;
	ep_watch_forget(watch);
}

static void add(const struct ep_watch *watch, struct ep_watch_item *item,
		struct ep_watch_amount amount)
{
	item->last = amount;
	for (uint32_t i = 0; i < watch->spread; i++)
		item->exits[(watch->newest - i) % EP_WATCH_BINS] += amount.exits / watch->spread;
}

void ep_watch_add(struct ep_watch *watch, uint32_t number, const struct ep_delta *delta)
{
	struct ep_watch_scope *scope = &watch->scopes[number];
	struct ep_watch_amount unlisted = { delta->exits, delta->cycles,
					    delta->full ? delta->away : NAN };

	scope->last_ns = watch->duration_ns;
	for (uint32_t i = 0; i < watch->spread; i++)
		scope->known_ns[(watch->newest - i) % EP_WATCH_BINS] +=
			watch->duration_ns / watch->spread;
	add(watch, &scope->items[total_row(watch)], unlisted);
	for (uint32_t i = 0; i < delta->count; i++) {
		const struct ep_delta_row *row = &delta->rows[i];

		add(watch, &scope->items[i],
		    (struct ep_watch_amount){ row->exits, delta->timed ? row->cycles : NAN,
					      delta->full ? row->away : NAN });
		unlisted.exits -= row->exits;
		unlisted.cycles -= row->cycles;
		unlisted.away -= row->away;
	}
	/* Of different instants, the difference says nothing about the host. */
	if (!delta->consistent || unlisted.exits <= 0)
		unlisted = (struct ep_watch_amount){ 0, delta->timed ? 0 : NAN,
						     delta->full ? 0 : NAN };
	add(watch, &scope->items[unlisted_row(watch)], unlisted);
}

const struct ep_watch_item *ep_watch_total(const struct ep_watch *watch, uint32_t scope)
{
	return &watch->scopes[scope].items[total_row(watch)];
}

double ep_watch_time_share(const struct ep_watch *watch, uint32_t scope, double cycles)
{
	double vcpus = scope ? 1 : watch->host->vcpus;
	double available = watch->scopes[scope].last_ns * watch->host->tsc_khz / 1e6 * vcpus;

	return available > 0 ? cycles / available : NAN;
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

/* @all: what shares are of */
static void compute(struct ep_watch_line *line, const struct ep_watch_item *all)
{
	const struct ep_watch_scope *scope = line->scope;
	const struct ep_watch_item *item = line->item;
	double exits = 0, ns = 0, least = INFINITY;

	for (int i = 0; i < EP_WATCH_BINS; i++) {
		if (!scope->known_ns[i])
			continue;
		exits += item->exits[i];
		ns += scope->known_ns[i];
		least = fmin(least, item->exits[i] / scope->known_ns[i]);
	}
	line->value[EP_WATCH_NAME] = NAN;
	line->value[EP_WATCH_RATE] = ratio(item->last.exits * NSEC_PER_SEC, scope->last_ns);
	line->value[EP_WATCH_MIN] = isinf(least) ? NAN : least * NSEC_PER_SEC;
	line->value[EP_WATCH_MEAN] = ratio(exits * NSEC_PER_SEC, ns);
	line->value[EP_WATCH_SHARE] = ratio(item->last.cycles, all->last.cycles);
	line->value[EP_WATCH_EACH] = ratio(item->last.cycles, item->last.exits);
	line->value[EP_WATCH_AWAY] = ratio(item->last.away, all->last.away);
}

static bool happened(const struct ep_watch_item *item)
{
	for (int i = 0; i < EP_WATCH_BINS; i++)
		if (item->exits[i] > 0)
			return true;
	return false;
}

static int compare_lines(const void *a, const void *b, void *data)
{
	const struct ep_watch_view *view = data;
	const struct ep_watch_line *x = a, *y = b;
	double p = x->value[view->sort], q = y->value[view->sort];
	int order = 0;

	/* Unknown comes last, whatever the order. */
	if (isnan(p) != isnan(q))
		return isnan(p) ? 1 : -1;
	if (p != q && !isnan(p))
		order = p < q ? 1 : -1;
	else if (view->sort != EP_WATCH_NAME && x->value[EP_WATCH_MEAN] != y->value[EP_WATCH_MEAN])
		order = x->value[EP_WATCH_MEAN] < y->value[EP_WATCH_MEAN] ? 1 : -1;
	else
		/* "vCPU 10" after "vCPU 9" */
		order = strverscmp(x->name, y->name);
	return view->reverse ? -order : order;
}

static void list_reasons(const struct ep_watch *watch, const struct ep_watch_scope *scope,
			 struct ep_watch_table *table)
{
	const struct ep_host *host = watch->host;

	for (uint32_t row = 0; row <= unlisted_row(watch); row++) {
		struct ep_watch_line *line = &table->lines[table->count];

		if (!happened(&scope->items[row]))
			continue;
		line->item = &scope->items[row];
		line->scope = scope;
		snprintf(line->name, sizeof(line->name), "%s",
			 row < host->count ? ep_reasons_name(host->vendor, host->reasons[row])
					   : "not listed");
		compute(line, &scope->items[total_row(watch)]);
		table->count++;
	}
}

static void list_vcpus(const struct ep_watch *watch, struct ep_watch_table *table)
{
	for (uint32_t i = 1; i < watch->scope_count && i <= EP_WATCH_LINES_MAX; i++) {
		struct ep_watch_line *line = &table->lines[table->count++];

		line->item = ep_watch_total(watch, i);
		line->scope = &watch->scopes[i];
		snprintf(line->name, sizeof(line->name), "vCPU %u", i - 1);
		compute(line, ep_watch_total(watch, 0));
	}
}

void ep_watch_list(const struct ep_watch *watch, const struct ep_watch_view *view,
		   struct ep_watch_table *table)
{
	uint32_t scope = view->vcpus ? 0 : view->scope;

	table->count = 0;
	if (view->vcpus)
		list_vcpus(watch, table);
	else
		list_reasons(watch, &watch->scopes[scope], table);
	qsort_r(table->lines, table->count, sizeof(*table->lines), compare_lines, (void *)view);
	table->total = (struct ep_watch_line){
		.name = "total",
		.item = ep_watch_total(watch, scope),
		.scope = &watch->scopes[scope],
	};
	compute(&table->total, table->total.item);
}

void ep_watch_fold(const struct ep_watch_view *view, struct ep_watch_table *table, uint32_t limit)
{
	struct ep_watch_item *other = &table->other;
	struct ep_watch_line *last;

	if (table->count <= limit || !limit)
		return;
	*other = (struct ep_watch_item){};
	for (uint32_t i = limit - 1; i < table->count; i++) {
		const struct ep_watch_item *item = table->lines[i].item;

		other->last.exits += item->last.exits;
		other->last.cycles += item->last.cycles;
		other->last.away += item->last.away;
		for (int bin = 0; bin < EP_WATCH_BINS; bin++)
			other->exits[bin] += item->exits[bin];
	}
	last = &table->lines[limit - 1];
	snprintf(last->name, sizeof(last->name), "other (%u %s)", table->count - limit + 1,
		 view->vcpus ? "vCPUs" : "reasons");
	last->item = other;
	compute(last, table->total.item);
	table->count = limit;
}

void ep_watch_history(const struct ep_watch *watch, const struct ep_watch_line *line, int width,
		      double *ret)
{
	int bins = (EP_WATCH_BINS + width - 1) / width;
	uint64_t last = watch->newest / bins;

	for (int column = 0; column < width; column++) {
		double exits = 0, ns = 0;

		for (int i = 0; i < bins; i++) {
			/* Wraps around before the first bin, which is as if too old. */
			uint64_t bin = (last - (width - 1 - column)) * bins + i;

			if (bin > watch->newest || watch->newest - bin >= EP_WATCH_BINS)
				continue;
			exits += line->item->exits[bin % EP_WATCH_BINS];
			ns += line->scope->known_ns[bin % EP_WATCH_BINS];
		}
		ret[column] = ratio(exits * NSEC_PER_SEC, ns);
	}
}

static void move_sort(struct ep_watch_view *view, int by)
{
	do
		view->sort = (view->sort + EP_WATCH_COLUMNS + by) % EP_WATCH_COLUMNS;
	while (view->sort == EP_WATCH_AWAY && !view->away);
}

static enum ep_watch_action sort_by(struct ep_watch_view *view, enum ep_watch_column column)
{
	view->sort = column;
	return EP_WATCH_REDRAW;
}

static enum ep_watch_action choose_vcpu(const struct ep_watch *watch, struct ep_watch_view *view,
					uint32_t scope)
{
	if (watch->scope_count == 1)
		return EP_WATCH_NO_VCPUS;
	if (scope >= watch->scope_count)
		return EP_WATCH_IGNORE;
	view->vcpus = false;
	view->scope = scope;
	return EP_WATCH_READ_OTHERWISE;
}

/* Through the VM and its vCPUs, round and round. */
static enum ep_watch_action step_vcpu(const struct ep_watch *watch, struct ep_watch_view *view,
				      int by)
{
	return choose_vcpu(watch, view,
			   (view->scope + watch->scope_count + by) % watch->scope_count);
}

enum ep_watch_action ep_watch_press(const struct ep_watch *watch, struct ep_watch_view *view,
				    int key)
{
	/* Any key leaves the help; some also do what they say. */
	bool helped = view->help;

	view->help = false;
	switch (key) {
	case 'q':
	case 'Q':
		return helped ? EP_WATCH_REDRAW : EP_WATCH_QUIT;
	case 'h':
	case '?':
		view->help = !helped;
		return EP_WATCH_REDRAW;
	case ' ':
	case 'p':
		view->paused = !view->paused;
		return EP_WATCH_TOGGLE_PAUSE;
	case 's':
	case '>':
		move_sort(view, 1);
		return EP_WATCH_REDRAW;
	case '<':
		move_sort(view, -1);
		return EP_WATCH_REDRAW;
	case 'r':
		view->reverse = !view->reverse;
		return EP_WATCH_REDRAW;
	case 'e':
		return sort_by(view, EP_WATCH_RATE);
	case 'c':
		return sort_by(view, EP_WATCH_SHARE);
	case 'x':
		return sort_by(view, EP_WATCH_EACH);
	case 'n':
		return sort_by(view, EP_WATCH_NAME);
	case 'a':
		view->away = !view->away;
		if (!view->away && view->sort == EP_WATCH_AWAY)
			view->sort = EP_WATCH_RATE;
		return EP_WATCH_READ_OTHERWISE;
	case 'v':
		if (watch->scope_count == 1)
			return EP_WATCH_NO_VCPUS;
		view->vcpus = !view->vcpus;
		view->scope = 0;
		return EP_WATCH_READ_OTHERWISE;
	case ']':
		return step_vcpu(watch, view, 1);
	case '[':
		return step_vcpu(watch, view, -1);
	case '0' ... '9':
		return choose_vcpu(watch, view, key - '0' + 1);
	default:
		return helped ? EP_WATCH_REDRAW : EP_WATCH_IGNORE;
	}
}
