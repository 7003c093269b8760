// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Steps through cpuid-storm's run() one instruction at a time and counts the
 * CPUIDs: those that it reports, and none besides.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define SKIP  77
#define COUNT 50

static int child(void)
{
	struct harness h;
	int ret;

	harness_open(&h, "cpuid-storm");
	harness_set(&h, "count", "50");
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		return SKIP;
	if (harness_setup(&h) != 0)
		return 1;
	raise(SIGSTOP);
	ret = h.workload->run(&h.context, &h.outcome);
	raise(SIGSTOP);
	harness_teardown(&h);
	return ret != 0 || h.outcome.must_exit[EXITPROF_CAUSE_CPUID] != COUNT;
}

int main(void)
{
	unsigned int cpuids = 0, steps = 0;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(child());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);

	for (;;) {
		struct user_regs_struct registers;
		long code;

		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 ||
		    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return 1;
		if (WSTOPSIG(status) == SIGSTOP)
			break;
		ptrace(PTRACE_GETREGS, pid, NULL, &registers);
		errno = 0;
		code = ptrace(PTRACE_PEEKTEXT, pid, (void *)registers.rip, NULL);
		cpuids += !errno && (code & 0xffff) == 0xa20f;
		steps++;
	}
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	printf("%u instructions, %u of them CPUID\n", steps, cpuids);
	return !WIFEXITED(status) || WEXITSTATUS(status) || cpuids != COUNT;
}
