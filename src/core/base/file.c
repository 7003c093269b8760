// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/file.h"
#include "core/base/stream.h"

static int cannot_write(const struct ep_file *file, int code, struct ep_error *err)
{
	if (code == -ENOSPC || code == -EDQUOT)
		ep_error_hint(err, "make room there, or choose another file");
	return ep_error_set(err, code, "cannot write '%s': %m", file->path);
}

int ep_file_begin(struct ep_file *file, const char *path, struct ep_error *err)
{
	_cleanup_(ep_file_discard) struct ep_file begun = {};
	struct stat status;
	bool replaces;
	int code;

	begun.path = strdup(path);
	if (!begun.path)
		return ep_error_set(err, -ENOMEM, "out of memory");
	replaces = !stat(path, &status);
	if (replaces && !S_ISREG(status.st_mode)) {
		ep_error_hint(err, "choose another file with -o FILE");
		return ep_error_set(err, -EEXIST, "'%s' exists and is not a file", path);
	}
	code = ep_scratch_file(&begun.scratch, path);
	if (code)
		return cannot_write(&begun, code, err);
	/* Who may read the one may read the other. */
	if (replaces && status.st_uid == geteuid())
		fchmod(begun.scratch.fd, status.st_mode & 0777);
	begun.stream = ep_stream_open(begun.scratch.fd);
	if (!begun.stream)
		return cannot_write(&begun, -errno, err);
	*file = begun;
	begun = (struct ep_file){};
	return 0;
}

int ep_file_publish(struct ep_file *file, struct ep_error *err)
{
	const char *slash = strrchr(file->path, '/');
	int code = ep_stream_close(file->stream);

	file->stream = NULL;
	if (!code)
		code = ep_scratch_rename(&file->scratch, slash ? slash + 1 : file->path);
	return code ? cannot_write(file, code, err) : 0;
}

void ep_file_discard(struct ep_file *file)
{
	ep_cleanup_fclose(&file->stream);
	ep_scratch_remove(&file->scratch);
	free(file->path);
	*file = (struct ep_file){};
}
