/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream.h - stdio that knows what went wrong first, and reaches the disk
 *
 *	FILE *file = ep_stream_open(fd);
 *
 *	fputs("a,b\n", file);
 *	code = ep_stream_close(file);
 */
#ifndef EP_CORE_BASE_STREAM_H
#define EP_CORE_BASE_STREAM_H

#include <stdio.h>

/*
 * Writes to @fd, of which it has a descriptor of its own: fileno() is none. NULL and errno
 * if it fails.
 */
FILE *ep_stream_open(int fd);

/*
 * Closes @file, an ep_stream_open(), after all of it has reached the disk. Returns 0 or
 * the first negative errno.
 */
int ep_stream_close(FILE *file);

#endif /* EP_CORE_BASE_STREAM_H */
