// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that exits as fast as it can, and readers on other CPUs at the same time: what
 * of a table is of one instant, and what is not.
 */
#include <sched.h>

#include "vm.h"

#define TABLES 100000
#define CYCLES 1000

static volatile bool stop, ready;

/* Alternates between two reasons; an exit takes CYCLES. */
static void *alternate(void *argument)
{
	struct kvm_vcpu *vcpu = argument;

	while (!stop) {
		vcpu_exit(vcpu, SVM_HLT, CYCLES, 0);
		vcpu_exit(vcpu, SVM_NPF, CYCLES, 0);
		ready = true;
	}
	return NULL;
}

static void begin(pthread_t *thread, void *(*writer)(void *), struct kvm_vcpu *vcpu)
{
	stop = ready = false;
	assert_int_equal(pthread_create(thread, NULL, writer, vcpu), 0);
	while (!ready)
		sched_yield();
}

static void end(pthread_t thread)
{
	stop = true;
	pthread_join(thread, NULL);
}

static void latch(struct kvm_vcpu *vcpu, u32 scope)
{
	assert_int_not_equal(
		vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH | scope).eax, 0);
}

/*
 * Exits and cycles of a row of another vCPU are of one instant. If the writer's thread is
 * not run for long right in between, the cycles of that exit are missing; and if it runs
 * on within the last of the reader's 64 tries, those of more, which loaded machines show
 * once in a million tables.
 */
static void test_a_row_is_whole(void **state)
{
	u32 i, torn = 0;
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *reader;
	u64 exits, cycles;
	pthread_t thread;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	reader = vcpu_add(kvm);
	begin(&thread, alternate, vcpu_add(kvm));
	for (i = 0; i < TABLES; i++) {
		latch(reader, 1);
		vcpu_row(reader, KVM_EXITPROF_FIELD_COUNT, row_of(SVM_NPF), &exits, &cycles);
		assert_int_equal(cycles % CYCLES, 0);
		/* None is ever there without its exit. */
		assert_in_range(cycles, 0, exits * CYCLES);
		torn += cycles != exits * CYCLES && cycles != (exits - 1) * CYCLES;
	}
	assert_in_range(torn, 0, 5);
	end(thread);
	vm_destroy(kvm);
}

/*
 * A vCPU that reads itself reads all rows of one instant, whatever others do: between
 * its own reads it has had as many exits of the one reason as of the other.
 */
static void test_the_readers_own_rows(void **state)
{
	struct kvm *kvm = vm_create();
	u64 exits[2], cycles;
	struct kvm_vcpu *reader;
	pthread_t thread;
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	reader = vcpu_add(kvm);
	begin(&thread, alternate, vcpu_add(kvm));
	for (i = 1; i <= TABLES; i++) {
		vcpu_exit(reader, SVM_HLT, CYCLES, 0);
		vcpu_exit(reader, SVM_NPF, CYCLES, 0);
		latch(reader, 0);
		vcpu_row(reader, KVM_EXITPROF_FIELD_COUNT, row_of(SVM_HLT), &exits[0], &cycles);
		vcpu_row(reader, KVM_EXITPROF_FIELD_COUNT, row_of(SVM_NPF), &exits[1], &cycles);
		assert_int_equal(exits[0], i);
		assert_int_equal(exits[1], i);
	}
	end(thread);
	vm_destroy(kvm);
}

/* Counters never go back, nor does the sum over vCPUs while vCPUs are added. */
static void test_sums_grow(void **state)
{
	struct kvm *kvm = vm_create();
	u64 exits, last = 0;
	struct kvm_vcpu *reader;
	struct answer answer;
	pthread_t thread;
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	reader = vcpu_add(kvm);
	begin(&thread, alternate, vcpu_add(kvm));
	for (i = 0; i < TABLES; i++) {
		answer = vcpu_ask(reader, KVM_EXITPROF_TOTAL_EXITS, 0);
		exits = low_high(answer.eax, answer.ebx);
		assert_true(exits > last);
		last = exits;
		if (i % 10000 == 0)
			vcpu_add(kvm);
	}
	end(thread);
	vm_destroy(kvm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_row_is_whole, host_reset),
		cmocka_unit_test_teardown(test_the_readers_own_rows, host_reset),
		cmocka_unit_test_teardown(test_sums_grow, host_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
