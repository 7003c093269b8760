// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <json-c/json.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "folder.h"
#include "input.h"

#define FOREIGN_SHOWN 3
#define PLACES_MAX    1000

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
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	size_t count = 0, length = 0;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir) {
		ep_cleanup_close(&copy);
		snprintf(ret, size, "what may not be read");
		return 1;
	}
	ret[0] = '\0';
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

static int cannot_make(const char *path, int code, struct ep_error *err)
{
	ep_error_hint(err, "choose another folder with -o DIR");
	return ep_error_set(err, code, "cannot make the result folder '%s': %m", path);
}

/* Whether what is at the folder's path may be replaced; says what that is. */
static int check_place(struct ep_folder *folder, struct ep_error *err)
{
	_cleanup_close_ int fd =
		open(folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const char *path = folder->path;
	char foreign[EP_SCRATCH_NAME_MAX + 1];
	struct stat status;

	folder->replaces = false;
	if (lstat(path, &status))
		return 0;
	if (!S_ISDIR(status.st_mode) || (fd >= 0 && !is_result(path))) {
		ep_error_hint(err, "choose another folder with -o DIR, or remove that one");
		return ep_error_set(err, -EEXIST, "'%s' exists and is not an earlier result", path);
	}
	if (fd < 0 || fstat(fd, &status))
		return cannot_make(path, -errno, err);
	if (list_foreign(folder, fd, foreign, sizeof(foreign))) {
		ep_error_hint(err, "choose another folder with -o DIR, or keep those elsewhere");
		return ep_error_set(err, -EEXIST,
				    "'%s' is an earlier result, but exitprof did not write %s in "
				    "it",
				    path, foreign);
	}
	folder->replaces = true;
	folder->device = status.st_dev;
	folder->inode = status.st_ino;
	return 0;
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

int ep_folder_place(struct ep_folder *folder, const char *path, bool (*is_chart)(const char *name),
		    struct ep_error *err)
{
	_cleanup_(ep_folder_discard) struct ep_folder placed = { .is_chart = is_chart };
	_cleanup_free_ char *copy = NULL;
	struct stat status;
	const char *parent;
	int code;

	placed.path = trimmed(path);
	copy = trimmed(path);
	if (!placed.path || !copy)
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = check_place(&placed, err);
	if (code)
		return code;
	/* The nearest parent that is there decides; the rest will be made in it. */
	for (parent = dirname(copy); access(parent, F_OK) && errno == ENOENT;)
		parent = dirname(copy);
	if (!stat(parent, &status) && !S_ISDIR(status.st_mode))
		return cannot_make(path, -ENOTDIR, err);
	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS))
		return cannot_make(path, -errno, err);
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
	int fd = openat(folder->scratch.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file) {
		int code = -errno;

		ep_cleanup_close(&fd);
		return cannot_write(folder, name, code, err);
	}
	/* Few writes, so that their errno is still there when they are looked at. */
	setvbuf(file, NULL, _IOFBF, 1 << 18);
	*ret = file;
	return 0;
}

int ep_folder_close(const struct ep_folder *folder, const char *name, FILE *file,
		    struct ep_error *err)
{
	int code = ep_scratch_close(file);

	return code ? cannot_write(folder, name, code, err) : 0;
}

