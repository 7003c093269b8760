// SPDX-License-Identifier: GPL-3.0-or-later
/* Snapshots and deltas, on a simulated host that has exits of its own in between. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/counters/delta.h"
#include "core/counters/plausible.h"
#include "core/counters/snapshot.h"
#include "core/result/record.h"
#include "core/result/summary.h"
#include "core/sim/sim.h"
#include "unit.h"

#define SVM_CPUID     0x72
#define SVM_HLT	      0x78
#define SVM_VMMCALL   0x81
#define SVM_NPF	      0x400
#define SVM_INTERRUPT 0x60

struct fixture {
	struct ep_sim sim;
	struct ep_host host;
	struct ep_reader reader;
	struct ep_snapshot before;
	struct ep_snapshot after;
	struct ep_delta delta;
};

static void start(struct fixture *f, const char *scenario)
{
	assert_int_equal(ep_sim_init(&f->sim, scenario), 0);
	f->sim.before = NULL;
	f->sim.user = f;
	assert_int_equal(ep_host_recognise(&f->host, &f->sim.cpuid), 0);
	ep_reader_init(&f->reader, &f->host, true);
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static uint64_t exits_of(const struct fixture *f, uint32_t reason)
{
	const struct ep_delta_row *row = ep_delta_find(&f->delta, &f->host, reason);

	assert_non_null(row);
	return row->exits;
}

static uint64_t sum_of(const struct fixture *f)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < f->delta.count; i++)
		sum += f->delta.rows[i].exits;
	return sum;
}

static void take_both(struct fixture *f, void (*between)(struct fixture *f))
{
	ep_snapshot_take(&f->reader, &f->before);
	between(f);
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
}

static void nothing(struct fixture *f)
{
}

static void test_nothing_happened(void **state)
{
	static const char *const scenarios[] = { "svm",		 "vmx",		"svm-nodisc",
						 "vmx-nodisc",	 "vmx-32bit",	"svm-full",
						 "vmx-full",	 "hopping",	"latch-full",
						 "svm-combined", "vmx-reversed" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		start(f, scenarios[i]);
		take_both(f, nothing);
		assert_true(f->delta.consistent);
		assert_int_equal(f->delta.exits, 0);
		assert_int_equal(sum_of(f), 0);
		assert_int_equal(f->delta.cycles, 0);
		assert_int_equal(f->delta.rows[f->host.cpuid_row].cycles, 0);
	}
}

static void some_work(struct fixture *f)
{
	ep_sim_exit(&f->sim, SVM_HLT, 7, 70000);
	/* A reason that was 0 when the first snapshot was taken. */
	ep_sim_exit(&f->sim, SVM_NPF, 3, 90000);
	/* CPUIDs that are not ours. */
	ep_sim_exit(&f->sim, SVM_CPUID, 1000, 1000 * 1300);
}

/* The same work in every dialect, and what it cannot tell is not 0 but unknown. */
static void test_exact_in_dialects(void **state)
{
	static const char *const scenarios[] = { "svm-nodisc", "svm-combined", "svm-reversed" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		bool timed = strcmp(scenarios[i], "svm-combined") != 0;

		start(f, scenarios[i]);
		take_both(f, some_work);
		assert_true(f->delta.consistent);
		assert_int_equal(exits_of(f, SVM_HLT), 7);
		assert_int_equal(exits_of(f, SVM_NPF), 3);
		assert_int_equal(exits_of(f, SVM_CPUID), 1000);
		assert_int_equal(f->delta.exits, 1010);
		assert_int_equal(f->delta.cycles, 70000 + 90000 + 1000 * 1300);
		assert_int_equal(f->reader.cycles_per_own, f->sim.cost);
		assert_int_equal(f->delta.timed, timed);
		if (timed)
			assert_int_equal(f->delta.rows[f->host.cpuid_row].cycles, 1000 * 1300);
	}
}

static void test_exact(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	take_both(f, some_work);
	assert_true(f->delta.consistent);
	assert_int_equal(exits_of(f, SVM_HLT), 7);
	assert_int_equal(exits_of(f, SVM_NPF), 3);
	assert_int_equal(exits_of(f, SVM_CPUID), 1000);
	assert_int_equal(f->delta.exits, 1010);
	assert_int_equal(sum_of(f), 1010);
	assert_int_equal(f->delta.cycles, 70000 + 90000 + 1000 * 1300);
	assert_int_equal(f->delta.rows[f->host.cpuid_row].cycles, 1000 * 1300);
	assert_int_equal(f->reader.cycles_per_own, f->sim.cost);
}

