// SPDX-License-Identifier: GPL-2.0-only
/*
 * A writer and a reader of a row, stopped at each of their stores and loads: what the
 * other one sees, or does, right there.
 */
#include "vm.h"

#define CYCLES 1000

static struct kvm_vcpu *writer;
static const struct kvm_exitprof_row *watched;
static u64 stores, exit_at, nr_exits;

/* One vCPU, and its row of an exit reason */
static void watch(struct kvm *kvm)
{
	host_load(KVM_EXITPROF_VENDOR_SVM);
	writer = vcpu_add(kvm);
	watched = writer->arch.exitprof.rows;
	watched += row_of(SVM_HLT) + 1;
}

/* After each store of the writer: what struct kvm_exitprof_row promises to a reader */
static void check_row(void)
{
	u64 sum = 0, exits = watched->exits.counter;
	u32 bucket, highest = 0;

	stores++;
	for (bucket = 0; bucket < KVM_EXITPROF_BUCKETS; bucket++) {
		sum += watched->hist[bucket].counter;
		if (watched->hist[bucket].counter)
			highest = bucket;
	}
	assert_true(sum == exits || sum == exits + 1);
	/* Not before the first one is complete */
	assert_true(!sum || highest <= __fls(watched->max));
	/* The cycles of an exit are there before it is counted. */
	assert_true((u64)watched->cycles.counter >= exits);
}

static void test_at_each_store(void **state)
{
	struct kvm *kvm = vm_create();
	u32 bucket;

	watch(kvm);
	stores = 0;
	shim_after_store = check_row;
	for (bucket = 0; bucket < 40; bucket++) {
		vcpu_exit(writer, SVM_HLT, 1ull << bucket, 0);
		vcpu_exit(writer, SVM_HLT, 1, 0);
	}
	shim_after_store = NULL;
	/* Maximum, histogram, cycles, exits, and outside twice */
	assert_true(stores >= 40 * 5 + 40 * 4);
	vm_destroy(kvm);
}

static struct kvm_vcpu *reader;

/* A thread that is not run for long right after a store: a reader does not wait for it. */
static void read_row(void)
{
	void (*self)(void) = shim_after_store;
	u64 exits, cycles, first, second, tsc = shim_tsc;

	shim_after_store = NULL;
	vcpu_ask(reader, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH | writer->vcpu_idx);
	vcpu_row(reader, KVM_EXITPROF_FIELD_COUNT, row_of(SVM_NPF), &exits, &cycles);
	vcpu_row(reader, KVM_EXITPROF_FIELD_HISTOGRAM + 4, row_of(SVM_NPF), &first, &second);
	assert_int_equal(second, exits);
	/* One exit's cycles may be missing, but none are there without their exit. */
	assert_true(cycles == exits * CYCLES || cycles == (exits - 1) * CYCLES);
	shim_tsc = tsc;
	shim_after_store = self;
	stores++;
}

static void test_stopped_at_each_store(void **state)
{
	struct kvm *kvm = vm_create();
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	writer = vcpu_add(kvm);
	reader = vcpu_add(kvm);
	stores = 0;
	for (i = 0; i < 10; i++) {
		shim_after_store = read_row;
		vcpu_exit(writer, SVM_NPF, CYCLES, 0);
		shim_after_store = NULL;
	}
	assert_true(stores >= 10 * 4);
	vm_destroy(kvm);
}

/* Right before the exit_at-th load of the reader, the writer has nr_exits exits. */
static void exit_there(void)
{
	void (*self)(void) = shim_before_load;
	u64 loads = shim_loads, i;

	if (loads != exit_at && exit_at)
		return;
	shim_before_load = NULL;
	for (i = 0; i < nr_exits; i++)
		vcpu_exit(writer, SVM_NPF, CYCLES, 0);
	shim_loads = loads;
	shim_before_load = self;
}

/* A table of all vCPUs, with exits in the middle of it; how many loads it took */
static u64 latch(void)
{
	shim_loads = 0;
	shim_before_load = exit_there;
	vcpu_ask(reader, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH | KVM_EXITPROF_SCOPE_VM);
	shim_before_load = NULL;
	return shim_loads;
}

static void test_at_each_load(void **state)
{
	struct kvm *kvm = vm_create();
	u64 loads, exits = 1, cycles, first, second, latched;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	reader = vcpu_add(kvm);
	writer = vcpu_add(kvm);
	vcpu_exit(writer, SVM_NPF, CYCLES, 0);
	exit_at = 1;
	do {
		nr_exits = 1 + exit_at % 3;
		loads = latch();
		vcpu_row(reader, KVM_EXITPROF_FIELD_COUNT, row_of(SVM_NPF), &latched, &cycles);
		assert_int_equal(cycles, latched * CYCLES);
		assert_true(latched == exits || latched == exits + nr_exits);
		vcpu_row(reader, KVM_EXITPROF_FIELD_HISTOGRAM + 4, row_of(SVM_NPF), &first,
			 &second);
		assert_int_equal(second, latched);
		if (exit_at <= loads)
			exits += nr_exits;
	} while (exit_at++ < loads);
	/* All rows were gone through, this one's histogram with them. */
	assert_true(exit_at > KVM_EXITPROF_BUCKETS);
	vm_destroy(kvm);
}

