// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/scratch.h"
#include "core/base/scratch_entry.h"
#include "core/base/scratch_sweep.h"

#define TRIES 100

/*
 * What a signal's handler removes.
 *
 * @used: set last, so that the rest is complete then
 * @kept: the name that it gets if it is worth keeping
 */
static struct slot {
	volatile sig_atomic_t used;
	int parent;
	int fd;
	char name[EP_SCRATCH_NAME_MAX + 1];
	char kept[EP_SCRATCH_NAME_MAX + 1];
} slots[EP_SCRATCH_MAX];

static pid_t owner;
static volatile pid_t child;

static void abandon(struct slot *slot)
{
	static const struct timespec moment = { .tv_nsec = 10000000 };

	if (ep_scratch_has_worth(slot->fd)) {
		if (ep_scratch_is_same(slot->parent, slot->name, slot->fd))
			ep_scratch_rename_at(slot->parent, slot->name, slot->kept);
		return;
	}
	/* A child's child may have made a file at the last moment. */
	for (int i = 0; i < TRIES; i++) {
		if (ep_scratch_remove_at(slot->parent, slot->name, slot->fd) != -ENOTEMPTY)
			return;
		nanosleep(&moment, NULL);
	}
}

void ep_scratch_abandon(void)
{
	/* A child between fork() and exec() has these handlers, too. */
	if (getpid() != owner)
		return;
	if (child > 0 && !kill(-child, SIGKILL))
		waitpid(child, NULL, 0);
	for (int i = 0; i < EP_SCRATCH_MAX; i++)
		if (slots[i].used)
			abandon(&slots[i]);
}

static void on_end(int number)
{
	ep_scratch_abandon();
	signal(number, SIG_DFL);
	/* It waits until this handler has returned. */
	raise(number);
}

/* What ends a process unless it says otherwise. */
static bool ends(int number)
{
	static const int harmless[] = { SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, SIGTSTP,
					SIGTTIN, SIGTTOU, SIGURG,  SIGWINCH };

	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (number == harmless[i])
			return false;
	return true;
}

