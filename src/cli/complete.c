// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "cli/complete.h"
#include "core/base/cleanup.h"

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

void ep_complete_offer(const struct ep_completion *completion, const char *word,
		       const char *meaning)
{
	if (begins(word, completion->text))
		printf("%s%s\t%s\n", completion->prefix, word, meaning);
}

/* How much of @help is shown: without what follows a colon, a semicolon or a parenthesis. */
static size_t meaning_length(const char *help)
{
	size_t length = 0;

	while (help[length] && strncmp(help + length, ": ", 2) && strncmp(help + length, "; ", 2) &&
	       strncmp(help + length, " (", 2))
		length++;
	return length;
}

static void offer_option(const struct ep_completion *completion, const struct ep_option *option)
{
	char word[64], meaning[128];

	snprintf(word, sizeof(word), "--%s", option->name);
	snprintf(meaning, sizeof(meaning), "%.*s", (int)meaning_length(option->help), option->help);
	ep_complete_offer(completion, word, meaning);
}

static void offer_options(const struct ep_command *command, const struct ep_completion *completion)
{
	for (const struct ep_option *option = command->options; option->name; option++)
		offer_option(completion, option);
	offer_option(completion, &ep_option_help);
}

static void offer_values(const struct ep_command *command, const struct ep_option *option,
			 const struct ep_completion *completion)
{
	if (command->complete && command->complete(completion, option->name))
		return;
	if (!strcmp(option->argument, "FILE") || !strcmp(option->argument, "PATH"))
		puts(":files");
	if (!strcmp(option->argument, "DIR"))
		puts(":folders");
	for (size_t i = 0; i < option->word_count; i++)
		if (option->words[i])
			ep_complete_offer(completion, option->words[i], "");
}

/* The option of @command that @word is, or begins with, if it takes a value. */
static const struct ep_option *taking(const struct ep_command *command, const char *word)
{
	size_t length = strcspn(word, "=");

	for (const struct ep_option *option = command->options; option->name; option++) {
		if (!option->argument)
			continue;
		if (begins(word, "--") ? strlen(option->name) + 2 == length &&
						 !strncmp(word + 2, option->name, length - 2)
				       : word[0] == '-' && option->letter &&
						 word[1] == option->letter && !word[2])
			return option;
	}
	return NULL;
}

static void complete_arguments(const struct ep_command *command,
			       const struct ep_completion *completion, int first_argument,
			       int index)
{
	if (command->complete && command->complete(completion, NULL))
		return;
	switch (command->arguments) {
	case EP_ARGUMENTS_FOLDERS:
	case EP_ARGUMENTS_SIDES:
		puts(":folders");
		break;
	case EP_ARGUMENTS_PROGRAM:
		printf(":program %d\n", first_argument < 0 ? index : first_argument);
		break;
	case EP_ARGUMENTS_NONE:
	case EP_ARGUMENTS_NAMES:
		break;
	}
}

/* @words[0] is the command's name. */
static void complete_command(const struct ep_command *command, char **words, int last)
{
	bool program = command->arguments == EP_ARGUMENTS_PROGRAM, ended = false;
	struct ep_completion current = { .text = words[last] };
	const struct ep_option *option = NULL;
	const char *sign;
	int argument = -1;

	for (int i = 1; i < last && !(program && argument >= 0); i++) {
		if (option) {
			/* Bash splits at the sign in --option=value. */
			if (strcmp(words[i], "="))
				option = NULL;
			continue;
		}
		if (!ended && !strcmp(words[i], "--"))
			ended = command->arguments != EP_ARGUMENTS_SIDES;
		else if (!ended && words[i][0] == '-')
			option = strchr(words[i], '=') ? NULL : taking(command, words[i]);
		else if (argument < 0)
			argument = i;
	}
	current.argument = argument < 0 ? NULL : words[argument];
	ended |= program && argument >= 0;
	sign = strchr(current.text, '=');
	if (!option && !ended && sign && begins(current.text, "--")) {
		option = taking(command, current.text);
		if (!option)
			return;
		snprintf(current.prefix, sizeof(current.prefix), "%.*s",
			 (int)(sign + 1 - current.text), current.text);
		current.text = sign + 1;
	}
	if (option) {
		if (!strcmp(current.text, "="))
			current.text = "";
		offer_values(command, option, &current);
	} else if (!ended && current.text[0] == '-') {
		offer_options(command, &current);
	} else {
		complete_arguments(command, &current, argument, last);
	}
}

int ep_complete(char **words, int count, const struct ep_command *const *commands,
		size_t command_count)
{
	struct ep_completion current = {};

	if (count < 1)
		return EP_STATUS_USAGE;
	current.text = words[0];
	for (size_t i = 0; i < command_count; i++) {
		if (count == 1)
			ep_complete_offer(&current, commands[i]->name, commands[i]->summary);
		else if (!strcmp(words[0], commands[i]->name))
			complete_command(commands[i], words, count - 1);
	}
	if (count == 1 && words[0][0] == '-') {
		ep_complete_offer(&current, "--help", "how to use exitprof");
		ep_complete_offer(&current, "--version", "which one this is");
	}
	return EP_STATUS_DONE;
}
