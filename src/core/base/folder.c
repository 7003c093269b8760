// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <json-c/json.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/folder.h"
#include "core/base/input.h"
#include "core/base/scratch_entry.h"
#include "core/base/scratch_sweep.h"
#include "core/base/stream.h"

#define FOREIGN_SHOWN 3
#define PLACES_MAX    10000

/* All that exitprof writes into a result; charts come to it, by folder->is_chart. */
static const char *const files[] = {
	EP_FOLDER_MARK, "exits.csv",  "runs.csv",  "summary.csv",	"histogram.csv",
	"details.csv",	"series.csv", "boot.json", "boot-timeline.csv",
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_ours(const struct ep_folder *folder, int fd, const char *name)
{
	struct stat status;

	if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) || !S_ISREG(status.st_mode))
		return false;
	/* Of a chart that is being drawn, or was by a process that is no more. */
	if (ep_scratch_is_mark(name))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(name, files[i]))
			return true;
	return folder->is_chart && folder->is_chart(name);
}

static const char *text_of(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) ? json_object_get_string(value) ?: ""
							     : "";
}

/* Whether exitprof wrote that run.json. That of a boot did not always say so. */
static bool says_ours(struct json_object *json)
{
	struct json_object *tool, *format, *workload;

	if (json_object_object_get_ex(json, "tool", &tool))
		return json_object_is_type(tool, json_type_object) &&
		       !strcmp(text_of(tool, "name"), "exitprof");
	return json_object_object_get_ex(json, "format", &format) && text_of(json, "version")[0] &&
	       json_object_object_get_ex(json, "workload", &workload) &&
	       json_object_is_type(workload, json_type_object) &&
	       !strcmp(text_of(workload, "name"), "boot");
}

static bool is_result(const char *path)
{
	_cleanup_free_ char *mark = NULL;
	struct json_object *json;
	bool ours;

	if (asprintf(&mark, "%s/" EP_FOLDER_MARK, path) < 0) {
		mark = NULL;
		return false;
	}
	if (ep_input_json(mark, &json, NULL))
		return false;
	ours = says_ours(json);
	json_object_put(json);
	return ours;
}

/* "'a.txt', 'b.pdf' and 2 more": what is in @fd and not ours; their number. */
static size_t list_foreign(const struct ep_folder *folder, int fd, char *ret, size_t size)
{
	_cleanup_closedir_ DIR *dir = ep_scratch_open_folder(fd);
	const struct dirent *entry;
	size_t count = 0, length = 0;

	snprintf(ret, size, dir ? "" : "what may not be read");
	if (!dir)
		return 1;
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    is_ours(folder, fd, entry->d_name))
			continue;
		if (count++ < FOREIGN_SHOWN && length < size)
			length += snprintf(ret + length, size - length, "%s'%s'",
					   count > 1 ? ", " : "", entry->d_name);
	}
	if (count > FOREIGN_SHOWN && length < size)
		snprintf(ret + length, size - length, " and %zu more", count - FOREIGN_SHOWN);
	return count;
}

/* Removes what is ours in @fd. The mark first: what is left half-way is no result then. */
static void empty_result(const struct ep_folder *folder, int fd)
{
	_cleanup_closedir_ DIR *dir = ep_scratch_open_folder(fd);
	const struct dirent *entry;

	unlinkat(fd, EP_FOLDER_MARK, 0);
	while (dir && (entry = readdir(dir)))
		if (is_ours(folder, fd, entry->d_name))
			unlinkat(fd, entry->d_name, 0);
}

static int cannot_make(const char *path, int code, struct ep_error *err)
{
	ep_error_hint(err, "choose another folder with -o DIR");
	return ep_error_set(err, code, "cannot make the result folder '%s': %m", path);
}

