// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "measure/workload.h"

static bool stopped(const struct exitprof_context *ctx)
{
	return ep_stop_due();
}

/* The workload itself moves that clock, unless a thread waits on it that ticks. */
static bool stopped_by_replaced_clock(const struct exitprof_context *ctx)
{
	const struct ep_subject_workload *subject = ctx->host;

	if (!subject->series)
		ep_clock_catch_up();
	return ep_stop_due();
}

static int fail(struct exitprof_context *ctx, const char *format, ...)
{
	struct ep_subject_workload *subject = ctx->host;
	struct ep_error *err = subject->err;
	va_list args;

	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return -1;
}

static void hint(struct exitprof_context *ctx, const char *format, ...)
{
	struct ep_subject_workload *subject = ctx->host;
	va_list args;

	va_start(args, format);
	ep_error_vhint(subject->err, format, args);
	va_end(args);
}

static int failed(const struct ep_subject_workload *subject, struct ep_error *err)
{
	char reason[sizeof(err->message)];

	snprintf(reason, sizeof(reason), "%s", err->message);
	return ep_error_set(err, -EIO, "workload %s: %.*s", subject->workload->name,
			    (int)sizeof(reason) - 100,
			    reason[0] ? reason : "failed without saying why");
}

static void *tick(void *data)
{
	struct ep_subject_workload *subject = data;

	ep_measure_wait(NULL, subject->begin, false);
	if (subject->series)
		ep_measure_wait(subject->series, subject->end, false);
	return NULL;
}

/* Signals are the main thread's. */
static int start_ticker(struct ep_subject_workload *subject)
{
	sigset_t all, before;
	int code;

	subject->begin = eventfd(0, EFD_CLOEXEC);
	subject->end = eventfd(0, EFD_CLOEXEC);
	if (subject->begin < 0 || subject->end < 0)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&subject->ticker, NULL, tick, subject);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	subject->ticking = !code;
	return -code;
}

/* No tick comes any more when it returns. */
static void stop_ticker(struct ep_subject_workload *subject)
{
	if (!subject->ticking)
		return;
	eventfd_write(subject->end, 1);
	eventfd_write(subject->begin, 1);
	pthread_join(subject->ticker, NULL);
	subject->ticking = false;
}

static int setup(struct ep_subject *base, struct ep_error *err)
{
	struct ep_subject_workload *subject = (struct ep_subject_workload *)base;
	const struct exitprof_workload *workload = subject->workload;
	int code;

	subject->err = err;
	code = workload->setup ? workload->setup(&subject->ctx) : 0;
	return code ? failed(subject, err) : 0;
}

static int setup_with_ticker(struct ep_subject *base, struct ep_error *err)
{
	struct ep_subject_workload *subject = (struct ep_subject_workload *)base;
	int code = start_ticker(subject);

	if (code)
		return ep_error_set(err, code, "cannot make a thread: %m");
	return setup(base, err);
}

static int run(struct ep_subject *base, struct ep_repeat *repeat, struct ep_series *series,
	       struct ep_error *err)
{
	struct ep_subject_workload *subject = (struct ep_subject_workload *)base;
	int code;

	if (series) {
		subject->series = series;
		eventfd_write(subject->begin, 1);
	}
	code = subject->workload->run(&subject->ctx, &repeat->outcome);
	if (series)
		stop_ticker(subject);
	ep_clock_catch_up();
	return code ? failed(subject, err) : 0;
}

static void teardown(struct ep_subject *base)
{
	struct ep_subject_workload *subject = (struct ep_subject_workload *)base;

	stop_ticker(subject);
	ep_cleanup_close(&subject->begin);
	ep_cleanup_close(&subject->end);
	subject->begin = subject->end = -1;
	subject->series = NULL;
	if (subject->workload->teardown)
		subject->workload->teardown(&subject->ctx);
}

void ep_subject_workload_init(struct ep_subject_workload *subject,
			      const struct exitprof_workload *workload,
			      const struct ep_settings *settings, uint64_t duration_ns, bool series)
{
	*subject = (struct ep_subject_workload){
		.base = {
			.setup = series ? setup_with_ticker : setup,
			.run = run,
			.teardown = teardown,
		},
		.workload = workload,
		.ctx = {
			.values = settings->values,
			.duration_ns = duration_ns,
			.stopped = ep_clock_replaced() ? stopped_by_replaced_clock : stopped,
			.fail = fail,
			.hint = hint,
			.host = subject,
		},
		.begin = -1,
		.end = -1,
	};
}
