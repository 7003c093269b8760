// SPDX-License-Identifier: GPL-3.0-or-later
/* io-heavy - random reads and writes that reach the disk */
#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/disk_file.h"
#include "lib/options.h"
#include "lib/random.h"
#include "lib/text.h"

enum {
	OPTION_FILE,
	OPTION_SIZE,
	OPTION_BLOCK,
	OPTION_READ,
	OPTION_DEPTH,
	OPTION_FSYNC,
	OPTION_COUNT,
	OPTION_SEED,
};

static const struct exitprof_option options[] = {
	[OPTION_FILE] = {
		.name = "file",
		.type = EXITPROF_OPTION_STRING,
		.default_value = ".",
		.help = "folder for the file, on a disk; the file has no name and goes by itself",
	},
	[OPTION_SIZE] = {
		.name = "size",
		.type = EXITPROF_OPTION_SIZE,
		.default_value = "64M",
		.min = 4096,
		.max = 1ull << 50,
		.help = "size of the file",
	},
	[OPTION_BLOCK] = {
		.name = "block",
		.type = EXITPROF_OPTION_SIZE,
		.default_value = "4k",
		.min = 512,
		.max = 16 << 20,
		.help = "bytes in one read or write",
	},
	[OPTION_READ] = EP_OPTION_SHARE("read", "70%", "share of reads, the others are writes"),
	[OPTION_DEPTH] = {
		.name = "depth",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "8",
		.min = 1,
		.max = 1024,
		.help = "how many are under way at once; 1 uses pread and pwrite, more io_uring",
	},
	[OPTION_FSYNC] = {
		.name = "fsync",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "32",
		.max = UINT32_MAX,
		.help = "one fsync after so many writes; 0 is never",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("reads and writes in all"),
	[OPTION_SEED] = EP_OPTION_SEED,
	{ NULL },
};

enum slot_kind { SLOT_READ, SLOT_WRITE, SLOT_FSYNC };

/* One request under way, and its place in the buffer. */
struct slot {
	enum slot_kind kind;
	uint64_t offset;
	void *data;
};

struct io_heavy {
	struct ep_disk_file file;
	struct io_uring ring;
	bool ring_made;
	bool fsync_due;
	unsigned int depth;
	unsigned int idle_slots;
	struct slot *slots;
	struct slot **idle;
	char *data;
	size_t data_size;
	uint64_t block, blocks, read_share, fsync_every, count;
	uint64_t random, started, writes;
};

static uint64_t next_below(struct io_heavy *io, uint64_t bound)
{
	return (unsigned __int128)ep_random_next(&io->random) * bound >> 64;
}

/* What @slot does next. The order depends on the seed alone. */
static void choose(struct io_heavy *io, struct slot *slot)
{
	if (io->fsync_due) {
		io->fsync_due = false;
		slot->kind = SLOT_FSYNC;
		return;
	}
	slot->kind = next_below(io, 100) < io->read_share ? SLOT_READ : SLOT_WRITE;
	slot->offset = next_below(io, io->blocks) * io->block;
	io->started++;
	if (slot->kind == SLOT_WRITE && io->fsync_every && ++io->writes % io->fsync_every == 0)
		io->fsync_due = true;
}

static bool more_to_do(const struct io_heavy *io, const struct exitprof_context *ctx)
{
	if (ctx->stopped(ctx))
		return false;
	return io->fsync_due || !io->count || io->started < io->count;
}

static int fail_request(struct exitprof_context *ctx, const struct io_heavy *io,
			const struct slot *slot, int64_t result)
{
	static const char *const verbs[] = { "read", "write", "fsync" };

	if (result >= 0)
		return ctx->fail(ctx, "short %s at offset %llu: %lld of %llu bytes",
				 verbs[slot->kind], (unsigned long long)slot->offset,
				 (long long)result, (unsigned long long)io->block);
	if (result == -ENOSPC || result == -EDQUOT)
		ctx->hint(ctx, "this file system writes every block anew; leave some room on it");
	else
		ctx->hint(ctx, "the kernel log may tell more: dmesg | tail");
	errno = -result;
	return ctx->fail(ctx, "%s at offset %llu: %m", verbs[slot->kind],
			 (unsigned long long)slot->offset);
}

static int64_t do_one(const struct io_heavy *io, const struct slot *slot)
{
	ssize_t result;

	do {
		if (slot->kind == SLOT_READ)
			result = pread(io->file.fd, slot->data, io->block, slot->offset);
		else if (slot->kind == SLOT_WRITE)
			result = pwrite(io->file.fd, slot->data, io->block, slot->offset);
		else
			result = fsync(io->file.fd);
	} while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

static int run_one_by_one(struct io_heavy *io, struct exitprof_context *ctx, uint64_t *operations)
{
	struct slot *slot = &io->slots[0];

	while (more_to_do(io, ctx)) {
		int64_t result;

		choose(io, slot);
		result = do_one(io, slot);
		if (result != (slot->kind == SLOT_FSYNC ? 0 : (int64_t)io->block))
			return fail_request(ctx, io, slot, result);
		*operations += slot->kind != SLOT_FSYNC;
	}
	return 0;
}

static void queue(struct io_heavy *io, struct slot *slot)
{
	/* Never NULL: the ring has as many entries as there are slots. */
	struct io_uring_sqe *sqe = io_uring_get_sqe(&io->ring);

	if (slot->kind == SLOT_READ)
		io_uring_prep_read(sqe, io->file.fd, slot->data, io->block, slot->offset);
	else if (slot->kind == SLOT_WRITE)
		io_uring_prep_write(sqe, io->file.fd, slot->data, io->block, slot->offset);
	else
		io_uring_prep_fsync(sqe, io->file.fd, 0);
	io_uring_sqe_set_data(sqe, slot);
}

struct failure {
	bool happened;
	struct slot slot;
	int64_t result;
};

/*
 * Takes in what is done and keeps the first failure. Requests that the kernel
 * merely put off are queued again.
 */
static void reap(struct io_heavy *io, uint64_t *operations, struct failure *failure)
{
	struct io_uring_cqe *cqe;

	while (io_uring_peek_cqe(&io->ring, &cqe) == 0) {
		struct slot *slot = io_uring_cqe_get_data(cqe);
		int64_t res = cqe->res;

		io_uring_cqe_seen(&io->ring, cqe);
		if (res == -EAGAIN || res == -EINTR) {
			queue(io, slot);
			continue;
		}
		io->idle[io->idle_slots++] = slot;
		if (res == (slot->kind == SLOT_FSYNC ? 0 : (int64_t)io->block)) {
			*operations += slot->kind != SLOT_FSYNC;
		} else if (!failure->happened) {
			*failure = (struct failure){ true, *slot, res };
		}
	}
}

static int run_deep(struct io_heavy *io, struct exitprof_context *ctx, uint64_t *operations)
{
	struct failure failure = { false };

	for (;;) {
		int err;

		while (io->idle_slots && !failure.happened && more_to_do(io, ctx)) {
			struct slot *slot = io->idle[--io->idle_slots];

			choose(io, slot);
			queue(io, slot);
		}
		/* Also at the end: the kernel still writes into the buffers. */
		if (io->idle_slots == io->depth)
			break;
		err = io_uring_submit_and_wait(&io->ring, 1);
		if (err < 0 && err != -EINTR && err != -EAGAIN && err != -EBUSY) {
			errno = -err;
			return ctx->fail(ctx, "io_uring refuses to go on: %m");
		}
		reap(io, operations, &failure);
	}
	return failure.happened ? fail_request(ctx, io, &failure.slot, failure.result) : 0;
}

static int io_heavy_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	struct io_heavy *io = ctx->priv;

	if (io->ring_made)
		return run_deep(io, ctx, &outcome->operations);
	return run_one_by_one(io, ctx, &outcome->operations);
}

static int make_buffers(struct io_heavy *io, struct exitprof_context *ctx, uint64_t seed)
{
	uint64_t align = io->file.memory_align > 4096 ? io->file.memory_align : 4096;
	uint64_t stride = (io->block + align - 1) / align * align;
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	io->data_size = stride * io->depth + align;
	if (io->data_size > memory / 2) {
		ctx->hint(ctx, "ask for a smaller block or depth");
		return ctx->fail(ctx, "%u blocks of %s are more than half of this machine's memory",
				 io->depth, ep_text_size(io->block).text);
	}
	io->slots = calloc(io->depth, sizeof(*io->slots));
	io->idle = calloc(io->depth, sizeof(struct slot *));
	io->data = mmap(NULL, io->data_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	if (io->data == MAP_FAILED)
		io->data = NULL;
	if (!io->slots || !io->idle || !io->data)
		return ctx->fail(ctx, "no memory for %u blocks of %s", io->depth,
				 ep_text_size(io->block).text);

	/* Also touches every page, so that run() faults on none. */
	ep_disk_file_noise(io->data, io->data_size, seed);
	for (unsigned int i = 0; i < io->depth; i++) {
		uintptr_t start = ((uintptr_t)io->data + align - 1) / align * align;

		io->slots[i].data = (void *)(start + i * stride);
		io->idle[io->idle_slots++] = &io->slots[io->depth - 1 - i];
	}
	return 0;
}

static void make_ring(struct io_heavy *io)
{
	static bool said;
	int err = io_uring_queue_init(io->depth, &io->ring, 0);

	io->ring_made = err == 0;
	if (err && !said) {
		said = true;
		errno = -err;
		fprintf(stderr,
			"io-heavy: io_uring is not available here (%m): requests go one at a "
			"time, as with --set depth=1\n");
	}
}

static int io_heavy_setup(struct exitprof_context *ctx)
{
	const union exitprof_value *values = ctx->values;
	uint64_t size = values[OPTION_SIZE].u64;
	uint64_t seed = values[OPTION_SEED].u64;
	struct io_heavy *io;

	io = calloc(1, sizeof(*io));
	if (!io)
		return ctx->fail(ctx, "no memory: %m");
	ctx->priv = io;
	io->file.fd = -1;
	io->depth = values[OPTION_DEPTH].u64;
	io->block = values[OPTION_BLOCK].u64;
	io->blocks = size / io->block;
	io->read_share = values[OPTION_READ].u64;
	io->fsync_every = values[OPTION_FSYNC].u64;
	io->count = values[OPTION_COUNT].u64;
	io->random = seed;
	if (!io->blocks) {
		ctx->hint(ctx, "ask for a larger file with --set size=SIZE");
		return ctx->fail(ctx, "a file of %s holds no block of %s", ep_text_size(size).text,
				 ep_text_size(io->block).text);
	}
	if (ep_disk_file_create(&io->file, ctx, values[OPTION_FILE].str, io->blocks * io->block,
				io->block, seed) < 0)
		return -1;
	if (make_buffers(io, ctx, seed) < 0)
		return -1;
	if (io->depth > 1)
		make_ring(io);
	return 0;
}

static void io_heavy_teardown(struct exitprof_context *ctx)
{
	struct io_heavy *io = ctx->priv;

	if (!io)
		return;
	if (io->ring_made)
		io_uring_queue_exit(&io->ring);
	if (io->data)
		munmap(io->data, io->data_size);
	if (io->file.fd >= 0)
		close(io->file.fd);
	free(io->idle);
	free(io->slots);
	free(io);
	ctx->priv = NULL;
}

static const char description[] =
	"Reads and writes blocks of a file in random order, past the page cache\n"
	"(O_DIRECT), several at once through io_uring, with an fsync after every few\n"
	"writes. The file is filled beforehand, has no name, and is gone whatever ends\n"
	"the run.\n"
	"\n"
	"With a virtio disk every request rings a doorbell and is answered by an\n"
	"interrupt. On VMX expect EPT_MISCONFIG for the doorbell (virtio over MMIO and\n"
	"modern PCI) or IO_INSTRUCTION (legacy PCI), then EXTERNAL_INTERRUPT, HLT while\n"
	"the guest waits, and MSR_WRITE or EOI_INDUCED for timer and end of interrupt.\n"
	"On SVM the same appear as npf, io, interrupt, vintr, hlt and msr. Emulated\n"
	"disks (IDE, AHCI) take many more exits for each request. Exits per operation\n"
	"fall with a greater depth, since one doorbell then serves several requests.\n"
	"\n"
	"What spoils the figures: other users of the disk; a host that answers from its\n"
	"page cache, which shortens the wait and so the HLTs; a disk that waits for no\n"
	"doorbell because the host polls. Memory file systems and network shares are\n"
	"refused, for nothing there reaches a disk.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "io-heavy",
	.summary = "random reads and writes on a disk, with fsync",
	.description = description,
	.operation = "read or write",
	.options = options,
	.setup = io_heavy_setup,
	.run = io_heavy_run,
	.teardown = io_heavy_teardown);
