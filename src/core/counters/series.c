// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/counters/plausible.h"
#include "core/counters/series.h"

int ep_series_init(struct ep_series *series, struct ep_scopes *scopes, uint64_t interval_ns)
{
	int err = 0;

	*series = (struct ep_series){ .scopes = scopes, .interval_ns = interval_ns };
	for (int i = 0; i < 2 && !err; i++)
		err = ep_scoped_init(&series->room[i], scopes);
	if (!err)
		err = ep_scoped_delta_init(&series->delta, scopes);
	if (err)
		ep_series_finish(series);
	return err;
}

void ep_series_finish(struct ep_series *series)
{
	ep_scoped_delta_finish(&series->delta);
	ep_scoped_finish(&series->room[0]);
	ep_scoped_finish(&series->room[1]);
}

void ep_series_work_begin(struct ep_series *series)
{
	series->work_begun_ns = ep_clock_cpu();
}

void ep_series_work_end(struct ep_series *series)
{
	series->own_cpu_ns += ep_clock_cpu() - series->work_begun_ns;
}

uint64_t ep_series_due(const struct ep_series *series)
{
	return series->begun_ns + (series->tick + 1) * series->interval_ns;
}

/* @sparse: away cycles may come late, which the last sample must not have. */
static int take(struct ep_series *series, struct ep_scoped *ret, bool sparse)
{
	bool histogram = ep_scopes_read_histograms(series->scopes, false);
	int err;

	series->scopes->reader.sparse = sparse;
	err = ep_scopes_take(series->scopes, ret);
	series->scopes->reader.sparse = false;
	ep_scopes_read_histograms(series->scopes, histogram);
	return err;
}

static uint64_t read_tsc(const struct ep_series *series)
{
	struct ep_cpuid *cpuid = series->scopes->reader.host->cpuid;

	return cpuid->tsc(cpuid);
}

/* What came since the last sample, as far as anybody can know. */
static void subtract(struct ep_series *series, const struct ep_scoped *next,
		     struct ep_sample *sample)
{
	uint32_t vcpus = ep_plausible_vcpus(series->scopes->reader.host);
	uint64_t tsc = read_tsc(series);

	sample->restarted = ep_scopes_subtract(series->scopes, &series->delta, series->last, next);
	series->restarts += sample->restarted;
	sample->impossible =
		!sample->restarted &&
		ep_plausible_delta(&series->delta.vm,
				   ep_plausible_cycles(vcpus, tsc - series->last_tsc), NULL);
	if (!sample->restarted && !sample->impossible)
		sample->delta = &series->delta;
	series->last_tsc = tsc;
}

int ep_series_begin(struct ep_series *series, const struct ep_scoped *first)
{
	int err = first ? 0 : take(series, &series->room[0], false);

	series->last = first ?: &series->room[0];
	series->last_tsc = read_tsc(series);
	series->begun_ns = series->last_ns = ep_clock_now();
	series->tick = series->samples = series->missed = series->restarts = 0;
	series->own_cpu_ns = 0;
	return err;
}

/* Up to @next, as of @now_ns. */
static int give(struct ep_series *series, const struct ep_scoped *next, uint64_t now_ns)
{
	uint64_t tick = (now_ns - series->begun_ns) / series->interval_ns;
	struct ep_sample sample = {
		.now_ns = now_ns,
		.elapsed_ns = now_ns - series->begun_ns,
		.duration_ns = now_ns - series->last_ns,
	};

	if (tick > series->tick + 1)
		sample.missed = tick - series->tick - 1;
	subtract(series, next, &sample);
	series->last = next;
	series->last_ns = now_ns;
	series->tick = tick;
	series->missed += sample.missed;
	series->samples++;
	return series->sample(series->user, &sample);
}

static int take_and_give(struct ep_series *series, bool sparse)
{
	struct ep_scoped *next = &series->room[series->last == &series->room[0]];
	int err = take(series, next, sparse);

	return err ? err : give(series, next, ep_clock_now());
}

int ep_series_tick(struct ep_series *series)
{
	return take_and_give(series, true);
}

int ep_series_end(struct ep_series *series, const struct ep_scoped *last)
{
	return last ? give(series, last, ep_clock_now()) : take_and_give(series, false);
}
