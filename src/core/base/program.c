// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/program.h"
#include "core/base/scratch.h"
#include "core/base/utf8.h"

/* More than a program says that is of use. */
#define SAID_MAX (1 << 16)

static int spawn(pid_t *ret_pid, char *const *argv, int in, int out, int err,
		 posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes)
{
	sigset_t defaults, none;
	int code;

	/* What we ignore or handle is no affair of the program's. */
	sigfillset(&defaults);
	sigemptyset(&none);
	code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
							    POSIX_SPAWN_SETSIGMASK);
	if (!code)
		code = posix_spawnattr_setsigdefault(attributes, &defaults);
	if (!code)
		code = posix_spawnattr_setsigmask(attributes, &none);
	if (!code)
		code = posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	if (!code && out >= 0)
		code = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	if (!code && err >= 0)
		code = posix_spawn_file_actions_adddup2(actions, err, STDERR_FILENO);
	if (!code)
		code = posix_spawnp(ret_pid, argv[0], actions, attributes, argv, environ);
	return -code;
}

static int start(pid_t *ret_pid, char *const *argv, int in, int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int code = posix_spawn_file_actions_init(&actions);

	if (code)
		return -code;
	code = -posix_spawnattr_init(&attributes);
	if (!code) {
		code = spawn(ret_pid, argv, in, out, err, &actions, &attributes);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

/* The child is known to a signal that ends this process as soon as there is one. */
static int start_known(pid_t *ret_pid, char *const *argv, int in, int out, int err)
{
	sigset_t all, old;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	code = start(ret_pid, argv, in, out, err);
	if (!code)
		ep_scratch_child(*ret_pid);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return code;
}

/* What the program has said may quote what others have written. */
static void pass_on(int err)
{
	_cleanup_free_ char *text = calloc(1, SAID_MAX + 1), *clean = NULL;

	if (!text || pread(err, text, SAID_MAX, 0) <= 0)
		return;
	clean = ep_utf8_clean(text, EP_UTF8_LINES);
	if (clean)
		fputs(clean, stderr);
}

int ep_program_run(char *const *argv, int in, int out)
{
	/* Without one, it says it itself. */
	_cleanup_close_ int nothing = -1, err = memfd_create("stderr", MFD_CLOEXEC);
	int status, code;
	siginfo_t info;
	pid_t pid;

	/* In a process group of its own it must not ask the terminal. */
	if (in < 0) {
		nothing = in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (in < 0)
			return -errno;
	}
	code = start_known(&pid, argv, in, out, err);
	if (code)
		return code;
	/* As long as it is a zombie, nobody else has its number. */
	while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	ep_scratch_child(0);
	if (err >= 0)
		pass_on(err);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

bool ep_program_exists(const char *name)
{
	const char *path = getenv("PATH");
	_cleanup_free_ char *folders = strdup(path ? path : "/usr/bin:/bin");
	char *state = NULL, *folder;

	if (!folders)
		return false;
	for (folder = strtok_r(folders, ":", &state); folder;
	     folder = strtok_r(NULL, ":", &state)) {
		_cleanup_free_ char *file = NULL;
		struct stat status;

		if (asprintf(&file, "%s/%s", folder, name) < 0) {
			file = NULL;
			return false;
		}
		if (!stat(file, &status) && S_ISREG(status.st_mode) && !access(file, X_OK))
			return true;
	}
	return false;
}
