// SPDX-License-Identifier: GPL-3.0-or-later
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/closest_match.h"

/* What getopt_long() returns for the option of that index, whichever form was typed. */
#define LONG_OPTION 256

int ep_command_misused(const struct ep_command *command, const char *format, ...)
{
	struct ep_error err = {};
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	ep_error_set(&err, -EINVAL, "%s: %s", command->name, text ?: "");
	free(text);
	ep_error_hint(&err, "see 'exitprof %s --help'", command->name);
	ep_say_error(&err);
	return EP_STATUS_USAGE;
}

/*
 * What getopt_long() works on.
 *
 * @rows: the command's options and --help, @count of them
 * @long_options, @short_options: the same as it wants them
 * @arguments: those found so far, @argument_count of them
 */
struct parser {
	const struct ep_command *command;
	const struct ep_option **rows;
	size_t count;
	struct option *long_options;
	char *short_options;
	char **arguments;
	int argument_count;
	void *request;
};

static void finish(struct parser *parser)
{
	free(parser->rows);
	free(parser->long_options);
	free(parser->short_options);
	free(parser->arguments);
	if (parser->request)
		ep_option_finish(parser->command->options, parser->request);
	free(parser->request);
}

static void fill(struct parser *parser)
{
	const struct ep_option *option = parser->command->options;
	char *letter = parser->short_options;

	/* Arguments come in their order, as the value of an option 1, or end the options. */
	*letter++ = parser->command->arguments == EP_ARGUMENTS_PROGRAM ? '+' : '-';
	*letter++ = ':';
	for (size_t i = 0; i < parser->count; i++, option++) {
		if (!option->name)
			option = &ep_option_help;
		parser->rows[i] = option;
		parser->long_options[i] = (struct option){
			option->name,
			option->argument ? required_argument : no_argument,
			NULL,
			LONG_OPTION + i,
		};
		if (!option->letter)
			continue;
		*letter++ = option->letter;
		if (option->argument)
			*letter++ = ':';
	}
}

static int begin(struct parser *parser, const struct ep_command *command, int argc)
{
	*parser = (struct parser){ .command = command, .count = 1 };
	for (const struct ep_option *option = command->options; option->name; option++)
		parser->count++;
	parser->rows = calloc(parser->count, sizeof(*parser->rows));
	parser->long_options = calloc(parser->count + 1, sizeof(*parser->long_options));
	parser->short_options = calloc(parser->count + 2, 2);
	parser->arguments = calloc(argc + 1, sizeof(*parser->arguments));
	parser->request = calloc(1, command->request_size);
	if (!parser->rows || !parser->long_options || !parser->short_options ||
	    !parser->arguments || !parser->request)
		return -ENOMEM;
	fill(parser);
	return 0;
}

static int unknown_option(const struct parser *parser, const char *word)
{
	_cleanup_free_ const char **names = calloc(parser->count, sizeof(*names));
	const char *nearest = NULL, *name = word + 2 * !strncmp(word, "--", 2);
	_cleanup_free_ char *typed = strndup(name, strcspn(name, "="));

	for (size_t i = 0; names && i < parser->count; i++)
		names[i] = parser->rows[i]->name;
	if (names && typed)
		nearest = ep_closest_match(typed, names, parser->count);
	ep_say("%s: unknown option '--%s'", parser->command->name, typed ?: "");
	if (nearest)
		ep_say_hint("did you mean '--%s'?", nearest);
	else
		ep_say_hint("see 'exitprof %s --help'", parser->command->name);
	return EP_STATUS_USAGE;
}

/* @word: in which getopt_long() found what it does not understand */
static int misunderstood(const struct parser *parser, const char *word)
{
	const struct ep_command *command = parser->command;

	if (optopt && strncmp(word, "--", 2))
		return ep_command_misused(command, "unknown option '-%c'", optopt);
	if (optopt)
		return ep_command_misused(command, "option '%.*s' takes no value",
					  (int)strcspn(word, "="), word);
	return unknown_option(parser, word);
}

static int print_help(const struct ep_command *command)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return EP_STATUS_FAILED;
	fprintf(file, "%s\nOptions:\n", command->help);
	ep_option_print(file, command->options);
	if (command->notes)
		fprintf(file, "\n%s", command->notes);
	if (fclose(file))
		return EP_STATUS_FAILED;
	ep_terminal_put_help(stdout, text);
	return EP_STATUS_DONE;
}

static const struct ep_option *row_of(const struct parser *parser, int option)
{
	if (option >= LONG_OPTION)
		return parser->rows[option - LONG_OPTION];
	for (size_t i = 0; i < parser->count; i++)
		if (parser->rows[i]->letter == option)
			return parser->rows[i];
	return NULL;
}

static int take(const struct parser *parser, const struct ep_option *option)
{
	struct ep_error err = {};

	if (!ep_option_take(option, optarg, parser->request, &err))
		return EP_STATUS_DONE;
	if (!err.hint[0])
		return ep_command_misused(parser->command, "%s", err.message);
	ep_say("%s: %s", parser->command->name, err.message);
	ep_say_hint("%s", err.hint);
	return EP_STATUS_USAGE;
}

/*
 * Options and arguments of @argv behind its first word, as far as options go. Returns a status,
 * or -1 to go on.
 */
static int parse(struct parser *parser, int argc, char **argv)
{
	int option, status = EP_STATUS_DONE;

	opterr = 0;
	/* Of the GNU library: from the beginning. */
	optind = 0;
	while (!status && (option = getopt_long(argc, argv, parser->short_options,
						parser->long_options, NULL)) != -1) {
		const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
		const struct ep_option *row;

		if (option == 1) {
			parser->arguments[parser->argument_count++] = optarg;
			continue;
		}
		if (option == ':')
			return ep_command_misused(parser->command, "option '%s' needs a value",
						  word);
		row = option == '?' ? NULL : row_of(parser, option);
		if (!row)
			return misunderstood(parser, word);
		if (row == &ep_option_help)
			return print_help(parser->command);
		status = take(parser, row);
	}
	return status ?: -1;
}

/* As above, with what comes behind the options. */
static int parse_all(struct parser *parser, int argc, char **argv)
{
	int status = parse(parser, argc, argv);

	/* Options go on behind a "--" that divides; it is where the program's name is expected. */
	while (status < 0 && parser->command->arguments == EP_ARGUMENTS_SIDES && optind > 1 &&
	       !strcmp(argv[optind - 1], "--")) {
		parser->arguments[parser->argument_count++] = argv[optind - 1];
		argc -= optind - 1;
		argv += optind - 1;
		status = parse(parser, argc, argv);
	}
	for (; status < 0 && optind < argc; optind++)
		parser->arguments[parser->argument_count++] = argv[optind];
	return status;
}

int ep_run_command(const struct ep_command *command, int argc, char **argv)
{
	_cleanup_(finish) struct parser parser;
	struct ep_error err = {};
	int status;

	if (begin(&parser, command, argc) ||
	    ep_option_begin(command->options, parser.request, &err)) {
		ep_say("%s", err.message[0] ? err.message : "out of memory");
		return EP_STATUS_FAILED;
	}
	status = parse_all(&parser, argc, argv);
	if (status >= 0)
		return status;
	if (command->arguments == EP_ARGUMENTS_NONE && parser.argument_count)
		return ep_command_misused(command, "unexpected '%s'", parser.arguments[0]);
	return command->run(command, parser.request, parser.argument_count, parser.arguments);
}
