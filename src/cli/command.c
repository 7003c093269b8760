// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/base/closest_match.h"

#define LONG_OPTIONS_MAX  32
#define SHORT_OPTIONS_MAX (2 * LONG_OPTIONS_MAX + 3)

int ep_command_misused(const struct ep_command *command, const char *format, ...)
{
	struct ep_error err = {};
	va_list args;

	va_start(args, format);
	vsnprintf(err.message, sizeof(err.message), format, args);
	va_end(args);
	ep_error_hint(&err, "see 'exitprof %s --help'", command->name);
	ep_say_error(&err);
	return EP_STATUS_USAGE;
}

static int unknown_option(const struct ep_command *command, const char *word)
{
	const struct option *options = command->options;
	const char *names[LONG_OPTIONS_MAX], *nearest;
	char name[64];
	size_t count = 0;

	if (!strncmp(word, "--", 2))
		word += 2;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	for (; options->name && count < LONG_OPTIONS_MAX; options++)
		names[count++] = options->name;
	nearest = ep_closest_match(name, names, count);
	ep_say("%s: unknown option '--%s'", command->name, name);
	if (nearest)
		ep_say_hint("did you mean '--%s'?", nearest);
	else
		ep_say_hint("see 'exitprof %s --help'", command->name);
	return EP_STATUS_USAGE;
}

/* As getopt(3) wants them. */
static void list_short_options(const struct ep_command *command, char ret[SHORT_OPTIONS_MAX])
{
	if (command->arguments == EP_ARGUMENTS_PROGRAM)
		*ret++ = '+';
	*ret++ = ':';
	for (const struct option *option = command->options; option->name; option++) {
		if (option->val >= 256)
			continue;
		*ret++ = option->val;
		if (option->has_arg == required_argument)
			*ret++ = ':';
	}
	*ret = '\0';
}

int ep_command_option(const struct ep_command *command, int argc, char **argv, int *ret_status)
{
	char short_options[SHORT_OPTIONS_MAX];
	const char *word;
	int option;

	opterr = 0;
	list_short_options(command, short_options);
	option = getopt_long(argc, argv, short_options, command->options, NULL);
	word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	switch (option) {
	case 'h':
		ep_terminal_put_help(stdout, command->help);
		*ret_status = EP_STATUS_DONE;
		return EP_OPTION_DONE;
	case ':':
		*ret_status = ep_command_misused(command, "%s: option '%s' needs a value",
						 command->name, word);
		return EP_OPTION_DONE;
	case '?':
		if (optopt && strncmp(word, "--", 2))
			*ret_status = ep_command_misused(command, "%s: unknown option '-%c'",
							 command->name, optopt);
		else if (optopt)
			*ret_status =
				ep_command_misused(command, "%s: option '%.*s' takes no value",
						   command->name, (int)strcspn(word, "="), word);
		else
			*ret_status = unknown_option(command, word);
		return EP_OPTION_DONE;
	default:
		return option;
	}
}