/* By the latch leaf and by the classic ones: the same, whatever happens. */
static void test_both_readers_agree(void **state)
{
	static const char *const scenarios[] = { "svm", "svm-full", "hopping", "latch-full" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		start(f, scenarios[i]);
		take_both(f, some_work);
		assert_true(f->delta.consistent);
		assert_int_equal(f->reader.latch, i == 1 || i == 2);
		assert_int_equal(f->delta.full, f->reader.latch);
		assert_int_equal(exits_of(f, SVM_HLT), 7);
		assert_int_equal(exits_of(f, SVM_NPF), 3);
		assert_int_equal(exits_of(f, SVM_CPUID), 1000);
		assert_int_equal(f->delta.exits, 1010);
		assert_int_equal(f->delta.cycles, 70000 + 90000 + 1000 * 1300);
		assert_int_equal(ep_delta_find(&f->delta, &f->host, SVM_NPF)->away,
				 f->delta.full ? 180000 : 0);
	}
}

static void test_latch_costs_active_reasons_and_two(void **state)
{
	struct fixture *f = *state;
	uint64_t first;

	start(f, "svm-full");
	ep_reader_init(&f->reader, &f->host, false);
	ep_snapshot_take(&f->reader, &f->before);
	ep_snapshot_take(&f->reader, &f->after);
	/* CPUID, I/O, hypercalls and HLT */
	assert_int_equal(f->before.cost, 4 + 2);
	assert_int_equal(f->after.cost, 4 + 2);
	assert_int_equal(f->after.total.exits - f->before.total.exits, 4 + 2);

	/* One that is new costs its row, and a second look at the bitmap. */
	ep_sim_exit(&f->sim, SVM_NPF, 1, 100);
	ep_snapshot_take(&f->reader, &f->after);
	first = f->after.cost;
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(first, 5 + 3);
	assert_int_equal(f->after.cost, 5 + 2);
}

/* To the other vCPU for one CPUID, and back: the id in the bitmap is the same again. */
static void hop_for_one_read(struct ep_sim *sim)
{
	if (sim->vcpu || sim->cpuid.executed % 7 == 3)
		ep_sim_hop(sim);
}

/* @histogram: a reader that looks after each CPUID, or one that does once for all */
static void back_again(struct fixture *f, bool histogram, bool sparse)
{
	uint64_t cost;

	start(f, "svm-full");
	if (!histogram)
		assert_int_equal(ep_reader_omit_histograms(&f->reader), 0);
	f->reader.sparse = sparse;
	ep_sim_hop(&f->sim);
	/* The other vCPU's table is an older one. */
	ep_snapshot_take(&f->reader, &f->before);
	ep_sim_hop(&f->sim);
	some_work(f);
	/* Once more, for what a new row costs the first time. */
	ep_snapshot_take(&f->reader, &f->after);
	ep_snapshot_take(&f->reader, &f->after);
	cost = f->after.cost;
	for (int i = 0; i < 50; i++) {
		f->sim.before = hop_for_one_read;
		assert_int_equal(ep_snapshot_take(&f->reader, &f->after), 0);
		f->sim.before = NULL;
		assert_true(f->after.consistent);
		assert_true(f->after.cost > cost);
		assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
		assert_true(f->delta.consistent);
		assert_int_equal(f->delta.exits, 1010);
		assert_int_equal(exits_of(f, SVM_HLT), 7);
		assert_int_equal(exits_of(f, SVM_CPUID), 1000);
	}
}

static void test_back_again_is_noticed(void **state)
{
	back_again(*state, true, false);
	back_again(*state, false, false);
	back_again(*state, false, true);
}

static unsigned int located;

static void locate_and_count(struct ep_cpuid *cpuid, struct ep_place *ret)
{
	const struct ep_sim *sim = (const struct ep_sim *)cpuid;

	located++;
	*ret = (struct ep_place){ sim->switches, sim->vcpu };
}

