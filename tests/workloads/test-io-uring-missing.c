// SPDX-License-Identifier: GPL-3.0-or-later
/* io-heavy where a container's filter or an old kernel has no io_uring. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define SKIP 77

int main(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	struct harness h;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
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
