// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <time.h>

#include "cli/message.h"
#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/counters/plausible.h"
#include "measure/measure.h"

struct measurement {
	struct ep_scoped before;
	struct ep_scoped after;
	struct ep_scoped_delta delta;
	struct ep_details details_before;
	struct ep_details details_after;
	bool unreadable;
	uint64_t elapsed_cycles;
};

static void finish(struct measurement *measurement)
{
	ep_scoped_finish(&measurement->before);
	ep_scoped_finish(&measurement->after);
	ep_scoped_delta_finish(&measurement->delta);
	ep_details_finish(&measurement->details_before);
	ep_details_finish(&measurement->details_after);
}

static int init(struct measurement *measurement, const struct ep_record *record,
		const struct ep_scopes *scopes)
{
	int err = ep_scoped_init(&measurement->before, scopes);

	if (!err)
		err = ep_scoped_init(&measurement->after, scopes);
	if (!err)
		err = ep_scoped_delta_init(&measurement->delta, scopes);
	if (!err && record->details)
		err = ep_details_init(&measurement->details_before, record->host);
	if (!err && record->details)
		err = ep_details_init(&measurement->details_after, record->host);
	return err;
}

static int wait_and_tick(struct ep_series *series, int fd, bool stoppable)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	int code = 0;

	while (!(stoppable && ep_stop_due())) {
		uint64_t due = series ? ep_series_due(series) : EP_CLOCK_NEVER;
		uint64_t limit = stoppable ? ep_stop_limit() : EP_CLOCK_NEVER;
		uint64_t until = due < limit ? due : limit;

		if (fd < 0)
			ep_clock_sleep(until, NULL, 0, NULL);
		else if (ep_clock_poll(&poll, 1, until) > 0)
			return code;
		if (!series || ep_clock_now() < due)
			continue;
		code = ep_series_tick(series);
		if (code)
			series = NULL;
		/* Without a descriptor, the samples are all that there is to wait for. */
		if (code && fd < 0)
			return code;
	}
	return code;
}

int ep_measure_wait(struct ep_series *series, int fd, bool stoppable)
{
	int code;

	if (!series)
		return wait_and_tick(NULL, fd, stoppable);
	ep_series_work_begin(series);
	code = wait_and_tick(series, fd, stoppable);
	ep_series_work_end(series);
	return code;
}

static int measure_run(struct ep_subject *subject, struct measurement *measurement,
		       struct ep_scopes *scopes, uint64_t limit_ns, struct ep_series *series,
		       struct ep_repeat *repeat, struct ep_error *err)
{
	struct ep_cpuid *cpuid = scopes->reader.host->cpuid;
	uint64_t start, tsc = cpuid->tsc(cpuid);
	int code;

	measurement->unreadable = ep_scopes_take(scopes, &measurement->before);
	ep_stop_arm(limit_ns);
	if (series)
		ep_series_begin(series, &measurement->before);
	start = ep_clock_now();
	code = subject->run(subject, repeat, series, err);
	repeat->duration_ns = ep_clock_now() - start;
	measurement->unreadable |= ep_scopes_take(scopes, &measurement->after);
	measurement->elapsed_cycles = cpuid->tsc(cpuid) - tsc;
	ep_stop_disarm();
	if (series && !code && !measurement->unreadable)
		ep_series_end(series, &measurement->after);
	return code;
}

/* Outside of the snapshots, so that reading details is not measured. */
static int measure_all(const struct ep_record *record, struct ep_subject *subject,
		       struct measurement *measurement, struct ep_scopes *scopes,
		       struct ep_series *series, struct ep_repeat *repeat, struct ep_error *err)
{
	int code;

	if (record->details)
		ep_details_read(&measurement->details_before, record->host);
	code = measure_run(subject, measurement, scopes, record->duration_ns, series, repeat, err);
	if (record->details)
		ep_details_read(&measurement->details_after, record->host);
	return code;
}

static int unreadable(struct ep_error *err)
{
	ep_error_hint(err, "run it again; 'exitprof doctor' shows what the host answers now");
	return ep_error_set(err, -ENODEV,
			    "cannot read exit counters: the host's latch leaf did not answer any "
			    "more");
}

static int stale(int code, struct ep_error *err)
{
	ep_error_hint(err, "run it again without restoring or migrating the VM meanwhile");
	return ep_error_set(err, code,
			    "cannot use the exit counters: they started anew while the workload "
			    "ran");
}