static void switch_once(struct ep_sim *sim)
{
	if (located != 1)
		return;
	sim->switches++;
	sim->before = NULL;
}

/* Each time is a system call: a sample of a series makes two of them. */
static void test_where_it_is_is_asked_twice(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full");
	assert_int_equal(ep_reader_omit_histograms(&f->reader), 0);
	f->sim.cpuid.locate = locate_and_count;
	located = 0;
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(located, 2);
	assert_int_equal(f->after.passes, 1);
	/* Off its CPU meanwhile: all is read again, and closely looked at. */
	located = 0;
	f->sim.before = switch_once;
	ep_snapshot_take(&f->reader, &f->after);
	assert_true(f->after.consistent);
	assert_int_equal(f->after.passes, 2);
	assert_true(located > 4);
}

static void hop_always(struct ep_sim *sim)
{
	ep_sim_hop(sim);
}

static void test_never_in_one_place_is_flagged(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full");
	f->sim.before = hop_always;
	assert_int_equal(ep_snapshot_take(&f->reader, &f->after), 0);
	assert_false(f->after.consistent);
	assert_true(f->after.cost < 6000);
}

/* The host's operator lowers the level, or its memory is gone. */
static void refuse(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	*regs = (struct ep_cpuid_regs){};
}

static void test_refused_later(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full");
	f->sim.cpuid.execute = refuse;
	assert_int_equal(ep_snapshot_take(&f->reader, &f->after), -ENODEV);
}

/* On the same host, at the same time. */
static void test_both_readers_at_once(void **state)
{
	static const char *const scenarios[] = { "svm-full", "vmx-full" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		struct ep_snapshot before, after;
		struct ep_reader classic;
		struct ep_host host;
		struct ep_delta delta;

		start(f, scenarios[i]);
		host = f->host;
		host.latch = false;
		ep_reader_init(&classic, &host, false);
		ep_snapshot_take(&classic, &before);
		ep_snapshot_take(&f->reader, &f->before);
		ep_sim_exit(&f->sim, f->host.reasons[20], 17, 17 * 900);
		ep_sim_exit(&f->sim, f->host.reasons[f->host.cpuid_row], 50, 50 * 1300);
		ep_snapshot_take(&f->reader, &f->after);
		ep_snapshot_take(&classic, &after);
		assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
		assert_int_equal(ep_delta_compute(&delta, &classic, &before, &after), 0);
		assert_true(delta.consistent && f->delta.consistent);
		assert_int_equal(delta.exits, 67);
		assert_int_equal(f->delta.exits, delta.exits);
		assert_int_equal(f->delta.cycles, delta.cycles);
		for (uint32_t row = 0; row < host.count; row++) {
			assert_int_equal(f->delta.rows[row].exits, delta.rows[row].exits);
			assert_int_equal(f->delta.rows[row].cycles, delta.rows[row].cycles);
		}
	}
}

static void between_any_two_reads(struct ep_sim *sim)
{
	ep_sim_exit(sim, SVM_INTERRUPT, 1, 900);
	ep_sim_exit(sim, SVM_HLT, 1, 50000);
}

/* However busy the guest, and whoever else latches: sums and histograms add up. */
static void test_latched_rows_belong_together(void **state)
{
	static const char *const scenarios[] = { "svm-full", "hopping" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		start(f, scenarios[i]);
		f->sim.before = between_any_two_reads;
		for (int pass = 0; pass < 50; pass++) {
			uint64_t sum = 0;

			ep_snapshot_take(&f->reader, &f->after);
			assert_true(f->after.consistent);
			for (uint32_t row = 0; row < f->after.count; row++) {
				uint64_t buckets = 0;

				for (int bucket = 0; bucket < EXITPROF_BUCKETS; bucket++)
					buckets += f->after.histogram[row + 1][bucket];
				assert_int_equal(buckets, f->after.rows[row].exits);
				assert_true(f->after.rows[row].away >= f->after.rows[row].cycles);
				sum += f->after.rows[row].exits;
			}
			assert_int_equal(sum, f->after.total.exits);
		}
	}
}