/* A folder at the folder's path, @fd, may be replaced if it passes; says what is wrong. */
static int check_result(const struct ep_folder *folder, int fd, struct ep_error *err)
{
	const char *path = folder->path;
	char foreign[EP_SCRATCH_NAME_MAX + 1];
	struct stat status;

	if (fstat(fd, &status))
		return cannot_make(path, -errno, err);
	if (!is_result(path)) {
		ep_error_hint(err, "choose another folder with -o DIR, or remove that one");
		return ep_error_set(err, -EEXIST, "'%s' exists and is not an earlier result", path);
	}
	if (status.st_uid != geteuid()) {
		ep_error_hint(err, "choose another folder with -o DIR");
		return ep_error_set(err, -EEXIST, "'%s' is a result of another user", path);
	}
	ep_scratch_sweep(fd);
	if (list_foreign(folder, fd, foreign, sizeof(foreign))) {
		ep_error_hint(err, "choose another folder with -o DIR, or keep those elsewhere");
		return ep_error_set(err, -EEXIST,
				    "'%s' is an earlier result, but exitprof did not write %s in "
				    "it",
				    path, foreign);
	}
	return 0;
}

/* Whether what is at the folder's path may be replaced; holds it then. */
static int check_place(struct ep_folder *folder, struct ep_error *err)
{
	_cleanup_close_ int fd = -1;
	struct stat status;
	int code;

	if (lstat(folder->path, &status))
		return errno == ENOENT ? 0 : cannot_make(folder->path, -errno, err);
	fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno != ENOTDIR && errno != ELOOP)
		return cannot_make(folder->path, -errno, err);
	if (fd < 0) {
		ep_error_hint(err, "choose another folder with -o DIR");
		return ep_error_set(err, -EEXIST, "'%s' exists and is not an earlier result",
				    folder->path);
	}
	code = check_result(folder, fd, err);
	if (code)
		return code;
	folder->replaces = true;
	folder->earlier = fd;
	fd = -1;
	return 0;
}

/* A copy of @path without slashes at its end, which names the folder itself. */
static char *trimmed(const char *path)
{
	char *copy = strdup(path), *whole;
	size_t length = copy ? strlen(copy) : 0;

	while (length > 1 && copy[length - 1] == '/')
		copy[--length] = '\0';
	if (!copy || (strcmp(base_of(copy), ".") && strcmp(base_of(copy), "..")))
		return copy;
	whole = realpath(copy, NULL);
	free(copy);
	return whole;
}

/* The nearest parent that is there must be a folder that we may write to. */
static int check_parent(const char *path, struct ep_error *err)
{
	_cleanup_free_ char *copy = strdup(path);
	struct stat status;
	const char *parent;
	mode_t mask;

	if (!copy)
		return ep_error_set(err, -ENOMEM, "out of memory");
	for (parent = dirname(copy); lstat(parent, &status) && errno == ENOENT;)
		parent = dirname(copy);
	if (stat(parent, &status))
		return cannot_make(path, -errno, err);
	if (!S_ISDIR(status.st_mode))
		return cannot_make(path, -ENOTDIR, err);
	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS))
		return cannot_make(path, -errno, err);
	mask = umask(0);
	umask(mask);
	if (mask & 0700) {
		ep_error_hint(err, "umask 022");
		return ep_error_set(err, -EACCES, "with umask %04o, a result cannot be written",
				    mask);
	}
	if (strlen(base_of(path)) > EP_SCRATCH_NAME_MAX)
		return cannot_make(path, -ENAMETOOLONG, err);
	return 0;
}

int ep_folder_place(struct ep_folder *folder, const char *path, bool (*is_chart)(const char *name),
		    struct ep_error *err)
{
	_cleanup_(ep_folder_discard) struct ep_folder placed = { .is_chart = is_chart };
	int code;

	errno = ENOMEM;
	placed.path = trimmed(path);
	if (!placed.path)
		return cannot_make(path, -errno, err);
	code = check_place(&placed, err);
	if (!code)
		code = check_parent(placed.path, err);
	if (code)
		return code;
	*folder = placed;
	placed = (struct ep_folder){};
	return 0;
}

static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int code;

		*slash = '\0';
		code = mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
		*slash = '/';
		if (code)
			return code;
	}
	return 0;
}

