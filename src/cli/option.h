/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option.h - the options of a command, as a table
 *
 * Parsing, --help and completion read the table; tests/docs/options.sh compares the man page
 * with it. Values go into the command's `struct request`:
 *
 *	struct request {
 *		uint64_t duration_ns;
 *		enum ep_output_format format;
 *	};
 *
 *	static const struct ep_option options[] = {
 *		{ "duration", 'd', "TIME", "how long each probe is measured",
 *		  EP_DURATION(duration_ns, 1, UINT64_MAX), .initial = "250ms" },
 *		EP_OPTION_JSON(format, "print JSON instead"),
 *		{},
 *	};
 */
#ifndef EP_CLI_OPTION_H
#define EP_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <exitprof/workload.h>

#include "cli/output.h"
#include "core/base/error.h"
#include "core/host/dialect.h"

/* What the member of the request is, and what an option makes of it. */
enum ep_option_type {
	EP_OPTION_SWITCH, /* bool: true; the option takes no value */
	EP_OPTION_SELECT, /* an enum: .value; the option takes no value */
	EP_OPTION_TEXT,	  /* const char *: the value */
	EP_OPTION_WORD,	  /* const char *: the one of .words that the value is */
	EP_OPTION_CHOICE, /* an enum: the index of that word */
	EP_OPTION_NUMBER, /* uint64_t: the value, from .min to .max */
	EP_OPTION_LIST,	  /* struct ep_option_list: the values of all such options */
	EP_OPTION_CUSTOM, /* what .take makes of the value */
};

/* @list: @count values, as typed. */
struct ep_option_list {
	const char **list;
	size_t count;
};

/*
 * @name: without the dashes
 * @letter: the short form, or 0
 * @argument: what the value is called, such as TIME; NULL if the option takes none. FILE, PATH and
 *	DIR are completed as what they are.
 * @help: a phrase in lower case, without a full stop. What it says before a colon, a semicolon
 *	or a parenthesis is shown beside the option when that is completed.
 * @type, @offset: of the member that the option sets
 * @initial: the value without the option, as a user would type it, which --help shows; or NULL,
 *	and the member is zero, or .unset
 * @words: of a WORD or CHOICE: those that are allowed, in upper or lower case; @word_count of them
 *	with any NULLs
 * @unit, @min, @max, @unset: of a NUMBER
 * @value: of a SELECT
 * @take: of a CUSTOM: sets *@member. Returns 0, or a negative errno for a wrong value, with @err
 *	filled or empty.
 * @expects: what the value should have been, for the message; NULL if that is clear from the
 *	above
 *
 * A table ends with a row whose name is NULL. --help is not in it.
 */
struct ep_option {
	const char *name;
	char letter;
	const char *argument;
	const char *help;
	enum ep_option_type type;
	size_t offset;
	const char *initial;
	const char *const *words;
	size_t word_count;
	enum exitprof_option_type unit;
	uint64_t min;
	uint64_t max;
	uint64_t unset;
	unsigned int value;
	int (*take)(const char *value, void *member, struct ep_error *err);
	const char *expects;
};

/* The offset of a member that must be of @kind, or an enum. */
#define EP_OPTION_AT(member, kind)                                                                 \
	offsetof(struct request, member) +                                                         \
		0 * sizeof(char[__builtin_types_compatible_p(                                      \
					__typeof__(((struct request *)0)->member), kind)           \
					? 1                                                        \
					: -1])
#define EP_OPTION_AT_ENUM(member)                                                                  \
	offsetof(struct request, member) +                                                         \
		0 * sizeof(char[sizeof(((struct request *)0)->member) == sizeof(unsigned int)      \
					? 1                                                        \
					: -1])

/* Types, for the end of a row. */
#define EP_SWITCH(member) .type = EP_OPTION_SWITCH, .offset = EP_OPTION_AT(member, bool)
#define EP_SELECT(member, one)                                                                     \
	.type = EP_OPTION_SELECT, .offset = EP_OPTION_AT_ENUM(member), .value = one
#define EP_TEXT(member) .type = EP_OPTION_TEXT, .offset = EP_OPTION_AT(member, const char *)
#define EP_LIST(member)                                                                            \
	.type = EP_OPTION_LIST, .offset = EP_OPTION_AT(member, struct ep_option_list)
#define EP_WORD(member, of)                                                                        \
	.type = EP_OPTION_WORD, .offset = EP_OPTION_AT(member, const char *), .words = of,         \
	.word_count = sizeof(of) / sizeof((of)[0])
#define EP_CHOICE(member, of)                                                                      \
	.type = EP_OPTION_CHOICE, .offset = EP_OPTION_AT_ENUM(member), .words = of,                \
	.word_count = sizeof(of) / sizeof((of)[0])
#define EP_COUNT(member, least, most)                                                              \
	.type = EP_OPTION_NUMBER, .offset = EP_OPTION_AT(member, uint64_t),                        \
	.unit = EXITPROF_OPTION_COUNT, .min = least, .max = most
#define EP_DURATION(member, least, most)                                                           \
	.type = EP_OPTION_NUMBER, .offset = EP_OPTION_AT(member, uint64_t),                        \
	.unit = EXITPROF_OPTION_DURATION, .min = least, .max = most
#define EP_CUSTOM(member, kind, function)                                                          \
	.type = EP_OPTION_CUSTOM, .offset = EP_OPTION_AT(member, kind), .take = function

/* Rows that several commands have. */
#define EP_OPTION_DIALECT(member)                                                                  \
	{                                                                                          \
		"dialect", 0, "NAME",                                                              \
			"which of the host's leaves are read: exitprof, classic, combined, "       \
			"reversed, or auto, which takes the best that there are",                  \
			EP_WORD(member, ep_dialect_names), .initial = "auto"                       \
	}
#define EP_OPTION_CSV(member, text)                                                                \
	{                                                                                          \
		"csv", 0, NULL, text, EP_SELECT(member, EP_OUTPUT_CSV)                             \
	}
#define EP_OPTION_JSON(member, text)                                                               \
	{                                                                                          \
		"json", 0, NULL, text, EP_SELECT(member, EP_OUTPUT_JSON)                           \
	}

/* The row of --help, which every command has. */
extern const struct ep_option ep_option_help;

/* All members at their initial values; @request is zeroed. Returns as ep_option_take(). */
int ep_option_begin(const struct ep_option *options, void *request, struct ep_error *err);

/*
 * Sets the member of *@request that belongs to @option; @value is NULL for an option that takes
 * none, else it must live as long as the request. Returns 0, -ENOMEM, or another negative errno
 * for a wrong value: *@err is then "--NAME takes ..., not 'VALUE'".
 */
int ep_option_take(const struct ep_option *option, const char *value, void *request,
		   struct ep_error *err);

/* Frees what the members own. */
void ep_option_finish(const struct ep_option *options, void *request);

/* The lines of --help: all options, and --help itself. */
void ep_option_print(FILE *file, const struct ep_option *options);

#endif /* EP_CLI_OPTION_H */