/* Two exits for each active reason, and two; all but the histogram as before. */
static void test_without_histograms(void **state)
{
	static const char *const scenarios[] = { "svm-full", "hopping", "svm" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		struct ep_delta with;

		start(f, scenarios[i]);
		take_both(f, some_work);
		with = f->delta;
		assert_int_equal(ep_reader_omit_histograms(&f->reader), 0);
		memset(f->after.histogram, 0, sizeof(f->after.histogram));
		take_both(f, some_work);
		for (uint32_t row = 0; row < with.count; row++) {
			assert_int_equal(f->delta.rows[row].exits, with.rows[row].exits);
			assert_int_equal(f->delta.rows[row].cycles, with.rows[row].cycles);
			assert_int_equal(f->delta.rows[row].away, with.rows[row].away);
		}
		for (int bucket = 0; bucket < EXITPROF_BUCKETS; bucket++)
			assert_int_equal(f->after.histogram[f->host.cpuid_row + 1][bucket], 0);
		if (i == 0)
			assert_int_equal(f->after.cost, 2 * 5 + 2);
	}
}

static void test_calibration_refused(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full");
	f->sim.cpuid.execute = refuse;
	assert_int_equal(ep_reader_omit_histograms(&f->reader), -ENODEV);
}

static uint64_t cycles_of_rows(const struct fixture *f)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < f->delta.count; i++)
		sum += f->delta.rows[i].cycles;
	return sum;
}

/* However wrong the calibration is, rows and total are wrong by the same. */
static void test_calibration_error(void **state)
{
	static const char *const scenarios[] = { "svm-full", "svm", "svm-nodisc" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		start(f, scenarios[i]);
		/* By the classic leaves, reasons that are new lie between row and total. */
		take_both(f, some_work);
		for (int error = -1100; error <= 100000; error += 1100) {
			f->reader.cycles_per_own = f->sim.cost + error;
			take_both(f, nothing);
			assert_int_equal(f->delta.cycles, cycles_of_rows(f));
			take_both(f, some_work);
			assert_int_equal(f->delta.cycles, cycles_of_rows(f));
			assert_int_equal(sum_of(f), f->delta.exits);
		}
	}
}

/* A reader that reads more or fewer fields from now on: what both have is told. */
static void test_full_and_not(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full");
	ep_snapshot_take(&f->reader, &f->before);
	f->reader.full = false;
	take_both(f, some_work);
	f->reader.full = true;
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
	assert_false(f->delta.full);
	f->before = f->after;
	f->reader.full = false;
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
	assert_false(f->delta.full);
	assert_int_equal(f->delta.away, 0);
}

/* Own exits leave the histogram, too: what is left is the work's. */
static void test_histogram(void **state)
{
	uint64_t histogram[EXITPROF_ROWS_MAX][EXITPROF_BUCKETS] = {};
	struct fixture *f = *state;
	uint32_t own;

	start(f, "svm-full");
	take_both(f, some_work);
	own = f->host.cpuid_row + 1;
	ep_delta_add_histogram(histogram, &f->reader, &f->before, &f->after);
	/* 1300 cycles each, as the reader's own of 1200 also are in 2^10 to 2^11 - 1 */
	assert_int_equal(histogram[own][10], 1000);
	assert_int_equal(ep_percentile(histogram[own], 0.5), 2047);

	memset(histogram, 0, sizeof(histogram));
	assert_int_equal(ep_percentile(histogram[0], 0.5), 0);
	histogram[0][4] = 98;
	histogram[0][7] = 1;
	histogram[0][63] = 1;
	assert_int_equal(ep_percentile(histogram[0], 0.5), 31);
	assert_int_equal(ep_percentile(histogram[0], 0.98), 31);
	assert_int_equal(ep_percentile(histogram[0], 0.99), 255);
	assert_true(ep_percentile(histogram[0], 1) == UINT64_MAX);
}

/* Every own CPUID is subtracted, whatever it is for. */
static void read_something(struct fixture *f)
{
	for (int i = 0; i < 500; i++)
		ep_cpuid_query(f->host.cpuid, i % 2 ? 0 : EXITPROF_LEAF_TOTAL_CYCLES, 0);
}

static void test_own_exits_are_not_counted(void **state)
{
	struct fixture *f = *state;

	start(f, "vmx");
	take_both(f, read_something);
	assert_true(f->delta.consistent);
	assert_int_equal(f->delta.exits, 0);
	assert_true(f->delta.own_exits >= 500);
	assert_int_equal(f->delta.own_exits, f->after.total.own_exits - f->before.total.own_exits);
	assert_int_equal(f->delta.own_cycles, f->delta.own_exits * f->sim.cost);
}

