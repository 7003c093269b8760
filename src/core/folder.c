// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "folder.h"

static const char *const suffixes[] = { ".csv", ".json", ".svg", ".png", ".pdf", ".txt" };

#define SERIES_WORTH 200

static bool is_ours(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (length > suffix && !strcmp(name + length - suffix, suffixes[i]))
			return true;
	}
	return false;
}

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Nothing but files that a result may hold: never remove what is not ours. */
static bool holds_only_ours(const char *path)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (!is_dot(entry->d_name) && !is_ours(entry->d_name))
			return false;
	return true;
}

static bool is_result(const char *path)
{
	_cleanup_free_ char *mark = NULL;

	if (asprintf(&mark, "%s/" EP_FOLDER_MARK, path) < 0) {
		mark = NULL;
		return false;
	}
	return !access(mark, F_OK) && holds_only_ours(path);
}

static void remove_folder(const char *path)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (!is_dot(entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	rmdir(path);
}

/* The process behind ".NAME.tmp-PID", or 0 for any other name. */
static pid_t owner(const char *name)
{
	const char *mark = strstr(name, ".tmp-");
	const char *digits = mark ? mark + strlen(".tmp-") : "";

	if (name[0] != '.' || !digits[0] || digits[strspn(digits, "0123456789")])
		return 0;
	return atoi(digits);
}

/*
 * A series is written while it goes on: what a killed process had recorded, more than a
 * header, is kept where it is seen.
 */
static bool rescue(const char *parent, const char *name, const char *path)
{
	_cleanup_free_ char *series = NULL, *seen = NULL;
	const char *mark = strstr(name, ".tmp-");
	struct stat status;

	if (asprintf(&series, "%s/series.csv", path) < 0) {
		series = NULL;
		return false;
	}
	if (stat(series, &status) || status.st_size < SERIES_WORTH)
		return false;
	if (asprintf(&seen, "%s/%.*s.killed-%d", parent, (int)(mark - name - 1), name + 1,
		     owner(name)) < 0) {
		seen = NULL;
		return false;
	}
	return !rename(path, seen);
}

static void remove_stale(const char *parent)
{
	_cleanup_closedir_ DIR *dir = opendir(parent);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_cleanup_free_ char *path = NULL;
		pid_t pid = owner(entry->d_name);

		if (pid <= 0 || !kill(pid, 0) || errno != ESRCH)
			continue;
		if (asprintf(&path, "%s/%s", parent, entry->d_name) < 0) {
			path = NULL;
			continue;
		}
		if (holds_only_ours(path) && !rescue(parent, entry->d_name, path))
			remove_folder(path);
	}
}

static int cannot_make(const char *path, int code, struct ep_error *err)
{
	ep_error_hint(err, "choose another folder with -o DIR");
	return ep_error_set(err, code, "cannot make the result folder '%s': %m", path);
}

static int check_place(const char *path, struct ep_error *err)
{
	struct stat status;

	if (lstat(path, &status))
		return 0;
	if (S_ISDIR(status.st_mode) && is_result(path))
		return 0;
	ep_error_hint(err, "choose another folder with -o DIR, or remove that one");
	return ep_error_set(err, -EEXIST, "'%s' exists and is not an earlier result", path);
}

/* A copy of @path without slashes at its end. */
static char *trimmed(const char *path)
{
	char *copy = strdup(path);
	size_t length = copy ? strlen(copy) : 0;

	while (length > 1 && copy[length - 1] == '/')
		copy[--length] = '\0';
	return copy;
}

int ep_folder_check(const char *path, struct ep_error *err)
{
	_cleanup_free_ char *copy = trimmed(path);
	struct stat status;
	const char *parent;
	int code;

	if (!copy)
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = check_place(copy, err);
	if (code)
		return code;
	/* The nearest parent that is there decides; the rest will be made in it. */
	for (parent = dirname(copy); access(parent, F_OK) && errno == ENOENT;)
		parent = dirname(copy);
	if (!stat(parent, &status) && !S_ISDIR(status.st_mode))
		return cannot_make(path, -ENOTDIR, err);
	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS))
		return cannot_make(path, -errno, err);
	return 0;
}

