// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/handover.h"
#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/boot/json.h"

#define LOCK	"lock"
#define SAMPLES "samples.json"
#define END_NS	UINT64_C(8000000000)

int ep_boot_sampler_enter(const char *folder)
{
	struct stat status;

	if (mkdir(folder, 0755) && errno != EEXIST)
		return -errno;
	if (chdir(folder) || stat(".", &status))
		return -errno;
	/* Who else may write there could put a link where we write. */
	return status.st_uid != geteuid() || status.st_mode & (S_IWGRP | S_IWOTH) ? -EPERM : 0;
}

int ep_boot_sampler_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	/* It is open, and locked, until this process ends. */
	fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (!fcntl(fd, F_SETLK, &lock))
		return 0;
	close(fd);
	return -EAGAIN;
}

int ep_boot_sampler_end(const struct ep_boot *boot)
{
	_cleanup_(ep_file_discard) struct ep_file file = {};
	struct json_object *json = ep_boot_json(boot);
	const char *text =
		json ? json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN) : NULL;
	int code = text ? ep_file_begin(&file, SAMPLES, NULL) : -ENOMEM;

	if (!code) {
		fputs(text, file.stream);
		code = ep_file_publish(&file, NULL);
	}
	json_object_put(json);
	return code;
}

static char *path_of(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static int open_lock(const char *folder)
{
	_cleanup_free_ char *path = path_of(folder, LOCK);

	return path ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
}

pid_t ep_boot_sampler(const char *folder)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_cleanup_close_ int fd = open_lock(folder);

	if (fd < 0 || fcntl(fd, F_GETLK, &lock) || lock.l_type == F_UNLCK)
		return 0;
	/* Of another kind of lock, or of another machine's, it is no process here. */
	return lock.l_pid > 0 ? lock.l_pid : 0;
}

bool ep_boot_sampled(const char *folder)
{
	_cleanup_free_ char *path = path_of(folder, LOCK);

	return path && !access(path, F_OK);
}

static bool is_of_this_boot(const struct ep_boot *boot)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	char id[sizeof(boot->id)] = "";

	if (!file || !fgets(id, sizeof(id), file))
		return false;
	id[strcspn(id, "\n")] = '\0';
	return !strcmp(id, boot->id);
}

/* The end of whoever holds the lock; signals of cli/stop.h end the wait for it. */
static int wait_for_end(const char *folder)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_cleanup_close_ int fd = open_lock(folder);
	uint64_t begun = ep_clock_now();
	int code = 0;

	ep_stop_arm(END_NS);
	while (fd >= 0 && !code && fcntl(fd, F_SETLKW, &lock)) {
		if (errno != EINTR)
			code = -errno;
		else if (ep_clock_now() - begun >= END_NS)
			code = -ETIMEDOUT;
	}
	ep_stop_disarm();
	return code;
}

int ep_boot_take_over(struct ep_boot *boot, const char *folder)
{
	_cleanup_free_ char *path = path_of(folder, SAMPLES);
	pid_t pid = ep_boot_sampler(folder);
	struct json_object *json;
	int code;

	if (!path)
		return -ENOMEM;
	if (pid) {
		kill(pid, SIGTERM);
		code = wait_for_end(folder);
		if (code)
			return code;
	}
	code = ep_input_json_within(path, EP_BOOT_JSON_MAX, &json, NULL);
	if (code)
		return code == -ENOMEM ? code : -ENOENT;
	code = ep_boot_parse(boot, json);
	json_object_put(json);
	if (code == -EINVAL || (!code && !is_of_this_boot(boot)))
		code = -ENOENT;
	return code;
}

/* Whether a sampler has left that, be it half of a file; a user's own is none of ours. */
static bool is_of_sampler(const char *path)
{
	static const char begin[] = "{\"format\":";
	_cleanup_free_ char *text = NULL;
	size_t length;

	return !ep_input_read(path, EP_BOOT_JSON_MAX, &text, &length, NULL) &&
	       !strncmp(text, begin, strlen(begin));
}

/* A lock is empty, whoever has made it. */
static bool is_empty(const char *path)
{
	struct stat status;

	return !lstat(path, &status) && S_ISREG(status.st_mode) && !status.st_size;
}

void ep_boot_forget(const char *folder)
{
	_cleanup_free_ char *samples = path_of(folder, SAMPLES), *lock = path_of(folder, LOCK);

	if (samples && is_of_sampler(samples))
		unlink(samples);
	if (lock && is_empty(lock))
		unlink(lock);
}