/* A guest that is disturbed at a random one of many CPUIDs. */
static uint64_t injected;

static void disturb_rarely(struct ep_sim *sim)
{
	static const uint32_t reasons[] = { SVM_HLT, SVM_INTERRUPT, SVM_NPF, SVM_CPUID, 0x7b };

	if (rand() % 40)
		return;
	ep_sim_exit(sim, reasons[rand() % ARRAY_SIZE(reasons)], 1, 2000);
	injected++;
}

static void test_one_instant_in_a_busy_guest(void **state)
{
	struct fixture *f = *state;
	unsigned int passes = 0;

	srand(1);
	for (int round = 0; round < 300; round++) {
		uint64_t net;

		start(f, "svm");
		f->sim.before = disturb_rarely;
		take_both(f, some_work);
		assert_true(f->delta.consistent);
		assert_int_equal(sum_of(f), f->delta.exits);
		/* Own exits gone, the total is what the rest caused: not one more. */
		net = f->delta.exits - 1010;
		assert_true(net <= injected);
		passes += f->before.passes + f->after.passes;
	}
	/* The disturbance must have been worth the name. */
	assert_true(passes > 900);
}

static void disturb_always(struct ep_sim *sim)
{
	ep_sim_exit(sim, SVM_INTERRUPT, 1, 900);
}

/* The total and the rows disagree anew each time, while nothing happens during a pass. */
static void disturb_unlisted(struct ep_sim *sim)
{
	static uint64_t reads;

	sim->unlisted += ++reads % 30 == 0;
}

static void test_never_quiet_is_flagged(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	f->sim.before = disturb_always;
	take_both(f, some_work);
	assert_false(f->before.consistent);
	assert_false(f->delta.consistent);
	/* What is not torn is exact all the same. */
	assert_int_equal(exits_of(f, SVM_HLT), 7);
	assert_int_equal(exits_of(f, SVM_CPUID), 1000);
	assert_int_equal(exits_of(f, SVM_NPF), 3);
}

/* Nobody is to pay for a guest that is never quiet with more exits than it has itself. */
static void test_never_quiet_is_bounded(void **state)
{
	static const char *const scenarios[] = { "svm",	       "vmx",	       "svm-nodisc",
						 "vmx-nodisc", "svm-combined", "vmx-reversed",
						 "latch-full", "svm-totals",   "vmx-32bit" };
	static void (*const disturbances[])(struct ep_sim * sim) = { disturb_always,
								     disturb_unlisted };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(scenarios) * 2; i++) {
		uint64_t executed;

		start(f, scenarios[i / 2]);
		f->sim.before = disturbances[i % 2];
		executed = f->sim.cpuid.executed;
		ep_snapshot_take(&f->reader, &f->before);
		assert_true(f->before.cost <= EP_SNAPSHOT_COST_MAX);
		assert_int_equal(f->before.cost, f->sim.cpuid.executed - executed);
		/* All reasons were read, and more than once what is active. */
		if (!f->before.consistent) {
			assert_true(f->before.cost >= f->host.count);
			assert_true(f->before.passes > 2);
		}
	}
}

/* One exit in the middle of the first pass makes a second one, and no more. */
static void disturb_once(struct ep_sim *sim)
{
	struct fixture *f = sim->user;

	if (sim->cpuid.executed == f->before.total.own_exits + 6)
		ep_sim_exit(sim, SVM_HLT, 1, 900);
}

static void test_second_pass(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	ep_snapshot_take(&f->reader, &f->before);
	assert_int_equal(f->before.passes, 1);
	f->sim.before = disturb_once;
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(f->after.passes, 2);
	assert_true(f->after.consistent);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
	assert_int_equal(f->delta.exits, 1);
	assert_int_equal(exits_of(f, SVM_HLT), 1);
}

/*
 * Another vCPU caught between its two increments makes the sum over rows too
 * large by one, which would hide that another exit was missed.
 */
