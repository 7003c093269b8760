// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "boot_handover.h"
#include "core/cleanup.h"
#include "core/clock.h"
#include "core/input.h"
#include "stop.h"

#define LOCK	"lock"
#define SAMPLES "samples.json"
#define END_NS	UINT64_C(8000000000)
#define STEP_NS UINT64_C(10000000)

int ep_boot_sampler_enter(const char *folder)
{
	return (mkdir(folder, 0755) && errno != EEXIST) || chdir(folder) ? -errno : 0;
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
	struct json_object *json = ep_boot_json(boot);
	int code = 0;

	if (!json)
		return -ENOMEM;
	if (json_object_to_file_ext(SAMPLES, json, JSON_C_TO_STRING_PLAIN))
		code = -EIO;
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
	return lock.l_pid;
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

/* The end of whoever holds the lock; signals of stop.h end the wait for it. */
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

void ep_boot_forget(const char *folder)
{
	_cleanup_free_ char *samples = path_of(folder, SAMPLES), *lock = path_of(folder, LOCK);

	if (samples)
		unlink(samples);
	if (lock)
		unlink(lock);
}
