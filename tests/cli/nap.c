// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nap - a workload for the command-line tests
 *
 * Tells the simulated host of naps, of a millisecond each (see src/core/sim/clock.h), and
 * knows what they must cost: an HLT and two I/O exits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
			  "1 naps until it is to stop, and falls asleep for good right after "
			  "that" },
	{ NULL },
};

static int feed = -1;

static void say(struct exitprof_context *ctx, const char *what)
{
	const char *path = ctx->values[OPTION_SAY].str;
	FILE *file = path[0] ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "%s\n", what);
	fclose(file);
}

static int open_feed(struct exitprof_context *ctx)
{
	const char *path = getenv("EXITPROF_TEST_CLOCK");

	if (feed < 0)
		feed = open(path ?: "", O_WRONLY | O_CLOEXEC);
	return feed < 0 ? ctx->fail(ctx, "cannot open EXITPROF_TEST_CLOCK: %m") : 0;
}

static int nap_setup(struct exitprof_context *ctx)
{
	say(ctx, "setup");
	if (ctx->stopped(ctx))
		return ctx->fail(ctx, "told to stop before it began");
	if (strcmp(ctx->values[OPTION_FAIL].str, "setup"))
		return open_feed(ctx);
	ctx->hint(ctx, "sleep in a bed");
	errno = EBUSY;
	return ctx->fail(ctx, "cannot lie down: %m");
}

static int nap_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	static const char nap[] = "nap 1 pass 1ms\n";
	static const struct timespec long_time = { .tv_sec = 3600 };
	uint64_t count = ctx->values[OPTION_COUNT].u64, first = ctx->values[OPTION_FIRST].u64;
	bool late = ctx->values[OPTION_LATE].u64;
	static bool again;

	if (first && !again)
		count = first;
	if (late)
		count = 0;
	again = true;
	/* Once at least, however late it is. */
	do {
		if (write(feed, nap, strlen(nap)) < 0)
			return ctx->fail(ctx, "cannot nap: %m");
		if (!outcome->operations++)
			say(ctx, "nap");
	} while ((!count || outcome->operations < count) && !ctx->stopped(ctx));
	if (late)
		nanosleep(&long_time, NULL);
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
