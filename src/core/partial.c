// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "partial.h"
#include "scratch.h"

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

int ep_partial_begin(struct ep_partial *partial, const char *path, struct ep_error *err)
{
	_cleanup_(ep_partial_finish) struct ep_partial begun = {};
	_cleanup_close_ int fd = -1;
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
	/* Anybody can know that name: it may be a link, or a pipe that waits for a reader. */
	fd = open(begun.temporary,
		  O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0 && (errno == ELOOP || errno == EISDIR))
		return not_ours(&begun, err);
	if (fd < 0 || fstat(fd, &status))
		return cannot_write(&begun, -errno, err);
	if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || status.st_nlink != 1)
		return not_ours(&begun, err);
	/* Some file systems have no locks. */
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return cannot_write(&begun, -EBUSY, err);
	if (ftruncate(fd, 0))
		return cannot_write(&begun, -errno, err);
	begun.replaced = status.st_size > 0;
	begun.file = fdopen(fd, "w");
	if (!begun.file)
		return cannot_write(&begun, -errno, err);
	fd = -1;
	*partial = begun;
	begun = (struct ep_partial){};
	return 0;
}

int ep_partial_publish(struct ep_partial *partial, struct ep_error *err)
{
	/* Renamed while it is still locked, so that it is nobody else's. */
	_cleanup_close_ int lock = fcntl(fileno(partial->file), F_DUPFD_CLOEXEC, 0);
	int code = ep_scratch_close(partial->file);

	partial->file = NULL;
	if (!code && rename(partial->temporary, partial->path))
		code = -errno;
	return code ? cannot_write(partial, code, err) : 0;
}

void ep_partial_finish(struct ep_partial *partial)
{
	ep_cleanup_fclose(&partial->file);
	free(partial->temporary);
	free(partial->path);
	*partial = (struct ep_partial){};
}
