// SPDX-License-Identifier: GPL-3.0-or-later
/* Snapshots of each vCPU, and series of them, on a simulated host with two. */
#include <errno.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/counters/series.h"
#include "core/counters/snapshot.h"
#include "core/sim/sim.h"
#include "unit.h"

#define SVM_HLT	    0x78
#define SVM_VMMCALL 0x81
#define SVM_NPF	    0x400
#define MS	    UINT64_C(1000000)
#define INTERVAL    (10 * MS)

struct fixture {
	struct ep_sim sim;
	struct ep_sim_clock clock;
	struct ep_host host;
	struct ep_reader reader;
	struct ep_scopes scopes;
	struct ep_scoped before;
	struct ep_scoped after;
	struct ep_scoped_delta delta;
	struct ep_series series;
	struct ep_delta sum;
	struct ep_sample last;
	int verdict;
	int rarely;
};

static void finish(struct fixture *f)
{
	ep_series_finish(&f->series);
	ep_scoped_delta_finish(&f->delta);
	ep_scoped_finish(&f->after);
	ep_scoped_finish(&f->before);
	ep_scopes_finish(&f->scopes);
	*f = (struct fixture){};
}

/* As often as a test likes, on a clock that stands still meanwhile. */
static void start(struct fixture *f, const char *scenario, bool vcpus)
{
	finish(f);
	assert_int_equal(ep_sim_clock_init(&f->clock, NULL), 0);
	ep_clock_replace(&f->clock.clock);
	assert_int_equal(ep_sim_init(&f->sim, scenario), 0);
	ep_sim_live_by(&f->sim, &f->clock);
	f->sim.before = NULL;
	f->sim.user = f;
	assert_int_equal(ep_host_recognise(&f->host, &f->sim.cpuid), 0);
	ep_reader_init(&f->reader, &f->host, true);
	assert_int_equal(ep_scopes_init(&f->scopes, &f->reader, vcpus), 0);
	assert_int_equal(ep_scoped_init(&f->before, &f->scopes), 0);
	assert_int_equal(ep_scoped_init(&f->after, &f->scopes), 0);
	assert_int_equal(ep_scoped_delta_init(&f->delta, &f->scopes), 0);
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	finish(*state);
	ep_clock_replace(NULL);
	free(*state);
	return 0;
}

static void take(struct fixture *f, struct ep_scoped *ret)
{
	assert_int_equal(ep_scopes_take(&f->scopes, ret), 0);
}

static void subtract(struct fixture *f)
{
	assert_int_equal(ep_scopes_subtract(&f->scopes, &f->delta, &f->before, &f->after), 0);
}

static uint64_t exits_of(const struct fixture *f, uint32_t vcpu, uint32_t reason)
{
	return ep_delta_find(&f->delta.vcpus[vcpu], &f->host, reason)->exits;
}

static void assert_sums(const struct fixture *f)
{
	const struct ep_delta *vm = &f->delta.vm, *vcpus = f->delta.vcpus;

	assert_int_equal(vm->exits, vcpus[0].exits + vcpus[1].exits);
	assert_int_equal(vm->cycles, vcpus[0].cycles + vcpus[1].cycles);
	assert_int_equal(vm->away, vcpus[0].away + vcpus[1].away);
	assert_int_equal(vm->own_exits, vcpus[0].own_exits + vcpus[1].own_exits);
	for (uint32_t i = 0; i < vm->count; i++)
		assert_int_equal(vm->rows[i].exits,
				 vcpus[0].rows[i].exits + vcpus[1].rows[i].exits);
}

static void some_work(struct fixture *f)
{
	ep_sim_exit_on(&f->sim, 0, SVM_HLT, 7, 70000);
	ep_sim_exit_on(&f->sim, 1, SVM_HLT, 2, 20000);
	ep_sim_exit_on(&f->sim, 1, SVM_NPF, 3, 90000);
	ep_sim_exit_on(&f->sim, 0, f->host.reasons[f->host.cpuid_row], 1000, 1300000);
	ep_sim_exit_on(&f->sim, 1, f->host.reasons[f->host.cpuid_row], 10, 13000);
}

