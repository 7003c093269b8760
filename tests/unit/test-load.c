// SPDX-License-Identifier: GPL-3.0-or-later
/* A result is read as it was written, and what cannot be right is named with its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/csv_read.h"
#include "core/base/input.h"
#include "core/result/load.h"
#include "result_files.h"
#include "unit.h"

#define RUNS_HEADER  "repeat,duration_ns,operations_count,exits_count,handling_cycles\n"
#define EXITS_HEADER "repeat,scope,reason,name,exits_count,handling_cycles\n"
#define RUN_HEAD     "{\"format\":1,\"run\":{\"repeats_count\":2},\n"

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct result_files));
	result_files_init(*state);
	return 0;
}

static int teardown(void **state)
{
	result_files_finish(*state);
	free(*state);
	return 0;
}

static void test_good(void **state)
{
	const struct result_files *files = *state;
	_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
	struct ep_loaded_figure figure;

	assert_int_equal(ep_load(&loaded, files->path, NULL), 0);
	assert_int_equal(loaded.repeat_count, 2);
	assert_int_equal(loaded.repeats[1].operations, 20);
	assert_int_equal(loaded.repeats[1].all.exits, 62);
	assert_int_equal(loaded.repeats[1].all.cycles, 6400);
	assert_int_equal(loaded.row_count, 4);
	assert_true(loaded.has_cycles);
	assert_string_equal(loaded.rows[0].name, "hlt");
	figure = ep_load_find(&loaded, 123, 1);
	assert_int_equal(figure.exits, 42);
	assert_int_equal(figure.cycles, 5400);
	assert_true(figure.has_cycles);
	figure = ep_load_find(&loaded, 999, 0);
	assert_int_equal(figure.exits, 0);
	assert_true(figure.has_cycles);
	assert_string_equal(ep_load_text(&loaded, "workload", "name"), "nap");
	assert_string_equal(ep_load_text(&loaded, "workload", "options"), "");
	assert_string_equal(ep_load_text(&loaded, "nothing", "name"), "");
}

static const struct {
	const char *run, *name;
} names[] = {
	{ "\"workload\":{\"name\":\"x\"},\"command\":[\"y\"]", "x" },
	{ "\"workload\":null,\"command\":[\"ls\",\"-l\",7,null,\"\\u001b\"]", "ls -l 7  "
									      "\xef\xbf\xbd" },
	{ "\"command\":[\"0123456789012345678901234567890123456789\","
	  "\"0123456789012345678901234567890123456789\",\"x\"]",
	  "0123456789012345678901234567890123456789 0123456789012345678901" },
	{ "\"workload\":null,\"command\":null", "record" },
};

static void test_names(void **state)
{
	const struct result_files *files = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
		char text[512], name[EP_LOAD_NAME_MAX];

		snprintf(text, sizeof(text), RUN_HEAD "\"host\":{\"vendor\":\"SVM\"},%s}",
			 names[i].run);
		result_files_write(files, "run.json", text);
		assert_int_equal(ep_load(&loaded, files->path, NULL), 0);
		assert_string_equal(ep_load_name(&loaded, name), names[i].name);
	}
}

/* In any order, among others, with Windows' line ends and empty lines. */
static void test_columns_by_name(void **state)
{
	const struct result_files *files = *state;
	_cleanup_(ep_load_finish) struct ep_loaded loaded = {};

	result_files_write(files, "exits.csv",
			   "handling_cycles,x,name,repeat,exits_count,scope,reason\r\n\r\n"
			   "7,\"a\r\nb\",hlt,2,5,vm,120\r\n");
	assert_int_equal(ep_load(&loaded, files->path, NULL), 0);
	assert_int_equal(loaded.row_count, 1);
	assert_int_equal(ep_load_find(&loaded, 120, 1).cycles, 7);
}

/* As spreadsheets save it. */
static void test_byte_order_mark(void **state)
{
	static const char *const marked[] = { "\xef\xbb\xbf" EXITS_HEADER "2,vm,120,hlt,5,7\n",
					      "\xef\xbb\xbf\"repeat\",\"scope\",reason,name,exits_"
					      "count,handling_cycles\r\n2,vm,120,hlt,5,7" };
	const struct result_files *files = *state;

	for (size_t i = 0; i < ARRAY_SIZE(marked); i++) {
		_cleanup_(ep_load_finish) struct ep_loaded loaded = {};

		result_files_write(files, "exits.csv", marked[i]);
		assert_int_equal(ep_load(&loaded, files->path, NULL), 0);
		assert_int_equal(ep_load_find(&loaded, 120, 1).cycles, 7);
	}
}