/* With an exit before every load no row is ever whole; the reader gives up even so. */
static void test_at_all_loads(void **state)
{
	struct kvm *kvm = vm_create();

	host_load(KVM_EXITPROF_VENDOR_SVM);
	reader = vcpu_add(kvm);
	writer = vcpu_add(kvm);
	vcpu_exit(writer, SVM_NPF, CYCLES, 0);
	exit_at = 0;
	nr_exits = 1;
	assert_true(latch() < 100 * (KVM_EXITPROF_BUCKETS + 4));
	vm_destroy(kvm);
}

static u64 nr_begun, nr_steps;

/* One step of: a VM-Exit, 100 cycles, it is handled, 10 cycles, VM-Enter, a million cycles */
static void step(void)
{
	static u32 phase;

	switch (phase++ % 3) {
	case 0:
		nr_begun++;
		kvm_exitprof_svm_exit(writer, SVM_HLT);
		shim_tsc += 100;
		break;
	case 1:
		kvm_exitprof_handled(writer);
		shim_tsc += 10;
		break;
	case 2:
		kvm_exitprof_enter(writer);
		shim_tsc += 1000000;
		break;
	}
}

static void steps(void)
{
	void (*self)(void) = shim_after_store;
	u64 i;

	shim_after_store = NULL;
	for (i = 0; i < nr_steps; i++)
		step();
	shim_after_store = self;
}

/* Switches while the vCPU runs: there are steps between any two static keys. */
static void switch_among_steps(const char *level)
{
	shim_after_store = steps;
	assert_int_equal(shim_param_exitprof->set(level, NULL), 0);
	shim_after_store = NULL;
}

/* Every exit is counted once, whole and with its own time, or not at all. */
static void check_watched(u64 least)
{
	u64 sum = 0, exits = watched->exits.counter;
	u32 bucket;

	for (bucket = 0; bucket < KVM_EXITPROF_BUCKETS; bucket++)
		sum += watched->hist[bucket].counter;
	assert_int_equal(sum, exits);
	assert_in_range(exits, least, nr_begun);
	assert_int_equal(watched->cycles.counter, 100 * exits);
	assert_in_range(watched->away.counter, 110 * least, 110 * nr_begun);
	assert_int_equal(watched->max, 100);
}

static void test_switched_between_steps(void **state)
{
	struct kvm *kvm = vm_create();

	watch(kvm);
	nr_begun = 0;
	/* Each number three times, to begin with each of the steps */
	for (nr_steps = 4; nr_steps < 10; nr_steps++) {
		for (int i = 0; i < 3; i++) {
			step();
			steps();
			switch_among_steps("off");
			steps();
			switch_among_steps("full");
		}
	}
	check_watched(6 * 3);
	vm_destroy(kvm);
}

static const char *switched_to[2];

static void switch_now(void)
{
	shim_before_rdtsc = NULL;
	assert_int_equal(shim_param_exitprof->set(switched_to[0], NULL), 0);
	if (switched_to[1])
		assert_int_equal(shim_param_exitprof->set(switched_to[1], NULL), 0);
}

/* A thread that is about to count an exit runs again when the accounting is off, or on again. */
static void test_switched_in_the_middle(void **state)
{
	struct kvm *kvm = vm_create();
	u32 i;

	watch(kvm);
	switched_to[0] = "off";
	nr_begun = 0;
	for (i = 0; i < 2; i++) {
		switched_to[1] = i ? "full" : NULL;
		nr_begun++;
		kvm_exitprof_svm_exit(writer, SVM_HLT);
		shim_tsc += 100;
		shim_before_rdtsc = switch_now;
		kvm_exitprof_handled(writer);
		assert_null(shim_before_rdtsc);
		shim_tsc += 10;
		kvm_exitprof_enter(writer);
		assert_int_equal(shim_param_exitprof->set("full", NULL), 0);
	}
	assert_int_equal(watched->exits.counter, 2);
	check_watched(0);
	vm_destroy(kvm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_at_each_store, host_reset),
		cmocka_unit_test_teardown(test_stopped_at_each_store, host_reset),
		cmocka_unit_test_teardown(test_at_each_load, host_reset),
		cmocka_unit_test_teardown(test_at_all_loads, host_reset),
		cmocka_unit_test_teardown(test_switched_between_steps, host_reset),
		cmocka_unit_test_teardown(test_switched_in_the_middle, host_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
