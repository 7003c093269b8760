// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <strings.h>

#include "cli/option.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/grow.h"
#include "core/base/value.h"

/* Of --help: where the text begins, and how wide it is. */
#define HELP_COLUMN  25
#define HELP_COLUMNS 63

#define EXPECTED_MAX 256

const struct ep_option ep_option_help = { "help", 'h', NULL, "this text" };

/* "cycles, exits or cost" */
static void format_words(const struct ep_option *option, char *ret, size_t size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < option->word_count && used < size; i++) {
		const char *separator = !used ? "" : i + 1 == option->word_count ? " or " : ", ";

		if (option->words[i])
			used += snprintf(ret + used, size - used, "%s%s", separator,
					 option->words[i]);
	}
}

/* A range where there is one, as it says more than the type. */
static void format_expected(const struct ep_option *option, char *ret, size_t size)
{
	char range[EP_VALUE_RANGE_MAX];

	if (option->expects)
		snprintf(ret, size, "%s", option->expects);
	else if (option->words)
		format_words(option, ret, size);
	else if (option->min > 1 || option->max != UINT64_MAX)
		snprintf(ret, size, "%s",
			 ep_value_range(option->unit, option->min, option->max, range));
	else
		snprintf(ret, size, "%s", ep_value_expected(option->unit));
}

static int refuse(const struct ep_option *option, const char *value, struct ep_error *err)
{
	char expected[EXPECTED_MAX];

	format_expected(option, expected, sizeof(expected));
	return ep_error_set(err, -EINVAL, "--%s takes %s, not '%s'", option->name, expected, value);
}

/* The index of the word that @value is, or one that is too large. */
static size_t find_word(const struct ep_option *option, const char *value)
{
	size_t i = 0;

	while (i < option->word_count && (!option->words[i] || strcasecmp(option->words[i], value)))
		i++;
	return i;
}

static int take_word(const struct ep_option *option, const char *value, void *member,
		     struct ep_error *err)
{
	size_t index = find_word(option, value);

	if (index == option->word_count)
		return refuse(option, value, err);
	if (option->type == EP_OPTION_WORD)
		*(const char **)member = option->words[index];
	else
		*(unsigned int *)member = index;
	return 0;
}

static int take_number(const struct ep_option *option, const char *value, uint64_t *member,
		       struct ep_error *err)
{
	return ep_value_parse_within(option->unit, value, option->min, option->max, member)
		       ? refuse(option, value, err)
		       : 0;
}

static int take_one_more(const char *value, struct ep_option_list *member, struct ep_error *err)
{
	if (ep_grow((void **)&member->list, member->count, sizeof(*member->list)))
		return ep_error_set(err, -ENOMEM, "out of memory");
	member->list[member->count++] = value;
	return 0;
}

static int take_custom(const struct ep_option *option, const char *value, void *member,
		       struct ep_error *err)
{
	int code = option->take(value, member, err);

	return code && !err->message[0] ? refuse(option, value, err) : code;
}

int ep_option_take(const struct ep_option *option, const char *value, void *request,
		   struct ep_error *err)
{
	void *member = (char *)request + option->offset;

	switch (option->type) {
	case EP_OPTION_SWITCH:
		*(bool *)member = true;
		return 0;
	case EP_OPTION_SELECT:
		*(unsigned int *)member = option->value;
		return 0;
	case EP_OPTION_TEXT:
		*(const char **)member = value;
		return 0;
	case EP_OPTION_WORD:
	case EP_OPTION_CHOICE:
		return take_word(option, value, member, err);
	case EP_OPTION_NUMBER:
		return take_number(option, value, member, err);
	case EP_OPTION_LIST:
		return take_one_more(value, member, err);
	case EP_OPTION_CUSTOM:
		return take_custom(option, value, member, err);
	}
	return -EINVAL;
}

int ep_option_begin(const struct ep_option *options, void *request, struct ep_error *err)
{
	int code = 0;

	for (const struct ep_option *option = options; option->name && !code; option++) {
		if (option->initial)
			code = ep_option_take(option, option->initial, request, err);
		else if (option->type == EP_OPTION_NUMBER)
			*(uint64_t *)((char *)request + option->offset) = option->unset;
	}
	return code;
}

void ep_option_finish(const struct ep_option *options, void *request)
{
	for (const struct ep_option *option = options; option->name; option++)
		if (option->type == EP_OPTION_LIST)
			free(((struct ep_option_list *)((char *)request + option->offset))->list);
}

/* The names, and blanks up to the text. */
static void print_names(FILE *file, const struct ep_option *option)
{
	int used = option->letter ? fprintf(file, "  -%c, --%s", option->letter, option->name)
				  : fprintf(file, "      --%s", option->name);

	if (option->argument)
		used += fprintf(file, " %s", option->argument);
	if (used + 2 > HELP_COLUMN) {
		putc('\n', file);
		used = 0;
	}
	fprintf(file, "%*s", HELP_COLUMN - used, "");
}

static void print_option(FILE *file, const struct ep_option *option)
{
	_cleanup_free_ char *text = NULL;
	size_t next;

	if (asprintf(&text, option->initial ? "%s (default: %s)" : "%s", option->help,
		     option->initial) < 0) {
		text = NULL;
		return;
	}
	print_names(file, option);
	for (const char *rest = text; *rest; rest += next) {
		size_t length = ep_terminal_fit(rest, HELP_COLUMNS, &next);

		fprintf(file, "%*s%.*s\n", rest == text ? 0 : HELP_COLUMN, "", (int)length, rest);
	}
}

void ep_option_print(FILE *file, const struct ep_option *options)
{
	for (const struct ep_option *option = options; option->name; option++)
		print_option(file, option);
	print_option(file, &ep_option_help);
}
