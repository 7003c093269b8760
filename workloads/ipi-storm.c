// SPDX-License-Identifier: GPL-3.0-or-later
/* ipi-storm - CPUs that interrupt each other */
#include <linux/membarrier.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/clock.h"
#include "lib/futex.h"
#include "lib/options.h"
#include "lib/worker_pool.h"

enum { OPTION_HOW, OPTION_COUNT, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_HOW] = {
		.name = "how",
		.type = EXITPROF_OPTION_STRING,
		.default_value = "wake",
		.help = "wake: sleepers on other CPUs; membarrier: CPUs that are busy",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("wake-ups or barriers in all"),
	[OPTION_THREADS] = EP_OPTION_THREADS("2"),
	{ NULL },
};

/* How often the one who sits here was woken, in a cache line of its own. */
struct seat {
	_Alignas(64) _Atomic uint32_t turns;
};

struct storm {
	struct seat *seats;
	_Atomic unsigned int present;
	_Atomic bool over;
};

static void wake(struct seat *seat)
{
	atomic_fetch_add(&seat->turns, 1);
	ep_futex_wake(&seat->turns, 1);
}

static void end(struct storm *storm, unsigned int threads)
{
	atomic_store(&storm->over, true);
	/* Counted up first: who is about to sleep there does not. */
	for (unsigned int i = 0; storm->seats && i < threads; i++)
		wake(&storm->seats[i]);
}

/*
 * Sleeps until the seat's turn @turn has come; false if it is over. Only worker 0
 * hears of a stop by a signal, and it tells the others; its sleep is bounded for a
 * stop that came just before.
 */
static bool wait_for(struct storm *storm, const struct exitprof_context *ctx, unsigned int index,
		     uint32_t turn)
{
	struct seat *seat = &storm->seats[index];

	while (!ctx->stopped(ctx) && !atomic_load(&storm->over)) {
		uint32_t turns = atomic_load(&seat->turns);

		if ((int32_t)(turns - turn) >= 0)
			return true;
		ep_futex_wait(&seat->turns, turns, index ? 0 : ep_clock_now_ns() + NSEC_PER_SEC);
	}
	return false;
}

/* Worker 0 wakes 1, 1 wakes 2, the last one wakes 0. */
static uint64_t wake_in_turn(struct storm *storm, const struct exitprof_context *ctx,
			     unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	uint64_t done;

	for (done = 0; done < share; done++) {
		if (!wait_for(storm, ctx, index, done + !!index))
			break;
		wake(&storm->seats[(index + 1) % threads]);
	}
	return done;
}

/*
 * Worker 0 interrupts all others, which have nothing to do but be there: not before they
 * are, since who still sleeps is not interrupted.
 */
static uint64_t interrupt_all(struct storm *storm, const struct exitprof_context *ctx,
			      unsigned int index, unsigned int threads)
{
	uint64_t count = ctx->values[OPTION_COUNT].u64, done = 0;

	atomic_fetch_add(&storm->present, 1);
	if (index) {
		while (!ctx->stopped(ctx) && !atomic_load(&storm->over))
			;
		return 0;
	}
	while (atomic_load(&storm->present) < threads && !ctx->stopped(ctx))
		;
	while ((!count || done < count) && !ctx->stopped(ctx)) {
		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
		done++;
	}
	return done;
}

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	struct storm *storm = ep_worker_pool_data(ctx);
	uint64_t done;

	if (storm->seats)
		done = wake_in_turn(storm, ctx, index, threads);
	else
		done = interrupt_all(storm, ctx, index, threads);
	/* Who has made all its wake-ups leaves alone: others are not done yet. */
	if (ctx->stopped(ctx) || (!storm->seats && index == 0))
		end(storm, threads);
	return done;
}

static const char *storm_unavailable(void)
{
	return ep_worker_pool_cpus() > 1
		       ? NULL
		       : "there is one CPU only, and it has no other to interrupt";
}

static int storm_setup(struct exitprof_context *ctx)
{
	const char *how = ctx->values[OPTION_HOW].str;
	bool barrier = strcmp(how, "membarrier") == 0;
	unsigned int threads;
	struct storm *storm;

	if (!barrier && strcmp(how, "wake") != 0) {
		ctx->hint(ctx, "use --set how=wake or --set how=membarrier");
		return ctx->fail(ctx, "there is no way to interrupt called '%s'", how);
	}
	if (ctx->values[OPTION_THREADS].u64 == 1) {
		ctx->hint(ctx, "use --set threads=2 or more");
		return ctx->fail(ctx, "one thread has no other to interrupt");
	}
	if (ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work, sizeof(*storm)) < 0)
		return -1;
	storm = ep_worker_pool_data(ctx);
	threads = ep_worker_pool_threads(ctx);
	if (barrier) {
		if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) < 0) {
			ctx->hint(ctx, "use --set how=wake, or Linux 4.14 or later");
			return ctx->fail(ctx, "this kernel has no expedited membarrier(): %m");
		}
		return 0;
	}
	storm->seats = aligned_alloc(_Alignof(struct seat), threads * sizeof(*storm->seats));
	if (!storm->seats)
		return ctx->fail(ctx, "no memory: %m");
	memset(storm->seats, 0, threads * sizeof(*storm->seats));
	return 0;
}

static void storm_teardown(struct exitprof_context *ctx)
{
	struct storm *storm = ep_worker_pool_data(ctx);

	if (storm)
		free(storm->seats);
	ep_worker_pool_teardown(ctx);
}

static const char description[] =
	"Makes CPUs interrupt each other. With how=wake, threads on different CPUs wake\n"
	"each other in turn: the sleeper's CPU has halted and gets an interrupt, then the\n"
	"waker's halts. With how=membarrier one thread interrupts all the others, which\n"
	"are busy, by membarrier(): one call, one interrupt for each of them.\n"
	"\n"
	"An interrupt is sent by a write of the APIC's command register. On VMX that is\n"
	"MSR_WRITE (x2APIC), or APIC_WRITE or EPT_MISCONFIG (xAPIC), for several CPUs at\n"
	"once maybe VMCALL; with how=wake also HLT, and MSR_WRITE for timers of the idle\n"
	"CPU. A busy receiver leaves by EXTERNAL_INTERRUPT, or not at all with posted\n"
	"interrupts; if it takes long, the sender, which spins in the kernel, leaves by\n"
	"PAUSE_INSTRUCTION. On SVM msr, npf or hypercall; hlt; then interrupt and vintr,\n"
	"unless the host has AVIC; and pause.\n"
	"\n"
	"What spoils the figures: a guest that polls before it halts (haltpoll,\n"
	"idle=poll) is woken through memory, without an interrupt; a host with fewer free\n"
	"CPUs than this VM has, where a receiver may not run at that moment and a barrier\n"
	"passes it by.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "ipi-storm",
	.summary = "CPUs that wake or interrupt each other",
	.description = description,
	.operation = "wake-up or barrier",
	.options = options,
	.unavailable = storm_unavailable,
	.setup = storm_setup,
	.run = ep_worker_pool_run,
	.teardown = storm_teardown);
