/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure.h - have something done between two snapshots, again and again
 *
 * Between the snapshots is the subject's run() and nothing of exitprof's but
 * reading the clock twice, setting a timer if there is a time limit, and, with a
 * series, its ticks: no memory is allocated, nothing loaded or printed.
 */
#ifndef EP_MEASURE_MEASURE_H
#define EP_MEASURE_MEASURE_H

#include "core/counters/series.h"
#include "core/result/record.h"

/*
 * What is measured: a workload, a command, or time that passes.
 *
 * @setup: before the first snapshot, may be NULL; @teardown: after the second one, and
 *	after a failed @setup, too
 * @run: fills what it knows in *@repeat, but for the durations. @series has begun,
 *	and is to be ticked by ep_measure_wait() or the like; it is NULL without one
 * @silent: there is no progress to be shown; @endless: to be interrupted is its normal end
 *
 * They return 0 or a negative errno with *@err filled.
 */
struct ep_subject {
	int (*setup)(struct ep_subject *subject, struct ep_error *err);
	int (*run)(struct ep_subject *subject, struct ep_repeat *repeat, struct ep_series *series,
		   struct ep_error *err);
	void (*teardown)(struct ep_subject *subject);
	bool silent;
	bool endless;
};

/*
 * A series that is to run along: @series.sample gets the samples, and @begin, which may
 * be NULL, is called with the number of each repeat, from 1, before it.
 */
struct ep_measure_series {
	struct ep_series series;
	void (*begin)(void *user, uint64_t repeat);
};

/*
 * Does record->warmups and record->wanted repeats and adds the latter to @record.
 * An interrupted repeat ends them and is added, too. Warm-ups have no series.
 * @series may be NULL. Returns 0 with at least one repeat added, or a negative errno:
 * -EINTR if interrupted before there was any, -ESTALE if the counters started anew, or
 * what the subject returned.
 */
int ep_measure(struct ep_record *record, struct ep_scopes *scopes, struct ep_subject *subject,
	       struct ep_measure_series *series, struct ep_error *err);

/*
 * Waits until the file descriptor @fd is readable, and, if @stoppable, no longer than
 * ep_stop_due(); @fd may be -1. Ticks @series, which may be NULL, whenever it is due.
 * Returns 0, or what a tick returned: then there were no more.
 */
int ep_measure_wait(struct ep_series *series, int fd, bool stoppable);

#endif /* EP_MEASURE_MEASURE_H */
