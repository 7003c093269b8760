// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"
#include "core/base/scratch_entry.h"

#define WORTH_SIZE 200
#define DIGITS	   "0123456789abcdef"

/* The first line of @path if it has @least characters. */
static bool read_id(const char *path, size_t least, char *ret, int size)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	return file && fgets(ret, size, file) && strspn(ret, DIGITS "-") >= least;
}

const char *ep_scratch_machine(void)
{
	static char machine[EP_SCRATCH_MACHINE + 1];
	uint32_t hash = 2166136261;
	char id[64] = "";

	/* Without one, and in containers, it is the same as long as the kernel runs. */
	if (!machine[0] && !read_id("/etc/machine-id", 32, id, sizeof(id)))
		read_id("/proc/sys/kernel/random/boot_id", 32, id, sizeof(id));
	/* FNV-1a: not to tell the identity to whoever reads the name */
	for (const char *at = id; *at && *at != '\n'; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619;
	if (!machine[0])
		snprintf(machine, sizeof(machine), "%08x", hash);
	return machine;
}

bool ep_scratch_is_mark(const char *name)
{
	size_t length = strlen(name), tail = EP_SCRATCH_EXTRA - 1;
	const char *mark = name + length - tail;

	return name[0] == '.' && length > tail + 1 &&
	       !strncmp(mark, EP_SCRATCH_MARK, strlen(EP_SCRATCH_MARK)) &&
	       strspn(mark + strlen(EP_SCRATCH_MARK), DIGITS) ==
		       EP_SCRATCH_MACHINE + EP_SCRATCH_RANDOM;
}

DIR *ep_scratch_open_folder(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = copy < 0 ? NULL : fdopendir(copy);

	if (!folder)
		ep_cleanup_close(&copy);
	return folder;
}

/* Of the kernel, for getdents64(2): readdir() may not be used in a signal's handler. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* Safe in a signal's handler. */
static void empty(int fd)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct entry))));
	long length;

	lseek(fd, 0, SEEK_SET);
	while ((length = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < length;) {
			const struct entry *entry = (const struct entry *)(buffer + at);

			/* "." and ".." are folders, which this leaves. */
			unlinkat(fd, entry->name, 0);
			at += entry->length;
		}
}

bool ep_scratch_is_same(int parent, const char *name, int fd)
{
	struct stat by_name, by_fd;

	return !fstatat(parent, name, &by_name, AT_SYMLINK_NOFOLLOW) && !fstat(fd, &by_fd) &&
	       by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

bool ep_scratch_has_worth(int fd)
{
	struct stat status;

	if (!fstatat(fd, EP_SCRATCH_COMPLETE, &status, AT_SYMLINK_NOFOLLOW) && status.st_size)
		return true;
	return !fstatat(fd, EP_SCRATCH_WORTH, &status, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(status.st_mode) && status.st_size >= WORTH_SIZE;
}

int ep_scratch_remove_at(int parent, const char *name, int fd)
{
	struct stat status;
	int code = -ENOTEMPTY;

	if (fstat(fd, &status) || !ep_scratch_is_same(parent, name, fd))
		return -ESTALE;
	if (!S_ISDIR(status.st_mode))
		return unlinkat(parent, name, 0) ? -errno : 0;
	/* Not every file system goes on well in a folder that becomes less. */
	for (int i = 0; i < 3 && code == -ENOTEMPTY; i++) {
		empty(fd);
		code = unlinkat(parent, name, AT_REMOVEDIR) ? -errno : 0;
	}
	return code;
}

int ep_scratch_rename_at(int parent, const char *name, const char *to)
{
	struct stat status;

	if (!renameat2(parent, name, parent, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* Not every file system has that; none puts a folder in the place of a full one. */
	if (!fstatat(parent, to, &status, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	if (!renameat(parent, name, parent, to))
		return 0;
	return errno == ENOTEMPTY || errno == ENOTDIR ? -EEXIST : -errno;
}

void ep_scratch_kept_name(const char *name, const char *middle, char ret[EP_SCRATCH_NAME_MAX + 1])
{
	size_t length = strlen(name) - EP_SCRATCH_EXTRA;

	/* Never longer than @name. */
	snprintf(ret, EP_SCRATCH_NAME_MAX + 1, "%.*s%s%s", (int)length, name + 1, middle,
		 name + strlen(name) - EP_SCRATCH_RANDOM);
}
