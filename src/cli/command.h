/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - what a command of exitprof is
 *
 * A new command is a file in commands/ and a word in its meson.build.
 */
#ifndef EP_CLI_COMMAND_H
#define EP_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/message.h"
#include "cli/option.h"

/* What the arguments of a command are. */
enum ep_arguments {
	EP_ARGUMENTS_NONE,    /* there are none: one is wrong usage */
	EP_ARGUMENTS_NAMES,   /* words that .complete() knows */
	EP_ARGUMENTS_FOLDERS, /* names of folders */
	EP_ARGUMENTS_SIDES,   /* the same; a "--" among them divides them, and ends no options */
	EP_ARGUMENTS_PROGRAM, /* a program and its arguments: options end at the first one */
};

/* Of complete.h */
struct ep_completion;

/*
 * @help: what `exitprof NAME --help` prints before the options: usage, purpose, examples
 * @notes: what it prints behind them, or NULL
 * @options: see option.h
 * @request_size: of the struct that they fill
 * @complete: offers what may follow --@option, or what an argument may be if that is NULL, by
 *	ep_complete_offer(); returns whether it knows. NULL: the command has nothing of its own to
 *	offer
 * @run: @request is filled; @argc arguments at @argv, without the command's name and without
 *	options, and a NULL behind them. Returns a status.
 */
struct ep_command {
	const char *name;
	const char *summary;
	const char *help;
	const char *notes;
	const struct ep_option *options;
	size_t request_size;
	enum ep_arguments arguments;
	bool (*complete)(const struct ep_completion *completion, const char *option);
	int (*run)(const struct ep_command *command, void *request, int argc, char **argv);
};

/*
 * Parses @argv, whose first word is the command's name, and runs the command; or answers --help,
 * or reports what is wrong. Returns a status.
 */
int ep_run_command(const struct ep_command *command, int argc, char **argv);

/* Prints the command's name, a colon, @format, and how to get help. Returns EP_STATUS_USAGE. */
int ep_command_misused(const struct ep_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* EP_CLI_COMMAND_H */
