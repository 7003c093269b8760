// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * skeleton - a complete workload to copy; it measures what getppid() costs
 *
 * Copy this file, give it another name, and replace what says "skeleton":
 *
 *	cp skeleton.c mine.c
 *	cc -O2 -shared -fPIC $(pkg-config --cflags exitprof) -o mine.so mine.c
 *	exitprof list ./mine.so
 *	exitprof run ./mine.so --set count=1000
 *
 * The name before .so and .name below must be the same.
 */
#include <stdlib.h>
#include <unistd.h>

#include <exitprof/workload.h>

/* Where each option's value arrives in ctx->values: the order of the table. */
enum { OPTION_COUNT, OPTION_BATCH };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = {
		.name = "count",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "0",
		.min = 0,
		.max = UINT64_MAX,
		.help = "batches to do; 0 goes on until stopped",
	},
	[OPTION_BATCH] = {
		.name = "batch",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "1k",
		.min = 1,
		.max = 1000000,
		.help = "system calls in a batch",
	},
	{ NULL },
};

/* Whatever run() needs. Everything that costs time or memory is made in setup(). */
struct skeleton {
	uint64_t parents_seen;
};

/* Why this machine cannot run it, or NULL. Only looks: `exitprof list` calls it. */
static const char *skeleton_unavailable(void)
{
	return getppid() < 0 ? "this process has no parent" : NULL;
}

static int skeleton_setup(struct exitprof_context *ctx)
{
	struct skeleton *skeleton = calloc(1, sizeof(*skeleton));

	if (!skeleton) {
		/* What went wrong, then what the user can do about it. */
		ctx->fail(ctx, "cannot set up: %m");
		ctx->hint(ctx, "close some programs and try again");
		return -1;
	}
	ctx->priv = skeleton;
	return 0;
}

/* The only part that is measured: no printing, no allocating, no opening. */
static int skeleton_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	struct skeleton *skeleton = ctx->priv;
	uint64_t count = ctx->values[OPTION_COUNT].u64;
	uint64_t batch = ctx->values[OPTION_BATCH].u64;

	/* Ask stopped() often: the duration may be over, or the user tired of it. */
	while ((!count || outcome->operations < count) && !ctx->stopped(ctx)) {
		for (uint64_t i = 0; i < batch; i++)
			skeleton->parents_seen += getppid() > 0;
		outcome->operations++;
	}
	/*
	 * A workload that knows its exits exactly says so, here and in
	 * .exact_causes, and exitprof compares. A system call causes none:
	 *
	 *	outcome->must_exit[EXITPROF_CAUSE_CPUID] = outcome->operations;
	 */
	return 0;
}

/* Also after a failed setup(): expect priv to be NULL. */
static void skeleton_teardown(struct exitprof_context *ctx)
{
	free(ctx->priv);
	ctx->priv = NULL;
}

static const char description[] =
	"Calls getppid() in batches. A system call stays inside the guest, on VMX and\n"
	"on SVM alike, so nothing is counted but what comes by itself: timer ticks\n"
	"(EXTERNAL_INTERRUPT, PREEMPTION_TIMER, MSR_WRITE; interrupt, vintr, msr).\n"
	"\n"
	"Say in the last paragraph what would spoil the figures; here it is any other\n"
	"program that runs in the guest at the same time.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "skeleton",
	.summary = "an example to copy: system calls, which cause no exits",
	.description = description,
	.operation = "batch of system calls",
	.options = options,
	.exact_causes = 0,
	.unavailable = skeleton_unavailable,
	.setup = skeleton_setup,
	.run = skeleton_run,
	.teardown = skeleton_teardown);
