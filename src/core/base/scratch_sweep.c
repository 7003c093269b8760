// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "core/base/cleanup.h"
#include "core/base/scratch_entry.h"
#include "core/base/scratch_sweep.h"

/* Of those that linux/magic.h does not have. */
#define BCACHEFS_MAGIC 0xca451a4e
#define ZFS_MAGIC      0x2fc12fc1

static bool is_of_this_machine(const char *name)
{
	const char *machine = name + strlen(name) - EP_SCRATCH_RANDOM - EP_SCRATCH_MACHINE;

	return !strncmp(machine, ep_scratch_machine(), EP_SCRATCH_MACHINE);
}

/* Where every lock is the one kernel's, one that nobody holds says that its owner is gone. */
static bool locks_decide(int fd)
{
	static const uint32_t types[] = {
		EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,	 BTRFS_SUPER_MAGIC, TMPFS_MAGIC,
		F2FS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, BCACHEFS_MAGIC,    ZFS_MAGIC,
	};
	struct statfs status;

	if (fstatfs(fd, &status))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((uint32_t)status.f_type == types[i])
			return true;
	return false;
}

/* What exitprof, or a program that it runs, has in a folder while it makes that. */
static bool is_made(const char *name)
{
	static const char *const endings[] = { ".csv", ".json", ".svg", ".png", ".pdf", ".txt" };
	const char *dot = strrchr(name, '.');

	/* sed -i, by which a chart gets its title. */
	if (!strncmp(name, "sed", 3) && !dot)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (dot && !strcmp(dot, endings[i]))
			return true;
	return false;
}

/* No folder, no link, nothing that somebody else may have put there. */
static bool holds_only_made(int fd)
{
	_cleanup_closedir_ DIR *folder = ep_scratch_open_folder(fd);
	const struct dirent *entry;
	struct stat status;

	while (folder && (entry = readdir(folder))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (!is_made(entry->d_name) ||
		    fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(status.st_mode))
			return false;
	}
	return folder;
}

static void sweep_one(int parent, const char *name)
{
	_cleanup_close_ int fd =
		openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char kept[EP_SCRATCH_NAME_MAX + 1];
	struct stat status;

	if (fd < 0 || fstat(fd, &status) || status.st_uid != geteuid() ||
	    flock(fd, LOCK_EX | LOCK_NB))
		return;
	if (S_ISDIR(status.st_mode) && !holds_only_made(fd))
		return;
	if (!S_ISDIR(status.st_mode) || !ep_scratch_has_worth(fd)) {
		ep_scratch_remove_at(parent, name, fd);
		return;
	}
	ep_scratch_kept_name(name, ".partial-", kept);
	if (ep_scratch_is_same(parent, name, fd))
		ep_scratch_rename_at(parent, name, kept);
}

void ep_scratch_sweep(int fd)
{
	_cleanup_closedir_ DIR *folder = locks_decide(fd) ? ep_scratch_open_folder(fd) : NULL;
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (ep_scratch_is_mark(entry->d_name) && is_of_this_machine(entry->d_name))
			sweep_one(fd, entry->d_name);
}
