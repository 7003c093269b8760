// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/input.h"
#include "core/base/utf8.h"

/* What a run.json never has so many levels of. */
#define JSON_DEPTH_MAX 32

static int read_all(int fd, char *text, size_t length)
{
	while (length) {
		ssize_t got = read(fd, text, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		/* It has become shorter since we asked for its size. */
		if (!got)
			return -EIO;
		text += got;
		length -= got;
	}
	return 0;
}

/* Returns a descriptor, and *@ret, or a negative errno. */
static int open_regular(const char *path, struct stat *ret, struct ep_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int opened = fd;

	if (fd < 0 || fstat(fd, ret))
		return ep_error_set(err, -errno, "cannot open '%s': %m", path);
	if (!S_ISREG(ret->st_mode))
		return ep_error_set(err, -EINVAL, "cannot read '%s': it is no regular file", path);
	fd = -1;
	return opened;
}

int ep_input_check(const char *path, struct ep_error *err)
{
	struct stat status;
	int fd = open_regular(path, &status, err);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* @cut: what is behind @limit bytes is left out, and no error */
static int read_within(const char *path, size_t limit, bool cut, char **ret, size_t *ret_length,
		       struct ep_error *err)
{
	_cleanup_free_ char *text = NULL;
	struct stat status;
	_cleanup_close_ int fd = open_regular(path, &status, err);
	size_t length;
	int code;

	if (fd < 0)
		return fd;
	if ((uintmax_t)status.st_size > limit && !cut)
		return ep_error_set(err, -EFBIG, "cannot read '%s': it has more than %zu bytes",
				    path, limit);
	length = (uintmax_t)status.st_size > limit ? limit : (size_t)status.st_size;
	text = malloc(length + 1);
	if (!text)
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = read_all(fd, text, length);
	if (code)
		return ep_error_set(err, code, "cannot read '%s': %m", path);
	text[length] = '\0';
	*ret = text;
	*ret_length = length;
	text = NULL;
	return 0;
}

int ep_input_read(const char *path, size_t limit, char **ret, size_t *ret_length,
		  struct ep_error *err)
{
	return read_within(path, limit, false, ret, ret_length, err);
}

int ep_input_head(const char *path, size_t limit, char **ret, size_t *ret_length,
		  struct ep_error *err)
{
	return read_within(path, limit, true, ret, ret_length, err);
}

/*
 * Makes the strings in @json text that can be shown. Returns 0, -ENOMEM, or -EINVAL if a
 * name in it is none: exitprof writes no such names.
 */
static int clean_strings(struct json_object *json)
{
	_cleanup_free_ char *clean = NULL;
	const char *text;
	int code = 0;

	if (json_object_is_type(json, json_type_array))
		for (size_t i = 0; i < json_object_array_length(json) && !code; i++)
			code = clean_strings(json_object_array_get_idx(json, i));
	if (json_object_is_type(json, json_type_object)) {
		json_object_object_foreach(json, name, value)
		{
			if (!code)
				code = ep_utf8_is_clean(name, 0) ? clean_strings(value) : -EINVAL;
		}
	}
	if (code || !json_object_is_type(json, json_type_string))
		return code;
	text = json_object_get_string(json);
	/* A NUL in it ends it for all that look at it. */
	if (ep_utf8_is_clean(text, EP_UTF8_LINES))
		return 0;
	clean = ep_utf8_clean(text, EP_UTF8_LINES);
	return clean && json_object_set_string(json, clean) ? 0 : -ENOMEM;
}

static size_t line_at(const char *text, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

int ep_input_json(const char *path, struct json_object **ret, struct ep_error *err)
{
	return ep_input_json_within(path, EP_INPUT_JSON_MAX, ret, err);
}

int ep_input_json_within(const char *path, size_t limit, struct json_object **ret,
			 struct ep_error *err)
{
	_cleanup_free_ char *text = NULL;
	struct json_tokener *tokener;
	enum json_tokener_error why;
	struct json_object *json;
	size_t length, end;
	int code;

	code = ep_input_read(path, limit, &text, &length, err);
	if (code)
		return code;
	tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
	if (!tokener)
		return ep_error_set(err, -ENOMEM, "out of memory");
	/* With the NUL: a number at the end is complete then. */
	json = json_tokener_parse_ex(tokener, text, length + 1);
	why = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (end < length && why == json_tokener_success)
		end += strspn(text + end, " \t\r\n");
	if (why == json_tokener_success && end >= length &&
	    json_object_is_type(json, json_type_object)) {
		code = clean_strings(json);
		if (!code) {
			*ret = json;
			return 0;
		}
		json_object_put(json);
		return code == -ENOMEM
			       ? ep_error_set(err, code, "out of memory")
			       : ep_error_set(err, code,
					      "'%s': a name in it has control characters", path);
	}
	json_object_put(json);
	if (end > length)
		end = length;
	if (why == json_tokener_success)
		return ep_error_set(err, -EINVAL, "'%s':%zu: %s", path, line_at(text, end),
				    end < length ? "not JSON: something follows its end"
						 : "not a JSON object");
	return ep_error_set(err, -EINVAL, "'%s':%zu: not JSON: %s", path, line_at(text, end),
			    json_tokener_error_desc(why));
}
