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
static void exit_twice(struct kvm_vcpu *vcpu)
{
	vcpu_exit(vcpu, SVM_HLT, CYCLES, 0);
	vcpu_exit(vcpu, SVM_NPF, CYCLES, 0);
	ready = true;
}

static void *alternate(void *argument)
{
	while (!stop)
		exit_twice(argument);
	return NULL;
}

static volatile u64 loads;

static void count_load(void)
{
	loads++;
}

/*
 * The same, but not before the reader has had up to a hundred loads more. No vCPU has more
 * exits in the time of one read of a row, while two threads have any ratio of speed.
 */
static void *alternate_with_loads(void *argument)
{
	u64 next = 0;
	u32 i;

	for (i = 0; !stop; i++) {
		exit_twice(argument);
		next = max(next, loads) + i % 100;
		while (loads < next && !stop)
			cpu_relax();
	}
	return NULL;
}

/* On the first or second CPU that this process may use, where there are two. */
static void pin(pthread_t thread, int nth)
{
	static cpu_set_t allowed;
	cpu_set_t one;
	int cpu;

	if (!CPU_COUNT(&allowed))
		assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	if (CPU_COUNT(&allowed) < 2)
		return;
	for (cpu = 0; !CPU_ISSET(cpu, &allowed) || nth--; cpu++)
		;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(pthread_setaffinity_np(thread, sizeof(one), &one), 0);
}

static void begin(pthread_t *thread, void *(*writer)(void *), struct kvm_vcpu *vcpu)
{
	stop = ready = false;
	assert_int_equal(pthread_create(thread, NULL, writer, vcpu), 0);
	pin(pthread_self(), 0);
	pin(*thread, 1);
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
 * Exits and cycles of a row of another vCPU are of one instant. Should the writer's thread not
 * be run for long right in between, which the reader does not wait for, the cycles of that exit
 * are missing in all tables meanwhile.
 */
static void test_a_row_is_whole(void **state)
{
	u32 i, changed = 0, torn = 0;
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *reader;
	u64 exits, cycles, last = 0;
	pthread_t thread;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	reader = vcpu_add(kvm);
	begin(&thread, alternate_with_loads, vcpu_add(kvm));
	for (i = 0; changed < TABLES / 50 && i < 20 * TABLES; i++) {
		shim_before_load = count_load;
		latch(reader, 1);
		shim_before_load = NULL;
		vcpu_row(reader, KVM_EXITPROF_FIELD_COUNT, row_of(SVM_NPF), &exits, &cycles);
		assert_int_equal(cycles % CYCLES, 0);
		/* None is ever there without its exit. */
		assert_in_range(cycles, 0, exits * CYCLES);
		if (exits == last)
			continue;
		changed++;
		torn += cycles != exits * CYCLES;
		last = exits;
	}
	end(thread);
	vm_destroy(kvm);
	assert_in_range(torn, 0, 5);
	print_message("%u tables, %u of them with exits since the one before\n", i, changed);
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