static void disturb_twice(struct ep_sim *sim)
{
	struct fixture *f = sim->user;
	uint64_t own = sim->cpuid.executed - f->before.total.own_exits;

	/* HLT has been read by then, the hypercalls have not. */
	if (own == 7) {
		ep_sim_exit(sim, SVM_HLT, 1, 900);
		ep_sim_exit(sim, SVM_VMMCALL, 1, 900);
		sim->unlisted--;
	} else if (own == 13) {
		sim->unlisted++;
	}
}

static void test_two_faults_do_not_cancel_out(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	ep_snapshot_take(&f->reader, &f->before);
	f->sim.before = disturb_twice;
	ep_snapshot_take(&f->reader, &f->after);
	assert_true(f->after.consistent);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
	assert_int_equal(exits_of(f, SVM_HLT), 1);
	assert_int_equal(exits_of(f, SVM_VMMCALL), 1);
	assert_int_equal(f->delta.exits, 2);
}

/* Since the VM began, which is what the snapshot command shows. */
static void test_absolute(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	ep_snapshot_take(&f->reader, &f->after);
	f->before = (struct ep_snapshot){ .consistent = true, .generation = f->sim.generation };
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
	assert_true(f->delta.consistent);
	assert_int_equal(f->delta.exits, 65000);
	assert_int_equal(f->delta.cycles, 140000000);
	assert_int_equal(exits_of(f, SVM_CPUID), 20000);
	assert_int_equal(f->delta.rows[f->host.cpuid_row].cycles, 40000000);
}

static void test_snapshot_is_cheap(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	ep_snapshot_take(&f->reader, &f->before);
	/* Generation, total twice, all cycles, and two for each of 4 active rows. */
	assert_int_equal(f->before.cost, 12);
}

static void test_unlisted_reasons(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	f->sim.unlisted = 12;
	ep_snapshot_take(&f->reader, &f->before);
	assert_true(f->before.consistent);
	assert_int_equal(f->before.unlisted, 12);
	f->sim.unlisted += 5;
	some_work(f);
	ep_snapshot_take(&f->reader, &f->after);
	assert_true(f->after.consistent);
	assert_int_equal(f->after.unlisted, 17);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
	assert_int_equal(f->delta.exits, 1015);
	assert_int_equal(sum_of(f), 1010);
}

/* A host without atomics, which loses some of our own exits. */
static void lose(struct ep_sim *sim)
{
	if (sim->cpuid.executed % 5 == 0)
		ep_sim_exit(sim, SVM_CPUID, -1, 0);
}

static void test_what_cannot_be(void **state)
{
	struct ep_delta delta = { .timed = true, .count = 2, .exits = 100, .cycles = 1000000 };
	uint64_t most = ep_plausible_cycles(2, 400000);
	struct ep_error err = {};

	delta.rows[0] = (struct ep_delta_row){ .exits = 60, .cycles = 600000 };
	delta.rows[1] = (struct ep_delta_row){ .exits = 40, .cycles = 400000 };
	assert_int_equal(ep_plausible_delta(&delta, most, &err), 0);
	assert_int_equal(ep_plausible_delta(&delta, delta.cycles, &err), 0);
	assert_int_equal(ep_plausible_life(&delta, &err), 0);
	assert_string_equal(err.message, "");
	/* Of exitprof's own exits as well. */
	delta.own_cycles = 1;
	assert_int_equal(ep_plausible_delta(&delta, delta.cycles, &err), -ERANGE);
	assert_int_equal(ep_plausible_delta(&delta, delta.cycles, NULL), -ERANGE);
	assert_int_equal(ep_plausible_delta(&delta, 0, &err), 0);
	/* A row above the total, and what exits between the reads explain of it. */
	delta.rows[0].exits = 160;
	assert_int_equal(ep_plausible_delta(&delta, most, &err), -ERANGE);
	delta.disturbed = 100;
	assert_int_equal(ep_plausible_delta(&delta, most, &err), 0);
	delta.disturbed = 0;
	delta.rows[0].exits = 60;
	delta.rows[1].cycles = 10000000;
	assert_int_equal(ep_plausible_delta(&delta, most, &err), -ERANGE);
	assert_int_equal(ep_plausible_life(&delta, &err), -ERANGE);
	/* Nothing is known by reason. */
	delta.timed = false;
	assert_int_equal(ep_plausible_delta(&delta, most, &err), 0);
	delta.cycles = UINT64_C(1) << 44;
	assert_int_equal(ep_plausible_life(&delta, &err), -ERANGE);
}

