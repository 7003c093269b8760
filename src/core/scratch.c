// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "scratch.h"

#define MARK	   ".exitprof-"
#define DIGITS	   6
#define TRIES	   100
#define WORTH_SIZE 200

/* Of those that linux/magic.h does not have. */
#define BCACHEFS_MAGIC 0xca451a4e
#define ZFS_MAGIC      0x2fc12fc1

/*
 * What a signal's handler removes, without a look at anything else.
 *
 * @parent: -1 if the slot is free; set last, so that the rest is complete then
 * @kept: the name that it gets if it is worth keeping
 */
static struct slot {
	volatile int parent;
	char name[EP_SCRATCH_NAME_MAX + 1];
	char kept[EP_SCRATCH_NAME_MAX + 1];
} slots[EP_SCRATCH_MAX] = { [0 ... EP_SCRATCH_MAX - 1] = { .parent = -1 } };

static pid_t owner;
static volatile pid_t child;

/* Of the kernel, for getdents64(2): readdir() may not be used in a signal's handler. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

static bool is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Safe in a signal's handler. */
static void empty(int fd)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct entry))));
	long length;

	lseek(fd, 0, SEEK_SET);
	while ((length = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < length;) {
			const struct entry *entry = (const struct entry *)(buffer + at);

			if (!is_dot(entry->name))
				unlinkat(fd, entry->name, 0);
			at += entry->length;
		}
}

/* Likewise. */
static int remove_at(int parent, const char *name)
{
	int fd, code = -ENOTEMPTY;

	if (!unlinkat(parent, name, 0))
		return 0;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Not every file system goes on well in a folder that becomes less. */
	for (int i = 0; i < 3 && code == -ENOTEMPTY; i++) {
		empty(fd);
		code = unlinkat(parent, name, AT_REMOVEDIR) ? -errno : 0;
	}
	close(fd);
	return code;
}

/* Gives what was recorded a name to be seen. Likewise. */
static bool keep_recorded(int parent, const char *name, const char *kept)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	bool worth;

	if (fd < 0)
		return false;
	worth = !fstatat(fd, EP_SCRATCH_WORTH, &status, AT_SYMLINK_NOFOLLOW) &&
		S_ISREG(status.st_mode) && status.st_size >= WORTH_SIZE;
	close(fd);
	return worth && !renameat2(parent, name, parent, kept, RENAME_NOREPLACE);
}

void ep_scratch_abandon(void)
{
	static const struct timespec moment = { .tv_nsec = 10000000 };

	/* A child between fork() and exec() has these handlers, too. */
	if (getpid() != owner)
		return;
	if (child > 0 && !kill(-child, SIGKILL))
		waitpid(child, NULL, 0);
	for (int i = 0; i < EP_SCRATCH_MAX; i++) {
		if (slots[i].parent < 0 ||
		    keep_recorded(slots[i].parent, slots[i].name, slots[i].kept))
			continue;
		/* A child's child may have made a file at the last moment. */
		for (int j = 0; j < TRIES; j++) {
			if (remove_at(slots[i].parent, slots[i].name) != -ENOTEMPTY)
				break;
			nanosleep(&moment, NULL);
		}
	}
}

static void on_end(int number)
{
	ep_scratch_abandon();
	signal(number, SIG_DFL);
	/* It waits until this handler has returned. */
	raise(number);
}

/* Who handles a signal, or ignores it, goes on doing so. */
static void handle_signals(void)
{
	static const int signals[] = { SIGINT,	SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
				       SIGXCPU, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM };

	if (owner == getpid())
		return;
	/* What a parent process has is not ours. */
	for (int i = 0; i < EP_SCRATCH_MAX; i++)
		slots[i].parent = -1;
	child = 0;
	owner = getpid();
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old, action = { .sa_handler = on_end };

		sigfillset(&action.sa_mask);
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
	}
}

void ep_scratch_child(pid_t pid)
{
	child = pid;
}

