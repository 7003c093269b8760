// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "cli/complete.h"
#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/result/module.h"
#include "core/result/settings.h"

/* What an option of any command takes, where that is not free text. */
static const struct {
	const char *option;
	const char *values;
} takes[] = {
	{ "dialect", "auto exitprof classic combined reversed" },
	{ "sort", "exits cycles each mean min away name" },
	{ "vendor", "vmx svm" },
	{ "output", ":folders" },
	{ "metric", "cycles exits cost" },
	{ "chart", ":files" },
	{ "folder", ":folders" },
	{ "format", "html md pdf" },
};

/*
 * The word that is being typed: candidates must begin with @text, and are shown
 * behind @prefix, which the shell counts to the word: "--option=".
 */
struct ep_completion {
	const char *text;
	char prefix[64];
};

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

/* What the help says of --@name, without the finer points. */
static void meaning_of(const struct ep_command *command, const char *name, char *ret, size_t size)
{
	char option[64];
	const char *at = strstr(command->help, "\nOptions:");

	snprintf(option, sizeof(option), "--%s", name);
	ret[0] = '\0';
	while (at && (at = strstr(at, option))) {
		const char *end = at + strcspn(at, "\n"), *text;

		at += strlen(option);
		/* A placeholder may follow the name; the text is behind two spaces. */
		text = strstr(at, "  ");
		if (!strchr(" =\n", *at) || !text || text >= end)
			continue;
		text += strspn(text, " ");
		snprintf(ret, size, "%.*s", (int)strcspn(text, ":;(\n"), text);
		return;
	}
}

static void offer_options(const struct ep_command *command, const struct ep_completion *completion)
{
	for (const struct option *option = command->options; option->name; option++) {
		char word[64], meaning[128];

		snprintf(word, sizeof(word), "--%s", option->name);
		meaning_of(command, option->name, meaning, sizeof(meaning));
		ep_complete_offer(completion, word, meaning);
	}
}

static void offer_workloads(const struct ep_completion *completion)
{
	_cleanup_free_ char *search = ep_paths_workloads();
	_cleanup_(ep_names_finish) struct ep_names names = {};

	if (!search || ep_module_names(&names, search))
		return;
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_(ep_module_unload) struct ep_module module = {};

		if (begins(names.list[i], completion->text) &&
		    !ep_module_load(&module, names.list[i], search, NULL))
			ep_complete_offer(completion, names.list[i], module.workload->summary);
	}
	/* One of the user's own is a path. */
	if (strchr(completion->text, '/') || completion->text[0] == '.')
		puts(":files");
}

/* The options of the workload @name, as NAME=. */
static void offer_settings(const struct ep_completion *completion, const char *name)
{
	_cleanup_free_ char *search = ep_paths_workloads();
	_cleanup_(ep_module_unload) struct ep_module module = {};

	if (!search || !name || ep_module_load(&module, name, search, NULL))
		return;
	for (const struct exitprof_option *option = module.workload->options;
	     option && option->name; option++) {
		char word[64];

		snprintf(word, sizeof(word), "%s=", option->name);
		ep_complete_offer(completion, word, option->help);
	}
}

static void offer_values(const struct ep_command *command, const char *option,
			 const struct ep_completion *completion, const char *argument)
{
	if (!strcmp(option, "set")) {
		offer_settings(completion, argument);
		return;
	}
	if (command->complete && command->complete(completion, option))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(takes); i++) {
		_cleanup_free_ char *values = strdup(takes[i].values);
		char *state = NULL, *value;

		if (strcmp(takes[i].option, option) || !values)
			continue;
		if (values[0] == ':') {
			puts(values);
			return;
		}
		for (value = strtok_r(values, " ", &state); value;
		     value = strtok_r(NULL, " ", &state))
			ep_complete_offer(completion, value, "");
	}
}

/* The option of @command that @word is, or begins with, if it takes a value. */
static const struct option *taking(const struct ep_command *command, const char *word)
{
	size_t length = strcspn(word, "=");

	for (const struct option *option = command->options; option->name; option++) {
		if (option->has_arg != required_argument)
			continue;
		if (begins(word, "--") ? strlen(option->name) + 2 == length &&
						 !strncmp(word + 2, option->name, length - 2)
				       : word[0] == '-' && word[1] == option->val && !word[2])
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
	case EP_ARGUMENTS_WORKLOAD:
		offer_workloads(completion);
		break;
	case EP_ARGUMENTS_FOLDERS:
		puts(":folders");
		break;
	case EP_ARGUMENTS_PROGRAM:
		printf(":program %d\n", first_argument < 0 ? index : first_argument);
		break;
	case EP_ARGUMENTS_NONE:
		break;
	}
}

/* @words[0] is the command's name. */
static void complete_command(const struct ep_command *command, char **words, int last)
{
	bool program = command->arguments == EP_ARGUMENTS_PROGRAM, ended = false;
	struct ep_completion current = { .text = words[last] };
	const struct option *option = NULL;
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
			ended = true;
		else if (!ended && words[i][0] == '-')
			option = strchr(words[i], '=') ? NULL : taking(command, words[i]);
		else if (argument < 0)
			argument = i;
	}
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
		offer_values(command, option->name, &current,
			     argument < 0 ? NULL : words[argument]);
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