static void assert_work(struct fixture *f)
{
	assert_true(f->delta.vm.consistent);
	assert_true(f->delta.vcpus[0].consistent && f->delta.vcpus[1].consistent);
	assert_int_equal(exits_of(f, 0, SVM_HLT), 7);
	assert_int_equal(exits_of(f, 1, SVM_HLT), 2);
	assert_int_equal(exits_of(f, 0, SVM_NPF), 0);
	assert_int_equal(exits_of(f, 1, SVM_NPF), 3);
	assert_int_equal(f->delta.vcpus[0].rows[f->host.cpuid_row].exits, 1000);
	assert_int_equal(f->delta.vcpus[1].rows[f->host.cpuid_row].exits, 10);
	assert_int_equal(f->delta.vcpus[0].exits, 1007);
	assert_int_equal(f->delta.vcpus[1].exits, 15);
	assert_sums(f);
}

/* The reader's thread is on either vCPU, and on another one the second time. */
static void test_own_exits_are_their_vcpus(void **state)
{
	struct fixture *f = *state;

	for (int first = 0; first < 2; first++) {
		for (int second = 0; second < 2; second++) {
			start(f, "svm-full", true);
			if (first)
				ep_sim_hop(&f->sim);
			take(f, &f->before);
			some_work(f);
			if (second)
				ep_sim_hop(&f->sim);
			take(f, &f->after);
			subtract(f);
			assert_work(f);
			assert_true(f->delta.vm.own_exits > 0);
		}
	}
}

static void switch_sometimes(struct ep_sim *sim)
{
	if (sim->cpuid.executed % 3 == 0)
		ep_sim_hop(sim);
}

/* Context switches alone do not matter to a thread that is pinned. */
static void test_pinned(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full", true);
	f->sim.before = switch_sometimes;
	take(f, &f->before);
	some_work(f);
	take(f, &f->after);
	subtract(f);
	assert_work(f);
}

/* Where it cannot be pinned, it must not be moved: else nobody knows. */
static void hop_once(struct ep_sim *sim)
{
	struct fixture *f = sim->user;

	if (sim->cpuid.executed == f->before.vm.total.own_exits + 9)
		ep_sim_hop(sim);
}

static void test_unpinnable(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full", true);
	f->sim.unpinnable = true;
	take(f, &f->before);
	some_work(f);
	take(f, &f->after);
	subtract(f);
	assert_work(f);

	take(f, &f->before);
	ep_sim_hop(&f->sim);
	some_work(f);
	f->before.vm.total.own_exits = f->sim.cpuid.executed;
	f->sim.before = hop_once;
	take(f, &f->after);
	subtract(f);
	assert_false(f->delta.vm.consistent);
	assert_false(f->delta.vcpus[0].consistent);
}

/* CPUIDs of exitprof's between the two, and nobody knows where. */
static void test_elsewhere_is_flagged(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full", true);
	take(f, &f->before);
	some_work(f);
	ep_cpuid_query(f->host.cpuid, 0, 0);
	take(f, &f->after);
	subtract(f);
	assert_false(f->delta.vcpus[0].consistent);
}

static void test_needs_the_latch_leaf(void **state)
{
	struct fixture *f = *state;

	start(f, "svm", false);
	assert_int_equal(ep_scopes_init(&f->scopes, &f->reader, true), -EOPNOTSUPP);
	assert_int_equal(ep_scopes_init(&f->scopes, &f->reader, false), 0);
}

static void test_histograms_are_of_the_sum(void **state)
{
	uint64_t vm[EXITPROF_ROWS_MAX][EXITPROF_BUCKETS] = {};
	struct fixture *f = *state;

	start(f, "svm-full", true);
	take(f, &f->before);
	some_work(f);
	take(f, &f->after);
	ep_delta_add_histogram(vm, &f->scopes.reader, &f->before.vm, &f->after.vm);
	for (uint32_t row = 0; row < f->host.count; row++) {
		uint64_t sum = 0;

		for (int i = 0; i < EXITPROF_BUCKETS; i++)
			sum += vm[row + 1][i];
		if (f->host.reasons[row] == SVM_HLT)
			assert_int_equal(sum, 9);
	}
}

