/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * input.h - files that anybody may have written or edited
 *
 * Only regular files of bounded size are read: no named pipe keeps us waiting, no
 * sparse file fills the memory.
 *
 *	err = ep_input_json("results/a/run.json", &run, &error);
 *	...
 *	json_object_put(run);
 */
#ifndef EP_CORE_BASE_INPUT_H
#define EP_CORE_BASE_INPUT_H

#include <stddef.h>

#include "core/base/error.h"

#define EP_INPUT_JSON_MAX (1 << 20)

struct json_object;

/* Whether @path is a regular file that can be read. Returns 0 or a negative errno. */
int ep_input_check(const char *path, struct ep_error *err);

/*
 * The content of @path, for free(), with a NUL behind it that is not in
 * *@ret_length. Returns 0 or a negative errno: -EFBIG above @limit bytes, -EINVAL if
 * it is no regular file.
 */
int ep_input_read(const char *path, size_t limit, char **ret, size_t *ret_length,
		  struct ep_error *err);

/* The same of a file of any size: its first @limit bytes, or all if it has fewer. */
int ep_input_head(const char *path, size_t limit, char **ret, size_t *ret_length,
		  struct ep_error *err);

/*
 * The object in @path, for json_object_put(). -EINVAL, and a message with the line, if it
 * is anything else than one JSON object. Its strings are text that can be shown (utf8.h),
 * but for newlines and tabs.
 */
int ep_input_json(const char *path, struct json_object **ret, struct ep_error *err);

/* The same for a file that may have up to @limit bytes, and not EP_INPUT_JSON_MAX. */
int ep_input_json_within(const char *path, size_t limit, struct json_object **ret,
			 struct ep_error *err);

#endif /* EP_CORE_BASE_INPUT_H */