static uint64_t most_cycles(const struct ep_host *host, const struct measurement *measurement,
			    uint64_t duration_ns)
{
	uint64_t elapsed = measurement->elapsed_cycles;
	uint64_t by_time = duration_ns / 1e6 * host->tsc_khz;

	return ep_plausible_cycles(ep_plausible_vcpus(host), elapsed > by_time ? elapsed : by_time);
}

/* What the two snapshots say. */
static int evaluate(struct ep_record *record, const struct ep_scopes *scopes,
		    struct measurement *measurement, struct ep_repeat *repeat, bool warmup,
		    struct ep_error *err)
{
	int code;

	repeat->interrupted = ep_stop_interrupted();
	if (measurement->unreadable)
		return unreadable(err);
	code = ep_scopes_subtract(scopes, &measurement->delta, &measurement->before,
				  &measurement->after);
	if (code)
		return stale(code, err);
	code = ep_plausible_delta(&measurement->delta.vm,
				  most_cycles(record->host, measurement, repeat->duration_ns), err);
	if (code)
		return code;
	repeat->delta = measurement->delta.vm;
	repeat->vcpus = measurement->delta.vcpus;
	measurement->delta.vcpus = NULL;
	if (record->details && ep_details_subtract(&repeat->details, &measurement->details_before,
						   &measurement->details_after))
		return ep_error_set(err, -ENOMEM, "out of memory");
	if (record->histogram && !warmup)
		ep_delta_add_histogram(record->histogram, &scopes->reader, &measurement->before.vm,
				       &measurement->after.vm);
	return 0;
}

static int measure_repeat(struct ep_record *record, struct ep_scopes *scopes,
			  struct ep_subject *subject, struct ep_series *series,
			  struct ep_repeat *repeat, bool warmup, struct ep_error *err)
{
	/* Written to at once: no page of it is touched first while we measure. */
	_cleanup_(finish) struct measurement measurement = {};
	int code;

	if (init(&measurement, record, scopes))
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = subject->setup ? subject->setup(subject, err) : 0;
	if (!code)
		code = measure_all(record, subject, &measurement, scopes, series, repeat, err);
	if (subject->teardown)
		subject->teardown(subject);
	if (!code)
		code = evaluate(record, scopes, &measurement, repeat, warmup, err);
	repeat->interrupted &= !subject->endless;
	return code;
}

static int interrupted(const struct ep_record *record, struct ep_error *err)
{
	if (record->count)
		return 0;
	*err = (struct ep_error){};
	return ep_error_set(err, -EINTR, "interrupted before anything was measured");
}

static void say_progress(const struct ep_record *record, unsigned int round)
{
	bool warmup = round < record->warmups;

	ep_say_progress("%s %u of %u", warmup ? "warm-up" : "repeat",
			warmup ? round + 1 : round + 1 - record->warmups,
			warmup ? record->warmups : record->wanted);
}

static void count_series(struct ep_record *record, const struct ep_series *series)
{
	record->series.interval_ns = series->interval_ns;
	record->series.samples += series->samples;
	record->series.missed += series->missed;
	record->series.restarts += series->restarts;
	record->series.own_cpu_ns += series->own_cpu_ns;
	record->series.duration_ns += series->last_ns - series->begun_ns;
}

int ep_measure(struct ep_record *record, struct ep_scopes *scopes, struct ep_subject *subject,
	       struct ep_measure_series *series, struct ep_error *err)
{
	unsigned int rounds = record->warmups + record->wanted;

	record->started = time(NULL);
	for (unsigned int i = 0; i < rounds && !ep_stop_interrupted(); i++) {
		bool warmup = i < record->warmups, sampled = series && !warmup;
		struct ep_repeat *repeat = ep_record_add(record);
		int code;

		if (!repeat)
			return ep_error_set(err, -ENOMEM, "out of memory");
		if (!subject->silent)
			say_progress(record, i);
		if (sampled && series->begin)
			series->begin(series->series.user, i + 1 - record->warmups);
		code = measure_repeat(record, scopes, subject, sampled ? &series->series : NULL,
				      repeat, warmup, err);
		if (!subject->silent)
			ep_say_progress(NULL);
		if (sampled)
			count_series(record, &series->series);
		if (warmup || code)
			ep_record_drop(record);
		if (code)
			return ep_stop_interrupted() && code == -EIO ? interrupted(record, err)
								     : code;
	}
	return record->count ? 0 : interrupted(record, err);
}