/* Rows that have more than the total, by less than what cannot be at all. */
static void miscount(struct fixture *f)
{
	ep_sim_exit(&f->sim, SVM_HLT, 5, 5000);
	f->sim.unlisted -= 5;
}

static void test_rows_above_the_total_are_flagged(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	f->sim.unlisted = 100;
	take_both(f, miscount);
	assert_int_equal(f->delta.exits, 0);
	assert_int_equal(exits_of(f, SVM_HLT), 5);
	assert_false(f->delta.consistent);
}

static void test_lost_counts_are_flagged(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	ep_snapshot_take(&f->reader, &f->before);
	f->sim.before = lose;
	for (int i = 0; i < 50; i++)
		ep_cpuid_query(f->host.cpuid, 0, 0);
	f->sim.before = NULL;
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), 0);
	assert_false(f->delta.consistent);
	assert_int_equal(exits_of(f, SVM_CPUID), 0);
}

static void wrap_64(struct fixture *f)
{
	ep_sim_exit(&f->sim, SVM_HLT, 30, 0);
}

static void test_wrap_of_64_bits(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	ep_sim_exit(&f->sim, SVM_HLT, UINT64_MAX - 5010, 0);
	take_both(f, wrap_64);
	assert_int_equal(exits_of(f, SVM_HLT), 30);
	assert_int_equal(f->delta.exits, 30);
}

static void wrap_32(struct fixture *f)
{
	ep_sim_exit(&f->sim, 12, 300, 5000000000);
}

static void test_wrap_of_32_bits(void **state)
{
	struct fixture *f = *state;

	start(f, "vmx-32bit");
	ep_sim_exit(&f->sim, 12, UINT32_MAX - 5100, UINT32_MAX - 20000000 - 100);
	take_both(f, wrap_32);
	assert_int_equal(exits_of(f, 12), 300);
	assert_int_equal(f->delta.exits, 300);
	/* More than one wrap cannot be told: 5e9 is 705032704 and 2^32. */
	assert_int_equal(ep_delta_find(&f->delta, &f->host, 12)->cycles, 705032704);
}

static void test_backwards(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	f->delta.exits = 42;
	ep_snapshot_take(&f->reader, &f->before);
	memset(f->sim.exits, 0, sizeof(f->sim.exits));
	memset(f->sim.cycles, 0, sizeof(f->sim.cycles));
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), -ESTALE);
	assert_int_equal(f->delta.exits, 42);
}

static void test_generation(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	ep_snapshot_take(&f->reader, &f->before);
	f->sim.generation++;
	some_work(f);
	ep_snapshot_take(&f->reader, &f->after);
	assert_int_equal(ep_delta_compute(&f->delta, &f->reader, &f->before, &f->after), -ESTALE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_happened),
		TEST(test_exact_in_dialects),
		TEST(test_exact),
		TEST(test_both_readers_agree),
		TEST(test_latch_costs_active_reasons_and_two),
		TEST(test_latched_rows_belong_together),
		TEST(test_both_readers_at_once),
		TEST(test_back_again_is_noticed),
		TEST(test_where_it_is_is_asked_twice),
		TEST(test_never_in_one_place_is_flagged),
		TEST(test_refused_later),
		TEST(test_calibration_error),
		TEST(test_full_and_not),
		TEST(test_histogram),
		TEST(test_without_histograms),
		TEST(test_calibration_refused),
		TEST(test_own_exits_are_not_counted),
		TEST(test_one_instant_in_a_busy_guest),
		TEST(test_never_quiet_is_flagged),
		TEST(test_never_quiet_is_bounded),
		TEST(test_second_pass),
		TEST(test_two_faults_do_not_cancel_out),
		TEST(test_absolute),
		TEST(test_snapshot_is_cheap),
		TEST(test_unlisted_reasons),
		TEST(test_what_cannot_be),
		TEST(test_rows_above_the_total_are_flagged),
		TEST(test_lost_counts_are_flagged),
		TEST(test_wrap_of_64_bits),
		TEST(test_wrap_of_32_bits),
		TEST(test_backwards),
		TEST(test_generation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
