// SPDX-License-Identifier: GPL-3.0-or-later
/* lock-contention - threads that spin for a lock */
#include <stdatomic.h>
#include <string.h>

#include <exitprof/workload.h>

#include "lib/clock.h"
#include "lib/futex.h"
#include "lib/options.h"
#include "lib/worker_pool.h"

enum { OPTION_LOCK, OPTION_HOLD, OPTION_COUNT, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_LOCK] = {
		.name = "lock",
		.type = EXITPROF_OPTION_STRING,
		.default_value = "user",
		.help = "user: one that spins here, with PAUSE; kernel: a lock of the kernel's",
	},
	[OPTION_HOLD] = {
		.name = "hold",
		.type = EXITPROF_OPTION_DURATION,
		.default_value = "20us",
		.max = NSEC_PER_SEC / 10,
		.help = "how long the user's lock is held",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("how often the lock is taken in all"),
	[OPTION_THREADS] = {
		.name = "threads",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "0",
		.max = 4096,
		.help = "threads, spread over the CPUs; 0 is two for every CPU",
	},
	{ NULL },
};

struct contention {
	bool kernel;
	_Alignas(64) _Atomic uint32_t lock;
};

/* False if it was stopped before it got the lock. */
static bool take(struct contention *contention, const struct exitprof_context *ctx)
{
	while (atomic_exchange_explicit(&contention->lock, 1, memory_order_acquire)) {
		do {
			if (ctx->stopped(ctx))
				return false;
			__builtin_ia32_pause();
		} while (atomic_load_explicit(&contention->lock, memory_order_relaxed));
	}
	return true;
}

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	uint64_t hold = ctx->values[OPTION_HOLD].u64;
	struct contention *contention = ep_worker_pool_data(ctx);
	uint64_t done;

	for (done = 0; done < share && !ctx->stopped(ctx); done++) {
		uint64_t end;

		if (contention->kernel) {
			/* Another value is there: takes the bucket's lock, looks, and leaves. */
			ep_futex_wait(&contention->lock, 1, 0);
			continue;
		}
		if (!take(contention, ctx))
			break;
		end = ep_clock_now_ns() + hold;
		while (ep_clock_now_ns() < end && !ctx->stopped(ctx))
			;
		atomic_store_explicit(&contention->lock, 0, memory_order_release);
	}
	return done;
}

static int contention_setup(struct exitprof_context *ctx)
{
	const char *lock = ctx->values[OPTION_LOCK].str;
	uint64_t threads = ctx->values[OPTION_THREADS].u64;
	struct contention *contention;

	if (strcmp(lock, "user") != 0 && strcmp(lock, "kernel") != 0) {
		ctx->hint(ctx, "use --set lock=user or --set lock=kernel");
		return ctx->fail(ctx, "there is no lock called '%s'", lock);
	}
	if (!threads)
		threads = 2ull * ep_worker_pool_cpus();
	if (ep_worker_pool_setup_crowded(ctx, threads, work, sizeof(*contention)) < 0)
		return -1;
	contention = ep_worker_pool_data(ctx);
	contention->kernel = strcmp(lock, "kernel") == 0;
	return 0;
}

static const char description[] =
	"Threads take one lock from each other, more of them than there are CPUs. With\n"
	"lock=user they spin in user mode, with PAUSE. With lock=kernel all of them call\n"
	"futex() for the same address, and so want the same spin lock of the kernel.\n"
	"\n"
	"A processor may leave guest mode when it sees one PAUSE after another for long,\n"
	"so that the host can run someone else: the lock's holder, if that is not running.\n"
	"On VMX expect PAUSE_INSTRUCTION (PAUSE-loop exiting) with lock=kernel only, since\n"
	"it looks at the kernel's loops alone; on SVM pause (the pause filter), with\n"
	"either. A guest with paravirtual spin locks stops spinning after a while and\n"
	"halts: HLT and VMCALL, hlt and hypercall, with lock=kernel.\n"
	"\n"
	"What decides is not the guest: a host without free CPUs gives many, one with a\n"
	"CPU for every vCPU few or none; and none at all where the processor or KVM has\n"
	"neither mechanism (ple_gap=0, pause_filter_count=0, an emulated processor). What\n"
	"spoils the figures is the guest's scheduler: its ticks come on top.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "lock-contention",
	.summary = "threads that spin for one lock, more than there are CPUs",
	.description = description,
	.operation = "lock taken",
	.options = options,
	.setup = contention_setup,
	.run = ep_worker_pool_run,
	.teardown = ep_worker_pool_teardown);
