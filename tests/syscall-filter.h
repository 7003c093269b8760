/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests on a kernel, or in a container, that lacks system calls. */
#ifndef EP_TEST_SYSCALL_FILTER_H
#define EP_TEST_SYSCALL_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

/*
 * From now on, system calls whose number is @nr (@compare BPF_JEQ) or above it (BPF_JGT) fail
 * with @error, in this process and its children. Returns 0, or -1 with errno where there are no
 * filters.
 */
static inline int fail_syscalls(unsigned short compare, unsigned int nr, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | compare | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#endif
