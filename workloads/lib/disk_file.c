// SPDX-License-Identifier: GPL-3.0-or-later
#include "disk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "disk.h"
#include "text.h"

/* Large enough to be quick, small enough for a guest of 128 MiB. */
#define CHUNK (1u << 20)

void ep_disk_file_noise(void *buffer, uint64_t size, uint64_t seed)
{
	uint64_t *words = buffer, state = seed;

	for (uint64_t i = 0; i < size / sizeof(*words); i++) {
		state += 0x9e3779b97f4a7c15u;
		words[i] = (state ^ state >> 29) * 0xbf58476d1ce4e5b9u;
	}
}

static void hint_elsewhere(struct exitprof_context *ctx)
{
	const char *folder = ep_disk_suggest();

	if (folder)
		ctx->hint(ctx, "use a folder on a disk, such as --set file=%s", folder);
	else
		ctx->hint(ctx, "mount a disk and name a folder on it with --set file=FOLDER");
}

static int fail_no_room(struct exitprof_context *ctx, const char *folder, uint64_t size)
{
	struct statvfs status;

	ctx->hint(ctx, "ask for less with --set size=SIZE, or name a folder on another disk with "
		       "--set file=FOLDER");
	if (statvfs(folder, &status) < 0)
		return ctx->fail(ctx, "no room for a file of %s in '%s'", ep_text_size(size).text,
				 folder);
	return ctx->fail(ctx, "no room for a file of %s in '%s': %s are free",
			 ep_text_size(size).text, folder,
			 ep_text_size((uint64_t)status.f_bavail * status.f_frsize).text);
}

/* The folder itself, or the one that holds a name which is not there yet. */
static int find_folder(struct exitprof_context *ctx, const char *path, char *ret, size_t size)
{
	struct stat status;
	char *slash;

	if ((size_t)snprintf(ret, size, "%s", *path ? path : ".") >= size)
		return ctx->fail(ctx, "'%s': the path is too long", path);
	if (stat(ret, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return 0;
		ctx->hint(ctx, "name a folder, or a file that does not exist");
		return ctx->fail(ctx, "'%s' exists, and io-heavy overwrites nothing", path);
	}
	if (errno == ENOENT) {
		slash = strrchr(ret, '/');
		if (!slash)
			snprintf(ret, size, ".");
		else
			slash[slash == ret] = '\0';
		if (stat(ret, &status) == 0 && S_ISDIR(status.st_mode))
			return 0;
	}
	ctx->fail(ctx, "cannot use '%s': %m", path);
	ctx->hint(ctx, "name an existing folder with --set file=FOLDER");
	return -1;
}

/* With a name for a moment, for file systems that know no O_TMPFILE. */
static int open_unlinked(const char *folder)
{
	char name[PATH_MAX];
	sigset_t all, old;
	int fd, err;

	if ((size_t)snprintf(name, sizeof(name), "%s/.io-heavy-XXXXXX", folder) >= sizeof(name))
		return -ENAMETOOLONG;
	/* No signal may end us while the file has a name. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	fd = mkostemp(name, O_DIRECT | O_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	/* Some create the file first and refuse O_DIRECT then; no such name is no error. */
	unlink(name);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err ? err : fd;
}

static int open_nameless(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL)
		return open_unlinked(folder);
	return -errno;
}

static void ask_alignment(struct ep_disk_file *file)
{
	struct stat status;
#ifdef STATX_DIOALIGN
	struct statx more;

	if (statx(file->fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &more) == 0 &&
	    more.stx_mask & STATX_DIOALIGN && more.stx_dio_offset_align) {
		file->memory_align = more.stx_dio_mem_align;
		file->offset_align = more.stx_dio_offset_align;
		return;
	}
#endif
	file->memory_align = 4096;
	file->offset_align = 512;
	if (fstat(file->fd, &status) == 0 && status.st_blksize > 0 && status.st_blksize <= CHUNK)
		file->memory_align = status.st_blksize;
}