/* NAME.partial-XXXXXX for .NAME.exitprof-XXXXXX, which is longer. */
static void kept_name(const char *name, char ret[EP_SCRATCH_NAME_MAX + 1])
{
	size_t length = strlen(name) - strlen(MARK) - DIGITS;

	snprintf(ret, EP_SCRATCH_NAME_MAX + 1, "%.*s.partial-%s", (int)length - 1, name + 1,
		 name + strlen(name) - DIGITS);
}

static int take_slot(int parent, const char *name)
{
	for (int i = 0; i < EP_SCRATCH_MAX; i++) {
		if (slots[i].parent >= 0)
			continue;
		strcpy(slots[i].name, name);
		kept_name(name, slots[i].kept);
		slots[i].parent = parent;
		return i;
	}
	return -EMFILE;
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

/* Whether @name in @parent still is what @fd is. */
static bool is_same(int parent, const char *name, int fd)
{
	struct stat by_name, by_fd;

	return !fstatat(parent, name, &by_name, AT_SYMLINK_NOFOLLOW) && !fstat(fd, &by_fd) &&
	       by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

/* The length of NAME in .NAME.exitprof-XXXXXX, 0 if @name is no such name. */
static size_t marked(const char *name)
{
	size_t length = strlen(name), tail = strlen(MARK) + DIGITS;
	const char *digits = name + length - DIGITS;

	if (name[0] != '.' || length < tail + 2 ||
	    strncmp(name + length - tail, MARK, strlen(MARK)) ||
	    strspn(digits, "0123456789abcdefghijklmnopqrstuvwxyz") != DIGITS)
		return 0;
	return length - tail - 1;
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
	_cleanup_closedir_ DIR *folder = NULL;
	const struct dirent *entry;
	struct stat status;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	folder = copy < 0 ? NULL : fdopendir(copy);
	if (!folder && copy >= 0)
		close(copy);
	while (folder && (entry = readdir(folder)))
		if (!is_dot(entry->d_name) &&
		    (!is_made(entry->d_name) ||
		     fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) ||
		     !S_ISREG(status.st_mode)))
			return false;
	return folder;
}

/* @name, which may be one that nobody owns any more, is looked at as it is opened. */
static void sweep_one(int parent, const char *name)
{
	_cleanup_close_ int fd =
		openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char kept[EP_SCRATCH_NAME_MAX + 1];
	struct stat status;

	if (fd < 0 || fstat(fd, &status) || status.st_uid != geteuid())
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) || !is_same(parent, name, fd))
		return;
	if (S_ISREG(status.st_mode))
		unlinkat(parent, name, 0);
	if (!S_ISDIR(status.st_mode) || !holds_only_made(fd))
		return;
	kept_name(name, kept);
	if (!keep_recorded(parent, name, kept))
		remove_at(parent, name);
}

static void sweep(int parent)
{
	_cleanup_closedir_ DIR *folder = NULL;
	const struct dirent *entry;
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	folder = fd < 0 ? NULL : fdopendir(fd);
	if (!folder && fd >= 0)
		close(fd);
	if (!folder || !locks_decide(fd))
		return;
	while ((entry = readdir(folder)))
		if (marked(entry->d_name))
			sweep_one(parent, entry->d_name);
}

