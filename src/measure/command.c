// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "measure/command.h"

#define STATUS_CANNOT	 126
#define STATUS_NOT_FOUND 127

/* @go, @failure: the child's ends. A parent that is gone closes the other one. */
static void __attribute__((noreturn)) become(char *const *argv, int go, int failure)
{
	int code;
	char word;

	ep_stop_reset();
	ep_stop_block(false);
	if (read(go, &word, 1) == 1) {
		execvp(argv[0], argv);
		code = errno;
		if (write(failure, &code, sizeof(code)) < 0)
			_exit(STATUS_CANNOT);
	}
	_exit(STATUS_NOT_FOUND);
}

/* With SIGCHLD, which is blocked until close_end(). Returns a descriptor or a negative errno. */
static int open_end_by_signal(struct ep_subject_command *subject)
{
	static const struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	siginfo_t info = {};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	sigaction(SIGCHLD, &action, NULL);
	pthread_sigmask(SIG_BLOCK, &set, &subject->unblocked);
	subject->by_signal = true;
	/* Its signal may have come before, and was ignored. */
	if (!waitid(P_PID, subject->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
		kill(getpid(), SIGCHLD);
	return fd;
}

/* Returns a descriptor that is readable when the child has ended, or a negative errno. */
static int open_end(struct ep_subject_command *subject)
{
	int fd = syscall(SYS_pidfd_open, subject->pid, 0);

	/* Before Linux 5.3, and in containers of that time. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open_end_by_signal(subject);
	return fd < 0 ? -errno : fd;
}

static void close_end(struct ep_subject_command *subject)
{
	struct signalfd_siginfo info;

	if (subject->by_signal) {
		/* The next child must not seem to have ended. */
		while (read(subject->end, &info, sizeof(info)) > 0)
			;
		pthread_sigmask(SIG_SETMASK, &subject->unblocked, NULL);
		subject->by_signal = false;
	}
	ep_cleanup_close(&subject->end);
}

static int start(struct ep_subject_command *subject, const int failure[2])
{
	int code;

	fflush(NULL);
	ep_stop_block(true);
	subject->pid = fork();
	if (!subject->pid) {
		close(subject->go[1]);
		become(subject->argv, subject->go[0], failure[1]);
	}
	if (subject->pid > 0) {
		ep_stop_forward(subject->pid);
		code = open_end(subject);
	} else {
		code = -errno;
	}
	ep_stop_block(false);
	if (code < 0)
		return code;
	subject->end = code;
	return 0;
}

static int setup(struct ep_subject *base, struct ep_error *err)
{
	struct ep_subject_command *subject = (struct ep_subject_command *)base;
	int failure[2] = { -1, -1 }, code;

	subject->pid = subject->end = subject->go[0] = subject->go[1] = -1;
	code = pipe2(subject->go, O_CLOEXEC) || pipe2(failure, O_CLOEXEC) ? -errno : 0;
	subject->failure = failure[0];
	if (!code)
		code = start(subject, failure);
	ep_cleanup_close(&failure[1]);
	return code ? ep_error_set(err, code, "cannot start a process: %m") : 0;
}

static int reap(struct ep_subject_command *subject)
{
	siginfo_t info;
	int status;

	/* As long as it is a zombie, nobody else has its number. */
	while (waitid(P_PID, subject->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	ep_stop_forward(0);
	while (waitpid(subject->pid, &status, 0) < 0 && errno == EINTR)
		;
	subject->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int not_executed(struct ep_subject_command *subject, int code, struct ep_error *err)
{
	subject->status = code == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT;
	if (code == ENOENT)
		ep_error_hint(err, "is it installed, and in PATH?");
	return ep_error_set(err, -code, "cannot execute '%s': %m", subject->argv[0]);
}

static int run(struct ep_subject *base, struct ep_repeat *repeat, struct ep_series *series,
	       struct ep_error *err)
{
	struct ep_subject_command *subject = (struct ep_subject_command *)base;
	int code;

	/* It may have been killed already: then that is an end like any other. */
	if (write(subject->go[1], "", 1) < 0)
		return ep_error_set(err, -errno, "cannot start '%s': %m", subject->argv[0]);
	ep_measure_wait(series, subject->end, false);
	repeat->status = reap(subject);
	if (read(subject->failure, &code, sizeof(code)) == sizeof(code))
		return not_executed(subject, code, err);
	repeat->outcome.operations = 1;
	if (!subject->status)
		subject->status = repeat->status;
	return 0;
}

static void teardown(struct ep_subject *base)
{
	struct ep_subject_command *subject = (struct ep_subject_command *)base;

	/* The child, if it still waits, ends with the pipe. */
	ep_cleanup_close(&subject->go[1]);
	ep_cleanup_close(&subject->go[0]);
	if (subject->pid > 0)
		reap(subject);
	ep_cleanup_close(&subject->failure);
	close_end(subject);
}

void ep_subject_command_init(struct ep_subject_command *subject, char *const *argv)
{
	*subject = (struct ep_subject_command){
		.base = {
			.setup = setup,
			.run = run,
			.teardown = teardown,
			.silent = true,
		},
		.argv = argv,
	};
}
