// SPDX-License-Identifier: GPL-3.0-or-later
/* A command's table of options: initial values, what each type takes, and where arguments go. */
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "core/base/cleanup.h"
#include "unit.h"

enum colour { NO_COLOUR, RED, GREEN };

struct request {
	bool flag;
	enum ep_output_format format;
	const char *text;
	const char *word;
	enum colour colour;
	uint64_t count;
	uint64_t time_ns;
	uint64_t least_ns;
	struct ep_option_list list;
	int length;
	const char *dialect;
};

static const char *const words[] = { "one", "two", "three" };
static const char *const colours[] = { [RED] = "red", [GREEN] = "green" };

static int take_length(const char *value, void *member, struct ep_error *err)
{
	*(int *)member = strlen(value);
	if (!strcmp(value, "taken")) {
		ep_error_hint(err, "take another");
		return ep_error_set(err, -EBUSY, "it is taken");
	}
	return value[0] ? 0 : -EINVAL;
}

static const struct ep_option options[] = {
	{ "flag", 'f', NULL, "be it so", EP_SWITCH(flag) },
	{ "text", 't', "TEXT", "a text", EP_TEXT(text) },
	{ "word", 0, "WORD", "a word", EP_WORD(word, words), .initial = "two" },
	{ "colour", 0, "COLOUR", "a colour", EP_CHOICE(colour, colours) },
	{ "count", 'n', "N", "how often", EP_COUNT(count, 1, 100), .initial = "7" },
	{ "time", 0, "TIME", "how long: a time", EP_DURATION(time_ns, 0, UINT64_MAX), .unset = 42 },
	{ "least", 0, "TIME", "as long", EP_DURATION(least_ns, 1000000, UINT64_MAX) },
	{ "list", 'l', "ITEM", "one more", EP_LIST(list) },
	{ "length", 0, "WORD", "how long that is", EP_CUSTOM(length, int, take_length),
	  .expects = "a word" },
	EP_OPTION_DIALECT(dialect),
	EP_OPTION_CSV(format, "as CSV"),
	EP_OPTION_JSON(format, "as JSON"),
	{},
};

static const struct ep_option *find(const char *name)
{
	const struct ep_option *option = options;

	while (strcmp(option->name, name))
		option++;
	return option;
}

static int take(struct request *request, const char *name, const char *value, struct ep_error *err)
{
	*err = (struct ep_error){};
	return ep_option_take(find(name), value, request, err);
}

static void begin(struct request *request)
{
	struct ep_error err = {};

	*request = (struct request){};
	assert_int_equal(ep_option_begin(options, request, &err), 0);
}

static void test_initial(void **state)
{
	struct request request;

	begin(&request);
	assert_false(request.flag);
	assert_int_equal(request.format, EP_OUTPUT_TABLE);
	assert_null(request.text);
	assert_string_equal(request.word, "two");
	assert_int_equal(request.colour, NO_COLOUR);
	assert_int_equal(request.count, 7);
	assert_int_equal(request.time_ns, 42);
	assert_int_equal(request.least_ns, 0);
	assert_int_equal(request.list.count, 0);
	assert_string_equal(request.dialect, "auto");
}

static void test_values(void **state)
{
	struct request request;
	struct ep_error err;

	begin(&request);
	assert_int_equal(take(&request, "flag", NULL, &err), 0);
	assert_true(request.flag);
	assert_int_equal(take(&request, "csv", NULL, &err), 0);
	assert_int_equal(take(&request, "json", NULL, &err), 0);
	assert_int_equal(request.format, EP_OUTPUT_JSON);
	assert_int_equal(take(&request, "text", "", &err), 0);
	assert_string_equal(request.text, "");
	assert_int_equal(take(&request, "word", "Three", &err), 0);
	assert_string_equal(request.word, "three");
	assert_int_equal(take(&request, "colour", "GREEN", &err), 0);
	assert_int_equal(request.colour, GREEN);
	assert_int_equal(take(&request, "count", "100", &err), 0);
	assert_int_equal(request.count, 100);
	assert_int_equal(take(&request, "time", "0", &err), 0);
	assert_int_equal(request.time_ns, 0);
	assert_int_equal(take(&request, "least", "1ms", &err), 0);
	assert_int_equal(request.least_ns, 1000000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(take(&request, "list", words[i % 3], &err), 0);
	assert_int_equal(request.list.count, 100);
	assert_string_equal(request.list.list[98], "three");
	assert_int_equal(take(&request, "length", "four", &err), 0);
	assert_int_equal(request.length, 4);
	ep_option_finish(options, &request);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *name, *value, *message;
	} cases[] = {
		{ "word", "four", "--word takes one, two or three, not 'four'" },
		{ "word", "", "--word takes one, two or three, not ''" },
		{ "colour", "blue", "--colour takes red or green, not 'blue'" },
		{ "count", "0", "--count takes 1 to 100, not '0'" },
		{ "count", "101", "--count takes 1 to 100, not '101'" },
		{ "count", "x", "--count takes 1 to 100, not 'x'" },
		{ "time", "soon",
		  "--time takes a duration such as 10s, 500ms, 20us or 1m, not 'soon'" },
		{ "least", "999us", "--least takes 1ms or more, not '999us'" },
		{ "length", "", "--length takes a word, not ''" },
		{ "length", "taken", "it is taken" },
		{ "dialect", "german",
		  "--dialect takes auto, exitprof, classic, combined or reversed, not 'german'" },
	};
	struct request request;
	struct ep_error err;

	begin(&request);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(take(&request, cases[i].name, cases[i].value, &err) < 0);
		assert_string_equal(err.message, cases[i].message);
	}
	assert_string_equal(request.word, "two");
	assert_int_equal(request.count, 7);
	assert_int_equal(request.time_ns, 42);
}

