// SPDX-License-Identifier: GPL-3.0-or-later
/* mixed - several kinds of work, in shares as asked for */
#include <errno.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/disk_file.h"
#include "lib/options.h"
#include "lib/random.h"
#include "lib/rights.h"

#define PORT	   0x80
#define DISK_SIZE  (1u << 20)
#define DISK_BLOCK 4096u

enum {
	OPTION_CPUID,
	OPTION_PORT,
	OPTION_FAULT,
	OPTION_SLEEP,
	OPTION_DISK,
	OPTION_FILE,
	OPTION_COUNT,
	OPTION_SEED,
};

static const struct exitprof_option options[] = {
	[OPTION_CPUID] = EP_OPTION_SHARE("cpuid", "30%", "share of CPUID instructions"),
	[OPTION_PORT] = EP_OPTION_SHARE(
		"port", "0%", "share of writes to I/O port 0x80, as root only"),
	[OPTION_FAULT] = EP_OPTION_SHARE("fault", "20%", "share of page faults"),
	[OPTION_SLEEP] = EP_OPTION_SHARE("sleep", "1%", "share of sleeps of 100 us"),
	[OPTION_DISK] = EP_OPTION_SHARE(
		"disk", "0%", "share of reads of 4 KiB from a disk, past the page cache"),
	[OPTION_FILE] = {
		.name = "file",
		.type = EXITPROF_OPTION_STRING,
		.default_value = ".",
		.help = "folder on a disk, for the file to read; the file has no name",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("operations in all"),
	[OPTION_SEED] = EP_OPTION_SEED,
	{ NULL },
};

enum { KINDS = OPTION_DISK + 1, COMPUTE = KINDS };

/* @done: of each kind; computing is the rest */
struct mixed {
	struct ep_disk_file file;
	char *page;
	char *block;
	uint64_t random;
	uint64_t done[KINDS + 1];
};

static int choose(struct mixed *mixed, const union exitprof_value *values)
{
	uint64_t draw = ep_random_next(&mixed->random) % 100;
	int kind = 0;

	while (kind < KINDS && draw >= values[kind].u64)
		draw -= values[kind++].u64;
	return kind;
}

static int read_disk(struct mixed *mixed)
{
	uint64_t offset = ep_random_next(&mixed->random) % (DISK_SIZE / DISK_BLOCK) * DISK_BLOCK;

	while (pread(mixed->file.fd, mixed->block, DISK_BLOCK, offset) != DISK_BLOCK)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* Returns 0, or -1 with errno. */
static int do_one(struct mixed *mixed, int kind)
{
	const struct timespec moment = { .tv_nsec = 100000 };
	uint32_t eax = 0, ebx, ecx = 0, edx;

	switch (kind) {
	case OPTION_CPUID:
		__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
		return 0;
	case OPTION_PORT:
		outb(0, PORT);
		return 0;
	case OPTION_FAULT:
		*(volatile char *)mixed->page = 1;
		return madvise(mixed->page, DISK_BLOCK, MADV_DONTNEED);
	case OPTION_SLEEP:
		nanosleep(&moment, NULL);
		return 0;
	case OPTION_DISK:
		return read_disk(mixed);
	default:
		for (unsigned int i = 0; i < 1000; i++)
			__asm__ volatile("" : "+r"(i));
		return 0;
	}
}

static int mixed_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	uint64_t count = ctx->values[OPTION_COUNT].u64;
	struct mixed *mixed = ctx->priv;

	while ((!count || outcome->operations < count) && !ctx->stopped(ctx)) {
		int kind = choose(mixed, ctx->values);

		if (do_one(mixed, kind) < 0)
			return ctx->fail(ctx, "the disk or the memory does not answer: %m");
		mixed->done[kind]++;
		outcome->operations++;
	}
	outcome->must_exit[EXITPROF_CAUSE_CPUID] = mixed->done[OPTION_CPUID];
	outcome->must_exit[EXITPROF_CAUSE_IO] = mixed->done[OPTION_PORT];
	return 0;
}

static int check_shares(struct exitprof_context *ctx)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < KINDS; kind++)
		sum += ctx->values[kind].u64;
	if (sum <= 100)
		return 0;
	ctx->hint(ctx, "what is left to 100%% is spent computing");
	return ctx->fail(ctx, "the shares add up to %u%%", (unsigned int)sum);
}

static int get_port(struct exitprof_context *ctx)
{
	const char *why = ep_rights_ports();

	if (!why && ioperm(PORT, 1, 1) == 0)
		return 0;
	ctx->hint(ctx, "leave it out with --set port=0");
	if (why)
		return ctx->fail(ctx, "cannot use a port: %s", why);
	return ctx->fail(ctx, "cannot use a port: %m");
}

static int mixed_setup(struct exitprof_context *ctx)
{
	const union exitprof_value *values = ctx->values;
	struct mixed *mixed;

	if (check_shares(ctx) < 0)
		return -1;
	mixed = calloc(1, sizeof(*mixed));
	if (!mixed)
		return ctx->fail(ctx, "no memory: %m");
	ctx->priv = mixed;
	mixed->file.fd = -1;
	mixed->random = values[OPTION_SEED].u64;
	mixed->page = mmap(NULL, 2 * DISK_BLOCK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mixed->page == MAP_FAILED) {
		mixed->page = NULL;
		return ctx->fail(ctx, "no memory: %m");
	}
	mixed->block = mixed->page + DISK_BLOCK;
	mixed->block[0] = 0;
	if (values[OPTION_PORT].u64 && get_port(ctx) < 0)
		return -1;
	if (values[OPTION_DISK].u64)
		return ep_disk_file_create(&mixed->file, ctx, values[OPTION_FILE].str, DISK_SIZE,
					   DISK_BLOCK, values[OPTION_SEED].u64);
	return 0;
}

static void mixed_teardown(struct exitprof_context *ctx)
{
	struct mixed *mixed = ctx->priv;

	if (!mixed)
		return;
	if (ctx->values[OPTION_PORT].u64)
		ioperm(PORT, 1, 0);
	if (mixed->page)
		munmap(mixed->page, 2 * DISK_BLOCK);
	if (mixed->file.fd >= 0)
		close(mixed->file.fd);
	free(mixed);
	ctx->priv = NULL;
}

static const char description[] =
	"Several kinds of work in random order, in the shares that its options give; what\n"
	"they leave to 100 % is spent computing. The same seed gives the same order. It is\n"
	"a stand-in for a program that does a bit of everything.\n"
	"\n"
	"cpuid: CPUID on VMX, cpuid on SVM, one exit each. port: IO_INSTRUCTION; io, one\n"
	"exit each. fault: none with nested paging, see page-fault. sleep: HLT and\n"
	"MSR_WRITE; hlt and msr, see idle. disk: see io-heavy. Of CPUID and I/O the exact\n"
	"number is known, and expected and counted must agree.\n"
	"\n"
	"What spoils the figures is what does so for each kind; with a share for the disk\n"
	"on legacy PCI its doorbells are IO_INSTRUCTION, too.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "mixed",
	.summary = "CPUIDs, ports, faults, sleeps, disk reads, in shares as told",
	.description = description,
	.operation = "operation",
	.options = options,
	.exact_causes = 1u << EXITPROF_CAUSE_CPUID | 1u << EXITPROF_CAUSE_IO,
	.setup = mixed_setup,
	.run = mixed_run,
	.teardown = mixed_teardown);
