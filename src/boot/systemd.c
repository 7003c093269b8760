// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "boot/systemd.h"
#include "core/base/cleanup.h"

#define MESSAGE_ID "01a835dd7c5a409192b012eb212e7065"

/* Starts systemctl; its output can be read from *@ret_output. */
static int start(char *const *argv, pid_t *ret_pid, int *ret_output)
{
	posix_spawn_file_actions_t actions;
	int pipes[2], code;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	code = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (code)
		close(pipes[0]);
	else
		*ret_output = pipes[0];
	return -code;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int ep_boot_wait_begin(struct ep_boot_waiting *waiting)
{
	return start((char *[]){ "systemctl", "is-system-running", "--wait", NULL }, &waiting->pid,
		     &waiting->output);
}

static void forget(struct ep_boot_waiting *waiting)
{
	waiting->pid = 0;
	close(waiting->output);
	waiting->output = -1;
}

static bool hangs_up(int output)
{
	struct pollfd file = { .fd = output };

	return poll(&file, 1, 0) > 0;
}

int ep_boot_wait(struct ep_boot_waiting *waiting, bool block)
{
	static const char *const finished[] = { "running", "degraded", "maintenance", "stopping" };
	/* It is about to end when it hangs up. */
	bool ends = block || hangs_up(waiting->output);
	pid_t pid = waitpid(waiting->pid, NULL, ends ? 0 : WNOHANG);
	char state[32] = "";
	ssize_t length;
	int code = -ECONNREFUSED;

	if (pid != waiting->pid)
		return 0;
	length = read(waiting->output, state, sizeof(state) - 1);
	state[length > 0 ? strcspn(state, "\n") : 0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(finished); i++)
		if (!strcmp(state, finished[i]))
			code = 1;
	forget(waiting);
	return code;
}

void ep_boot_wait_end(struct ep_boot_waiting *waiting)
{
	if (waiting->pid <= 0)
		return;
	kill(waiting->pid, SIGTERM);
	reap(waiting->pid);
	forget(waiting);
}

/* A unit while its properties come, one a line. */
struct asked {
	struct ep_boot *boot;
	char name[256];
	uint64_t start_ns;
	uint64_t active_ns;
};

/* Gives each line that systemctl prints to @use. */
static void ask(char *const *argv, void (*use)(struct asked *asked, char *line),
		struct asked *asked)
{
	_cleanup_fclose_ FILE *file = NULL;
	char line[512];
	int output;
	pid_t pid;

	if (start(argv, &pid, &output))
		return;
	file = fdopen(output, "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		use(asked, line);
	}
	if (!file)
		close(output);
	reap(pid);
}

static void use_timestamp(struct asked *asked, char *line)
{
	static const char *const names[] = {
		"FirmwareTimestampMonotonic",	     "LoaderTimestampMonotonic",
		"InitRDTimestampMonotonic",	     "UserspaceTimestampMonotonic",
		"UnitsLoadFinishTimestampMonotonic", "FinishTimestampMonotonic"
	};
	struct ep_boot *boot = asked->boot;
	uint64_t *values[] = { &boot->firmware_ns,  &boot->loader_ns,	    &boot->initrd_ns,
			       &boot->userspace_ns, &boot->units_loaded_ns, &boot->finish_ns };
	char *value = strchr(line, '=');

	if (!value)
		return;
	*value++ = '\0';
	if (!strcmp(line, "SoftRebootsCount"))
		boot->soft_reboots = strtoull(value, NULL, 10);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(line, names[i]))
			*values[i] = strtoull(value, NULL, 10) * 1000;
}

void ep_boot_read_timestamps(struct ep_boot *boot)
{
	struct asked asked = { .boot = boot };

	ask((char *[]){ "systemctl", "show", "-p",
			"FirmwareTimestampMonotonic,LoaderTimestampMonotonic,"
			"InitRDTimestampMonotonic,"
			"UserspaceTimestampMonotonic,UnitsLoadFinishTimestampMonotonic,"
			"FinishTimestampMonotonic,SoftRebootsCount",
			NULL },
	    use_timestamp, &asked);
}

/* Members of one unit come together, its name among them, and then an empty line. */
static void use_unit(struct asked *asked, char *line)
{
	if (!strncmp(line, "Id=", 3))
		snprintf(asked->name, sizeof(asked->name), "%s", line + 3);
	if (!strncmp(line, "InactiveExitTimestampMonotonic=", 31))
		asked->start_ns = strtoull(line + 31, NULL, 10) * 1000;
	if (!strncmp(line, "ActiveEnterTimestampMonotonic=", 30))
		asked->active_ns = strtoull(line + 30, NULL, 10) * 1000;
	if (line[0])
		return;
	/* Devices are there when udev says so: nobody started them. */
	if (asked->name[0] && asked->start_ns && !strstr(asked->name, ".device"))
		ep_boot_add_unit(asked->boot, asked->name, asked->start_ns, asked->active_ns);
	asked->name[0] = '\0';
	asked->start_ns = asked->active_ns = 0;
}

void ep_boot_read_units(struct ep_boot *boot)
{
	struct asked asked = { .boot = boot };
	char end[] = "";

	ask((char *[]){ "systemctl", "show", "*", "-p",
			"Id,InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic", NULL },
	    use_unit, &asked);
	use_unit(&asked, end);
}

/* systemd.io/JOURNAL_NATIVE_PROTOCOL: one datagram. */
void ep_boot_tell_journal(const struct ep_boot *boot, const char *path)
{
	struct sockaddr_un address = { AF_UNIX, "/run/systemd/journal/socket" };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long long exits = ep_boot_total(boot).exits;
	char text[1024];

	snprintf(text, sizeof(text),
		 "MESSAGE=exitprof: %s%llu exits until %llu ms after the kernel's start (%s); see "
		 "'exitprof boot report'\nPRIORITY=6\nSYSLOG_IDENTIFIER=exitprof\n"
		 "MESSAGE_ID=" MESSAGE_ID "\nEXITPROF_EXITS=%s%llu\nEXITPROF_BOOT=%s\n",
		 boot->before_known ? "" : "at least ", exits,
		 (unsigned long long)boot->samples[boot->count - 1].now_ns / 1000000, boot->ended,
		 boot->before_known ? "" : "at least ", exits, path);
	if (fd >= 0)
		sendto(fd, text, strlen(text), MSG_DONTWAIT, (struct sockaddr *)&address,
		       sizeof(address));
}
