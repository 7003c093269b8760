// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/partial.h"
#include "core/base/scratch_entry.h"
#include "core/base/stream.h"

#define TRIES	 100
#define KEPT_MAX 10000

static int cannot_write(const struct ep_partial *partial, int code, struct ep_error *err)
{
	if (code == -EBUSY)
		ep_error_hint(err, "choose another file with -o FILE");
	return ep_error_set(err, code, "cannot write '%s': %m", partial->temporary);
}

static int not_ours(const struct ep_partial *partial, struct ep_error *err)
{
	ep_error_hint(err, "remove it, or choose another file with -o FILE");
	return ep_error_set(err, -EEXIST, "'%s' exists and is not a file of yours",
			    partial->temporary);
}

/*
 * Opens and locks NAME.partial. Anybody can know that name: it may be a link, or a pipe that
 * waits for a reader. Returns a descriptor; -EAGAIN if it has got its final name meanwhile.
 */
static int open_locked(const struct ep_partial *begun, struct stat *ret, struct ep_error *err)
{
	_cleanup_close_ int fd = -1;
	struct stat named;
	int opened;

	fd = open(begun->temporary,
		  O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0 && (errno == ELOOP || errno == EISDIR))
		return not_ours(begun, err);
	if (fd < 0 || fstat(fd, ret))
		return cannot_write(begun, -errno, err);
	if (!S_ISREG(ret->st_mode) || ret->st_uid != geteuid() || ret->st_nlink > 1)
		return not_ours(begun, err);
	/* Some file systems have no locks. */
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return cannot_write(begun, -EBUSY, err);
	if (lstat(begun->temporary, &named) || named.st_dev != ret->st_dev ||
	    named.st_ino != ret->st_ino || fstat(fd, ret))
		return -EAGAIN;
	opened = fd;
	fd = -1;
	return opened;
}

/* What a killed recording has left gets a name of its own; nobody loses it. */
static int keep_earlier(struct ep_partial *begun, struct ep_error *err)
{
	int code;

	for (int i = 1; i < KEPT_MAX; i++) {
		free(begun->earlier);
		if (asprintf(&begun->earlier, "%s-%d", begun->temporary, i) < 0) {
			begun->earlier = NULL;
			return ep_error_set(err, -ENOMEM, "out of memory");
		}
		code = ep_scratch_rename_at(AT_FDCWD, begun->temporary, begun->earlier);
		if (code != -EEXIST)
			return code ? cannot_write(begun, code, err) : -EAGAIN;
	}
	return cannot_write(begun, -EEXIST, err);
}

int ep_partial_begin(struct ep_partial *partial, const char *path, struct ep_error *err)
{
	_cleanup_(ep_partial_finish) struct ep_partial begun = {};
	_cleanup_close_ int fd = -EAGAIN;
	struct stat status;

	begun.path = strdup(path);
	if (!begun.path || asprintf(&begun.temporary, "%s.partial", path) < 0) {
		begun.temporary = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	if (!stat(path, &status) && !S_ISREG(status.st_mode)) {
		ep_error_hint(err, "choose another file with -o FILE");
		return ep_error_set(err, -EEXIST, "'%s' exists and is not a file", path);
	}
	for (int i = 0; i < TRIES && fd == -EAGAIN; i++) {
		fd = open_locked(&begun, &status, err);
		if (fd >= 0 && status.st_size) {
			int code = keep_earlier(&begun, err);

			/* It is locked until it has that name. */
			close(fd);
			fd = code;
		}
	}
	if (fd == -EAGAIN)
		return cannot_write(&begun, -EBUSY, err);
	if (fd < 0)
		return fd;
	begun.file = ep_stream_open(fd);
	if (!begun.file)
		return cannot_write(&begun, -errno, err);
	begun.lock = fd;
	fd = -1;
	*partial = begun;
	begun = (struct ep_partial){};
	return 0;
}

int ep_partial_publish(struct ep_partial *partial, struct ep_error *err)
{
	int code = ep_stream_close(partial->file);

	partial->file = NULL;
	/* Renamed while it is still locked, so that it is nobody else's. */
	if (!code && rename(partial->temporary, partial->path))
		code = -errno;
	close(partial->lock);
	return code ? cannot_write(partial, code, err) : 0;
}

void ep_partial_finish(struct ep_partial *partial)
{
	if (partial->file) {
		fclose(partial->file);
		close(partial->lock);
	}
	free(partial->earlier);
	free(partial->temporary);
	free(partial->path);
	*partial = (struct ep_partial){};
}
