// SPDX-License-Identifier: GPL-3.0-or-later
/* Medians, files of a result, and that a result folder is whole or not there. */
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>

#include "core/base/cleanup.h"
#include "core/base/median.h"
#include "core/result/json.h"
#include "core/result/result.h"
#include "core/result/summary.h"
#include "core/sim/sim.h"
#include "unit.h"

static const struct exitprof_option options[] = {
	{ "count", EXITPROF_OPTION_COUNT, "18446744073709551615", 0, UINT64_MAX, "" },
	{ "file", EXITPROF_OPTION_STRING, "a \"b\"/\\c\n", 0, 0, "" },
	{},
};

static const struct exitprof_workload workload = {
	.name = "mine",
	.operation = "thing",
	.options = options,
	.exact_causes = 1u << EXITPROF_CAUSE_CPUID,
};

struct fixture {
	struct ep_sim sim;
	struct ep_host host;
	struct ep_settings settings;
	struct ep_record record;
	struct ep_summary summary;
	char folder[sizeof("/tmp/exitprof-XXXXXX")];
};

/* Three repeats: HLT 10, 30, 20; npf only in the second. */
static int setup(void **state)
{
	static const uint64_t hlt[] = { 10, 30, 20 };
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	strcpy(f->folder, "/tmp/exitprof-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	ep_sim_init(&f->sim, "svm");
	f->sim.before = NULL;
	ep_host_recognise(&f->host, &f->sim.cpuid);
	ep_settings_init(&f->settings, &workload, NULL);
	f->record = (struct ep_record){
		.host = &f->host,
		.settings = &f->settings,
		.workload = &workload,
		.workload_path = "/x/mine.so",
		.guest.kernel = "6.1.0",
		.wanted = 3,
		.duration_ns = 5000000000,
		.started = 1700000000,
	};
	for (int i = 0; i < 3; i++) {
		struct ep_repeat *repeat = ep_record_add(&f->record);

		repeat->duration_ns = 2000000000;
		repeat->outcome.operations = 100 + i;
		repeat->delta.consistent = true;
		repeat->delta.timed = true;
		repeat->delta.count = f->host.count;
		for (uint32_t row = 0; row < f->host.count; row++) {
			if (f->host.reasons[row] == 0x78)
				repeat->delta.rows[row] =
					(struct ep_delta_row){ hlt[i], hlt[i] * 1000 };
			if (f->host.reasons[row] == 0x400 && i == 1)
				repeat->delta.rows[row] = (struct ep_delta_row){ 5, 500 };
			repeat->delta.exits += repeat->delta.rows[row].exits;
			repeat->delta.cycles += repeat->delta.rows[row].cycles;
		}
	}
	assert_int_equal(ep_summary_compute(&f->summary, &f->record), 0);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	ep_record_finish(&f->record);
	ep_settings_finish(&f->settings);
	snprintf(command, sizeof(command), "rm -r '%s'", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void test_median(void **state)
{
	uint64_t odd[] = { 9, 1, 5 }, even[] = { 4, 1, 2, 100 };
	uint64_t huge[] = { UINT64_MAX, UINT64_MAX - 2 }, one[] = { 7 }, half[] = { 35, 36 };
	uint64_t far[] = { 0, UINT64_MAX };
	double real[] = { 2, 1 };

	assert_int_equal(ep_median(odd, 3), 5);
	assert_int_equal(ep_median(even, 4), 3);
	assert_true(ep_median(huge, 2) == UINT64_MAX - 1);
	assert_int_equal(ep_median(one, 1), 7);
	assert_int_equal(ep_median(half, 2), 36);
	assert_true(ep_median(far, 2) == UINT64_C(1) << 63);
	assert_true(ep_median_real(real, 2) == 1.5);
}

static void test_summary(void **state)
{
	struct fixture *f = *state;
	const struct ep_summary_row *row = f->summary.rows;

	assert_int_equal(f->summary.count, 2);
	assert_string_equal(row[0].name, "hlt");
	assert_int_equal(row[0].exits, 20);
	assert_int_equal(row[0].exits_min, 10);
	assert_int_equal(row[0].exits_max, 30);
	assert_int_equal(row[0].cycles, 20000);
	assert_true(row[0].exits_per_second == 10);
	assert_true(row[0].cycles_per_exit == 1000);
	assert_true(row[0].cycles_share == 1);
	assert_string_equal(row[1].name, "npf");
	assert_int_equal(row[1].exits, 0);
	assert_int_equal(row[1].exits_max, 5);
	assert_int_equal(f->summary.total.exits, 20);
	assert_int_equal(f->summary.operations, 101);
}

static char *written(void (*write)(FILE *file, const struct ep_record *record),
		     const struct ep_record *record)
{
	size_t length;
	char *text;
	FILE *file = open_memstream(&text, &length);

	write(file, record);
	fclose(file);
	return text;
}

static void test_csv(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *exits = written(ep_result_write_exits, &f->record);
	_cleanup_free_ char *runs = written(ep_result_write_runs, &f->record);

	assert_string_equal(exits,
			    "repeat,scope,reason,name,exits_count,handling_cycles,away_cycles\n"
			    "1,vm,120,hlt,10,10000,\n1,vm,1024,npf,0,0,\n"
			    "2,vm,120,hlt,30,30000,\n2,vm,1024,npf,5,500,\n"
			    "3,vm,120,hlt,20,20000,\n3,vm,1024,npf,0,0,\n");
	assert_string_equal(runs, "repeat,duration_ns,operations_count,exits_count,handling_cycles,"
				  "own_exits_count,own_handling_cycles,consistent,away_cycles,"
				  "details_lost_count,status\n"
				  "1,2000000000,100,10,10000,0,0,1,,,\n"
				  "2,2000000000,101,35,30500,0,0,1,,,\n"
				  "3,2000000000,102,20,20000,0,0,1,,,\n");
}

static void test_json(void **state)
{
	struct fixture *f = *state;
	struct json_object *made = ep_result_json(&f->record), *read, *inner;
	_cleanup_free_ char *title = NULL;

	read = json_tokener_parse(json_object_to_json_string(made));
	assert_non_null(read);
	assert_true(json_object_equal(made, read));
	assert_true(json_object_object_get_ex(read, "workload", &inner));
	assert_true(json_object_object_get_ex(inner, "options", &inner));
	assert_true(json_object_get_uint64(json_object_object_get(inner, "count")) == UINT64_MAX);
	assert_string_equal(json_object_get_string(json_object_object_get(inner, "file")),
			    "a \"b\"/\\c\n");
	assert_true(json_object_object_get_ex(read, "expected", &inner));
	assert_int_equal(json_object_array_length(inner), 3);
	assert_int_equal(ep_result_title(&title, read), 0);
	assert_string_equal(title, "mine, 5s x 3, SVM, Linux 6.1.0");
	json_object_put(made);
	json_object_put(read);
}

/* Reads and writes of MSRs are one reason on SVM, and two on VMX. */
static void test_causes_of_one_reason_are_added(void **state)
{
	static const struct exitprof_workload msr = {
		.exact_causes = 1u << EXITPROF_CAUSE_MSR_READ | 1u << EXITPROF_CAUSE_MSR_WRITE,
	};
	struct fixture *f = *state;
	struct ep_repeat repeat = { .outcome.must_exit = {
					    [EXITPROF_CAUSE_CPUID] = 1000,
					    [EXITPROF_CAUSE_MSR_READ] = 30,
					    [EXITPROF_CAUSE_MSR_WRITE] = 12,
				    } };
	struct ep_host vmx = f->host;
	struct ep_record record = { .host = &f->host, .workload = &msr };

	assert_int_equal(ep_record_expected(&record, &repeat, 0x7c), 42);
	assert_int_equal(ep_record_expected(&record, &repeat, 0x72), 0);
	vmx.vendor = EP_VENDOR_VMX;
	record.host = &vmx;
	assert_int_equal(ep_record_expected(&record, &repeat, 31), 30);
	assert_int_equal(ep_record_expected(&record, &repeat, 32), 12);
}

static void test_title_of_anything(void **state)
{
	static const char *const texts[] = { "{}", "{\"run\":1,\"host\":{\"vendor\":null}}" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct json_object *json = json_tokener_parse(texts[i]);
		_cleanup_free_ char *title = NULL;

		assert_int_equal(ep_result_title(&title, json), 0);
		json_object_put(json);
	}
}

static bool exists(const struct fixture *f, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return !access(path, F_OK);
}

static void make_file(const struct fixture *f, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fclose(file);
}

static bool is_chart(const char *name)
{
	return !strcmp(name, "exits-by-reason.svg");
}

static int write_result(struct fixture *f, const char *name, struct ep_error *err)
{
	_cleanup_(ep_folder_discard) struct ep_folder folder = {};
	char path[256];
	int code;

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	code = ep_folder_place(&folder, path, is_chart, err);
	if (!code)
		code = ep_folder_begin(&folder, err);
	if (!code)
		code = ep_result_write(&folder, &f->record, &f->summary, err);
	if (!code)
		assert_false(exists(f, "a/b/run.json") && !strcmp(name, "a/b"));
	if (!code)
		code = ep_folder_publish(&folder, err);
	return code;
}

static size_t entries(const struct fixture *f, const char *name)
{
	_cleanup_closedir_ DIR *dir = NULL;
	char path[256];
	size_t count = 0;

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	dir = opendir(path);
	while (dir && readdir(dir))
		count++;
	return count - 2;
}

static void test_folder(void **state)
{
	struct fixture *f = *state;
	struct ep_error err = {};

	assert_int_equal(write_result(f, "a/b", &err), 0);
	assert_int_equal(entries(f, "a"), 1);
	assert_int_equal(entries(f, "a/b"), 4);
}

static void test_earlier_result_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct ep_error err = {};

	assert_int_equal(write_result(f, "old", &err), 0);
	make_file(f, "old/exits-by-reason.svg");
	assert_int_equal(write_result(f, "old/", &err), 0);
	assert_int_equal(entries(f, "."), 1);
	assert_int_equal(entries(f, "old"), 4);
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_other_folders_are_left_alone(void **state)
{
	_cleanup_(ep_folder_discard) struct ep_folder folder = {};
	struct fixture *f = *state;
	struct ep_error err = {};
	char path[256];

	snprintf(path, sizeof(path), "%s/mine", f->folder);
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(ep_folder_place(&folder, path, is_chart, &err), -EEXIST);
	assert_int_equal(write_result(f, "mine", &err), -EEXIST);
	/* Many a program has a run.json. */
	write_file(f, "mine/run.json", "{ \"tool\": { \"name\": \"trainer\" }, \"lr\": 0.1 }");
	make_file(f, "mine/exits.csv");
	assert_int_equal(write_result(f, "mine", &err), -EEXIST);
	assert_string_equal(strstr(err.message, "' exists"),
			    "' exists and is not an earlier result");
	assert_true(exists(f, "mine/exits.csv"));
	assert_int_equal(entries(f, "."), 1);
}

static void test_files_of_others_are_named(void **state)
{
	struct fixture *f = *state;
	struct ep_error err = {};

	assert_int_equal(write_result(f, "a", &err), 0);
	make_file(f, "a/thesis.pdf");
	assert_int_equal(write_result(f, "a", &err), -EEXIST);
	assert_non_null(strstr(err.message, "exitprof did not write 'thesis.pdf' in it"));
	assert_true(exists(f, "a/thesis.pdf"));
	assert_int_equal(entries(f, "."), 1);
	assert_int_equal(entries(f, "a"), 5);
}

/* What was there when the run began is replaced; what came while it ran is not. */
static void test_nobody_loses_a_result(void **state)
{
	_cleanup_(ep_folder_discard) struct ep_folder first = {}, second = {}, third = {};
	struct fixture *f = *state;
	struct ep_error err = {};
	char path[256];

	snprintf(path, sizeof(path), "%s/a", f->folder);
	assert_int_equal(ep_folder_place(&first, path, is_chart, &err), 0);
	assert_int_equal(ep_folder_place(&second, path, is_chart, &err), 0);
	assert_int_equal(ep_folder_begin(&first, &err), 0);
	assert_int_equal(ep_folder_begin(&second, &err), 0);
	assert_int_equal(ep_result_write(&first, &f->record, &f->summary, &err), 0);
	assert_int_equal(ep_result_write(&second, &f->record, &f->summary, &err), 0);
	assert_int_equal(ep_folder_publish(&second, &err), 0);
	assert_false(second.moved);
	assert_int_equal(ep_folder_publish(&first, &err), 0);
	assert_true(first.moved);
	assert_string_equal(strrchr(first.path, '/'), "/a-2");
	assert_int_equal(entries(f, "a"), 4);
	assert_int_equal(entries(f, "a-2"), 4);

	/* The one that was there, and is another one by now. */
	assert_int_equal(ep_folder_place(&third, path, is_chart, &err), 0);
	assert_int_equal(ep_folder_begin(&third, &err), 0);
	assert_int_equal(ep_result_write(&third, &f->record, &f->summary, &err), 0);
	assert_int_equal(write_result(f, "a", &err), 0);
	assert_int_equal(ep_folder_publish(&third, &err), 0);
	assert_string_equal(strrchr(third.path, '/'), "/a-3");
	assert_int_equal(entries(f, "."), 3);
}

/* Something of the user's came into the earlier result while the run went on. */
static void test_late_files_of_others_stay(void **state)
{
	_cleanup_(ep_folder_discard) struct ep_folder folder = {};
	struct fixture *f = *state;
	struct ep_error err = {};
	char path[256];

	assert_int_equal(write_result(f, "a", &err), 0);
	snprintf(path, sizeof(path), "%s/a", f->folder);
	assert_int_equal(ep_folder_place(&folder, path, is_chart, &err), 0);
	assert_int_equal(ep_folder_begin(&folder, &err), 0);
	assert_int_equal(ep_result_write(&folder, &f->record, &f->summary, &err), 0);
	make_file(f, "a/notes.txt");
	assert_int_equal(ep_folder_publish(&folder, &err), 0);
	assert_true(exists(f, "a/notes.txt"));
	assert_true(exists(f, "a-2/run.json"));
	assert_int_equal(entries(f, "."), 2);
}

/* A file that cannot grow stands for a disk that is full. */
static void test_failed_write_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct ep_error err = {};
	struct rlimit limit, old;

	assert_int_equal(write_result(f, "old", &err), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = 150;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(write_result(f, "new", &err), -EFBIG);
	assert_int_equal(write_result(f, "old", &err), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(entries(f, "."), 1);
	assert_int_equal(entries(f, "old"), 4);
	assert_non_null(strstr(err.message, "cannot write"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median),
		TEST(test_summary),
		TEST(test_csv),
		TEST(test_json),
		TEST(test_causes_of_one_reason_are_added),
		cmocka_unit_test(test_title_of_anything),
		TEST(test_folder),
		TEST(test_earlier_result_is_replaced),
		TEST(test_other_folders_are_left_alone),
		TEST(test_files_of_others_are_named),
		TEST(test_nobody_loses_a_result),
		TEST(test_late_files_of_others_stay),
		TEST(test_failed_write_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
