/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * series.h - what the guest causes, at a steady interval
 *
 * Ticks are due at the series' beginning plus a multiple of the interval, whatever
 * the ones before took. A tick gives a sample: what has come since the one before,
 * without the reader's own. Samples have no gaps and no overlaps, so that all of
 * them together are the difference of the whole. A tick that comes so late that
 * others are over as well is one sample, which is longer and says how many it has
 * missed. Nothing is kept: each sample goes to a function.
 *
 *	struct ep_series series;
 *
 *	ep_series_init(&series, &scopes, 100000000);
 *	series.sample = print;
 *	err = ep_series_begin(&series, NULL);
 *	while (!err && !stopped) {
 *		ep_clock_sleep(ep_series_due(&series), NULL, 0, NULL);
 *		if (ep_clock_now() >= ep_series_due(&series))
 *			err = ep_series_tick(&series);
 *	}
 *	if (!err)
 *		err = ep_series_end(&series, NULL);
 *	ep_series_finish(&series);
 */
#ifndef EP_CORE_COUNTERS_SERIES_H
#define EP_CORE_COUNTERS_SERIES_H

#include "core/counters/scopes.h"

#define EP_SERIES_INTERVAL_MIN_NS 1000000

/*
 * @now_ns: ep_clock_now(), the guest's uptime, when the sample was taken
 * @elapsed_ns: since the series began
 * @duration_ns: since the sample before
 * @missed: ticks in that time that have no sample of their own
 * @restarted: the host's counters have started anew in that time, and there is no
 *	@delta: what came is unknown
 * @impossible: what the host says of that time cannot be, see plausible.h, and there is no
 *	@delta either
 * @delta: of the VM, and of its vCPUs if the series has them
 */
struct ep_sample {
	uint64_t now_ns;
	uint64_t elapsed_ns;
	uint64_t duration_ns;
	uint64_t missed;
	bool restarted;
	bool impossible;
	const struct ep_scoped_delta *delta;
};

/*
 * @scopes: what is read, borrowed
 * @sample: gets each sample, which is gone afterwards, and returns 0 or a negative
 *	errno that ends the series; @user is for it
 * @interval_ns, @begun_ns: ticks are due at @begun_ns + n * @interval_ns
 * @tick: the number of the one that was last
 * @samples, @missed, @restarts: how many so far
 * @own_cpu_ns: CPU time that the thread which ticks has taken for it; @work_begun_ns: of
 *	that thread's clock
 * @last: what the next sample is the difference to; @last_ns when it was taken, @last_tsc
 *	by the TSC
 */
struct ep_series {
	struct ep_scopes *scopes;
	int (*sample)(void *user, const struct ep_sample *sample);
	void *user;
	uint64_t interval_ns;
	uint64_t begun_ns;
	uint64_t tick;
	uint64_t samples;
	uint64_t missed;
	uint64_t restarts;
	uint64_t own_cpu_ns;
	uint64_t work_begun_ns;
	const struct ep_scoped *last;
	uint64_t last_ns;
	uint64_t last_tsc;
	struct ep_scoped room[2];
	struct ep_scoped_delta delta;
};

/*
 * Samples have away cycles where the reader of @scopes has them, and never a
 * histogram. Without vCPUs they read only what has changed: away cycles may then be in a
 * later sample than the exit's end, see latch.h, but are all there in the last. Returns 0 or
 * -ENOMEM. Not to be moved once begun.
 */
int ep_series_init(struct ep_series *series, struct ep_scopes *scopes, uint64_t interval_ns);
void ep_series_finish(struct ep_series *series);

/*
 * The series begins now: with @first, which is of the same scopes and must stay
 * until the first sample, or, if that is NULL, with a snapshot that it takes. Returns
 * 0, or -ENODEV if the host has stopped answering.
 */
int ep_series_begin(struct ep_series *series, const struct ep_scoped *first);

/* When the next tick is due, by ep_clock_now(). */
uint64_t ep_series_due(const struct ep_series *series);

/*
 * Around all ticks of a series, in the thread that takes them: what it takes, exits of its
 * own CPUIDs included, is in own_cpu_ns afterwards. One system call each.
 */
void ep_series_work_begin(struct ep_series *series);
void ep_series_work_end(struct ep_series *series);

/*
 * Takes a sample, whether it is due or not. Returns 0, -ENODEV if the host has
 * stopped answering, or what sample() returns. Counters that have started anew are
 * no error: the series goes on from them.
 */
int ep_series_tick(struct ep_series *series);

/* The last sample, which may be shorter: up to @last, or to a snapshot of its own if NULL. */
int ep_series_end(struct ep_series *series, const struct ep_scoped *last);

#endif /* EP_CORE_COUNTERS_SERIES_H */
