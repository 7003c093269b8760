// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/cleanup.h"
#include "core/base/median.h"
#include "core/result/record.h"
#include "core/result/summary.h"

/* Room for one figure of every repeat. */
struct scratch {
	uint64_t *exits;
	uint64_t *cycles;
	uint64_t *away;
	double *rates;
};

static int scratch_init(struct scratch *scratch, size_t count)
{
	scratch->exits = calloc(count, sizeof(*scratch->exits));
	scratch->cycles = calloc(count, sizeof(*scratch->cycles));
	scratch->away = calloc(count, sizeof(*scratch->away));
	scratch->rates = calloc(count, sizeof(*scratch->rates));
	return scratch->exits && scratch->cycles && scratch->away && scratch->rates ? 0 : -ENOMEM;
}

static void scratch_finish(struct scratch *scratch)
{
	free(scratch->exits);
	free(scratch->cycles);
	free(scratch->away);
	free(scratch->rates);
}

/* @row: the index of a reason, or -1 for the total. */
static struct ep_delta_row figures(const struct ep_repeat *repeat, int row)
{
	if (row < 0)
		return (struct ep_delta_row){ repeat->delta.exits, repeat->delta.cycles,
					      repeat->delta.away, repeat->delta.max };
	return repeat->delta.rows[row];
}

static void summarize(struct ep_summary_row *ret, const struct ep_record *record,
		      struct scratch *scratch, int row)
{
	size_t last = record->count - 1;

	ret->max_since_boot = 0;
	for (size_t i = 0; i < record->count; i++) {
		const struct ep_repeat *repeat = &record->repeats[i];
		struct ep_delta_row of = figures(repeat, row);

		scratch->exits[i] = of.exits;
		scratch->cycles[i] = of.cycles;
		scratch->away[i] = of.away;
		if (of.max > ret->max_since_boot)
			ret->max_since_boot = of.max;
		scratch->rates[i] = repeat->duration_ns ? of.exits * 1e9 / repeat->duration_ns : 0;
	}
	ret->exits = ep_median(scratch->exits, record->count);
	ret->exits_min = scratch->exits[0];
	ret->exits_max = scratch->exits[last];
	ret->cycles = ep_median(scratch->cycles, record->count);
	ret->cycles_min = scratch->cycles[0];
	ret->cycles_max = scratch->cycles[last];
	ret->away = ep_median(scratch->away, record->count);
	/* Every dialect has the total. */
	ret->timed = row < 0 || record->repeats[0].delta.timed;
	ret->full = record->repeats[0].delta.full;
	ret->exits_per_second = ep_median_real(scratch->rates, record->count);
	ret->cycles_per_exit = ret->exits ? (double)ret->cycles / ret->exits : 0;
}

uint64_t ep_percentile(const uint64_t *histogram, double share)
{
	uint64_t count = 0, rank, seen = 0;

	for (int i = 0; i < EXITPROF_BUCKETS; i++)
		count += histogram[i];
	if (!count)
		return 0;
	/* The nearest rank: the smallest one that @share of all are not above. */
	rank = (uint64_t)(share * count);
	rank += rank < share * count;
	for (int i = 0; i < EXITPROF_BUCKETS; i++) {
		seen += histogram[i];
		if (seen >= rank && seen)
			return (UINT64_C(2) << i) - 1;
	}
	return UINT64_MAX;
}

static void distribute(struct ep_summary_row *row, const uint64_t *histogram)
{
	row->p50 = ep_percentile(histogram, 0.5);
	row->p90 = ep_percentile(histogram, 0.9);
	row->p99 = ep_percentile(histogram, 0.99);
	row->max = ep_percentile(histogram, 1);
}

static void distribute_total(struct ep_summary *summary, const struct ep_record *record)
{
	uint64_t all[EXITPROF_BUCKETS] = {};

	for (uint32_t row = 0; row < EXITPROF_ROWS_MAX; row++)
		for (int i = 0; i < EXITPROF_BUCKETS; i++)
			all[i] += record->histogram[row][i];
	distribute(&summary->total, all);
}

static int compare_rows(const void *a, const void *b)
{
	const struct ep_summary_row *x = a, *y = b;

	if (x->exits != y->exits)
		return x->exits < y->exits ? 1 : -1;
	return (x->reason > y->reason) - (x->reason < y->reason);
}

static uint64_t median_of(const struct ep_record *record, struct scratch *scratch,
			  uint64_t (*figure)(const struct ep_repeat *repeat))
{
	for (size_t i = 0; i < record->count; i++)
		scratch->exits[i] = figure(&record->repeats[i]);
	return ep_median(scratch->exits, record->count);
}

static uint64_t operations(const struct ep_repeat *repeat)
{
	return repeat->outcome.operations;
}

static uint64_t duration(const struct ep_repeat *repeat)
{
	return repeat->duration_ns;
}

int ep_summary_compute(struct ep_summary *ret, const struct ep_record *record)
{
	_cleanup_(scratch_finish) struct scratch scratch = {};
	const struct ep_host *host = record->host;
	double cycles = 0;

	if (scratch_init(&scratch, record->count))
		return -ENOMEM;
	*ret = (struct ep_summary){ .total.name = "total" };
	for (uint32_t i = 0; i < host->count; i++) {
		struct ep_summary_row *row = &ret->rows[ret->count];

		summarize(row, record, &scratch, i);
		if (!row->exits_max)
			continue;
		row->reason = host->reasons[i];
		row->name = ep_reasons_name(host->vendor, host->reasons[i]);
		if (record->histogram)
			distribute(row, record->histogram[i + 1]);
		cycles += row->cycles;
		ret->count++;
	}
	for (uint32_t i = 0; i < ret->count && cycles > 0; i++)
		ret->rows[i].cycles_share = ret->rows[i].cycles / cycles;
	qsort(ret->rows, ret->count, sizeof(*ret->rows), compare_rows);

	summarize(&ret->total, record, &scratch, -1);
	ret->total.cycles_share = cycles > 0 || ret->total.cycles > 0;
	if (record->histogram)
		distribute_total(ret, record);
	ret->operations = median_of(record, &scratch, operations);
	ret->duration_ns = median_of(record, &scratch, duration);
	return 0;
}
