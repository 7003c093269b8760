// SPDX-License-Identifier: GPL-3.0-or-later
/* busy - computes and does nothing else */
#include <exitprof/workload.h>

#include "lib/options.h"
#include "lib/worker_pool.h"

#define MULTIPLICATIONS 65536

enum { OPTION_COUNT, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = {
		.name = "count",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "0",
		.max = UINT64_MAX,
		.help = "rounds in all, shared among the threads; 0 works until stopped",
	},
	[OPTION_THREADS] = EP_OPTION_THREADS("1"),
	{ NULL },
};

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	uint64_t done, x = index + 1;

	for (done = 0; done < share && !ctx->stopped(ctx); done++) {
		for (unsigned int i = 0; i < MULTIPLICATIONS; i++)
			x = x * 6364136223846793005u + 1442695040888963407u;
		/* The result is wanted, whatever the compiler thinks. */
		__asm__ volatile("" : "+r"(x));
	}
	return done;
}

static int busy_setup(struct exitprof_context *ctx)
{
	return ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work, 0);
}

static const char description[] =
	"Multiplies integers in registers, on one or more pinned CPUs, without memory\n"
	"traffic or system calls. Whatever is counted, the guest did not ask for: it is\n"
	"the cost of merely running, and the floor under every other workload.\n"
	"\n"
	"On VMX expect EXTERNAL_INTERRUPT (the host's own timer tick and interrupts),\n"
	"PREEMPTION_TIMER and MSR_WRITE (the guest's timer tick and its next deadline)\n"
	"and little else. On SVM the same appears as interrupt, vintr and msr.\n"
	"\n"
	"Two things spoil the figures: other programs in the guest, and a host with\n"
	"fewer free CPUs than this VM has vCPUs, which adds interrupts. A guest kernel\n"
	"with NO_HZ_FULL ticks less and gives fewer exits.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "busy",
	.summary = "pure computation: the exits that come by themselves",
	.description = description,
	.operation = "round of 65536 multiplications",
	.options = options,
	.setup = busy_setup,
	.run = ep_worker_pool_run,
	.teardown = ep_worker_pool_teardown);