/* What a header has in place of commas is named, with what to do about it. */
static void test_separators(void **state)
{
	static const char *const headers[][2] = {
		{ "repeat;scope;reason\n1;vm;2,5\n", "';'" },
		{ "\xef\xbb\xbf\"repeat\";\"scope\"\r\n", "';'" },
		{ "repeat\tscope\treason\n", "tabs" },
		{ "sep=;\nrepeat;scope\n", "';'" },
		{ "repeat|scope", "'|'" },
	};
	const struct result_files *files = *state;

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
		struct ep_error err = {};
		char message[80];

		result_files_write(files, "exits.csv", headers[i][0]);
		assert_int_equal(ep_load(&loaded, files->path, &err), -EINVAL);
		snprintf(message, sizeof(message),
			 "exits.csv':1: its columns are separated by %s, not by ','",
			 headers[i][1]);
		assert_non_null(strstr(err.message, message));
		assert_string_equal(err.hint, "save it again as CSV, with ',' between columns and "
					      "'.' in numbers");
	}
}

/* What the host does not tell is unknown, and not 0. */
static void test_unknown(void **state)
{
	const struct result_files *files = *state;
	_cleanup_(ep_load_finish) struct ep_loaded loaded = {};

	result_files_write(files, "exits.csv",
			   "repeat,scope,reason,name,exits_count,handling_cycles\n"
			   "1,vm,120,hlt,10,\n");
	result_files_write(files, "runs.csv",
			   "repeat,duration_ns,operations_count,exits_count,handling_cycles\n"
			   "1,1,,1,\n2,1,0,1,0\n");
	assert_int_equal(ep_load(&loaded, files->path, NULL), 0);
	assert_false(loaded.has_cycles);
	assert_false(ep_load_find(&loaded, 120, 0).has_cycles);
	assert_false(ep_load_find(&loaded, 120, 1).has_cycles);
	assert_false(loaded.repeats[0].has_operations);
	assert_false(loaded.repeats[0].all.has_cycles);
	assert_true(loaded.repeats[1].has_operations);
	assert_true(loaded.repeats[1].all.has_cycles);
}

static const struct {
	const char *file, *text, *message;
} wrong[] = {
	{ "runs.csv", "", "'runs.csv':1: there is no header" },
	{ "runs.csv", "\xef\xbb\xbf", "'runs.csv':1: there is no header" },
	{ "runs.csv", "\xff\xfer", "'runs.csv':1: it is UTF-16, not UTF-8" },
	{ "runs.csv", "repeat,duration_ns,operations_count,exits_count\n",
	  "'runs.csv':1: there is no column 'handling_cycles'" },
	{ "runs.csv", "repeat,repeat\n", "'runs.csv':1: two columns have the same name" },
	{ "runs.csv", RUNS_HEADER "1,1,1,1\n", "'runs.csv':2: fewer fields than the header has" },
	{ "runs.csv", RUNS_HEADER "1,1,1,1,1\n2,1,1,1,1,1\n",
	  "'runs.csv':3: more fields than the header has" },
	{ "runs.csv", RUNS_HEADER "1,1,1,1,1\n\n3,1,1,1,1\n",
	  "'runs.csv':4: repeat 2 was to come" },
	{ "runs.csv", RUNS_HEADER "1,1,1,1,-1\n",
	  "'runs.csv':2: handling_cycles is no number: '-1'" },
	{ "runs.csv", RUNS_HEADER "1,1,1,,1\n", "'runs.csv':2: exits_count is no number: ''" },
	{ "runs.csv", RUNS_HEADER "1,1,1e3,1,1\n",
	  "'runs.csv':2: operations_count is no number: '1e3'" },
	{ "runs.csv", RUNS_HEADER "1,\x1b[2J,1,1,1\n",
	  "'runs.csv':2: a field has control characters, or is not UTF-8" },
	{ "runs.csv", RUNS_HEADER "1,18446744073709551616,1,1,1\n",
	  "'runs.csv':2: duration_ns is too large: 18446744073709551616" },
	{ "runs.csv", RUNS_HEADER "1,1,1,1,1\n2,1,1,1,\"1\n",
	  "'runs.csv':3: a quote is not closed or out of place" },
	{ "runs.csv", RUNS_HEADER "1,1,1,1,1\"\n",
	  "'runs.csv':2: a quote is not closed or out of place" },
	{ "runs.csv", RUNS_HEADER "1,1,1,1,1\n",
	  "'run.json' tells of 2 repeats, and runs.csv beside it has 1" },
	{ "exits.csv", EXITS_HEADER "3,vm,120,hlt,1,1\n",
	  "'exits.csv':2: runs.csv has no such repeat" },
	{ "exits.csv", EXITS_HEADER "0,vm,120,hlt,1,1\n",
	  "'exits.csv':2: runs.csv has no such repeat" },
	{ "exits.csv", EXITS_HEADER "1,vm,120,hlt,1,1\n2,vm,120,hlt,1,1\n1,vm,120,hlt,1,1\n",
	  "'exits.csv' has reason 120 twice in repeat 1" },
	{ "exits.csv", EXITS_HEADER "1,vm,4294967296,x,1,1\n",
	  "'exits.csv':2: no exit reason has more than 32 bits" },
	{ "exits.csv", EXITS_HEADER "1,vm,1,,1,1\n", "'exits.csv':2: name takes 1 to 63 bytes" },
	{ "exits.csv", EXITS_HEADER "1,vm,1,\x1b[2J,1,1\n",
	  "'exits.csv':2: a field has control characters, or is not UTF-8" },
	{ "exits.csv",
	  EXITS_HEADER "1,vm,1,0123456789012345678901234567890123456789012345678901234567890123,1,"
		       "1\n",
	  "'exits.csv':2: name takes 1 to 63 bytes" },
	{ "exits.csv",
	  EXITS_HEADER "1,vm,x123456789012345678901234567890123456789012345678901234,a,1,1\n",
	  "'exits.csv':2: reason is no number: 'x123456789012345678901234567890123456789'" },
	{ "run.json", "", "'run.json':1: not JSON: unexpected end of data" },
	{ "run.json", "{\n\"run\":", "'run.json':2: not JSON: unexpected end of data" },
	{ "run.json", "{}\n\nx", "'run.json':3: not JSON: something follows its end" },
	{ "run.json", "{\n}x", "'run.json':2: not JSON: something follows its end" },
	{ "run.json", "[1,\n2]", "'run.json':2: not a JSON object" },
	{ "run.json", "null", "'run.json':1: not a JSON object" },
	{ "run.json", "7", "'run.json':1: not a JSON object" },
	{ "run.json", "{}", "'run.json' is not what 'exitprof run' writes" },
	{ "run.json", RUN_HEAD "\"host\":7}", "'run.json' is not what 'exitprof run' writes" },
	{ "run.json", "{\"format\":2}", "'run.json' is of format 2, and 1 is known" },
};

