// SPDX-License-Identifier: GPL-3.0-or-later
/* The clock of the simulated host, and what its feed does; and the machine's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/sim/sim.h"
#include "unit.h"

#define MS    UINT64_C(1000000)
#define START EP_SIM_CLOCK_START_NS

/* @feed, @done: ends of the FIFOs; @pipe: a file that becomes ready */
struct fixture {
	struct ep_sim_clock clock;
	char folder[32];
	int feed;
	int done;
	int pipe[2];
};

static char *path_of(const struct fixture *f, const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return path;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	strcpy(f->folder, "/tmp/exitprof-XXXXXX");
	if (!mkdtemp(f->folder) || mkfifo(path_of(f, "feed"), 0600) ||
	    mkfifo(path_of(f, "feed.done"), 0600) || pipe(f->pipe))
		return -1;
	if (ep_sim_clock_init(&f->clock, path_of(f, "feed")))
		return -1;
	f->feed = open(path_of(f, "feed"), O_WRONLY);
	f->done = open(path_of(f, "feed.done"), O_RDONLY | O_NONBLOCK);
	ep_clock_replace(&f->clock.clock);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ep_clock_replace(NULL);
	ep_sim_clock_finish(&f->clock);
	close(f->feed);
	close(f->done);
	close(f->pipe[0]);
	close(f->pipe[1]);
	unlink(path_of(f, "feed"));
	unlink(path_of(f, "feed.done"));
	rmdir(f->folder);
	free(f);
	return 0;
}

static void say(const struct fixture *f, const char *line)
{
	assert_int_equal(write(f->feed, line, strlen(line)), strlen(line));
}

/* How many lines have been answered since. */
static int answers(const struct fixture *f)
{
	char text[64];
	ssize_t length = read(f->done, text, sizeof(text));

	return length < 0 ? 0 : length;
}

static int sleep_until(uint64_t ms)
{
	return ep_clock_sleep(START + ms * MS, NULL, 0, NULL);
}

static void assert_time(uint64_t ms)
{
	assert_int_equal(ep_clock_now(), START + ms * MS);
}

static void test_sleeps_are_over_at_once(void **state)
{
	assert_time(0);
	assert_int_equal(sleep_until(3600000), 0);
	assert_time(3600000);
	/* A moment that has passed. */
	assert_int_equal(sleep_until(10), 0);
	assert_time(3600000);
}

static void test_feed(void **state)
{
	struct fixture *f = *state;

	say(f, "nap 3 pass 25ms nap 4\npass 5ms stall 20ms\n");
	assert_int_equal(sleep_until(10), 0);
	assert_time(10);
	assert_int_equal(ep_sim_clock_naps(&f->clock), 3);
	assert_int_equal(sleep_until(20), 0);
	assert_time(20);
	/* What comes at 25 ms. */
	assert_int_equal(sleep_until(30), 0);
	assert_time(30);
	assert_int_equal(ep_sim_clock_naps(&f->clock), 7);
	/* Who waits for 40 ms wakes up late, and the next sleep flows again. */
	assert_int_equal(sleep_until(40), 0);
	assert_time(50);
	assert_int_equal(sleep_until(60), 0);
	assert_time(60);
	assert_int_equal(answers(f), 0);
}

static void test_held(void **state)
{
	struct fixture *f = *state;
	struct pollfd file = { .fd = f->pipe[0], .events = POLLIN };

	say(f, "hold\npass 7ms\n");
	assert_int_equal(write(f->pipe[1], "", 1), 1);
	/* Time stands still after 7 ms: then the file ends the sleep. */
	assert_int_equal(ep_clock_sleep(START + 10 * MS, &file, 1, NULL), 1);
	assert_int_equal(file.revents, POLLIN);
	assert_time(7);
	assert_int_equal(answers(f), 2);
	/* A line that was said before the file was ready comes before it. */
	say(f, "pass 3ms\n");
	assert_int_equal(ep_clock_sleep(START + 10 * MS, &file, 1, NULL), 0);
	assert_int_equal(file.revents, 0);
	assert_time(10);
	assert_int_equal(ep_clock_sleep(START + 11 * MS, &file, 1, NULL), 1);
	assert_int_equal(answers(f), 1);
	say(f, "free\n");
	assert_int_equal(sleep_until(60), 0);
	assert_time(60);
}

