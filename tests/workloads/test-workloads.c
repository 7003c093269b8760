// SPDX-License-Identifier: GPL-3.0-or-later
/* Every workload as a user would run it, on a disk, for a short time. */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <linux/magic.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness.h"

#define MS 1000000ull

static const char *const names[] = {
	"busy",		"context-switch",  "cpuid-storm",  "hypercall", "idle",	       "io-heavy",
	"ipi-storm",	"lock-contention", "memory-touch", "mixed",	"mmio",	       "msr-access",
	"net-loopback", "page-fault",	   "port-io",	   "skeleton",	"timer-storm",
};

static void assert_failed(const struct harness *h, const char *what, const char *hint)
{
	if (!strstr(h->failure, what) || !strstr(h->hint, hint))
		fail_msg("'%s' / '%s' lacks '%s' / '%s'", h->failure, h->hint, what, hint);
}

/* The folder of the build is taken to be on a disk; elsewhere there is nothing to test. */
static bool make_folder(char *template)
{
	struct statfs status;

	assert_non_null(mkdtemp(template));
	assert_int_equal(statfs(template, &status), 0);
	if (status.f_type != TMPFS_MAGIC && status.f_type != RAMFS_MAGIC &&
	    status.f_type != V9FS_MAGIC && status.f_type != OVERLAYFS_SUPER_MAGIC)
		return true;
	print_message("the current folder is not on a disk: not tested\n");
	rmdir(template);
	return false;
}

static void every_workload_describes_itself(void **state)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct exitprof_option *option;
		struct harness h;

		harness_open(&h, names[i]);
		assert_string_equal(h.workload->name, names[i]);
		assert_true(strlen(h.workload->summary) < 70);
		assert_non_null(strstr(h.workload->description, "VMX"));
		assert_non_null(strstr(h.workload->description, "SVM"));
		assert_non_null(strstr(h.workload->description, "spoil")
					?: strstr(h.workload->description, "More than expected"));
		assert_non_null(h.workload->options);
		assert_non_null(h.workload->operation);
		for (option = h.workload->options; option->name; option++) {
			assert_true(option->help[0] && strlen(option->help) < 90);
			assert_true(option->help[strlen(option->help) - 1] != '.');
		}
		harness_close(&h);
	}
}

/* Returns whether the run was neither late nor for nothing; never is it too short. */
static bool stops_in_time(struct harness *h)
{
	if (harness_repeat(h) != 0)
		fail_msg("%s: %s", h->workload->name, h->failure);
	assert_null(h->context.priv);
	assert_true(h->run_ms >= 47);
	/* Generous above: a machine under load, valgrind. */
	return h->run_ms <= 2000 &&
	       (h->outcome.operations > 0 || strcmp(h->workload->name, "idle") == 0);
}

static void every_workload_stops_at_the_end_of_its_time(void **state)
{
	char folder[] = "disk-XXXXXX";
	bool disk = make_folder(folder);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct harness h;
		int tries = 0;

		/* No test sends to a network. */
		if (strcmp(names[i], "net-loopback") == 0)
			continue;
		harness_open(&h, names[i]);
		if (harness_unavailable(&h) || (strcmp(names[i], "io-heavy") == 0 && !disk)) {
			harness_close(&h);
			continue;
		}
		if (strcmp(names[i], "io-heavy") == 0) {
			harness_set(&h, "file", folder);
			harness_set(&h, "size", "1M");
		}
		if (strcmp(names[i], "memory-touch") == 0) {
			harness_set(&h, "size", "1M");
			harness_set(&h, "rounds", "0");
		}
		h.context.duration_ns = 50 * MS;
		while (!stops_in_time(&h))
			if (++tries == HARNESS_TRIES)
				fail_msg("%s does nothing, or does not stop in time", names[i]);
		harness_close(&h);
	}
	if (disk)
		assert_int_equal(rmdir(folder), 0);
}

/* As exitprof does: again and again, for a call that began a moment too late. */
static void interrupt_soon(timer_t *ret)
{
	const struct itimerspec times = { .it_value.tv_nsec = 5 * MS,
					  .it_interval.tv_nsec = 5 * MS };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGINT,
		._sigev_un._tid = gettid(),
	};

	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, ret), 0);
	assert_int_equal(timer_settime(*ret, 0, &times, NULL), 0);
}