/* The names that a user types are those of the tables. */
static void test_dialects(void **state)
{
	for (size_t i = 0; i < EP_DIALECTS; i++)
		assert_string_equal(ep_dialect_names[2 + i], ep_dialects[i].name);
}

/* What the command below was run with: options, and arguments between bars. */
static char called[256];

static int run(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	int used = snprintf(called, sizeof(called), "%s%s%s", request->flag ? "f" : "",
			    request->text ?: "", request->list.count ? request->list.list[0] : "");

	for (int i = 0; i < argc; i++)
		used += snprintf(called + used, sizeof(called) - used, "|%s", argv[i]);
	assert_null(argv[argc]);
	return EP_STATUS_DONE;
}

static void test_arguments(void **state)
{
	static const struct {
		enum ep_arguments arguments;
		char *words[10];
		int status;
		const char *called;
	} cases[] = {
		{ EP_ARGUMENTS_NONE, { "-f" }, 0, "f" },
		{ EP_ARGUMENTS_NONE, { "a" }, EP_STATUS_USAGE, "" },
		{ EP_ARGUMENTS_NAMES, { "a", "-f", "b" }, 0, "f|a|b" },
		{ EP_ARGUMENTS_NAMES, { "a", "-ft", "x", "-", "b" }, 0, "fx|a|-|b" },
		{ EP_ARGUMENTS_NAMES, { "a", "-tx", "-lb", "-lc" }, 0, "xb|a" },
		{ EP_ARGUMENTS_NAMES, { "--fl", "--text=x", "a" }, 0, "fx|a" },
		{ EP_ARGUMENTS_NAMES, { "a", "--", "-f", "--" }, 0, "|a|-f|--" },
		{ EP_ARGUMENTS_NAMES, { "-t", "--", "a" }, 0, "--|a" },
		{ EP_ARGUMENTS_PROGRAM, { "-f", "a", "-t", "--", "b" }, 0, "f|a|-t|--|b" },
		{ EP_ARGUMENTS_PROGRAM, { "-f", "--", "-t" }, 0, "f|-t" },
		{ EP_ARGUMENTS_SIDES, { "a", "b" }, 0, "|a|b" },
		{ EP_ARGUMENTS_SIDES, { "a", "-f", "--", "b", "-t", "x", "c" }, 0, "fx|a|--|b|c" },
		{ EP_ARGUMENTS_SIDES, { "--", "b", "--" }, 0, "|--|b|--" },
		{ EP_ARGUMENTS_NAMES, { "-x" }, EP_STATUS_USAGE, "" },
		{ EP_ARGUMENTS_NAMES, { "--flag=yes" }, EP_STATUS_USAGE, "" },
		{ EP_ARGUMENTS_NAMES, { "a", "-t" }, EP_STATUS_USAGE, "" },
		{ EP_ARGUMENTS_SIDES, { "a", "--", "b", "--count", "0" }, EP_STATUS_USAGE, "" },
		{ EP_ARGUMENTS_NAMES, { "-f", "--help", "--count", "0" }, 0, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ep_command command = {
			.name = "test",
			.help = "Usage: test\n",
			.options = options,
			.request_size = sizeof(struct request),
			.arguments = cases[i].arguments,
			.run = run,
		};
		char *argv[12] = { "test" };
		int argc = 1;

		for (; cases[i].words[argc - 1]; argc++)
			argv[argc] = cases[i].words[argc - 1];
		called[0] = '\0';
		assert_int_equal(ep_run_command(&command, argc, argv), cases[i].status);
		assert_string_equal(called, cases[i].called);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_initial),	  cmocka_unit_test(test_values),
		cmocka_unit_test(test_wrong),	  cmocka_unit_test(test_dialects),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
