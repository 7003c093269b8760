// SPDX-License-Identifier: GPL-3.0-or-later
/* Probes that touch memory: pages that the host has given already, and new ones. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include "bench/probes.h"

#define PAGE_SIZE  4096
#define TOUCH_MAX  (UINT64_C(64) << 20)
#define TOUCH_PART 8

struct region {
	volatile char *start;
	uint64_t size;
	uint64_t next;
};

static int map(struct ep_bench *bench, uint64_t size)
{
	struct region *region = calloc(1, sizeof(*region));
	void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!region || start == MAP_FAILED) {
		free(region);
		return ep_bench_skip(bench, "out of memory");
	}
	/* One fault a page: else the kernel would give 2 MiB for the first. */
	madvise(start, size, MADV_NOHUGEPAGE);
	*region = (struct region){ .start = start, .size = size };
	bench->priv = region;
	return 0;
}

static void unmap(struct ep_bench *bench)
{
	struct region *region = bench->priv;

	munmap((void *)region->start, region->size);
	free(region);
}

static int map_page(struct ep_bench *bench)
{
	return map(bench, PAGE_SIZE);
}

/* The page just freed is the one that the kernel gives again. */
static void touch_again(struct ep_bench *bench)
{
	struct region *region = bench->priv;

	madvise((void *)region->start, PAGE_SIZE, MADV_DONTNEED);
	*region->start = 1;
}

const struct ep_probe ep_probe_fault = {
	.name = "fault",
	.operation = "page fault",
	.summary = "a page given back and touched again: no exit with EPT or nested paging",
	.vmx = 0,
	.svm = 0x4e,
	.setup = map_page,
	.once = touch_again,
	.teardown = unmap,
};

/* Not so much that the guest would miss it. */
static int map_new(struct ep_bench *bench)
{
	struct sysinfo info;
	uint64_t size = TOUCH_MAX;

	if (!sysinfo(&info) && (uint64_t)info.freeram * info.mem_unit / TOUCH_PART < size)
		size = (uint64_t)info.freeram * info.mem_unit / TOUCH_PART;
	size -= size % PAGE_SIZE;
	if (!size)
		return ep_bench_skip(bench, "there is no free memory");
	bench->limit = size / PAGE_SIZE;
	return map(bench, size);
}

static void touch_next(struct ep_bench *bench)
{
	struct region *region = bench->priv;

	region->start[region->next] = 1;
	region->next += PAGE_SIZE;
}

const struct ep_probe ep_probe_touch = {
	.name = "touch",
	.operation = "first touch of a page",
	.summary = "new memory, with the page fault; exits only where the VM never used it",
	.vmx = 48,
	.svm = 0x400,
	.setup = map_new,
	.once = touch_next,
	.teardown = unmap,
};