static void sleepers_return_when_interrupted(void **state)
{
	struct harness h;

	for (int i = 0; i < 3; i++) {
		timer_t timer;

		harness_open(&h, i == 0 ? "cpuid-storm" : "idle");
		if (i == 0) {
			harness_set(&h, "rate", "1");
			harness_set(&h, "threads", "0");
		}
		if (i == 1)
			harness_set(&h, "interval", "60s");
		assert_int_equal(harness_setup(&h), 0);
		interrupt_soon(&timer);
		assert_int_equal(harness_run(&h), 0);
		timer_delete(timer);
		harness_teardown(&h);
		/* They look by themselves after a second, which is 200 signals. */
		assert_in_range(harness_signals(), 1, 20);
		harness_close(&h);
	}
}

static void counts_are_exact(void **state)
{
	static const struct {
		const char *name, *count;
		uint64_t operations;
	} rows[] = {
		{ "cpuid-storm", "1", 1 },
		{ "cpuid-storm", "1000", 1000 },
		{ "cpuid-storm", "10001", 10001 },
		{ "busy", "3", 3 },
		{ "skeleton", "7", 7 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool storm = strcmp(rows[i].name, "cpuid-storm") == 0;
		struct harness h;

		/* With every CPU, too: the shares must add up. */
		for (int threads = 1; threads >= 0; threads--) {
			harness_open(&h, rows[i].name);
			harness_set(&h, "count", rows[i].count);
			if (strcmp(rows[i].name, "skeleton") != 0)
				harness_set(&h, "threads", threads ? "1" : "0");
			assert_int_equal(harness_repeat(&h), 0);
			assert_int_equal(h.outcome.operations, rows[i].operations);
			assert_int_equal(h.outcome.must_exit[EXITPROF_CAUSE_CPUID],
					 storm ? rows[i].operations : 0);
			assert_int_equal(h.outcome.must_exit[EXITPROF_CAUSE_IO], 0);
			assert_int_equal(!!(h.workload->exact_causes & 1u << EXITPROF_CAUSE_CPUID),
					 storm);
			harness_close(&h);
		}
	}
}

static void threads_have_a_cpu_each(void **state)
{
	unsigned int cpus = harness_cpus();
	cpu_set_t before, during, after;
	char text[16];
	struct harness h;

	sched_getaffinity(0, sizeof(before), &before);
	harness_open(&h, "cpuid-storm");
	harness_set(&h, "threads", "0");
	harness_set(&h, "count", "100");
	assert_int_equal(harness_setup(&h), 0);
	assert_int_equal(harness_threads(cpus), cpus);
	sched_getaffinity(0, sizeof(during), &during);
	assert_int_equal(CPU_COUNT(&during), 1);
	assert_int_equal(harness_run(&h), 0);
	assert_int_equal(harness_threads(cpus), cpus);
	harness_teardown(&h);
	assert_int_equal(harness_threads(1), 1);
	sched_getaffinity(0, sizeof(after), &after);
	assert_true(CPU_EQUAL(&before, &after));

	snprintf(text, sizeof(text), "%u", cpus + 1);
	harness_set(&h, "threads", text);
	assert_int_equal(harness_repeat(&h), -1);
	assert_failed(&h, "threads need a CPU each", "--set threads=");
	assert_int_equal(harness_threads(1), 1);

	/* A worker pool that never ran ends its threads all the same. */
	harness_set(&h, "threads", "0");
	assert_int_equal(harness_setup(&h), 0);
	harness_teardown(&h);
	assert_int_equal(harness_threads(1), 1);
	harness_close(&h);
}

static void a_rate_is_kept(void **state)
{
	int tries = 0;
	struct harness h;

	harness_open(&h, "cpuid-storm");
	harness_set(&h, "rate", "100");
	harness_set(&h, "count", "21");
	do {
		assert_int_equal(harness_repeat(&h), 0);
		assert_int_equal(h.outcome.operations, 21);
		assert_true(h.run_ms >= 195);
	} while (h.run_ms > 2000 && ++tries < HARNESS_TRIES);
	assert_true(h.run_ms <= 2000);
	harness_close(&h);
}

static void idle_wakes_up_as_often_as_told(void **state)
{
	struct harness h;

	harness_open(&h, "idle");
	harness_set(&h, "interval", "5ms");
	harness_set(&h, "count", "10");
	assert_int_equal(harness_repeat(&h), 0);
	assert_int_equal(h.outcome.operations, 10);
	harness_set(&h, "interval", "0s");
	assert_int_equal(harness_repeat(&h), -1);
	assert_failed(&h, "needs an interval", "--set interval=");
	harness_close(&h);
}

static void io_heavy_does_what_it_is_told(void **state)
{
	static const char *const rows[][4] = {
		{ "depth", "8", "read", "70%" },   { "depth", "1", "read", "0" },
		{ "depth", "2", "read", "100%" },  { "depth", "64", "fsync", "1" },
		{ "depth", "3", "fsync", "0" },	   { "block", "64k", "size", "130k" },
		{ "block", "512", "read", "50%" }, { "block", "1M", "size", "1M" },
	};
	char folder[] = "disk-XXXXXX", name[64];

	if (!make_folder(folder))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct harness h;

		harness_open(&h, "io-heavy");
		harness_set(&h, "file", folder);
		harness_set(&h, "size", "1M");
		harness_set(&h, "count", "300");
		for (int j = 0; j < 4; j += 2)
			harness_set(&h, rows[i][j], rows[i][j + 1]);
		assert_int_equal(harness_setup(&h), 0);
		assert_int_equal(harness_entries(folder), 0);
		if (harness_run(&h) != 0)
			fail_msg("%s", h.failure);
		assert_int_equal(h.outcome.operations, 300);
		harness_teardown(&h);
		harness_close(&h);
		assert_int_equal(harness_entries(folder), 0);
	}

	/* The name of a file that is not there stands for its folder. */
	{
		struct harness h;

		snprintf(name, sizeof(name), "%s/new", folder);
		harness_open(&h, "io-heavy");
		harness_set(&h, "file", name);
		harness_set(&h, "size", "1M");
		harness_set(&h, "count", "10");
		assert_int_equal(harness_repeat(&h), 0);
		harness_close(&h);
	}
	assert_int_equal(rmdir(folder), 0);
}