static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

int ep_folder_begin(struct ep_folder *folder, const char *path, struct ep_error *err)
{
	_cleanup_(ep_folder_discard) struct ep_folder begun = {};
	_cleanup_free_ char *parent = NULL;
	const char *name;
	int code;

	begun.path = trimmed(path);
	parent = begun.path ? strdup(begun.path) : NULL;
	if (!parent)
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = check_place(begun.path, err);
	if (code)
		return code;
	code = make_parents(begun.path);
	if (code)
		return cannot_make(path, code, err);

	name = strrchr(begun.path, '/');
	name = name ? name + 1 : begun.path;
	if (asprintf(&begun.temporary, "%.*s.%s.tmp-%d", (int)(name - begun.path), begun.path, name,
		     getpid()) < 0) {
		begun.temporary = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	remove_stale(dirname(parent));
	if (mkdir(begun.temporary, 0777)) {
		code = -errno;
		free(begun.temporary);
		begun.temporary = NULL;
		return cannot_make(path, code, err);
	}
	*folder = begun;
	begun = (struct ep_folder){};
	return 0;
}

static int cannot_write(const struct ep_folder *folder, const char *name, int code,
			struct ep_error *err)
{
	ep_error_hint(err, code == -ENOSPC || code == -EDQUOT
				   ? "make room there, or choose another folder with -o DIR"
				   : "choose another folder with -o DIR");
	return ep_error_set(err, code, "cannot write '%s/%s': %m", folder->path, name);
}

int ep_folder_create(const struct ep_folder *folder, const char *name, FILE **ret,
		     struct ep_error *err)
{
	_cleanup_free_ char *path = NULL;
	FILE *file;

	if (asprintf(&path, "%s/%s", folder->temporary, name) < 0) {
		path = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	file = fopen(path, "wxe");
	if (!file)
		return cannot_write(folder, name, -errno, err);
	/* Few writes, so that their errno is still there when they are looked at. */
	setvbuf(file, NULL, _IOFBF, 1 << 18);
	*ret = file;
	return 0;
}

int ep_folder_close(const struct ep_folder *folder, const char *name, FILE *file,
		    struct ep_error *err)
{
	bool failed;
	int code = 0;

	/* A write that failed long ago has left its flag, but not its errno. */
	errno = ENOSPC;
	failed = ferror(file) || fflush(file);
	if (!failed)
		failed = fsync(fileno(file)) && errno != EINVAL && errno != EROFS;
	if (failed)
		code = -errno;
	if (fclose(file) && !code)
		code = -errno;
	return code ? cannot_write(folder, name, code, err) : 0;
}

/* Not every file system can exchange two names: then there is a moment without. */
static int replace(const struct ep_folder *folder)
{
	_cleanup_free_ char *old = NULL;
	int code;

	if (!renameat2(AT_FDCWD, folder->temporary, AT_FDCWD, folder->path, RENAME_EXCHANGE)) {
		remove_folder(folder->temporary);
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (asprintf(&old, "%s.old-%d", folder->path, getpid()) < 0) {
		old = NULL;
		return -ENOMEM;
	}
	if (rename(folder->path, old))
		return -errno;
	if (rename(folder->temporary, folder->path)) {
		code = -errno;
		rename(old, folder->path);
		return code;
	}
	remove_folder(old);
	return 0;
}

int ep_folder_publish(struct ep_folder *folder, struct ep_error *err)
{
	int code;

	code = check_place(folder->path, err);
	if (code)
		return code;
	if (!access(folder->path, F_OK))
		code = replace(folder);
	else if (rename(folder->temporary, folder->path))
		code = -errno;
	if (code)
		return cannot_make(folder->path, code, err);
	free(folder->temporary);
	folder->temporary = NULL;
	return 0;
}

void ep_folder_discard(struct ep_folder *folder)
{
	if (folder->temporary)
		remove_folder(folder->temporary);
	free(folder->temporary);
	free(folder->path);
	*folder = (struct ep_folder){};
}
