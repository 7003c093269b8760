// SPDX-License-Identifier: GPL-3.0-or-later
/* idle - sleeps */
#include <time.h>

#include <exitprof/workload.h>

#include "lib/clock.h"
#include "lib/options.h"

enum { OPTION_INTERVAL, OPTION_COUNT };

static const struct exitprof_option options[] = {
	[OPTION_INTERVAL] = {
		.name = "interval",
		.type = EXITPROF_OPTION_DURATION,
		.default_value = "0s",
		.max = 3600 * NSEC_PER_SEC,
		.help = "time from one wake-up to the next; 0 sleeps once, to the end",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("wake-ups, needs an interval"),
	{ NULL },
};

static void sleep_until(uint64_t deadline_ns)
{
	struct timespec deadline = ep_clock_timespec(deadline_ns);

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
}

static int idle_setup(struct exitprof_context *ctx)
{
	if (ctx->values[OPTION_COUNT].u64 && !ctx->values[OPTION_INTERVAL].u64) {
		ctx->hint(ctx, "add for example --set interval=10ms");
		return ctx->fail(ctx, "a count of wake-ups needs an interval between them");
	}
	return 0;
}

static int idle_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	uint64_t interval = ctx->values[OPTION_INTERVAL].u64;
	uint64_t count = ctx->values[OPTION_COUNT].u64;
	uint64_t start = ep_clock_now_ns();
	uint64_t next = interval ? start + interval : UINT64_MAX;
	uint64_t end = ctx->duration_ns ? start + ctx->duration_ns : UINT64_MAX;

	while (!ctx->stopped(ctx) && (!count || outcome->operations < count)) {
		uint64_t now = ep_clock_now_ns();
		uint64_t bound;

		if (now >= next) {
			outcome->operations++;
			next += interval;
			continue;
		}
		/*
		 * The signal that stops the run may come just before the sleep,
		 * so no sleep is endless; past the end, look every millisecond.
		 */
		if (now >= end)
			bound = now + NSEC_PER_SEC / 1000;
		else
			bound = end != UINT64_MAX ? end : now + NSEC_PER_SEC;
		sleep_until(next < bound ? next : bound);
	}
	return 0;
}

static const char description[] =
	"Sleeps for the whole duration, or wakes up at a fixed interval and sleeps\n"
	"again. Counts what the rest of the guest does by itself, and with an interval\n"
	"what one wake-up costs.\n"
	"\n"
	"A guest that has nothing to do executes HLT: on VMX expect HLT, MSR_WRITE (the\n"
	"next timer deadline), EXTERNAL_INTERRUPT or PREEMPTION_TIMER when it arrives;\n"
	"on SVM hlt, msr, interrupt and vintr. The cycles of HLT are only those of\n"
	"handling it, not the time the vCPU stays halted.\n"
	"\n"
	"What spoils the figures: daemons and other users of the guest; a guest that\n"
	"polls before it halts (haltpoll, idle=poll) or a host that lets it halt\n"
	"without an exit (cpu-pm=on), which both give fewer exits.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "idle",
	.summary = "sleeps: what a guest costs that has nothing to do",
	.description = description,
	.operation = "wake-up",
	.options = options,
	.setup = idle_setup,
	.run = idle_run);
