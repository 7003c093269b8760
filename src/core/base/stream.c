// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>

#include "core/base/cleanup.h"
#include "core/base/stream.h"

#define BUFFER (1 << 18)

/* @code: the first that went wrong, a negative errno; @buffer: of stdio */
struct stream {
	int fd;
	int code;
	char buffer[BUFFER];
};

static ssize_t write_stream(void *cookie, const char *text, size_t length)
{
	struct stream *stream = cookie;
	size_t done = 0;

	while (done < length && !stream->code) {
		ssize_t written = write(stream->fd, text + done, length - done);

		if (written >= 0)
			done += written;
		else if (errno != EINTR)
			stream->code = -errno;
	}
	if (!stream->code)
		return length;
	errno = -stream->code;
	return 0;
}

static int close_stream(void *cookie)
{
	struct stream *stream = cookie;
	int code = stream->code;

	if (!code && fsync(stream->fd) && errno != EINVAL && errno != EROFS)
		code = -errno;
	if (close(stream->fd) && !code)
		code = -errno;
	free(stream);
	errno = -code;
	return code ? -1 : 0;
}

FILE *ep_stream_open(int fd)
{
	static const cookie_io_functions_t functions = { .write = write_stream,
							 .close = close_stream };
	struct stream *stream = calloc(1, sizeof(*stream));
	FILE *file;

	if (!stream)
		return NULL;
	stream->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	file = stream->fd < 0 ? NULL : fopencookie(stream, "w", functions);
	if (!file) {
		ep_cleanup_close(&stream->fd);
		free(stream);
		return NULL;
	}
	/* Few writes; fclose() looks at the buffer no more when it has called the above. */
	setvbuf(file, stream->buffer, _IOFBF, sizeof(stream->buffer));
	return file;
}

int ep_stream_close(FILE *file)
{
	errno = 0;
	if (!fclose(file))
		return 0;
	return errno ? -errno : -EIO;
}
