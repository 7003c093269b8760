// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nap - a workload for the command-line tests
 *
 * A simulated host counts one HLT and two I/O exits for every nap that it is told
 * of (see src/core/sim.h): this one naps as often as it is told, and knows what
 * that must cost.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <exitprof/workload.h>

enum { OPTION_COUNT, OPTION_FIRST, OPTION_WRONG, OPTION_FAIL, OPTION_SAY, OPTION_LATE };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = { "count", EXITPROF_OPTION_COUNT, "10", 0, 1000000,
			   "naps; 0 goes on until stopped" },
	[OPTION_FIRST] = { "first", EXITPROF_OPTION_COUNT, "0", 0, 1000000,
			   "naps of the first repeat; 0 is as many as of the others" },
	[OPTION_WRONG] = { "wrong", EXITPROF_OPTION_COUNT, "0", 0, 100, "exits to claim too many" },
	[OPTION_FAIL] = { "fail", EXITPROF_OPTION_STRING, "", 0, 0, "setup, run or silently" },
	[OPTION_SAY] = { "say", EXITPROF_OPTION_STRING, "", 0, 0, "a file that tells of progress" },
	[OPTION_LATE] = { "late", EXITPROF_OPTION_COUNT, "0", 0, 1,
			  "1 falls asleep for good right after it was to stop" },
	{ NULL },
};

static void say(struct exitprof_context *ctx, const char *what)
{
	const char *path = ctx->values[OPTION_SAY].str;
	FILE *file = path[0] ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "%s\n", what);
	fclose(file);
}

static void count_nap(void)
{
	static unsigned int naps;
	char count[16];

	snprintf(count, sizeof(count), "%u", ++naps);
	setenv("EXITPROF_TEST_NAPS", count, 1);
}

static int nap_setup(struct exitprof_context *ctx)
{
	say(ctx, "setup");
	if (ctx->stopped(ctx))
		return ctx->fail(ctx, "told to stop before it began");
	if (strcmp(ctx->values[OPTION_FAIL].str, "setup"))
		return 0;
	ctx->hint(ctx, "sleep in a bed");
	errno = EBUSY;
	return ctx->fail(ctx, "cannot lie down: %m");
}

static int nap_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	uint64_t count = ctx->values[OPTION_COUNT].u64, first = ctx->values[OPTION_FIRST].u64;
	struct timespec moment = { .tv_nsec = 1000000 }, rest;
	static bool again;

	if (first && !again)
		count = first;
	again = true;
	/* Once at least, however late it is. */
	do {
		/* A timer that interrupts a nap ends it: it is a nap all the same. */
		nanosleep(&moment, &rest);
		count_nap();
		if (!outcome->operations++)
			say(ctx, "nap");
	} while ((!count || outcome->operations < count) && !ctx->stopped(ctx));
	if (ctx->values[OPTION_LATE].u64) {
		while (!ctx->stopped(ctx))
			;
		moment.tv_sec = 3600;
		nanosleep(&moment, NULL);
	}
	outcome->must_exit[EXITPROF_CAUSE_IO] =
		2 * outcome->operations + ctx->values[OPTION_WRONG].u64;
	if (!strcmp(ctx->values[OPTION_FAIL].str, "run"))
		return ctx->fail(ctx, "overslept");
	return strcmp(ctx->values[OPTION_FAIL].str, "silently") ? 0 : -1;
}

static void nap_teardown(struct exitprof_context *ctx)
{
	say(ctx, "teardown");
}

static const char *nap_unavailable(void)
{
#ifdef NAP_UNAVAILABLE
	return "there is no bed";
#else
	return NULL;
#endif
}

EXITPROF_WORKLOAD(.name = "nap", .summary = "sleeps a little",
#ifdef NAP_ABI
		  .abi = NAP_ABI,
#endif
		  .description = "Sleeps.", .operation = "nap", .options = options,
		  .exact_causes = 1u << EXITPROF_CAUSE_IO, .unavailable = nap_unavailable,
		  .setup = nap_setup, .run = nap_run, .teardown = nap_teardown);