/* A sleep that flows looks at its files, too. */
static void test_sleep_with_files(void **state)
{
	struct fixture *f = *state;
	struct pollfd file = { .fd = f->pipe[0], .events = POLLIN };

	assert_int_equal(ep_clock_sleep(START + 10 * MS, &file, 1, NULL), 0);
	assert_time(10);
	assert_int_equal(write(f->pipe[1], "", 1), 1);
	assert_int_equal(ep_clock_sleep(START + 20 * MS, &file, 1, NULL), 1);
	assert_time(10);
}

/* While somebody else runs, time stands still but for the feed. */
static void test_poll(void **state)
{
	struct fixture *f = *state;
	struct pollfd file = { .fd = f->pipe[0], .events = POLLIN };

	say(f, "pass 12ms\n");
	assert_int_equal(write(f->pipe[1], "", 1), 1);
	assert_int_equal(ep_clock_poll(&file, 1, START + 10 * MS), 0);
	assert_time(10);
	assert_int_equal(ep_clock_poll(&file, 1, START + 20 * MS), 1);
	assert_time(12);
	assert_int_equal(answers(f), 1);
	assert_int_equal(ep_clock_poll(&file, 1, EP_CLOCK_NEVER), 1);
	assert_time(12);
}

static void test_catch_up(void **state)
{
	struct fixture *f = *state;

	say(f, "nap 1 pass 1ms\nnap 1 pass 1ms\n");
	assert_time(0);
	ep_clock_catch_up();
	assert_time(2);
	assert_int_equal(ep_sim_clock_naps(&f->clock), 2);
}

/* A guest's nap is an HLT and two I/O exits, from when it lives by the clock. */
static void test_naps_of_the_guest(void **state)
{
	struct fixture *f = *state;
	struct ep_sim sim;
	uint64_t before;

	say(f, "nap 5\n");
	ep_clock_catch_up();
	assert_int_equal(ep_sim_init(&sim, "svm"), 0);
	ep_sim_live_by(&sim, &f->clock);
	before = sim.exits[0x78];
	ep_cpuid_query(&sim.cpuid, 0, 0);
	assert_int_equal(sim.exits[0x78], before);
	say(f, "nap 7\n");
	ep_clock_catch_up();
	ep_cpuid_query(&sim.cpuid, 0, 0);
	assert_int_equal(sim.exits[0x78], before + 7);
	assert_int_equal(ep_clock_cpu(), 2 * 3200);
}

static void test_no_feed(void **state)
{
	struct ep_sim_clock clock;

	assert_int_equal(ep_sim_clock_init(&clock, "/nowhere/at/all"), -ENOENT);
}

/* Never early, whatever the machine has to do. */
static void test_machine(void **state)
{
	uint64_t before = ep_clock_now(), cpu = ep_clock_cpu();

	assert_false(ep_clock_replaced());
	assert_int_equal(ep_clock_sleep(before + MS, NULL, 0, NULL), 0);
	assert_true(ep_clock_now() >= before + MS);
	assert_true(ep_clock_cpu() >= cpu);
	assert_int_equal(ep_clock_poll(NULL, 0, before), 0);
	assert_true(ep_clock_raw() > 0);
	ep_clock_catch_up();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sleeps_are_over_at_once),
		TEST(test_feed),
		TEST(test_held),
		TEST(test_sleep_with_files),
		TEST(test_poll),
		TEST(test_catch_up),
		TEST(test_naps_of_the_guest),
		cmocka_unit_test(test_no_feed),
		cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
