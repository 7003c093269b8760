// SPDX-License-Identifier: GPL-3.0-or-later
/* io-heavy where a container's filter or an old kernel has no io_uring. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../syscall-filter.h"
#include "harness.h"

#define SKIP 77

int main(void)
{
	struct harness h;

	if (fail_syscalls(BPF_JEQ, SYS_io_uring_setup, EPERM) < 0) {
		printf("no filters of system calls here: %s\n", strerror(errno));
		return SKIP;
	}
	harness_open(&h, "io-heavy");
	harness_set(&h, "size", "1M");
	harness_set(&h, "count", "100");
	if (harness_repeat(&h) != 0) {
		printf("%s\n", h.failure);
		return strstr(h.failure, "no place for disk I/O") ? SKIP : 1;
	}
	return h.outcome.operations != 100;
}
