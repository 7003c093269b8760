/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cleanup.h - release what a function owns when it returns
 *
 *	_cleanup_free_ char *path = NULL;
 *	_cleanup_close_ int fd = -1;
 *	_cleanup_(ep_folder_discard) struct ep_folder folder = {};
 */
#ifndef EP_CORE_BASE_CLEANUP_H
#define EP_CORE_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_	    _cleanup_(ep_cleanup_free)
#define _cleanup_close_	    _cleanup_(ep_cleanup_close)
#define _cleanup_fclose_    _cleanup_(ep_cleanup_fclose)
#define _cleanup_closedir_  _cleanup_(ep_cleanup_closedir)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void ep_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void ep_cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void ep_cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void ep_cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#endif /* EP_CORE_BASE_CLEANUP_H */
