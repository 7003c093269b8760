// SPDX-License-Identifier: GPL-3.0-or-later
/* page-fault - a storm of page faults that the guest handles itself */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/options.h"
#include "lib/worker_pool.h"

enum { OPTION_COUNT, OPTION_SIZE, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = EP_OPTION_COUNT("faults in all, shared among the threads"),
	[OPTION_SIZE] = {
		.name = "size",
		.type = EXITPROF_OPTION_SIZE,
		.default_value = "256k",
		.min = 4096,
		.max = 1 << 30,
		.help = "memory that a thread maps, touches and unmaps",
	},
	[OPTION_THREADS] = EP_OPTION_THREADS("1"),
	{ NULL },
};

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	size_t size = ctx->values[OPTION_SIZE].u64, page = sysconf(_SC_PAGESIZE);
	_Atomic int *error = ep_worker_pool_data(ctx);
	uint64_t done = 0;

	while (done < share && !ctx->stopped(ctx)) {
		char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);

		if (data == MAP_FAILED) {
			atomic_store(error, errno);
			break;
		}
		/* Else one fault may fill 512 pages. */
		madvise(data, size, MADV_NOHUGEPAGE);
		for (size_t at = 0; at < size && done < share && !ctx->stopped(ctx); at += page) {
			*(volatile char *)(data + at) = 1;
			done++;
		}
		munmap(data, size);
	}
	return done;
}

static int faults_setup(struct exitprof_context *ctx)
{
	return ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work,
				    sizeof(_Atomic int));
}

static int faults_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	const _Atomic int *error = ep_worker_pool_data(ctx);

	ep_worker_pool_run(ctx, outcome);
	errno = atomic_load(error);
	if (errno)
		ctx->hint(ctx, "ask for less with --set size=SIZE");
	return errno ? ctx->fail(ctx, "cannot map memory: %m") : 0;
}

static const char description[] =
	"Maps a little memory, touches every page of it, unmaps it, and begins again: as\n"
	"many page faults as the guest's kernel can handle. It uses the same few pages\n"
	"again and again, so the host has backed them long ago.\n"
	"\n"
	"With nested paging the guest handles its page faults by itself: on VMX with EPT\n"
	"and on SVM with NPT expect none but the exits that come by themselves, as under\n"
	"busy. With shadow paging (kvm-intel.ept=0, kvm-amd.npt=0) every fault is two\n"
	"exits, one that passes it on to the guest and one that copies the guest's new\n"
	"entry: EXCEPTION_NMI on VMX, PF excp on SVM. The guest's loads of CR3 are exits,\n"
	"too (CR_ACCESS; read_cr3 and write_cr3): few for unmapping, but four for every\n"
	"fault, system call and interrupt in a guest that isolates its page tables (PTI).\n"
	"Run it on both and compare: that is what EPT and NPT were made for.\n"
	"\n"
	"With several threads, unmapping also interrupts the other CPUs that use the same\n"
	"memory: MSR_WRITE or VMCALL, msr or hypercall. What spoils the figures: the first\n"
	"round may touch pages that are not backed yet (EPT_VIOLATION, npf); see\n"
	"memory-touch for those.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "page-fault",
	.summary = "page faults: no exits with nested paging, many without",
	.description = description,
	.operation = "page fault",
	.options = options,
	.setup = faults_setup,
	.run = faults_run,
	.teardown = ep_worker_pool_teardown);
