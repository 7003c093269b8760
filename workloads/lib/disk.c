// SPDX-License-Identifier: GPL-3.0-or-later
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NESTING_MAX 4

struct mount {
	unsigned int major, minor;
	char *type;
	char *source;
	char *options;
};

struct kind {
	const char *name;
	const char *why;
};

static const struct kind file_systems[] = {
	{ "tmpfs", "lives in memory" },
	{ "ramfs", "lives in memory" },
	{ "rootfs", "lives in memory" },
	{ "devtmpfs", "lives in memory" },
	{ "hugetlbfs", "lives in memory" },
	{ "9p", "is a share of another machine, not a disk of this one" },
	{ "nfs", "is a share of another machine, not a disk of this one" },
	{ "nfs4", "is a share of another machine, not a disk of this one" },
	{ "cifs", "is a share of another machine, not a disk of this one" },
	{ "smb3", "is a share of another machine, not a disk of this one" },
	{ "ceph", "is a share of another machine, not a disk of this one" },
	{ "virtiofs", "is a share of another machine, not a disk of this one" },
	{ "vboxsf", "is a share of another machine, not a disk of this one" },
	{ "proc", "is not for files" },
	{ "sysfs", "is not for files" },
	{ NULL },
};

/* By the start of the kernel's name for the block device. */
static const struct kind devices[] = {
	{ "ram", "a disk in memory" },
	{ "zram", "a disk in memory" },
	{ "pmem", "memory that the guest writes to by itself" },
	{ NULL },
};

static void free_line(char **line)
{
	free(*line);
}

static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* proc_pid_mountinfo(5): ID parent M:m root point options [tags...] - type source options */
static bool parse_mount(char *line, uint64_t wanted_id, struct mount *mount)
{
	char *fields = strstr(line, " - ");
	uint64_t id;

	if (sscanf(line, "%" SCNu64 " %*u %u:%u", &id, &mount->major, &mount->minor) != 3)
		return false;
	if (id != wanted_id || !fields)
		return false;
	fields += 3;
	mount->type = strsep(&fields, " \n");
	mount->source = strsep(&fields, " \n");
	mount->options = strsep(&fields, " \n");
	if (!mount->options)
		return false;
	unescape(mount->source);
	return true;
}

/* From /proc: statx() has it since Linux 5.8 only. */
static int find_mount_id(const char *path, uint64_t *ret)
{
	int fd = open(path, O_PATH | O_CLOEXEC), err = -ENODATA;
	char name[64], line[128];
	FILE *file;

	if (fd < 0)
		return -errno;
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	file = fopen(name, "re");
	if (!file)
		err = -EOPNOTSUPP;
	while (file && err && fgets(line, sizeof(line), file))
		if (sscanf(line, "mnt_id: %" SCNu64, ret) == 1)
			err = 0;
	if (file)
		fclose(file);
	close(fd);
	return err;
}

/* The strings in @mount point into *@line, which the caller frees. */
static int find_mount(const char *path, char **line, struct mount *mount)
{
	size_t size = 0;
	bool found = false;
	uint64_t id;
	FILE *file;
	int err = find_mount_id(path, &id);

	if (err)
		return err;
	file = fopen("/proc/self/mountinfo", "re");
	if (!file)
		return -errno;
	while (!found && getline(line, &size, file) > 0)
		found = parse_mount(*line, id, mount);
	fclose(file);
	return found ? 0 : -ENODATA;
}

static bool overlay_upper(char *options, char *ret, size_t size)
{
	char *option;

	while ((option = strsep(&options, ","))) {
		if (strncmp(option, "upperdir=", 9) == 0) {
			unescape(option);
			snprintf(ret, size, "%s", option + 9);
			return true;
		}
	}
	return false;
}

static bool loop_file(const char *name, char *ret, size_t size)
{
	char path[PATH_MAX];
	FILE *file;
	bool found;

	snprintf(path, sizeof(path), "/sys/class/block/%s/loop/backing_file", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	found = fgets(ret, size, file);
	fclose(file);
	if (found)
		ret[strcspn(ret, "\n")] = '\0';
	return found;
}

/* The kernel's name of a block device: "vda1"; false if there is no such device. */
static bool device_name(unsigned int major, unsigned int minor, char *ret, size_t size)
{
	char link[64], target[PATH_MAX];
	const char *name;
	ssize_t length;

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major, minor);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	name = strrchr(target, '/');
	snprintf(ret, size, "%.200s", name ? name + 1 : target);
	return true;
}