int ep_folder_begin(struct ep_folder *folder, struct ep_error *err)
{
	int code = make_parents(folder->path);

	if (!code)
		code = ep_scratch_folder(&folder->scratch, folder->path, 0777);
	return code ? cannot_make(folder->path, code, err) : 0;
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
	_cleanup_close_ int fd =
		openat(folder->scratch.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *file = fd < 0 ? NULL : ep_stream_open(fd);

	if (!file)
		return cannot_write(folder, name, -errno, err);
	*ret = file;
	return 0;
}

int ep_folder_close(const struct ep_folder *folder, const char *name, FILE *file,
		    struct ep_error *err)
{
	int code = ep_stream_close(file);

	return code ? cannot_write(folder, name, code, err) : 0;
}

/* The earlier result, which is the scratch by now. What came into it lately is kept. */
static void remove_earlier(struct ep_folder *folder)
{
	char foreign[EP_SCRATCH_NAME_MAX + 1];

	if (list_foreign(folder, folder->earlier, foreign, sizeof(foreign)) ||
	    faccessat(folder->earlier, ".", W_OK | X_OK, AT_EACCESS))
		folder->kept = ep_scratch_keep_as(&folder->scratch, ".earlier-");
	else
		ep_scratch_remove(&folder->scratch);
}

static int put(struct ep_folder *folder, const char *name)
{
	int code = ep_scratch_rename_new(&folder->scratch, name);

	if (code != -EEXIST || !folder->replaces)
		return code;
	/* Somebody may have put something there since. */
	if (check_result(folder, folder->earlier, NULL))
		return -EEXIST;
	code = ep_scratch_exchange(&folder->scratch, name, folder->earlier);
	if (!code)
		remove_earlier(folder);
	return code;
}

/* PATH-2 and so on: nobody's is lost. */
static int put_beside(struct ep_folder *folder, int why)
{
	const char *base = base_of(folder->path);
	int before = base - folder->path, code = -EEXIST;
	/* With room for the number. */
	int length =
		strlen(base) > EP_SCRATCH_NAME_MAX - 5 ? EP_SCRATCH_NAME_MAX - 5 : strlen(base);

	for (int i = 2; i < PLACES_MAX && code == -EEXIST; i++) {
		char *path;

		if (asprintf(&path, "%.*s-%d", before + length, folder->path, i) < 0)
			return -ENOMEM;
		code = ep_scratch_rename_new(&folder->scratch, base_of(path));
		if (code) {
			free(path);
			continue;
		}
		free(folder->path);
		folder->path = path;
		folder->moved = why;
	}
	return code;
}

int ep_folder_publish(struct ep_folder *folder, struct ep_error *err)
{
	_cleanup_free_ char *kept = NULL;
	int code = put(folder, base_of(folder->path));

	if (!code)
		return 0;
	if (!put_beside(folder, code))
		return 0;
	/* Whatever it is: what was measured is not removed. */
	kept = ep_scratch_keep_as(&folder->scratch, ".partial-");
	cannot_make(folder->path, code, err);
	if (kept)
		ep_error_hint(err, "the result is in '%s'", kept);
	return code;
}

int ep_folder_remove(const char *path, bool (*is_chart)(const char *name), struct ep_error *err)
{
	_cleanup_(ep_folder_discard) struct ep_folder folder = { .is_chart = is_chart };
	int code;

	folder.path = trimmed(path);
	if (!folder.path)
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = check_place(&folder, err);
	if (code || !folder.replaces)
		return code;
	empty_result(&folder, folder.earlier);
	return rmdir(path) ? ep_error_set(err, -errno, "cannot remove '%s': %m", path) : 0;
}

void ep_folder_discard(struct ep_folder *folder)
{
	ep_scratch_remove(&folder->scratch);
	if (folder->replaces)
		close(folder->earlier);
	free(folder->path);
	free(folder->kept);
	*folder = (struct ep_folder){};
}
