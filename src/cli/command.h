/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - what a command of exitprof is
 *
 * A new command is a file in commands/ and a word in its meson.build.
 */
#ifndef EP_CLI_COMMAND_H
#define EP_CLI_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/message.h"

/* What the arguments of a command are, for the shell to complete them. */
enum ep_arguments {
	EP_ARGUMENTS_NONE,
	EP_ARGUMENTS_WORKLOAD,
	EP_ARGUMENTS_FOLDERS,
	EP_ARGUMENTS_PROGRAM,
};

/* Of complete.h */
struct ep_completion;

/*
 * @help: what `exitprof NAME --help` prints: examples first
 * @options: of getopt_long(), with EP_OPTION_HELP last; a val below 256 is the
 *	option's short form, too
 * @arguments: with EP_ARGUMENTS_PROGRAM, options end at the first argument: what
 *	follows is the program's
 * @complete: offers what may follow --@option, or what an argument may be if that is NULL, by
 *	ep_complete_offer(); returns whether it knows. NULL: the command has nothing of its own to
 *	offer
 * @run: gets the command's own argv, with its name at 0; returns a status
 */
struct ep_command {
	const char *name;
	const char *summary;
	const char *help;
	const struct option *options;
	enum ep_arguments arguments;
	bool (*complete)(const struct ep_completion *completion, const char *option);
	int (*run)(const struct ep_command *command, int argc, char **argv);
};

/* Of getopt_long() for every command; 'h' is --help. */
#define EP_OPTION_HELP                                                                             \
	{                                                                                          \
		"help", no_argument, NULL, 'h'                                                     \
	}

/*
 * getopt_long() over the command's options, that answers --help and reports what
 * is wrong. Returns the option, -1 at their end, or EP_OPTION_DONE with
 * *@ret_status set if the command is to return that.
 */
#define EP_OPTION_DONE 1000
int ep_command_option(const struct ep_command *command, int argc, char **argv, int *ret_status);

/* Says @format, then how to get help. Returns EP_STATUS_USAGE. */
int ep_command_misused(const struct ep_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* EP_CLI_COMMAND_H */