static int add(void *user, const struct ep_sample *sample)
{
	struct fixture *f = user;

	f->last = *sample;
	if (sample->delta) {
		f->sum.exits += sample->delta->vm.exits;
		f->sum.cycles += sample->delta->vm.cycles;
		f->sum.away += sample->delta->vm.away;
		for (uint32_t i = 0; i < sample->delta->vm.count; i++)
			f->sum.rows[i].exits += sample->delta->vm.rows[i].exits;
	}
	return f->verdict;
}

static void begin(struct fixture *f, const struct ep_scoped *first)
{
	assert_int_equal(ep_series_init(&f->series, &f->scopes, INTERVAL), 0);
	f->series.sample = add;
	f->series.user = f;
	assert_int_equal(ep_series_begin(&f->series, first), 0);
}

/* Samples add up to the whole, of which the first and the last snapshot are given. */
static void test_sum_of_samples(void **state)
{
	static const char *const scenarios[] = { "svm", "svm-full", "svm-full" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		start(f, scenarios[i], i == 2);
		take(f, &f->before);
		begin(f, &f->before);
		for (int tick = 0; tick < 5; tick++) {
			some_work(f);
			assert_int_equal(ep_series_tick(&f->series), 0);
			assert_int_equal(f->last.delta->vm.exits, 1022);
		}
		some_work(f);
		take(f, &f->after);
		assert_int_equal(ep_series_end(&f->series, &f->after), 0);
		subtract(f);
		assert_int_equal(f->series.samples, 6);
		assert_true(f->delta.vm.consistent);
		assert_int_equal(f->sum.exits, 6 * 1022);
		assert_int_equal(f->sum.exits, f->delta.vm.exits);
		assert_int_equal(f->sum.cycles, f->delta.vm.cycles);
		assert_int_equal(f->sum.away, f->delta.vm.away);
		for (uint32_t row = 0; row < f->host.count; row++)
			assert_int_equal(f->sum.rows[row].exits, f->delta.vm.rows[row].exits);
		if (i == 2)
			assert_sums(f);
	}
}

static void sleep_until_due(const struct ep_series *series)
{
	assert_int_equal(ep_clock_sleep(ep_series_due(series), NULL, 0, NULL), 0);
}

/* What a sleeper that is woken in time sees, however long a sample takes. */
static void test_ticks_on_time(void **state)
{
	struct fixture *f = *state;
	uint64_t begun;

	start(f, "svm-full", false);
	begun = ep_clock_now();
	begin(f, NULL);
	for (int tick = 1; tick <= 5; tick++) {
		sleep_until_due(&f->series);
		assert_int_equal(ep_series_tick(&f->series), 0);
		assert_int_equal(f->last.now_ns, begun + tick * INTERVAL);
		assert_int_equal(f->last.elapsed_ns, tick * INTERVAL);
		assert_int_equal(f->last.duration_ns, INTERVAL);
		assert_int_equal(f->last.missed, 0);
		/* The sample takes a third of the interval. */
		ep_sim_clock_pass(&f->clock, INTERVAL / 3);
	}
	assert_int_equal(ep_series_end(&f->series, NULL), 0);
	assert_int_equal(f->last.duration_ns, INTERVAL / 3);
	assert_int_equal(f->series.samples, 6);
	assert_int_equal(f->series.missed, 0);
}

