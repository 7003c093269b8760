// SPDX-License-Identifier: GPL-3.0-or-later
/* Probes that are one instruction which any program may execute, or try to. */
#include "bench/probes.h"

/* KVM_HC_VAPIC_POLL_IRQ: does nothing, and is refused to user mode with -EPERM. */
#define HYPERCALL 1

static void do_nothing(struct ep_bench *bench)
{
	__asm__ volatile("nop" : : : "memory");
}

const struct ep_probe ep_probe_none = {
	.name = "none",
	.operation = "NOP",
	.summary = "no exit: what is left of calling a probe",
	.vmx = EP_PROBE_NO_REASON,
	.svm = EP_PROBE_NO_REASON,
	.once = do_nothing,
};

static void read_tsc(struct ep_bench *bench)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
}

const struct ep_probe ep_probe_rdtsc = {
	.name = "rdtsc",
	.operation = "RDTSC",
	.summary = "the time-stamp counter, which exits on few hosts",
	.vmx = 16,
	.svm = 0x6e,
	.direct = true,
	.once = read_tsc,
};

static void read_tscp(struct ep_bench *bench)
{
	uint32_t low, high, aux;

	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(aux));
}

static int find_tscp(struct ep_bench *bench)
{
	return ep_bench_try(bench, read_tscp) ? ep_bench_skip(bench, "this CPU has no RDTSCP") : 0;
}

const struct ep_probe ep_probe_rdtscp = {
	.name = "rdtscp",
	.operation = "RDTSCP",
	.summary = "the same with the CPU's number",
	.vmx = 51,
	.svm = 0x87,
	.direct = true,
	.setup = find_tscp,
	.once = read_tscp,
};

static void read_pmc(struct ep_bench *bench)
{
	uint32_t low, high;

	__asm__ volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(0));
}

static int find_pmc(struct ep_bench *bench)
{
	if (ep_bench_try(bench, read_pmc))
		return ep_bench_skip(bench, "the guest's kernel or CPU refuses it to programs");
	return 0;
}

const struct ep_probe ep_probe_rdpmc = {
	.name = "rdpmc",
	.operation = "RDPMC",
	.summary = "a performance counter, where programs may read it",
	.vmx = 15,
	.svm = 0x6f,
	.direct = true,
	.setup = find_pmc,
	.once = read_pmc,
};

static void pause_once(struct ep_bench *bench)
{
	__asm__ volatile("pause" : : : "memory");
}

const struct ep_probe ep_probe_pause = {
	.name = "pause",
	.operation = "PAUSE",
	.summary = "a spinning loop: SVM exits after thousands, VMX in kernel mode only",
	.vmx = 40,
	.svm = 0x77,
	.once = pause_once,
};

/* Past the reader, which would take it for one of its own and subtract it. */
static void execute_cpuid(struct ep_bench *bench)
{
	struct ep_cpuid_regs regs = {};

	bench->host->cpuid->execute(bench->host->cpuid, &regs);
}

const struct ep_probe ep_probe_cpuid = {
	.name = "cpuid",
	.operation = "CPUID",
	.summary = "the cheapest exit that KVM handles: leaf 0",
	.vmx = 10,
	.svm = 0x72,
	.direct = true,
	.once = execute_cpuid,
};

static void call_vmx(struct ep_bench *bench)
{
	uint64_t number = HYPERCALL;

	__asm__ volatile("vmcall" : "+a"(number) : : "rbx", "rcx", "rdx", "rsi", "memory");
}

static void call_svm(struct ep_bench *bench)
{
	uint64_t number = HYPERCALL;

	__asm__ volatile("vmmcall" : "+a"(number) : : "rbx", "rcx", "rdx", "rsi", "memory");
}

/* The other vendor's instruction is an invalid one, which KVM may rewrite in place. */
static void call(struct ep_bench *bench)
{
	if (bench->host->vendor == EP_VENDOR_SVM)
		call_svm(bench);
	else
		call_vmx(bench);
}

static int find_call(struct ep_bench *bench)
{
	if (ep_bench_try(bench, call))
		return ep_bench_skip(bench, "the hypervisor takes no calls from user mode");
	return 0;
}

const struct ep_probe ep_probe_hypercall = {
	.name = "hypercall",
	.operation = "VMCALL or VMMCALL",
	.summary = "exits from user mode, too, where KVM refuses what it asks for",
	.vmx = 18,
	.svm = 0x81,
	.direct = true,
	.setup = find_call,
	.once = call,
};