static int reserve(int fd, uint64_t size)
{
	struct rlimit limit;

	/* Past the limit the kernel sends SIGXFSZ, which nobody expects. */
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size)
		return -EFBIG;
	while (fallocate(fd, 0, 0, size) < 0) {
		if (errno == EOPNOTSUPP)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int write_all(int fd, const char *data, uint64_t size, uint64_t offset)
{
	while (size) {
		ssize_t written = pwrite(fd, data, size, offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		data += written;
		size -= written;
		offset += written;
	}
	return 0;
}

/*
 * A block that is merely reserved reads as zeros without a look at the disk, and
 * its first write changes the file's map: so write them all now.
 */
static int fill(const struct ep_disk_file *file, struct exitprof_context *ctx, char *chunk,
		uint64_t size, uint64_t seed)
{
	for (uint64_t offset = 0; offset < size; offset += CHUNK) {
		uint64_t length = size - offset < CHUNK ? size - offset : CHUNK;
		int err;

		if (ctx->stopped(ctx))
			return -EINTR;
		ep_disk_file_noise(chunk, length, seed + offset);
		err = write_all(file->fd, chunk, length, offset);
		if (err)
			return err;
	}
	return fsync(file->fd) < 0 ? -errno : 0;
}

static int check_room(struct exitprof_context *ctx, const char *folder, uint64_t size)
{
	struct statvfs status;

	/* Before it is tried: others want to write to a disk meanwhile. */
	if (statvfs(folder, &status) == 0 && status.f_blocks &&
	    size / status.f_frsize >= status.f_bavail)
		return fail_no_room(ctx, folder, size);
	return 0;
}

static int check_disk(struct exitprof_context *ctx, const char *folder,
		      struct ep_disk_verdict *verdict)
{
	int err = ep_disk_judge(folder, verdict);

	if (err) {
		errno = -err;
		return ctx->fail(ctx, "cannot look at '%s': %m", folder);
	}
	if (verdict->disk != EP_DISK_NO)
		return 0;
	hint_elsewhere(ctx);
	return ctx->fail(ctx, "'%s' is no place for disk I/O: %s", folder, verdict->why);
}

static int fail_open(struct exitprof_context *ctx, const char *folder, int err)
{
	if (err == -EINVAL) {
		hint_elsewhere(ctx);
		return ctx->fail(ctx,
				 "the file system of '%s' has no O_DIRECT: reads and writes "
				 "would stay in memory",
				 folder);
	}
	if (err == -ENOSPC || err == -EDQUOT)
		return fail_no_room(ctx, folder, 0);
	errno = -err;
	ctx->fail(ctx, "cannot create a file in '%s': %m", folder);
	hint_elsewhere(ctx);
	return -1;
}

static int fill_checked(const struct ep_disk_file *file, struct exitprof_context *ctx,
			const char *folder, const struct ep_disk_verdict *verdict, uint64_t size,
			uint64_t seed)
{
	void *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool reached = true;
	int err;

	if (chunk == MAP_FAILED)
		return ctx->fail(ctx, "no memory to fill the file: %m");
	err = reserve(file->fd, size);
	if (!err && verdict->disk == EP_DISK_UNCERTAIN) {
		ep_disk_file_noise(chunk, CHUNK, seed);
		reached = ep_disk_reached(file->fd, chunk, size < CHUNK ? size : CHUNK);
	}
	if (!err && reached)
		err = fill(file, ctx, chunk, size, seed);
	munmap(chunk, CHUNK);

	if (!reached) {
		hint_elsewhere(ctx);
		return ctx->fail(ctx, "'%s' is no place for disk I/O: %s, and writes reach no disk",
				 folder, verdict->why);
	}
	if (err == -ENOSPC || err == -EDQUOT)
		return fail_no_room(ctx, folder, size);
	if (err == -EFBIG) {
		ctx->hint(ctx, "ask for less with --set size=SIZE, and see ulimit -f");
		return ctx->fail(ctx,
				 "a file of %s is larger than '%s' or this user's limit allows",
				 ep_text_size(size).text, folder);
	}
	if (err == -EINTR)
		return ctx->fail(ctx, "stopped while the file was being filled");
	if (err) {
		errno = -err;
		return ctx->fail(ctx, "cannot fill the file in '%s': %m", folder);
	}
	return 0;
}

int ep_disk_file_create(struct ep_disk_file *ret, struct exitprof_context *ctx, const char *path,
			uint64_t size, uint64_t block, uint64_t seed)
{
	struct ep_disk_file file = { .fd = -1 };
	struct ep_disk_verdict verdict;
	char folder[PATH_MAX];
	int err;

	err = find_folder(ctx, path, folder, sizeof(folder));
	if (!err)
		err = check_disk(ctx, folder, &verdict);
	if (!err)
		err = check_room(ctx, folder, size);
	if (err)
		return err;
	file.fd = open_nameless(folder);
	if (file.fd < 0)
		return fail_open(ctx, folder, file.fd);
	ask_alignment(&file);
	if (block % file.offset_align) {
		ctx->hint(ctx, "use --set block=%u or a multiple of it", file.offset_align);
		err = ctx->fail(ctx,
				"a block of %s does not fit the disk below '%s', which wants "
				"multiples of %u bytes",
				ep_text_size(block).text, folder, file.offset_align);
	}
	if (!err)
		err = fill_checked(&file, ctx, folder, &verdict, size, seed);
	if (err) {
		close(file.fd);
		return err;
	}
	*ret = file;
	return 0;
}