/* Gives it a name that nothing has, or -EEXIST. */
static int rename_new(struct ep_folder *folder, const char *name)
{
	struct stat status;
	int code = ep_scratch_rename(&folder->scratch, name, RENAME_NOREPLACE);

	if (code != -EINVAL && code != -ENOSYS)
		return code;
	/* Not every file system has that; none puts a folder in the place of a full one. */
	if (!fstatat(folder->scratch.parent, name, &status, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	code = ep_scratch_rename(&folder->scratch, name, 0);
	return code == -ENOTEMPTY || code == -ENOTDIR ? -EEXIST : code;
}

static bool is_found(const struct ep_folder *folder, const char *name)
{
	struct stat status;

	return !fstatat(folder->scratch.parent, name, &status, AT_SYMLINK_NOFOLLOW) &&
	       status.st_dev == folder->device && status.st_ino == folder->inode;
}

/* The earlier result, which is the scratch by now. What came into it lately is kept. */
static void remove_earlier(struct ep_folder *folder, const char *name)
{
	_cleanup_close_ int fd = openat(folder->scratch.parent, folder->scratch.name,
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char foreign[EP_SCRATCH_NAME_MAX + 1];
	_cleanup_free_ char *kept = NULL;

	if (fd >= 0 && !list_foreign(folder, fd, foreign, sizeof(foreign))) {
		ep_scratch_remove(&folder->scratch);
		return;
	}
	if (asprintf(&kept, "%s.earlier%s", name, strrchr(folder->scratch.name, '-')) < 0)
		kept = NULL;
	else
		ep_scratch_rename(&folder->scratch, kept, RENAME_NOREPLACE);
	ep_scratch_keep(&folder->scratch);
}

/* Not every file system can exchange two names: then there is a moment without. */
static int replace_slowly(struct ep_folder *folder, const char *name)
{
	int parent = folder->scratch.parent;
	_cleanup_free_ char *old = NULL;
	int code;

	if (asprintf(&old, "%s.old%s", name, strrchr(folder->scratch.name, '-')) < 0) {
		old = NULL;
		return -ENOMEM;
	}
	if (renameat(parent, name, parent, old))
		return -errno;
	code = ep_scratch_rename(&folder->scratch, name, 0);
	if (code) {
		renameat(parent, old, parent, name);
		return code;
	}
	/* So that it goes as an earlier one does whose name was exchanged. */
	if (!renameat(parent, old, parent, folder->scratch.name))
		remove_earlier(folder, name);
	else
		ep_scratch_keep(&folder->scratch);
	return 0;
}

/* -EEXIST if somebody else's is there by now. */
static int replace(struct ep_folder *folder, const char *name)
{
	int code = ep_scratch_rename(&folder->scratch, name, RENAME_EXCHANGE);

	if (code == -EINVAL || code == -ENOSYS)
		return replace_slowly(folder, name);
	if (code)
		return code;
	if (!is_found(folder, folder->scratch.name)) {
		code = ep_scratch_rename(&folder->scratch, name, RENAME_EXCHANGE);
		return code ?: -EEXIST;
	}
	remove_earlier(folder, name);
	return 0;
}

static int put(struct ep_folder *folder, const char *name)
{
	int code = rename_new(folder, name);

	if (code != -EEXIST || !folder->replaces || !is_found(folder, name))
		return code;
	/* Somebody may have put something there since. */
	code = check_place(folder, NULL);
	return code ? -EEXIST : replace(folder, name);
}

/* PATH-2 and so on: nobody's is lost. */
static int put_beside(struct ep_folder *folder)
{
	int code = -EEXIST;

	for (int i = 2; i < PLACES_MAX && code == -EEXIST; i++) {
		char *path;

		if (asprintf(&path, "%s-%d", folder->path, i) < 0)
			return -ENOMEM;
		code = rename_new(folder, base_of(path));
		if (code) {
			free(path);
			continue;
		}
		free(folder->path);
		folder->path = path;
		folder->moved = true;
	}
	return code;
}

int ep_folder_publish(struct ep_folder *folder, struct ep_error *err)
{
	int code = put(folder, base_of(folder->path));

	if (code == -EEXIST)
		code = put_beside(folder);
	if (code)
		return cannot_make(folder->path, code, err);
	ep_scratch_keep(&folder->scratch);
	return 0;
}

int ep_folder_remove(const char *path, bool (*is_chart)(const char *name), struct ep_error *err)
{
	struct ep_folder folder = { .path = (char *)path, .is_chart = is_chart };
	_cleanup_close_ int fd = -1;
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	int code = check_place(&folder, err);

	if (code || !folder.replaces)
		return code;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fcntl(fd, F_DUPFD_CLOEXEC, 0));
	/* The mark first: what is left half-way is no result then. */
	if (!dir || unlinkat(fd, EP_FOLDER_MARK, 0))
		return ep_error_set(err, -errno, "cannot remove '%s': %m", path);
	while ((entry = readdir(dir)))
		if (is_ours(&folder, fd, entry->d_name))
			unlinkat(fd, entry->d_name, 0);
	return rmdir(path) ? ep_error_set(err, -errno, "cannot remove '%s': %m", path) : 0;
}

void ep_folder_discard(struct ep_folder *folder)
{
	ep_scratch_remove(&folder->scratch);
	free(folder->path);
	*folder = (struct ep_folder){};
}