static void random_digits(char ret[DIGITS + 1])
{
	unsigned char bytes[DIGITS];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memset(bytes, getpid(), sizeof(bytes));
	for (int i = 0; i < DIGITS; i++)
		ret[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[bytes[i] % 36];
	ret[DIGITS] = '\0';
}

/* Makes and locks it. Returns its descriptor, -EAGAIN to try another name. */
static int make_one(int parent, const char *name, bool folder, mode_t mode)
{
	int fd, code = 0;

	if (folder)
		code = mkdirat(parent, name, mode) ? -errno : 0;
	if (code)
		return code == -EEXIST ? -EAGAIN : code;
	fd = openat(parent, name,
		    O_NOFOLLOW | O_CLOEXEC |
			    (folder ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_EXCL),
		    mode);
	if (fd < 0 && errno == EEXIST)
		return -EAGAIN;
	if (fd < 0) {
		code = -errno;
		if (folder)
			unlinkat(parent, name, AT_REMOVEDIR);
		return code;
	}
	/* Somebody who sweeps may have seen it before it was locked. Some systems have no locks. */
	if ((flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) || !is_same(parent, name, fd)) {
		close(fd);
		return -EAGAIN;
	}
	return fd;
}

/* @folder: the part of the path before the name; @place: what it is for */
static int make(struct ep_scratch *made, const char *folder, const char *place, bool is_folder,
		mode_t mode)
{
	size_t room = EP_SCRATCH_NAME_MAX - 1 - strlen(MARK) - DIGITS;
	size_t before = strlen(folder);
	char digits[DIGITS + 1];
	int code = -EAGAIN;

	for (int i = 0; i < TRIES && code == -EAGAIN; i++) {
		free(made->path);
		random_digits(digits);
		if (asprintf(&made->path, "%s.%.*s" MARK "%s", folder, (int)room, place, digits) <
		    0) {
			made->path = NULL;
			return -ENOMEM;
		}
		made->name = made->path + before;
		code = made->fd = make_one(made->parent, made->name, is_folder, mode);
	}
	if (code < 0)
		return code == -EAGAIN ? -EEXIST : code;
	code = take_slot(made->parent, made->name);
	if (code < 0)
		remove_at(made->parent, made->name);
	made->slot = code;
	return code < 0 ? code : 0;
}

static void release(struct ep_scratch *scratch)
{
	free(scratch->path);
	ep_cleanup_close(&scratch->fd);
	ep_cleanup_close(&scratch->parent);
	*scratch = (struct ep_scratch){};
}

static int create(struct ep_scratch *ret, const char *place, bool is_folder, mode_t mode)
{
	struct ep_scratch made = { .parent = -1, .fd = -1 };
	const char *slash = strrchr(place, '/'), *name = slash ? slash + 1 : place;
	_cleanup_free_ char *folder = strndup(place, name - place);
	sigset_t all, old;
	int code;

	if (!folder)
		return -ENOMEM;
	if (!name[0])
		return -EISDIR;
	made.parent = open(folder[0] ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (made.parent < 0)
		return -errno;
	handle_signals();
	sweep(made.parent);
	/* No signal comes between its making and the slot from which a signal removes it. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	code = make(&made, folder, name, is_folder, mode);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (code) {
		release(&made);
		return code;
	}
	*ret = made;
	return 0;
}

int ep_scratch_file(struct ep_scratch *ret, const char *place)
{
	return create(ret, place, false, 0666);
}

int ep_scratch_folder(struct ep_scratch *ret, const char *place, mode_t mode)
{
	return create(ret, place, true, mode);
}

int ep_scratch_rename(struct ep_scratch *scratch, const char *name, unsigned int flags)
{
	return renameat2(scratch->parent, scratch->name, scratch->parent, name, flags) ? -errno : 0;
}

void ep_scratch_keep(struct ep_scratch *scratch)
{
	if (!scratch->path)
		return;
	slots[scratch->slot].parent = -1;
	release(scratch);
}

char *ep_scratch_keep_recorded(struct ep_scratch *scratch)
{
	const char *kept = scratch->path ? slots[scratch->slot].kept : "";
	char *path;

	if (!scratch->path || !keep_recorded(scratch->parent, scratch->name, kept))
		return NULL;
	if (asprintf(&path, "%.*s%s", (int)(scratch->name - scratch->path), scratch->path, kept) <
	    0)
		path = NULL;
	ep_scratch_keep(scratch);
	return path;
}

void ep_scratch_remove(struct ep_scratch *scratch)
{
	if (!scratch->path)
		return;
	remove_at(scratch->parent, scratch->name);
	ep_scratch_keep(scratch);
}

int ep_scratch_close(FILE *file)
{
	int code = 0;

	/* A write that failed long ago has left its flag, but not its errno. */
	errno = ENOSPC;
	if (ferror(file) || fflush(file))
		code = -errno;
	else if (fsync(fileno(file)) && errno != EINVAL && errno != EROFS)
		code = -errno;
	if (fclose(file) && !code)
		code = -errno;
	return code;
}
