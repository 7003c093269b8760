// SPDX-License-Identifier: GPL-3.0-or-later
/* memory-touch - first touches of memory */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/text.h"

#define HUGE_PAGE (2u << 20)

enum { OPTION_SIZE, OPTION_ROUNDS, OPTION_HUGE };

static const struct exitprof_option options[] = {
	[OPTION_SIZE] = {
		.name = "size",
		.type = EXITPROF_OPTION_SIZE,
		.default_value = "64M",
		.min = 4096,
		.max = 1ull << 50,
		.help = "memory to touch, a byte in each page",
	},
	[OPTION_ROUNDS] = {
		.name = "rounds",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "1",
		.max = UINT64_MAX,
		.help = "how often, given back to the guest in between; 0 goes on until stopped",
	},
	[OPTION_HUGE] = {
		.name = "huge",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "0",
		.max = 1,
		.help = "1 asks the guest for pages of 2 MiB",
	},
	{ NULL },
};

/* @start: within @data, aligned for huge pages */
struct touch {
	char *data;
	size_t data_size;
	char *start;
	size_t size;
};

static int touch_setup(struct exitprof_context *ctx)
{
	bool huge = ctx->values[OPTION_HUGE].u64;
	uint64_t size = ctx->values[OPTION_SIZE].u64;
	uint64_t free_size = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE);
	struct touch *touch;

	/* Beyond that the guest would swap, or kill someone. */
	if (size > free_size / 10 * 9) {
		ctx->hint(ctx, "ask for less with --set size=SIZE");
		return ctx->fail(ctx, "%s are too much: %s are free", ep_text_size(size).text,
				 ep_text_size(free_size).text);
	}
	touch = calloc(1, sizeof(*touch));
	if (!touch)
		return ctx->fail(ctx, "no memory: %m");
	ctx->priv = touch;
	touch->size = size;
	touch->data_size = size + HUGE_PAGE;
	touch->data = mmap(NULL, touch->data_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (touch->data == MAP_FAILED) {
		touch->data = NULL;
		return ctx->fail(ctx, "cannot map %s: %m", ep_text_size(size).text);
	}
	touch->start = (char *)(((uintptr_t)touch->data + HUGE_PAGE - 1) & -(uintptr_t)HUGE_PAGE);
	if (madvise(touch->data, touch->data_size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0 &&
	    huge)
		return ctx->fail(ctx, "this kernel has no pages of 2 MiB: %m");
	return 0;
}

static int touch_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	struct touch *touch = ctx->priv;
	uint64_t rounds = ctx->values[OPTION_ROUNDS].u64;
	size_t step = ctx->values[OPTION_HUGE].u64 ? HUGE_PAGE : (size_t)sysconf(_SC_PAGESIZE);

	for (uint64_t round = 0; !rounds || round < rounds; round++) {
		for (size_t at = 0; at < touch->size; at += step) {
			if (ctx->stopped(ctx))
				return 0;
			*(volatile char *)(touch->start + at) = 1;
			outcome->operations++;
		}
		if (round + 1 != rounds)
			madvise(touch->data, touch->data_size, MADV_DONTNEED);
	}
	return 0;
}

static void touch_teardown(struct exitprof_context *ctx)
{
	struct touch *touch = ctx->priv;

	if (!touch)
		return;
	if (touch->data)
		munmap(touch->data, touch->data_size);
	free(touch);
	ctx->priv = NULL;
}

static const char description[] =
	"Maps memory and writes a byte to each page of it. The guest's kernel gives it a\n"
	"page of guest-physical memory every time, and if nobody has used that page since\n"
	"the VM was created, the host must first back it.\n"
	"\n"
	"On VMX expect EPT_VIOLATION, on SVM npf. One exit may back many pages: 512 where\n"
	"the host uses pages of 2 MiB. With shadow paging expect EXCEPTION_NMI or PF excp,\n"
	"two for every touch, the second and third as well: see page-fault.\n"
	"\n"
	"What spoils the figures: memory that the guest has used before is backed already,\n"
	"and touching it again causes no exit. That is so in every round but the first, in\n"
	"a second run, and in a guest that has been up for long, unless the host has taken\n"
	"memory back by ballooning, free page reporting or swapping. So run it once, soon\n"
	"after boot, with a size that the guest has never used. A time limit ends it\n"
	"earlier; there is no count that could be exact.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "memory-touch",
	.summary = "first touches of memory, which the host must back",
	.description = description,
	.operation = "page touched",
	.options = options,
	.setup = touch_setup,
	.run = touch_run,
	.teardown = touch_teardown);