/* Who handles a signal, or ignores it, goes on doing so. */
static void handle_signals(void)
{
	struct sigaction old, action = { .sa_handler = on_end };

	sigfillset(&action.sa_mask);
	for (int number = 1; number <= SIGRTMAX; number++)
		if (ends(number) && !sigaction(number, NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(number, &action, NULL);
	if (owner == getpid())
		return;
	/* What a parent process has is not ours. */
	for (int i = 0; i < EP_SCRATCH_MAX; i++)
		slots[i].used = false;
	child = 0;
	owner = getpid();
}

void ep_scratch_child(pid_t pid)
{
	child = pid;
}

static int take_slot(const struct ep_scratch *made)
{
	for (int i = 0; i < EP_SCRATCH_MAX; i++) {
		if (slots[i].used)
			continue;
		slots[i].parent = made->parent;
		slots[i].fd = made->fd;
		strcpy(slots[i].name, made->name);
		ep_scratch_kept_name(made->name, ".partial-", slots[i].kept);
		slots[i].used = true;
		return i;
	}
	return -EMFILE;
}

/* Makes and locks it. Returns its descriptor, -EAGAIN to try another name. */
static int make_one(int parent, const char *name, bool folder, mode_t mode)
{
	int flags = O_NOFOLLOW | O_CLOEXEC |
		    (folder ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_EXCL);
	int fd, code;

	if (folder && mkdirat(parent, name, mode))
		return errno == EEXIST ? -EAGAIN : -errno;
	fd = openat(parent, name, flags, mode);
	code = fd < 0 ? -errno : 0;
	/* Somebody who sweeps may have seen it before it is locked, and removed it. */
	if (code == -EEXIST || (folder && code == -ENOENT))
		return -EAGAIN;
	if (code) {
		if (folder)
			unlinkat(parent, name, AT_REMOVEDIR);
		return code;
	}
	/* Some file systems have no locks. */
	if ((flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) ||
	    !ep_scratch_is_same(parent, name, fd)) {
		close(fd);
		return -EAGAIN;
	}
	return fd;
}

static uint32_t random_number(void)
{
	uint32_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = time(NULL) * 7919 + getpid();
	return number;
}

/* @folder: the part of the path before the name; @place: what it is for */
static int make(struct ep_scratch *made, const char *folder, const char *place, bool is_folder,
		mode_t mode)
{
	int room = EP_SCRATCH_NAME_MAX - EP_SCRATCH_EXTRA;
	int code = -EAGAIN;

	for (int i = 0; i < TRIES && code == -EAGAIN; i++) {
		free(made->path);
		if (asprintf(&made->path, "%s.%.*s" EP_SCRATCH_MARK "%s%08x", folder, room, place,
			     ep_scratch_machine(), random_number()) < 0) {
			made->path = NULL;
			return -ENOMEM;
		}
		made->name = made->path + strlen(folder);
		code = made->fd = make_one(made->parent, made->name, is_folder, mode);
	}
	if (code < 0)
		return code == -EAGAIN ? -EEXIST : code;
	code = take_slot(made);
	if (code < 0)
		ep_scratch_remove_at(made->parent, made->name, made->fd);
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

/* It is no scratch any more. */
static void forget(struct ep_scratch *scratch)
{
	slots[scratch->slot].used = false;
	release(scratch);
}

static void block_signals(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, old);
}

static int create(struct ep_scratch *ret, const char *place, bool is_folder, mode_t mode)
{
	struct ep_scratch made = { .parent = -1, .fd = -1 };
	const char *slash = strrchr(place, '/'), *name = slash ? slash + 1 : place;
	_cleanup_free_ char *folder = strndup(place, name - place);
	sigset_t old;
	int code;

	if (!folder)
		return -ENOMEM;
	if (!name[0])
		return -EISDIR;
	made.parent = open(folder[0] ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (made.parent < 0)
		return -errno;
	handle_signals();
	ep_scratch_sweep(made.parent);
	/* No signal comes between its making and the slot from which a signal removes it. */
	block_signals(&old);
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

int ep_scratch_rename(struct ep_scratch *scratch, const char *name)
{
	if (!ep_scratch_is_same(scratch->parent, scratch->name, scratch->fd))
		return -ESTALE;
	if (renameat(scratch->parent, scratch->name, scratch->parent, name))
		return -errno;
	forget(scratch);
	return 0;
}

int ep_scratch_rename_new(struct ep_scratch *scratch, const char *name)
{
	int code = -ESTALE;

	if (ep_scratch_is_same(scratch->parent, scratch->name, scratch->fd))
		code = ep_scratch_rename_at(scratch->parent, scratch->name, name);
	if (!code)
		forget(scratch);
	return code;
}

/*
 * Not every file system can exchange two names: then there is a moment without. Who is
 * killed then leaves what had the name @name as NAME.earlier-RRRRRRRR.
 */
static int exchange_slowly(int parent, const char *scratch, const char *name, int fd)
{
	char kept[EP_SCRATCH_NAME_MAX + 1];
	int code;

	ep_scratch_kept_name(scratch, ".earlier-", kept);
	code = ep_scratch_rename_at(parent, name, kept);
	if (code)
		return code;
	code = ep_scratch_is_same(parent, kept, fd) ? ep_scratch_rename_at(parent, scratch, name)
						    : -EEXIST;
	/* If somebody's has that name by now, theirs stays, too. */
	if (code)
		ep_scratch_rename_at(parent, kept, name);
	else
		ep_scratch_rename_at(parent, kept, scratch);
	return code;
}

/* -EEXIST if what has the name @name is not what @fd is. */
static int exchange_names(int parent, const char *scratch, const char *name, int fd)
{
	if (!ep_scratch_is_same(parent, name, fd))
		return -EEXIST;
	if (renameat2(parent, scratch, parent, name, RENAME_EXCHANGE)) {
		if (errno == EINVAL || errno == ENOSYS)
			return exchange_slowly(parent, scratch, name, fd);
		return -errno;
	}
	if (ep_scratch_is_same(parent, scratch, fd))
		return 0;
	/* Somebody else's came there at the last moment. */
	return renameat2(parent, scratch, parent, name, RENAME_EXCHANGE) ? -errno : -EEXIST;
}

/* With signals blocked: what has the scratch's name is not to be removed until it is its own. */
static int exchange(struct ep_scratch *scratch, const char *name, int fd)
{
	int parent = scratch->parent, copy, code;

	if (!ep_scratch_is_same(parent, scratch->name, scratch->fd))
		return -ESTALE;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return -errno;
	/* Nobody sweeps it when it has that name. */
	if (flock(copy, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		close(copy);
		return -EEXIST;
	}
	code = exchange_names(parent, scratch->name, name, copy);
	if (code) {
		close(copy);
		return code;
	}
	close(scratch->fd);
	scratch->fd = slots[scratch->slot].fd = copy;
	return 0;
}

int ep_scratch_exchange(struct ep_scratch *scratch, const char *name, int fd)
{
	sigset_t old;
	int code;

	block_signals(&old);
	code = exchange(scratch, name, fd);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return code;
}

char *ep_scratch_keep_as(struct ep_scratch *scratch, const char *middle)
{
	char kept[EP_SCRATCH_NAME_MAX + 1];
	char *path = NULL;
	bool same;

	if (!scratch->path)
		return NULL;
	ep_scratch_kept_name(scratch->name, middle, kept);
	same = ep_scratch_is_same(scratch->parent, scratch->name, scratch->fd);
	if (same && !ep_scratch_rename_at(scratch->parent, scratch->name, kept)) {
		if (asprintf(&path, "%.*s%s", (int)(scratch->name - scratch->path), scratch->path,
			     kept) < 0)
			path = NULL;
	} else if (same) {
		path = strdup(scratch->path);
	}
	forget(scratch);
	return path;
}

bool ep_scratch_is_worth(const struct ep_scratch *scratch)
{
	return scratch->path && ep_scratch_has_worth(scratch->fd);
}

void ep_scratch_remove(struct ep_scratch *scratch)
{
	if (!scratch->path)
		return;
	ep_scratch_remove_at(scratch->parent, scratch->name, scratch->fd);
	forget(scratch);
}
