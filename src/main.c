// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/complete.h"
#include "cli/locale.h"
#include "cli/machine.h"
#include "cli/message.h"
#include "commands/commands.h"
#include "core/base/cleanup.h"
#include "core/base/closest_match.h"

#define X(name) &ep_command_##name,
static const struct ep_command *const commands[] = { COMMANDS(X) };
#undef X

static void print_help(FILE *file)
{
	fputs("Usage: exitprof COMMAND [OPTION...]\n"
	      "\n"
	      "Shows, from inside a virtual machine, which VM exits a piece of work causes and\n"
	      "what the host spends on them. The host must run a patched KVM, except for bench.\n"
	      "\n"
	      "Examples:\n"
	      "  exitprof doctor                  does the host answer?\n"
	      "  exitprof list                    what can be run\n"
	      "  exitprof run io-heavy            measure, with table, CSV and charts\n"
	      "  exitprof run cpuid-storm --set count=1000\n"
	      "\n"
	      "Commands:\n",
	      file);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(file, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n"
	      "'exitprof COMMAND --help' tells more. Exit status: 0 done, 1 failed, 2 wrong\n"
	      "usage, 3 a regression, 4 the host is not patched.\n",
	      file);
}

static int unknown_command(const char *name)
{
	const char *names[ARRAY_SIZE(commands)], *nearest;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i]->name;
	nearest = ep_closest_match(name, names, ARRAY_SIZE(commands));
	ep_say("unknown %s '%s'", name[0] == '-' ? "option" : "command", name);
	if (nearest)
		ep_say_hint("did you mean 'exitprof %s'?", nearest);
	else
		ep_say_hint("see 'exitprof --help'");
	return EP_STATUS_USAGE;
}

/*
 * What a caller may have left us without: the three descriptors, lest a result's file gets
 * the number of one, and the status of children.
 */
static void begin(void)
{
	/* Such that reading or writing fails, as it does with none. */
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
	begin();
	ep_locale_begin();
	if (argc < 2) {
		print_help(stderr);
		return EP_STATUS_USAGE;
	}
	if (ep_machine_clock())
		return EP_STATUS_FAILED;
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return ep_say_finish(EP_STATUS_DONE);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("exitprof " EXITPROF_VERSION);
		return ep_say_finish(EP_STATUS_DONE);
	}
	/* For the scripts in completion/. */
	if (!strcmp(argv[1], "--complete"))
		return ep_complete(argv + 2, argc - 2, commands, ARRAY_SIZE(commands));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i]->name))
			return ep_say_finish(ep_run_command(commands[i], argc - 1, argv + 1));
	return unknown_command(argv[1]);
}
