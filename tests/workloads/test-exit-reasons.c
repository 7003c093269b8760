// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The workloads that each provoke exits of one kind: what they do is counted, what
 * they cannot do is said, and nothing of them is left. Which exits they cause is
 * for tests/lab to see.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness.h"

#define MS 1000000ull

/* @settings: "count=100 read=50" */
static void set_all(struct harness *h, const char *settings)
{
	static char text[256];
	char *state, *word;

	snprintf(text, sizeof(text), "%s", settings);
	for (word = strtok_r(text, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		char *value = strchr(word, '=');

		assert_non_null(value);
		*value = '\0';
		harness_set(h, word, value + 1);
	}
}

/* CPUs, threads, processes and files are as they were. */
struct belongings {
	cpu_set_t cpus;
	unsigned int files;
};

static struct belongings look(void)
{
	struct belongings now = { 0 };

	sched_getaffinity(0, sizeof(now.cpus), &now.cpus);
	now.files = harness_entries("/proc/self/fd");
	return now;
}

static void assert_nothing_left(const struct belongings *before, const char *what)
{
	struct belongings now = look();

	if (!CPU_EQUAL(&now.cpus, &before->cpus) || now.files != before->files ||
	    harness_threads(1) != 1)
		fail_msg("%s left CPUs, files or threads", what);
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		fail_msg("%s left a process", what);
}

static const struct {
	const char *name, *settings;
	uint64_t operations;
	uint64_t must_exit[EXITPROF_CAUSES];
} rows[] = {
	{ "port-io", "count=101", 101, { [EXITPROF_CAUSE_IO] = 101 } },
	{ "port-io", "count=100 read=33 threads=0", 100, { [EXITPROF_CAUSE_IO] = 100 } },
	{ "port-io", "count=100 read=100 port=97", 100, { [EXITPROF_CAUSE_IO] = 100 } },
	{ "hypercall", "count=101", 101, { [EXITPROF_CAUSE_HYPERCALL] = 101 } },
	{ "hypercall", "count=101 threads=0", 101, { [EXITPROF_CAUSE_HYPERCALL] = 101 } },
	{ "msr-access", "count=101", 101, { [EXITPROF_CAUSE_MSR_READ] = 101 } },
	{ "msr-access", "count=101 threads=0", 101, { [EXITPROF_CAUSE_MSR_READ] = 101 } },
	{ "mmio", "count=100", 100, {} },
	{ "mmio", "count=100 place=hole", 100, {} },
	{ "timer-storm", "count=20 interval=1ms", 20, {} },
	{ "timer-storm", "count=21 interval=100us threads=0", 21, {} },
	{ "timer-storm", "count=20 interval=1ms wait=spin", 20, {} },
	{ "timer-storm", "count=21 interval=100us wait=spin threads=0", 21, {} },
	{ "ipi-storm", "count=1", 1, {} },
	{ "ipi-storm", "count=1001", 1001, {} },
	{ "ipi-storm", "count=1000 threads=0", 1000, {} },
	{ "ipi-storm", "count=100 how=membarrier", 100, {} },
	{ "memory-touch", "size=1M", 256, {} },
	{ "memory-touch", "size=1M rounds=3", 768, {} },
	{ "memory-touch", "size=5M huge=1 rounds=2", 6, {} },
	{ "page-fault", "count=1001", 1001, {} },
	{ "page-fault", "count=1001 size=4k threads=0", 1001, {} },
	{ "lock-contention", "count=101 hold=1us", 101, {} },
	{ "lock-contention", "count=101 threads=1", 101, {} },
	{ "lock-contention", "count=1001 lock=kernel threads=5", 1001, {} },
	{ "context-switch", "count=101", 101, {} },
	{ "context-switch", "count=101 apart=1", 101, {} },
	{ "mixed", "count=300 cpuid=100 fault=0 sleep=0", 300, { [EXITPROF_CAUSE_CPUID] = 300 } },
	{ "mixed", "count=300 cpuid=0 fault=50 sleep=10", 300, {} },
	{ "mixed", "count=300 cpuid=0 fault=0 sleep=0", 300, {} },
};

static void every_one_does_what_it_is_told(void **state)
{
	struct belongings before = look();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct harness h;
		int ret;

		harness_open(&h, rows[i].name);
		set_all(&h, rows[i].settings);
		if (harness_unavailable(&h) ||
		    (harness_cpus() < 2 && strstr(rows[i].settings, "apart=1"))) {
			harness_close(&h);
			continue;
		}
		ret = harness_repeat(&h);
		/* Looked at in advance is not tried. */
		if (ret && strstr(h.failure, "cannot map")) {
			print_message("%s: %s\n", rows[i].name, h.failure);
			harness_close(&h);
			continue;
		}
		if (ret)
			fail_msg("%s %s: %s", rows[i].name, rows[i].settings, h.failure);
		if (h.outcome.operations != rows[i].operations)
			fail_msg("%s %s: %lu operations", rows[i].name, rows[i].settings,
				 h.outcome.operations);
		for (int cause = 0; cause < EXITPROF_CAUSES; cause++) {
			if (h.workload->exact_causes & 1u << cause)
				assert_int_equal(h.outcome.must_exit[cause],
						 rows[i].must_exit[cause]);
			else
				assert_int_equal(rows[i].must_exit[cause], 0);
		}
		assert_nothing_left(&before, rows[i].name);
		harness_close(&h);
	}
}

