// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

extern char **environ;

static int start(pid_t *ret_pid, char *const *argv, int in, int out)
{
	posix_spawn_file_actions_t actions;
	int code = posix_spawn_file_actions_init(&actions);

	if (code)
		return -code;
	if (in >= 0)
		code = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!code && out >= 0)
		code = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!code)
		code = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -code;
}

int ep_program_run(char *const *argv, int in, int out)
{
	int status, code;
	pid_t pid;

	code = start(&pid, argv, in, out);
	if (code)
		return code;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}