static void test_missed_ticks(void **state)
{
	struct fixture *f = *state;
	uint64_t begun;

	start(f, "svm-full", false);
	begin(f, NULL);
	begun = f->series.begun_ns;
	ep_sim_clock_pass(&f->clock, INTERVAL + INTERVAL / 2);
	assert_int_equal(ep_series_tick(&f->series), 0);
	assert_int_equal(f->last.missed, 0);
	assert_int_equal(f->last.duration_ns, INTERVAL + INTERVAL / 2);
	assert_int_equal(f->series.tick, 1);
	assert_int_equal(ep_series_due(&f->series), begun + 2 * INTERVAL);

	/* Four intervals later: the ticks of three of them never came. */
	ep_sim_clock_pass(&f->clock, 4 * INTERVAL);
	assert_int_equal(ep_series_tick(&f->series), 0);
	assert_int_equal(f->last.missed, 3);
	assert_int_equal(f->last.duration_ns, 4 * INTERVAL);
	assert_int_equal(ep_series_due(&f->series), begun + 6 * INTERVAL);
	sleep_until_due(&f->series);
	assert_int_equal(ep_clock_now(), begun + 6 * INTERVAL);

	/* An early one, as the last of a series is, misses none. */
	assert_int_equal(ep_series_tick(&f->series), 0);
	ep_sim_clock_pass(&f->clock, 1);
	assert_int_equal(ep_series_end(&f->series, NULL), 0);
	assert_int_equal(f->last.missed, 0);
	assert_int_equal(f->last.duration_ns, 1);
	assert_int_equal(f->series.missed, 3);
	assert_int_equal(f->series.samples, 4);
}

/* What exitprof's own CPUIDs take, and nothing else. */
static void test_own_time(void **state)
{
	struct fixture *f = *state;
	uint64_t executed;

	start(f, "svm-full", false);
	begin(f, NULL);
	executed = f->sim.cpuid.executed;
	ep_series_work_begin(&f->series);
	for (int tick = 0; tick < 3; tick++) {
		sleep_until_due(&f->series);
		assert_int_equal(ep_series_tick(&f->series), 0);
	}
	ep_series_work_end(&f->series);
	assert_true(f->sim.cpuid.executed > executed);
	/* A simulated CPUID takes 3,200 cycles, and a cycle a nanosecond. */
	assert_int_equal(f->series.own_cpu_ns, 3200 * (f->sim.cpuid.executed - executed));
}

static void test_restored_in_between(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full", true);
	begin(f, NULL);
	some_work(f);
	assert_int_equal(ep_series_tick(&f->series), 0);
	f->sim.generation++;
	some_work(f);
	assert_int_equal(ep_series_tick(&f->series), 0);
	assert_true(f->last.restarted);
	assert_null(f->last.delta);
	some_work(f);
	assert_int_equal(ep_series_tick(&f->series), 0);
	assert_false(f->last.restarted);
	assert_int_equal(f->last.delta->vm.exits, 1022);
	assert_int_equal(f->series.restarts, 1);
	assert_int_equal(f->sum.exits, 2 * 1022);
}

static void test_wrap(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full", false);
	ep_sim_exit(&f->sim, SVM_HLT, UINT64_MAX - 5010, 0);
	begin(f, NULL);
	ep_sim_exit(&f->sim, SVM_HLT, 30, 0);
	assert_int_equal(ep_series_tick(&f->series), 0);
	assert_int_equal(f->last.delta->vm.exits, 30);
}

/* What the receiver says ends the series, and a host that is gone does. */
static void refuse(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	*regs = (struct ep_cpuid_regs){};
}

static void test_ends(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full", true);
	begin(f, NULL);
	f->verdict = -ENOSPC;
	assert_int_equal(ep_series_tick(&f->series), -ENOSPC);
	f->sim.cpuid.execute = refuse;
	assert_int_equal(ep_series_tick(&f->series), -ENODEV);
}

/* Exits of any reason at any moment: none is missed, and none is counted twice. */
static void disturb(struct ep_sim *sim)
{
	static const uint32_t reasons[] = { SVM_HLT, SVM_VMMCALL, SVM_NPF, 0x60, 0x72, 0x7b, 0x7c };
	struct fixture *f = sim->user;

	if (rand() % f->rarely)
		return;
	if (rand() % 10 == 0)
		sim->unlisted++;
	else
		ep_sim_exit_on(sim, rand() % 2, reasons[rand() % ARRAY_SIZE(reasons)], 1, 2000);
}