static void shares_of_mixed_are_kept(void **state)
{
	uint64_t cpuids[3];
	struct harness h;

	for (int i = 0; i < 3; i++) {
		harness_open(&h, "mixed");
		set_all(&h, "count=1000 cpuid=25 fault=25 sleep=0");
		harness_set(&h, "seed", i < 2 ? "1" : "2");
		assert_int_equal(harness_repeat(&h), 0);
		cpuids[i] = h.outcome.must_exit[EXITPROF_CAUSE_CPUID];
		assert_in_range(cpuids[i], 200, 300);
		harness_close(&h);
	}
	assert_int_equal(cpuids[0], cpuids[1]);
	assert_int_not_equal(cpuids[0], cpuids[2]);
}

/* Returns whether the run was not late; never is it too short. */
static bool stops_in_time(struct harness *h)
{
	assert_int_equal(harness_repeat(h), 0);
	assert_true(h->run_ms >= 45);
	return h->run_ms <= 2000;
}

/* In every way that it can wait or spin, a count far away does not keep it. */
static void every_way_stops_at_the_end_of_its_time(void **state)
{
	static const char *const ways[][2] = {
		{ "timer-storm", "interval=1s count=1M threads=0" },
		{ "timer-storm", "wait=spin interval=1s count=1M threads=0" },
		{ "ipi-storm", "how=membarrier count=1000M threads=0" },
		{ "ipi-storm", "count=1000M threads=0" },
		{ "lock-contention", "count=1000M hold=100ms" },
		{ "lock-contention", "lock=kernel count=1000M" },
		{ "context-switch", "count=1000M apart=1" },
		{ "page-fault", "count=1000M threads=0 size=1G" },
		{ "memory-touch", "rounds=0 size=4k" },
		{ "hypercall", "count=1000M threads=0" },
		{ "mixed", "sleep=100 cpuid=0 fault=0" },
	};
	struct belongings before = look();

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct harness h;
		int tries = 0;

		harness_open(&h, ways[i][0]);
		set_all(&h, ways[i][1]);
		h.context.duration_ns = 50 * MS;
		if (!harness_unavailable(&h) && (harness_cpus() > 1 || !strstr(ways[i][1], "apart="
											   "1"))) {
			while (!stops_in_time(&h))
				if (++tries == HARNESS_TRIES)
					fail_msg("%s %s does not stop in time", ways[i][0],
						 ways[i][1]);
			assert_nothing_left(&before, ways[i][0]);
		}
		harness_close(&h);
	}
}

static void every_one_says_why_not(void **state)
{
	static const struct {
		const char *name, *settings, *failure, *hint;
	} faults[] = {
		{ "port-io", "port=1016", "a write to port 1016 could do harm", "read=100%" },
		{ "msr-access", "msr=16 write=1", "a write to MSR 0x10 could do harm", "631" },
		{ "timer-storm", "wait=long", "no way to wait called 'long'", "wait=spin" },
		{ "ipi-storm", "how=loud", "no way to interrupt called 'loud'", "how=wake" },
		{ "ipi-storm", "threads=1", "one thread has no other", "threads=2" },
		{ "memory-touch", "size=512T", "512 TiB are too much", "size=" },
		{ "lock-contention", "lock=door", "no lock called 'door'", "lock=kernel" },
		{ "mmio", "place=moon", "no place called 'moon'", "place=hpet" },
		{ "mixed", "cpuid=60 fault=60", "add up to 121%", "computing" },
		{ "mixed", "disk=10 file=/proc", "'/proc' is no place for disk I/O", "file=" },
		{ "net-loopback", "card=lo", "'lo' is no network card on virtio",
		  "/sys/class/net" },
		{ "hypercall", "threads=4096", "threads need a CPU each", "threads=" },
	};
	struct belongings before = look();

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct harness h;

		harness_open(&h, faults[i].name);
		set_all(&h, faults[i].settings);
		/* Should it run after all, not for ever. */
		h.context.duration_ns = 50 * MS;
		/* What cannot run here fails for another reason sometimes. */
		if (harness_repeat(&h) != -1 ||
		    ((!strstr(h.failure, faults[i].failure) || !strstr(h.hint, faults[i].hint)) &&
		     !harness_unavailable(&h)))
			fail_msg("%s %s: '%s' / '%s'", faults[i].name, faults[i].settings,
				 h.failure, h.hint);
		assert_null(h.context.priv);
		assert_nothing_left(&before, faults[i].name);
		harness_close(&h);
	}
}

/* Without root there are no ports, no MSRs and no frames, and nobody is surprised. */
static void without_rights_it_is_said(void **state)
{
	static const char *const names[] = { "port-io", "msr-access" };
	pid_t pid = geteuid() ? -1 : fork();
	int status;

	if (geteuid())
		return;
	if (pid == 0) {
		struct harness h[sizeof(names) / sizeof(names[0])];

		/* The folder may be root's alone. */
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			harness_open(&h[i], names[i]);
		if (setresuid(65534, 65534, 65534))
			_exit(2);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			const char *why = harness_unavailable(&h[i]);

			if (!why || (!strstr(why, "CAP_SYS_RAWIO") && !strstr(why, "no ioperm()")))
				_exit(3);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_one_does_what_it_is_told),
		cmocka_unit_test(shares_of_mixed_are_kept),
		cmocka_unit_test(every_way_stops_at_the_end_of_its_time),
		cmocka_unit_test(every_one_says_why_not),
		cmocka_unit_test(without_rights_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
