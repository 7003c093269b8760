// SPDX-License-Identifier: GPL-3.0-or-later
/* old-kernel CMD [ARG...]: runs CMD as if this were Linux 4.4, which has no later system calls. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall-filter.h"

#define SKIP 77
/* The last one of Linux 4.4 on x86-64 */
#define LAST SYS_mlock2

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (fail_syscalls(BPF_JGT, LAST, ENOSYS) < 0) {
		printf("skip: no filters of system calls here: %s\n", strerror(errno));
		return SKIP;
	}
	if (syscall(SYS_pidfd_open, getpid(), 0) >= 0 || errno != ENOSYS) {
		printf("FAIL: there is pidfd_open()\n");
		return 1;
	}
	execvp(argv[1], argv + 1);
	printf("FAIL: cannot execute '%s': %s\n", argv[1], strerror(errno));
	return 1;
}
