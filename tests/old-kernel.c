// SPDX-License-Identifier: GPL-3.0-or-later
/* old-kernel CMD [ARG...]: runs CMD as if this were Linux 4.4, which has no later system calls. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SKIP 77
/* The last one of Linux 4.4 on x86-64 */
#define LAST SYS_mlock2

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, LAST, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (argc < 2)
		return 2;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
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
