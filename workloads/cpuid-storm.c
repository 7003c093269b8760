// SPDX-License-Identifier: GPL-3.0-or-later
/* cpuid-storm - as many CPUIDs as asked for, and not one more */
#include <exitprof/workload.h>

#include "lib/clock.h"
#include "lib/options.h"
#include "lib/worker_pool.h"

enum { OPTION_COUNT, OPTION_RATE, OPTION_THREADS, OPTION_LEAF };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = EP_OPTION_COUNT("CPUIDs in all, shared among the threads"),
	[OPTION_RATE] = {
		.name = "rate",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "0",
		.max = NSEC_PER_SEC,
		.help = "CPUIDs per second and thread; 0 is as fast as possible",
	},
	[OPTION_THREADS] = EP_OPTION_THREADS("1"),
	[OPTION_LEAF] = {
		.name = "leaf",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "0",
		.max = UINT32_MAX,
		.help = "the CPUID leaf to ask for, in decimal",
	},
	{ NULL },
};

static void execute_cpuid(uint32_t leaf)
{
	uint32_t eax = leaf, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
}

static uint64_t storm(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	uint64_t rate = ctx->values[OPTION_RATE].u64;
	uint32_t leaf = ctx->values[OPTION_LEAF].u64;
	uint64_t done = 0, start = rate ? ep_clock_now_ns() : 0;

	while (done < share && !ctx->stopped(ctx)) {
		/* Whole seconds apart: done * 10^9 would overflow in a long run. */
		if (rate &&
		    !ep_worker_pool_sleep_until(ctx, start + done / rate * NSEC_PER_SEC +
							     done % rate * NSEC_PER_SEC / rate))
			continue;
		execute_cpuid(leaf);
		done++;
	}
	return done;
}

static int cpuid_storm_setup(struct exitprof_context *ctx)
{
	return ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, storm, 0);
}

static int cpuid_storm_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	ep_worker_pool_run(ctx, outcome);
	outcome->must_exit[EXITPROF_CAUSE_CPUID] = outcome->operations;
	return 0;
}

static const char description[] =
	"Executes the CPUID instruction in a loop. Hardware leaves guest mode at every\n"
	"one of them, so N CPUIDs are N exits of the reason CPUID on VMX (10) and cpuid\n"
	"on SVM (0x72), neither more nor fewer: expected and counted must agree. With\n"
	"no rate set, cycles per exit is the price of the cheapest exit that a host\n"
	"handles all by itself.\n"
	"\n"
	"Other reasons appear beside it because the work takes time: timer ticks\n"
	"(EXTERNAL_INTERRUPT, PREEMPTION_TIMER, MSR_WRITE; on SVM interrupt, vintr,\n"
	"msr), and with a rate also the waiting (HLT; hlt).\n"
	"\n"
	"More than expected means that another program executed CPUID meanwhile:\n"
	"language runtimes and the dynamic linker do when they start. Fewer means that\n"
	"the host loses counts, as it does when several vCPUs add to one counter\n"
	"without care; threads=0 finds that out.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "cpuid-storm",
	.summary = "CPUID instructions, counted exactly: the accuracy test",
	.description = description,
	.operation = "CPUID",
	.options = options,
	.exact_causes = 1u << EXITPROF_CAUSE_CPUID,
	.setup = cpuid_storm_setup,
	.run = cpuid_storm_run,
	.teardown = ep_worker_pool_teardown);