static int judge(const char *path, struct ep_disk_verdict *ret, int nesting);

static void judge_below(const char *path, const char *layer, struct ep_disk_verdict *ret,
			int nesting)
{
	struct ep_disk_verdict below;

	ret->disk = EP_DISK_UNCERTAIN;
	snprintf(ret->why, sizeof(ret->why), "what lies below %s cannot be seen from here", layer);
	if (nesting >= NESTING_MAX || judge(path, &below, nesting + 1) < 0)
		return;
	ret->disk = below.disk;
	snprintf(ret->why, sizeof(ret->why), "%s lies on a file system where %.150s", layer,
		 below.why);
}

static void judge_device(const char *name, struct ep_disk_verdict *ret, int nesting)
{
	char path[PATH_MAX];

	for (const struct kind *kind = devices; kind->name; kind++) {
		if (strncmp(name, kind->name, strlen(kind->name)) == 0) {
			ret->disk = EP_DISK_NO;
			snprintf(ret->why, sizeof(ret->why), "%.64s is %s", name, kind->why);
			return;
		}
	}
	ret->disk = EP_DISK_YES;
	if (loop_file(name, path, sizeof(path)))
		judge_below(path, "the file of the loop device", ret, nesting);
}

static int judge(const char *path, struct ep_disk_verdict *ret, int nesting)
{
	__attribute__((cleanup(free_line))) char *line = NULL;
	char upper[PATH_MAX], name[256];
	struct mount mount;
	struct stat status;
	int err;

	memset(ret, 0, sizeof(*ret));
	err = find_mount(path, &line, &mount);
	if (err == -ENOENT || err == -EACCES || err == -ENOTDIR)
		return err;
	if (err) {
		ret->disk = EP_DISK_UNCERTAIN;
		snprintf(ret->why, sizeof(ret->why), "its mount cannot be seen from here");
		return 0;
	}

	for (const struct kind *kind = file_systems; kind->name; kind++) {
		if (strcmp(mount.type, kind->name) == 0) {
			ret->disk = EP_DISK_NO;
			snprintf(ret->why, sizeof(ret->why), "%s %s", mount.type, kind->why);
			return 0;
		}
	}
	if (strncmp(mount.type, "fuse", 4) == 0) {
		ret->disk = EP_DISK_NO;
		snprintf(ret->why, sizeof(ret->why), "%.64s is served by another program",
			 mount.type);
		return 0;
	}
	if (strcmp(mount.type, "overlay") == 0) {
		if (!overlay_upper(mount.options, upper, sizeof(upper))) {
			ret->disk = EP_DISK_NO;
			snprintf(ret->why, sizeof(ret->why), "this overlay is read-only");
			return 0;
		}
		judge_below(upper, "the overlay's upper folder", ret, nesting);
		return 0;
	}

	/* btrfs and its like hide the device behind a number of their own. */
	if (!device_name(mount.major, mount.minor, name, sizeof(name)) &&
	    (stat(mount.source, &status) < 0 || !S_ISBLK(status.st_mode) ||
	     !device_name(major(status.st_rdev), minor(status.st_rdev), name, sizeof(name)))) {
		ret->disk = EP_DISK_UNCERTAIN;
		snprintf(ret->why, sizeof(ret->why), "no block device is known for this %.64s",
			 mount.type);
		return 0;
	}
	judge_device(name, ret, nesting);
	return 0;
}

int ep_disk_judge(const char *path, struct ep_disk_verdict *ret)
{
	return judge(path, ret, 0);
}

static int64_t bytes_written(void)
{
	FILE *file = fopen("/proc/thread-self/io", "re");
	char line[128];
	int64_t bytes = -1;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file) &&
	       sscanf(line, "write_bytes: %" SCNd64, &bytes) != 1)
		;
	fclose(file);
	return bytes;
}

bool ep_disk_reached(int fd, const void *data, unsigned int size)
{
	int64_t before = bytes_written();

	if (before < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		return false;
	return bytes_written() - before >= size;
}

const char *ep_disk_suggest(void)
{
	const char *const folders[] = { "/var/tmp", getenv("HOME"), "/root", "/mnt", "/var" };
	struct ep_disk_verdict verdict;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (folders[i] && access(folders[i], W_OK) == 0 &&
		    ep_disk_judge(folders[i], &verdict) == 0 && verdict.disk == EP_DISK_YES)
			return folders[i];
	}
	return NULL;
}
