// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "partial.h"

static int cannot_write(const struct ep_partial *partial, int code, struct ep_error *err)
{
	if (code == -EBUSY)
		ep_error_hint(err, "choose another file with -o FILE");
	return ep_error_set(err, code, "cannot write '%s': %m", partial->temporary);
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
	fd = open(begun.temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return cannot_write(&begun, -errno, err);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return cannot_write(&begun, errno == EWOULDBLOCK ? -EBUSY : -errno, err);
	if (fstat(fd, &status) || ftruncate(fd, 0))
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
	FILE *file = partial->file;
	int code = 0;

	/* A write that failed long ago has left its flag, but not its errno. */
	errno = ENOSPC;
	if (ferror(file) || fflush(file))
		code = -errno;
	else if (fsync(fileno(file)) && errno != EINVAL && errno != EROFS)
		code = -errno;
	/* Renamed while it is still locked, so that it is nobody else's. */
	if (!code && rename(partial->temporary, partial->path))
		code = -errno;
	partial->file = NULL;
	if (fclose(file) && !code)
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
