// SPDX-License-Identifier: GPL-3.0-or-later
/* timer-storm - timers that expire more often than any timer should */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/clock.h"
#include "lib/options.h"
#include "lib/worker_pool.h"

enum { OPTION_INTERVAL, OPTION_WAIT, OPTION_COUNT, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_INTERVAL] = {
		.name = "interval",
		.type = EXITPROF_OPTION_DURATION,
		.default_value = "200us",
		.min = 1000,
		.max = NSEC_PER_SEC,
		.help = "time from one expiry to the next, of each thread",
	},
	[OPTION_WAIT] = {
		.name = "wait",
		.type = EXITPROF_OPTION_STRING,
		.default_value = "sleep",
		.help = "sleep, which halts the CPU; or spin, which keeps it busy",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("expiries in all, shared among the threads"),
	[OPTION_THREADS] = EP_OPTION_THREADS("1"),
	{ NULL },
};

/* @timers: for spinning only; @made of them */
struct storm {
	bool spin;
	int *timers;
	unsigned int made;
};

static uint64_t sleep_often(const struct exitprof_context *ctx, uint64_t interval, uint64_t share)
{
	uint64_t next = ep_clock_now_ns() + interval, done = 0;

	/* The kernel else lets timers of a thread be late, to expire together. */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	while (done < share && !ctx->stopped(ctx)) {
		uint64_t now;

		if (!ep_worker_pool_sleep_until(ctx, next))
			continue;
		done++;
		/* What was slept through cannot be made up for. */
		now = ep_clock_now_ns();
		next += interval;
		if (next <= now)
			next = now + interval;
	}
	prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0);
	return done;
}

static uint64_t spin(const struct exitprof_context *ctx, int timer, uint64_t interval,
		     uint64_t share)
{
	const struct itimerspec times = {
		.it_interval = ep_clock_timespec(interval),
		.it_value = ep_clock_timespec(interval),
	};
	const struct itimerspec never = { 0 };
	uint64_t done = 0, expired;

	timerfd_settime(timer, 0, &times, NULL);
	while (done < share && !ctx->stopped(ctx)) {
		if (read(timer, &expired, sizeof(expired)) == sizeof(expired))
			done++;
	}
	timerfd_settime(timer, 0, &never, NULL);
	return done;
}

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	uint64_t interval = ctx->values[OPTION_INTERVAL].u64;
	const struct storm *storm = ep_worker_pool_data(ctx);

	if (storm->spin)
		return spin(ctx, storm->timers[index], interval, share);
	return sleep_often(ctx, interval, share);
}

static int make_timers(struct exitprof_context *ctx, struct storm *storm)
{
	unsigned int threads = ep_worker_pool_threads(ctx);

	storm->timers = calloc(threads, sizeof(*storm->timers));
	if (!storm->timers)
		return ctx->fail(ctx, "no memory: %m");
	for (; storm->made < threads; storm->made++) {
		int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

		if (timer < 0)
			return ctx->fail(ctx, "cannot make a timer: %m");
		storm->timers[storm->made] = timer;
	}
	return 0;
}

static int storm_setup(struct exitprof_context *ctx)
{
	const char *wait = ctx->values[OPTION_WAIT].str;
	struct storm *storm;

	if (strcmp(wait, "sleep") != 0 && strcmp(wait, "spin") != 0) {
		ctx->hint(ctx, "use --set wait=sleep or --set wait=spin");
		return ctx->fail(ctx, "there is no way to wait called '%s'", wait);
	}
	if (ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work, sizeof(*storm)) < 0)
		return -1;
	storm = ep_worker_pool_data(ctx);
	storm->spin = strcmp(wait, "spin") == 0;
	return storm->spin ? make_timers(ctx, storm) : 0;
}

static void storm_teardown(struct exitprof_context *ctx)
{
	struct storm *storm = ep_worker_pool_data(ctx);

	if (!storm)
		return;
	for (unsigned int i = 0; i < storm->made; i++)
		close(storm->timers[i]);
	free(storm->timers);
	ep_worker_pool_teardown(ctx);
}

static const char description[] =
	"Lets timers expire at short intervals, on one or more CPUs. Every time the guest\n"
	"tells its local APIC when to interrupt next, by a write of the MSR TSC_DEADLINE\n"
	"(or, without it, of the APIC's timer registers), and at that time the host must\n"
	"interrupt it.\n"
	"\n"
	"On VMX expect MSR_WRITE for each new deadline and PREEMPTION_TIMER for its\n"
	"arrival in a busy guest, or EXTERNAL_INTERRUPT where the host has no preemption\n"
	"timer; on SVM msr, then interrupt and vintr. With wait=sleep the CPU has nothing\n"
	"to do in between and halts, so add HLT; hlt. With wait=spin it never does.\n"
	"\n"
	"An operation is an expiry that the thread noticed: when the guest or its host is\n"
	"slower than the interval, several expiries are one. What spoils the figures: the\n"
	"scheduler's own tick, 100 to 1000 a second on a busy CPU; a guest that polls\n"
	"before it halts; a host that lets the guest program a timer without an exit\n"
	"(posted timers, AVIC).";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "timer-storm",
	.summary = "timers at short intervals, asleep or busy in between",
	.description = description,
	.operation = "expiry",
	.options = options,
	.setup = storm_setup,
	.run = ep_worker_pool_run,
	.teardown = storm_teardown);