static void io_heavy_says_why_not(void **state)
{
	static const struct {
		const char *option, *value, *failure, *hint;
	} rows[] = {
		{ "file", "/proc", "proc is not for files", "file=" },
		{ "file", "/nowhere/at/all", "cannot use '/nowhere/at/all'", "--set file=" },
		{ "file", "/proc/self/exe", "overwrites nothing", "does not exist" },
		{ "size", "512T", "no room for a file of 512 TiB", "--set size=" },
		{ "block", "8M", "holds no block of 8 MiB", "larger" },
		{ "block", "1000", "multiples of", "--set block=" },
	};
	char folder[] = "disk-XXXXXX";
	struct statfs status;

	if (!make_folder(folder))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct harness h;

		harness_open(&h, "io-heavy");
		harness_set(&h, "file", folder);
		harness_set(&h, "size", "1M");
		harness_set(&h, rows[i].option, rows[i].value);
		assert_int_equal(harness_repeat(&h), -1);
		assert_failed(&h, rows[i].failure, rows[i].hint);
		assert_null(h.context.priv);
		harness_close(&h);
	}
	assert_int_equal(rmdir(folder), 0);

	if (statfs("/dev/shm", &status) == 0 && status.f_type == TMPFS_MAGIC) {
		struct harness h;

		harness_open(&h, "io-heavy");
		harness_set(&h, "file", "/dev/shm");
		assert_int_equal(harness_repeat(&h), -1);
		assert_failed(&h, "tmpfs lives in memory", "--set file=");
		harness_close(&h);
	}
}

static void io_heavy_survives_many_repeats(void **state)
{
	char folder[] = "disk-XXXXXX";
	unsigned int files = harness_entries("/proc/self/fd");
	struct harness h;

	if (!make_folder(folder))
		return;
	harness_open(&h, "io-heavy");
	harness_set(&h, "file", folder);
	harness_set(&h, "size", "64k");
	harness_set(&h, "count", "20");
	for (int i = 0; i < 30; i++) {
		assert_int_equal(harness_repeat(&h), 0);
		assert_int_equal(h.outcome.operations, 20);
	}
	harness_close(&h);
	assert_int_equal(harness_entries("/proc/self/fd"), files);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_workload_describes_itself),
		cmocka_unit_test(every_workload_stops_at_the_end_of_its_time),
		cmocka_unit_test(sleepers_return_when_interrupted),
		cmocka_unit_test(counts_are_exact),
		cmocka_unit_test(threads_have_a_cpu_each),
		cmocka_unit_test(a_rate_is_kept),
		cmocka_unit_test(idle_wakes_up_as_often_as_told),
		cmocka_unit_test(io_heavy_does_what_it_is_told),
		cmocka_unit_test(io_heavy_says_why_not),
		cmocka_unit_test(io_heavy_survives_many_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
