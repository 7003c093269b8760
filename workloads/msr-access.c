// SPDX-License-Identifier: GPL-3.0-or-later
/* msr-access - reads and writes of a model-specific register, counted */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/options.h"
#include "lib/rights.h"
#include "lib/worker_pool.h"

/*
 * The page attribute table: every 64-bit processor has it, it may be written with
 * what it holds, KVM intercepts it for both vendors, and Linux leaves it alone once
 * it is up.
 */
#define MSR_PAT 0x277

enum { OPTION_COUNT, OPTION_WRITE, OPTION_MSR, OPTION_THREADS };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = EP_OPTION_COUNT("accesses in all, shared among the threads"),
	[OPTION_WRITE] = EP_OPTION_SHARE(
		"write", "0%",
		"share of writes, of the value that is there; taints the guest's kernel"),
	[OPTION_MSR] = {
		.name = "msr",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "631",
		.max = UINT32_MAX,
		.help = "the register, in decimal; any other than 631 (0x277, PAT) is only read",
	},
	[OPTION_THREADS] = EP_OPTION_THREADS("1"),
	{ NULL },
};

/* @files: /dev/cpu/N/msr of each worker's CPU, @opened of them */
struct msr {
	int *files;
	unsigned int opened;
	uint64_t value;
	_Atomic uint64_t writes;
	_Atomic int error;
};

static uint64_t work(const struct exitprof_context *ctx, unsigned int index, unsigned int threads)
{
	uint64_t share = ep_worker_pool_share(ctx->values[OPTION_COUNT].u64, index, threads);
	unsigned int writes = ctx->values[OPTION_WRITE].u64, due = 0;
	uint32_t number = ctx->values[OPTION_MSR].u64;
	struct msr *msr = ep_worker_pool_data(ctx);
	uint64_t done, written = 0, value = msr->value;
	int file = msr->files[index];

	for (done = 0; done < share && !ctx->stopped(ctx); done++) {
		ssize_t size;

		due += writes;
		if (due >= 100) {
			due -= 100;
			written++;
			size = pwrite(file, &msr->value, sizeof(msr->value), number);
		} else {
			size = pread(file, &value, sizeof(value), number);
		}
		if (size != sizeof(value)) {
			atomic_store(&msr->error, errno);
			break;
		}
	}
	atomic_fetch_add(&msr->writes, written);
	return done;
}

static const char *msr_unavailable(void)
{
	const char *why = ep_rights_raw_io();

	if (why)
		return why;
	if (access("/dev/cpu/0/msr", F_OK) < 0)
		return "there is no /dev/cpu/0/msr: try modprobe msr";
	return NULL;
}

static int open_files(struct exitprof_context *ctx, struct msr *msr)
{
	unsigned int threads = ep_worker_pool_threads(ctx);
	bool write = ctx->values[OPTION_WRITE].u64;

	msr->files = calloc(threads, sizeof(*msr->files));
	if (!msr->files)
		return ctx->fail(ctx, "no memory: %m");
	for (; msr->opened < threads; msr->opened++) {
		char path[64];
		int file;

		snprintf(path, sizeof(path), "/dev/cpu/%u/msr",
			 ep_worker_pool_cpu(ctx, msr->opened));
		file = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
		if (file < 0) {
			ctx->hint(ctx, "run it as root, after modprobe msr");
			return ctx->fail(ctx, "cannot open '%s': %m", path);
		}
		msr->files[msr->opened] = file;
	}
	return 0;
}

/* The first write makes the kernel log a warning: not while we measure. */
static int try(struct exitprof_context *ctx, struct msr *msr)
{
	uint32_t number = ctx->values[OPTION_MSR].u64;

	if (pread(msr->files[0], &msr->value, sizeof(msr->value), number) != sizeof(msr->value)) {
		ctx->hint(ctx, "choose one that this processor and KVM know: --set msr=%u",
			  MSR_PAT);
		return ctx->fail(ctx, "cannot read MSR 0x%x: %m", number);
	}
	if (ctx->values[OPTION_WRITE].u64 &&
	    pwrite(msr->files[0], &msr->value, sizeof(msr->value), number) != sizeof(msr->value)) {
		ctx->hint(ctx, "see /sys/module/msr/parameters/allow_writes");
		return ctx->fail(ctx, "cannot write MSR 0x%x: %m", number);
	}
	return 0;
}

static int msr_setup(struct exitprof_context *ctx)
{
	uint64_t number = ctx->values[OPTION_MSR].u64;
	struct msr *msr;

	if (number != MSR_PAT && ctx->values[OPTION_WRITE].u64) {
		ctx->hint(ctx, "leave out --set write=, or leave the register at %u", MSR_PAT);
		return ctx->fail(ctx, "a write to MSR 0x%x could do harm", (uint32_t)number);
	}
	if (ep_worker_pool_setup(ctx, ctx->values[OPTION_THREADS].u64, work, sizeof(*msr)) < 0)
		return -1;
	msr = ep_worker_pool_data(ctx);
	return open_files(ctx, msr) < 0 ? -1 : try(ctx, msr);
}

static int msr_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	const struct msr *msr = ep_worker_pool_data(ctx);

	ep_worker_pool_run(ctx, outcome);
	outcome->must_exit[EXITPROF_CAUSE_MSR_WRITE] = atomic_load(&msr->writes);
	outcome->must_exit[EXITPROF_CAUSE_MSR_READ] =
		outcome->operations - outcome->must_exit[EXITPROF_CAUSE_MSR_WRITE];
	errno = atomic_load(&msr->error);
	return errno ? ctx->fail(ctx, "the register cannot be used any more: %m") : 0;
}

static void msr_teardown(struct exitprof_context *ctx)
{
	struct msr *msr = ep_worker_pool_data(ctx);

	if (!msr)
		return;
	for (unsigned int i = 0; i < msr->opened; i++)
		close(msr->files[i]);
	free(msr->files);
	ep_worker_pool_teardown(ctx);
}

static const char description[] =
	"Reads a model-specific register through /dev/cpu/N/msr, each thread that of its\n"
	"own CPU, or writes the value that it holds already. The default, the page\n"
	"attribute table (0x277), is one that KVM intercepts on both vendors.\n"
	"\n"
	"N reads are N exits of MSR_READ on VMX (31), N writes N of MSR_WRITE (32).\n"
	"Little else in a guest reads an intercepted register: a vCPU that falls idle\n"
	"reads TSC_ADJUST (0x3b), once a second at most. Writes are also what sets the\n"
	"guest's timer and ends its interrupts. Those come on top. On SVM reads and\n"
	"writes are one reason, msr (0x7c), so that the timer's writes come on top of\n"
	"either: exitprof run --details tells them apart by register and direction.\n"
	"\n"
	"Fewer than expected means that the register is not intercepted: KVM lets guests\n"
	"at a few directly, such as FS_BASE, GS_BASE, KERNEL_GS_BASE, SYSENTER_*, and on\n"
	"VMX reads of TSC (0x10), on SVM STAR, LSTAR and TSC_AUX. A guest under SEV-ES\n"
	"has the default one, too. What spoils the figures of writes: the kernel warns\n"
	"of them once in 30 seconds, on a serial console with an exit for each character.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "msr-access",
	.summary = "reads and writes of a model-specific register, counted",
	.description = description,
	.operation = "MSR access",
	.options = options,
	.exact_causes = 1u << EXITPROF_CAUSE_MSR_READ | 1u << EXITPROF_CAUSE_MSR_WRITE,
	.unavailable = msr_unavailable,
	.setup = msr_setup,
	.run = msr_run,
	.teardown = msr_teardown);
