// SPDX-License-Identifier: GPL-3.0-or-later
/* hypercall - VMCALL or VMMCALL from user mode, which KVM refuses, in an exit each */
#include <setjmp.h>
#include <signal.h>

#include <exitprof/workload.h>

#include "lib/cpu.h"
#include "lib/options.h"
#include "lib/worker_pool.h"

/* KVM_HC_VAPIC_POLL_IRQ: does nothing, even for those who may call it. */
#define HARMLESS_CALL 1

enum { OPTION_COUNT, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = EP_OPTION_COUNT("hypercalls in all, shared among the threads"),
	[OPTION_THREADS] = EP_OPTION_THREADS("1"),
	{ NULL },
};

/*
 * The instruction of this vendor: KVM would replace the other one by it, in our
 * text, which is not writable.
 */
static void call_hypervisor(bool vmmcall)
{
	uint64_t rax = HARMLESS_CALL;

	if (vmmcall)
		__asm__ volatile("vmmcall" : "+a"(rax) : "b"(0), "c"(0), "d"(0), "S"(0) : "memory");
	else
		__asm__ volatile("vmcall" : "+a"(rax) : "b"(0), "c"(0), "d"(0), "S"(0) : "memory");
}

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	const bool *vmmcall = ep_worker_pool_data(ctx);
	uint64_t done;

	for (done = 0; done < share && !ctx->stopped(ctx); done++)
		call_hypervisor(*vmmcall);
	return done;
}

static sigjmp_buf after_fault;

static void on_fault(int signal)
{
	siglongjmp(after_fault, 1);
}

/* Tries one. False if it is an undefined instruction here, or worse. */
static bool answered(bool vmmcall)
{
	static const int signals[] = { SIGILL, SIGSEGV, SIGBUS };
	struct sigaction action = { .sa_handler = on_fault }, old[3];
	volatile bool fine = false;

	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &action, &old[i]);
	if (!sigsetjmp(after_fault, 1)) {
		call_hypervisor(vmmcall);
		fine = true;
	}
	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &old[i], NULL);
	return fine;
}

static const char *hypercall_unavailable(void)
{
	return ep_cpu_kvm() ? NULL : "this is no guest of KVM, or it does not say so";
}

static int hypercall_setup(struct exitprof_context *ctx)
{
	bool *vmmcall;

	if (!answered(ep_cpu_vmmcall())) {
		ctx->hint(ctx, "a host that imitates Hyper-V for its guest does so");
		return ctx->fail(ctx, "the host answers a hypercall from user mode with a fault");
	}
	if (ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work, sizeof(*vmmcall)) < 0)
		return -1;
	vmmcall = ep_worker_pool_data(ctx);
	*vmmcall = ep_cpu_vmmcall();
	return 0;
}

static int hypercall_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	ep_worker_pool_run(ctx, outcome);
	outcome->must_exit[EXITPROF_CAUSE_HYPERCALL] = outcome->operations;
	return 0;
}

static const char description[] =
	"Executes VMCALL (Intel) or VMMCALL (AMD) in a loop. The instruction leaves guest\n"
	"mode from user mode, too; KVM then refuses the call because of the privilege\n"
	"level (-KVM_EPERM) and does nothing. So N calls are N exits of the reason VMCALL\n"
	"on VMX (18) and hypercall on SVM (0x81): expected and counted must agree. It is\n"
	"the shortest exit that KVM handles by itself, beside CPUID.\n"
	"\n"
	"More than expected means that the guest's kernel made hypercalls meanwhile: it\n"
	"does to wake a CPU that waits for a lock, and to interrupt several CPUs at once.\n"
	"A host that imitates Hyper-V may answer with a fault, and then this workload\n"
	"says so.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "hypercall",
	.summary = "hypercalls from user mode, refused and counted exactly",
	.description = description,
	.operation = "hypercall",
	.options = options,
	.exact_causes = 1u << EXITPROF_CAUSE_HYPERCALL,
	.unavailable = hypercall_unavailable,
	.setup = hypercall_setup,
	.run = hypercall_run,
	.teardown = ep_worker_pool_teardown);