/* @message has names of files where the real one has paths. */
static void assert_message(const struct result_files *files, const char *message, const char *said)
{
	char expected[512];

	if (message[0] == '\'')
		snprintf(expected, sizeof(expected), "'%s/%s", files->path, message + 1);
	else
		snprintf(expected, sizeof(expected), "%s", message);
	assert_string_equal(said, expected);
}

static void test_wrong(void **state)
{
	const struct result_files *files = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
		struct ep_error err = {};

		result_files_write(files, "run.json", result_files_run);
		result_files_write(files, "runs.csv", result_files_runs);
		result_files_write(files, "exits.csv", result_files_exits);
		result_files_write(files, wrong[i].file, wrong[i].text);
		assert_int_equal(ep_load(&loaded, files->path, &err), -EINVAL);
		assert_message(files, wrong[i].message, err.message);
	}
}

static void test_nul(void **state)
{
	static const char text[] = RUNS_HEADER "1,1,1,1,1\0\n";
	const struct result_files *files = *state;
	_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
	struct ep_error err = {};

	result_files_write_bytes(files, "runs.csv", text, sizeof(text) - 1);
	assert_int_equal(ep_load(&loaded, files->path, &err), -EINVAL);
	assert_message(files, "'runs.csv':2: there is a NUL byte in it", err.message);
}

/* Neither waits for a pipe nor reads what never ends. */
static void test_odd_files(void **state)
{
	const struct result_files *files = *state;
	struct ep_error err = {};
	char path[64], expected[256], *text;
	size_t length;

	snprintf(path, sizeof(path), "%s/runs.csv", files->path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(ep_input_read(path, 100, &text, &length, &err), -EINVAL);
	snprintf(expected, sizeof(expected), "cannot read '%s': it is no regular file", path);
	assert_string_equal(err.message, expected);
	assert_int_equal(ep_input_read("/dev/zero", 100, &text, &length, &err), -EINVAL);
	assert_int_equal(ep_input_read(files->path, 100, &text, &length, &err), -EINVAL);
	snprintf(path, sizeof(path), "%s/run.json", files->path);
	assert_int_equal(ep_input_read(path, 100, &text, &length, &err), -EFBIG);
	snprintf(expected, sizeof(expected), "cannot read '%s': it has more than 100 bytes", path);
	assert_string_equal(err.message, expected);
	assert_int_equal(truncate(path, EP_INPUT_JSON_MAX + 1), 0);
	assert_int_equal(ep_input_json(path, NULL, &err), -EFBIG);
}

static void test_deep(void **state)
{
	const struct result_files *files = *state;
	struct json_object *json;
	struct ep_error err = {};
	char deep[20001], path[64];

	memset(deep, '[', 20000);
	deep[20000] = '\0';
	result_files_write(files, "run.json", deep);
	snprintf(path, sizeof(path), "%s/run.json", files->path);
	assert_int_equal(ep_input_json(path, &json, &err), -EINVAL);
	assert_non_null(strstr(err.message, "not JSON: "));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_columns_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_byte_order_mark, setup, teardown),
		cmocka_unit_test_setup_teardown(test_separators, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nul, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deep, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
