// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <string.h>

#include "core/counters/delta.h"

/* The low half of all numbers. */
#define TWO_TO_32 (UINT64_C(1) << 32)

static int grown(const struct ep_host *host, uint64_t before, uint64_t after, uint64_t *ret)
{
	uint64_t difference = after - before;

	if ((int64_t)difference < 0) {
		if (host->discovery || before >= TWO_TO_32 || after >= TWO_TO_32)
			return -ESTALE;
		difference += TWO_TO_32;
	}
	*ret = difference;
	return 0;
}

static uint64_t less(uint64_t value, uint64_t part)
{
	return value > part ? value - part : 0;
}

/* As most rows are, most of the time. */
static bool unchanged(const struct ep_counter *before, const struct ep_counter *after, bool full)
{
	return before->exits == after->exits && before->cycles == after->cycles &&
	       (!full || before->away == after->away) && before->own_exits == after->own_exits &&
	       before->own_cycles_exits == after->own_cycles_exits;
}

static int subtract(const struct ep_reader *reader, const struct ep_counter *before,
		    const struct ep_counter *after, bool full, struct ep_delta_row *ret,
		    struct ep_delta_row *ret_own, bool *lost)
{
	uint64_t own = after->own_exits - before->own_exits;
	uint64_t own_cycles =
		(after->own_cycles_exits - before->own_cycles_exits) * reader->cycles_per_own;
	uint64_t own_away =
		(after->own_cycles_exits - before->own_cycles_exits) * reader->away_per_own;
	uint64_t exits, cycles, away = 0;
	int err;

	err = grown(reader->host, before->exits, after->exits, &exits);
	if (err)
		return err;
	err = grown(reader->host, before->cycles, after->cycles, &cycles);
	if (err)
		return err;
	err = full ? grown(reader->host, before->away, after->away, &away) : 0;
	if (err)
		return err;

	*lost |= exits < own;
	ret->exits = less(exits, own);
	ret->cycles = less(cycles, own_cycles);
	ret->away = less(away, own_away);
	ret->max = after->max;
	/* Without any exit left, the rest is the calibration's error. */
	if (own && !ret->exits)
		ret->cycles = ret->away = 0;
	*ret_own = (struct ep_delta_row){
		.cycles = cycles - ret->cycles,
		.away = away - ret->away,
	};
	return 0;
}

/* @later: own CPUIDs whose cycles are in the total, but not yet in their row */
static uint64_t own_part(uint64_t in_row, int64_t later, uint64_t per_own)
{
	int64_t own = in_row + later * (int64_t)per_own;

	return own > 0 ? own : 0;
}

/*
 * The calibration is never quite right. Where their row shows what own exits took,
 * as much and no more is taken out of the total, so that rows and total agree.
 */
static void subtract_alike(const struct ep_reader *reader, const struct ep_snapshot *before,
			   const struct ep_snapshot *after, const struct ep_delta_row *own_row,
			   struct ep_delta_row *total, struct ep_delta_row *own)
{
	const struct ep_counter *old = &before->rows[reader->host->cpuid_row];
	const struct ep_counter *new = &after->rows[reader->host->cpuid_row];
	uint64_t of_total = after->total.own_cycles_exits - before->total.own_cycles_exits;
	int64_t later = of_total - (new->own_cycles_exits - old->own_cycles_exits);
	uint64_t cycles = total->cycles + own->cycles, away = total->away + own->away;

	own->cycles = own_part(own_row->cycles, later, reader->cycles_per_own);
	own->away = own_part(own_row->away, later, reader->away_per_own);
	total->cycles = less(cycles, own->cycles);
	total->away = less(away, own->away);
}

int ep_delta_compute(struct ep_delta *ret, const struct ep_reader *reader,
		     const struct ep_snapshot *before, const struct ep_snapshot *after)
{
	bool timed = before->timed && after->timed, full = before->full && after->full;
	struct ep_delta_row rows[EP_REASONS_MAX], total, own, own_row = {}, none;
	bool lost = false;
	uint64_t sum = 0;
	int err;

	if (before->generation != after->generation)
		return -ESTALE;
	err = subtract(reader, &before->total, &after->total, full, &total, &own, &lost);
	for (uint32_t i = 0; !err && i < after->count; i++) {
		const struct ep_counter *old = &before->rows[i], *new = &after->rows[i];

		if (unchanged(old, new, full))
			rows[i] = (struct ep_delta_row){ .max = new->max };
		else
			err = subtract(reader, old, new, full, &rows[i],
				       i == reader->host->cpuid_row ? &own_row : &none, &lost);
		sum += err ? 0 : rows[i].exits;
	}
	if (err)
		return err;
	if (timed)
		subtract_alike(reader, before, after, &own_row, &total, &own);

	ret->exits = total.exits;
	ret->cycles = total.cycles;
	ret->away = total.away;
	ret->max = total.max;
	ret->own_exits = after->total.own_exits - before->total.own_exits;
	ret->own_cycles = own.cycles;
	ret->disturbed = before->disturbed + after->disturbed;
	ret->timed = timed;
	ret->full = full;
	lost |= sum > total.exits + ret->disturbed;
	ret->consistent = before->consistent && after->consistent && !lost;
	ret->count = after->count;
	memcpy(ret->rows, rows, after->count * sizeof(*rows));
	return 0;
}

/* The bucket that is not empty and has most of @pattern, or -1. */
static int fullest(const uint64_t *histogram, const uint64_t *pattern)
{
	int most = -1;

	for (int i = 0; i < EXITPROF_BUCKETS; i++)
		if (histogram[i] && (most < 0 || pattern[i] > pattern[most]))
			most = i;
	return most;
}

/* Takes @own exits out of @histogram in the proportions of @pattern. */
static void subtract_pattern(uint64_t *histogram, const uint64_t *pattern, uint64_t own)
{
	uint64_t whole = 0, left = own;
	int i;

	for (i = 0; i < EXITPROF_BUCKETS; i++)
		whole += pattern[i];
	for (i = 0; i < EXITPROF_BUCKETS && whole; i++) {
		uint64_t part = (uint64_t)((double)own * pattern[i] / whole);

		if (part > histogram[i])
			part = histogram[i];
		histogram[i] -= part;
		left -= part;
	}
	/* The rest, which rounding lost: from where most of them must be. */
	for (; left && (i = fullest(histogram, pattern)) >= 0; left--)
		histogram[i]--;
}

void ep_delta_add_histogram(uint64_t histogram[][EXITPROF_BUCKETS], const struct ep_reader *reader,
			    const struct ep_snapshot *before, const struct ep_snapshot *after)
{
	uint32_t own_row = reader->host->cpuid_row + 1;

	for (uint32_t row = 0; row <= after->count && row < EXITPROF_ROWS_MAX; row++) {
		uint64_t grown[EXITPROF_BUCKETS];

		for (int i = 0; i < EXITPROF_BUCKETS; i++)
			grown[i] = after->histogram[row][i] - before->histogram[row][i];
		if (row == own_row)
			subtract_pattern(grown, reader->own_histogram,
					 after->total.own_exits - before->total.own_exits);
		for (int i = 0; i < EXITPROF_BUCKETS; i++)
			histogram[row][i] += grown[i];
	}
}

const struct ep_delta_row *ep_delta_find(const struct ep_delta *delta, const struct ep_host *host,
					 uint32_t reason)
{
	for (uint32_t i = 0; i < delta->count; i++)
		if (host->reasons[i] == reason)
			return &delta->rows[i];
	return NULL;
}
