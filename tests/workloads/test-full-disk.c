// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * io-heavy on a disk of 16 MiB: with room, with too little, and with none. Needs
 * root for a loop device and a mount of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define SKIP 77

static int expect(const char *folder, const char *size, const char *failure)
{
	struct harness h;
	int ret;

	harness_open(&h, "io-heavy");
	harness_set(&h, "file", folder);
	harness_set(&h, "size", size);
	harness_set(&h, "count", "50");
	ret = harness_repeat(&h);
	printf("size %s: %s (%s)\n", size, ret ? h.failure : "done", h.hint);
	if (failure)
		ret = !(ret == -1 && strstr(h.failure, failure) && strstr(h.hint, "--set size="));
	harness_close(&h);
	return ret;
}

/* Only into unused room: ext4 keeps 5 % back, which root may take. */
static void eat_room(const char *folder)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/rest", folder);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	for (off_t size = 0; fallocate(fd, 0, size, 4096) == 0;)
		size += 4096;
	close(fd);
}

/* A thread of io_uring may let go of its file a moment after its request is done. */
static int leave(const char *folder)
{
	const struct timespec moment = { .tv_nsec = 10000000 };

	for (int i = 0; umount(folder) < 0; i++) {
		if (errno != EBUSY || i == 3000)
			return -1;
		nanosleep(&moment, NULL);
	}
	return 0;
}

static int test(const char *folder, const char *image)
{
	char command[512];
	int ret;

	snprintf(command, sizeof(command),
		 "truncate -s 16M '%s' && mkfs.ext4 -q -F '%s' && mount -o loop '%s' '%s'", image,
		 image, image, folder);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    system(command) != 0) {
		printf("cannot mount a disk image here: not tested\n");
		return SKIP;
	}
	ret = expect(folder, "1M", NULL);
	if (!ret)
		ret = expect(folder, "64M", "no room for a file of 64 MiB");
	/* The room of the files of before may come back late. */
	for (int tries = 0, full = 0; !ret && !full; tries++) {
		eat_room(folder);
		full = !expect(folder, "1M", "no room for a file of 1 MiB");
		ret = !full && tries == HARNESS_TRIES;
	}
	if (leave(folder) < 0) {
		printf("something is left on the disk: %m\n");
		ret = 1;
	}
	return ret;
}

int main(void)
{
	char folder[] = "full-XXXXXX", image[sizeof(folder) + 4];
	int ret;

	if (!mkdtemp(folder))
		return 1;
	snprintf(image, sizeof(image), "%s.img", folder);
	ret = test(folder, image);
	unlink(image);
	rmdir(folder);
	return ret;
}