static void test_sparse_ticks_are_exact(void **state)
{
	static const char *const scenarios[] = { "svm-full", "hopping", "svm" };
	static const int rarely[] = { 2, 10, 100 };
	struct fixture *f = *state;

	srand(1);
	for (size_t i = 0; i < ARRAY_SIZE(scenarios) * ARRAY_SIZE(rarely); i++) {
		start(f, scenarios[i / ARRAY_SIZE(rarely)], false);
		f->rarely = rarely[i % ARRAY_SIZE(rarely)];
		take(f, &f->before);
		begin(f, &f->before);
		f->sim.before = disturb;
		for (int tick = 0; tick < 300; tick++)
			assert_int_equal(ep_series_tick(&f->series), 0);
		f->sim.before = NULL;
		take(f, &f->after);
		assert_int_equal(ep_series_end(&f->series, &f->after), 0);
		subtract(f);
		assert_true(f->sum.exits > 5);
		assert_int_equal(f->sum.exits, f->delta.vm.exits);
		assert_int_equal(f->sum.away, f->delta.vm.away);
		for (uint32_t row = 0; row < f->host.count; row++)
			assert_int_equal(f->sum.rows[row].exits, f->delta.vm.rows[row].exits);
	}
}

/* Each sample by itself is what came in it, of a guest that is quiet while it is read. */
static void test_sparse_samples_are_exact(void **state)
{
	static const uint32_t reasons[] = { SVM_HLT, SVM_VMMCALL, SVM_NPF, 0x60, 0x72, 0x7b };
	struct fixture *f = *state;

	srand(2);
	start(f, "svm-full", false);
	begin(f, NULL);
	for (int tick = 0; tick < 200; tick++) {
		uint32_t reason = reasons[rand() % ARRAY_SIZE(reasons)];
		uint64_t exits = rand() % 5;

		ep_sim_exit_on(&f->sim, rand() % 2, reason, exits, exits * 1000);
		assert_int_equal(ep_series_tick(&f->series), 0);
		assert_true(f->last.delta->vm.consistent);
		assert_int_equal(f->last.delta->vm.exits, exits);
		assert_int_equal(ep_delta_find(&f->last.delta->vm, &f->host, reason)->exits, exits);
		assert_int_equal(f->last.delta->vm.cycles, exits * 1000);
	}
}

/* Ticks cost no histogram, and the scopes read one again afterwards. */
static void test_ticks_are_cheap(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	start(f, "svm-full", false);
	begin(f, NULL);
	before = f->sim.cpuid.executed;
	assert_int_equal(ep_series_tick(&f->series), 0);
	/* The latch, the total, the bitmap; CPUID's own row, and HLT's away cycles. */
	assert_int_equal(f->sim.cpuid.executed - before, 3 + 2 + 1);
	assert_true(f->scopes.reader.histogram);

	/* One reason that changes is one more row, and its away cycles once again later. */
	ep_sim_exit(&f->sim, SVM_VMMCALL, 3, 3000);
	before = f->sim.cpuid.executed;
	assert_int_equal(ep_series_tick(&f->series), 0);
	assert_int_equal(f->last.delta->vm.exits, 3);
	assert_true(f->sim.cpuid.executed - before <= 3 + 2 + 1 + 4);
	assert_int_equal(ep_series_end(&f->series, NULL), 0);
	assert_int_equal(f->sum.exits, 3);
	assert_int_equal(f->sum.away, 6000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_own_exits_are_their_vcpus),
		TEST(test_pinned),
		TEST(test_unpinnable),
		TEST(test_elsewhere_is_flagged),
		TEST(test_needs_the_latch_leaf),
		TEST(test_histograms_are_of_the_sum),
		TEST(test_sum_of_samples),
		TEST(test_ticks_on_time),
		TEST(test_missed_ticks),
		TEST(test_own_time),
		TEST(test_restored_in_between),
		TEST(test_wrap),
		TEST(test_ends),
		TEST(test_ticks_are_cheap),
		TEST(test_sparse_ticks_are_exact),
		TEST(test_sparse_samples_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
