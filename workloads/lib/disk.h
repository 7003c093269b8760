/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.h - does I/O on a file reach a disk of this machine? */
#ifndef EXITPROF_WORKLOAD_DISK_H
#define EXITPROF_WORKLOAD_DISK_H

#include <stdbool.h>

enum ep_disk {
	EP_DISK_YES,	   /* a block device lies below */
	EP_DISK_NO,	   /* .why says what lies below instead */
	EP_DISK_UNCERTAIN, /* cannot be seen from here: see ep_disk_reached() */
};

struct ep_disk_verdict {
	enum ep_disk disk;
	char why[256]; /* a clause: "tmpfs lives in memory" */
};

/*
 * Judges the file system that holds @path by /proc/self/mountinfo, and looks
 * through overlays and loop devices to what holds them. Returns 0 or -errno when
 * @path cannot be looked at.
 */
int ep_disk_judge(const char *path, struct ep_disk_verdict *ret);

/*
 * Whether a write of this thread to @fd, opened with O_DIRECT, is handed to a
 * block device: writes @size bytes of @data at offset 0 and asks the kernel's
 * I/O accounting. False also where there is no such accounting.
 */
bool ep_disk_reached(int fd, const void *data, unsigned int size);

/* A folder that may be written and lies on a disk, for a hint; NULL if none is known. */
const char *ep_disk_suggest(void);

#endif /* EXITPROF_WORKLOAD_DISK_H */
