// SPDX-License-Identifier: GPL-2.0-only
/* Which row an exit is counted in, and with which numbers, whatever hardware may give. */
#include "vm.h"

static u64 exits_in(const struct kvm_vcpu *vcpu, u32 row)
{
	return ((struct kvm_exitprof_row *)vcpu->arch.exitprof.rows)[row].exits.counter;
}

/* One exit of @code; the one row that it is counted in */
static u32 row_counted(struct kvm_vcpu *vcpu, u32 code)
{
	u64 before[KVM_EXITPROF_ROWS_MAX + 1];
	u32 row, found = 0, nr_rows = kvm_exitprof_reasons.nr_rows;

	for (row = 0; row < nr_rows; row++)
		before[row] = exits_in(vcpu, row);
	vcpu_exit(vcpu, code, 100, 0);
	for (row = 0; row < nr_rows; row++) {
		if (exits_in(vcpu, row) == before[row])
			continue;
		assert_int_equal(exits_in(vcpu, row), before[row] + 1);
		assert_int_equal(found, 0);
		found = row;
	}
	return found;
}

static void check_code(struct kvm_vcpu *vcpu, u32 code)
{
	u32 row = row_counted(vcpu, code), reason = code;

	/* Bits 31 to 16 are flags on VMX. */
	if (kvm_exitprof_reasons.vendor == KVM_EXITPROF_VENDOR_VMX)
		reason &= 0xffff;
	if (!host_handles(reason))
		assert_int_equal(row, KVM_EXITPROF_ROW_OTHER);
	else
		assert_int_equal(kvm_exitprof_slot_to_reason(kvm_exitprof_reasons.slots[row]),
				 reason);
}

static void check_codes(u32 vendor)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	u32 code, bit;

	host_load(vendor);
	vcpu = vcpu_add(kvm);
	for (code = 0; code < 0x1100; code++) {
		check_code(vcpu, code);
		check_code(vcpu, -code);
		check_code(vcpu, 0xf0000000 + code);
		/* Each bit that a narrower index would drop */
		for (bit = 0; bit < 32; bit++)
			check_code(vcpu, code ^ 1u << bit);
	}
	vm_destroy(kvm);
}

static void test_every_exit_code_of_svm(void **state)
{
	check_codes(KVM_EXITPROF_VENDOR_SVM);
}

static void test_every_exit_reason_of_vmx(void **state)
{
	check_codes(KVM_EXITPROF_VENDOR_VMX);
}

/* A VM-Enter that was not begun is no exit; one that the processor has given up is one. */
static void test_failed_entries(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	u32 row;

	host_load(KVM_EXITPROF_VENDOR_VMX);
	vcpu = vcpu_add(kvm);
	kvm_exitprof_no_exit(vcpu);
	kvm_exitprof_handled(vcpu);
	for (row = KVM_EXITPROF_ROW_OTHER; row < kvm_exitprof_reasons.nr_rows; row++)
		assert_int_equal(exits_in(vcpu, row), 0);
	/* Invalid guest state has no handler, a machine check during VM-Enter has one. */
	assert_int_equal(row_counted(vcpu, 0x80000021), KVM_EXITPROF_ROW_OTHER);
	assert_int_equal(row_counted(vcpu, 0x80000000 | VMX_MCE), row_of(VMX_MCE) + 1);
	vm_destroy(kvm);

	kvm = vm_create();
	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	assert_int_equal(row_counted(vcpu, -1), KVM_EXITPROF_ROW_OTHER);
	vm_destroy(kvm);
}

/* KVM keeps 32 bits of an exit code in old versions, and all 64 in new ones. */
static void test_64_bits_of_an_exit_code(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	kvm_exitprof_svm_exit(vcpu, 1ull << 32 | SVM_HLT);
	kvm_exitprof_handled(vcpu);
	kvm_exitprof_svm_exit(vcpu, -1ull);
	kvm_exitprof_handled(vcpu);
	assert_int_equal(exits_in(vcpu, row_of(SVM_HLT) + 1), 0);
	assert_int_equal(exits_in(vcpu, KVM_EXITPROF_ROW_OTHER), 2);
	vm_destroy(kvm);
}

static u64 histogram_sum(const struct kvm_exitprof_row *row)
{
	u64 sum = 0;
	u32 bucket;

	for (bucket = 0; bucket < KVM_EXITPROF_BUCKETS; bucket++)
		sum += row->hist[bucket].counter;
	return sum;
}

/* Handling cycles from none to 2^63 - 1, and a TSC that is behind */
static void test_any_time(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_exitprof_row *row;
	u64 cycles, max = 0, exits = 0;
	struct kvm_vcpu *vcpu;
	u32 bucket;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	row = vcpu->arch.exitprof.rows;
	row += row_of(SVM_HLT) + 1;
	for (bucket = 0; bucket < 63; bucket++) {
		for (cycles = 1ull << bucket; cycles < 2ull << bucket;
		     cycles += max(1ull << bucket, 2) - 1) {
			vcpu_exit(vcpu, SVM_HLT, cycles, 0);
			max = cycles;
			exits++;
			assert_int_equal(row->max, max);
			assert_int_equal(row->exits.counter, exits);
			assert_int_equal(histogram_sum(row), exits);
		}
		assert_int_equal(row->hist[bucket].counter, bucket ? 2 : 1);
	}

	/* 0 and less count as 1, also without kvm_exitprof_load(). */
	vcpu_exit(vcpu, SVM_HLT, 0, 0);
	vcpu_exit(vcpu, SVM_HLT, -1000ull, 1000);
	vcpu_exit(vcpu, SVM_HLT, 1ull << 63, 1ull << 63);
	assert_int_equal(row->hist[0].counter, 4);
	assert_int_equal(row->max, max);
	assert_int_equal(histogram_sum(row), exits + 3);
	assert_int_equal(row->exits.counter, exits + 3);
	vm_destroy(kvm);
}

/* The row of @reason; and its time away, as debugfs and the leaves give it */
static struct kvm_exitprof_row *row_at(struct kvm_vcpu *vcpu, u32 reason)
{
	return (struct kvm_exitprof_row *)vcpu->arch.exitprof.rows + row_of(reason) + 1;
}

static u64 away_of(struct kvm_vcpu *vcpu, u32 reason)
{
	struct kvm_exitprof_counts counts[KVM_EXITPROF_ROWS_MAX + 1] = {};

	kvm_exitprof_add_rows(counts, vcpu);
	return counts[row_of(reason) + 1].away;
}

/* From VM-Exit to VM-Enter, attempted or not, and never less than the handling */
static void test_time_away(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	vcpu_exit(vcpu, SVM_HLT, 100, 10);
	shim_tsc += 1000000;
	assert_int_equal(away_of(vcpu, SVM_HLT), 110);

	/* One that goes on: known when it ends, but for what is handled */
	kvm_exitprof_svm_exit(vcpu, SVM_HLT);
	shim_tsc += 50;
	kvm_exitprof_handled(vcpu);
	shim_tsc += 5000;
	assert_int_equal(away_of(vcpu, SVM_HLT), 150);
	kvm_exitprof_enter(vcpu);
	assert_int_equal(away_of(vcpu, SVM_HLT), 5160);

	/* A VM-Enter that fails ends it, too, and belongs to no VM-Exit. */
	shim_tsc += 300;
	kvm_exitprof_no_exit(vcpu);
	shim_tsc += 1000;
	kvm_exitprof_handled(vcpu);
	kvm_exitprof_enter(vcpu);
	assert_int_equal(away_of(vcpu, SVM_HLT), 5160);
	assert_int_equal(exits_in(vcpu, row_of(SVM_HLT) + 1), 2);
	vm_destroy(kvm);
}

/* The thread goes on at a CPU whose TSC is behind: before its VM-Exit is handled, and after. */
static void check_tsc_behind(const char *level)
{
	struct kvm *kvm = vm_create();
	struct kvm_exitprof_row *row;
	struct kvm_vcpu *vcpu;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	assert_int_equal(shim_param_exitprof->set(level, NULL), 0);
	shim_tsc = 1000000;
	vcpu = vcpu_add(kvm);
	row = row_at(vcpu, SVM_HLT);

	kvm_exitprof_svm_exit(vcpu, SVM_HLT);
	shim_tsc -= 5000;
	kvm_exitprof_load(vcpu);
	shim_tsc += 20;
	kvm_exitprof_handled(vcpu);
	shim_tsc += 3;
	kvm_exitprof_enter(vcpu);
	assert_int_equal(row->cycles.counter, 20);

	kvm_exitprof_svm_exit(vcpu, SVM_HLT);
	shim_tsc += 10;
	kvm_exitprof_handled(vcpu);
	shim_tsc -= 5000;
	kvm_exitprof_load(vcpu);
	shim_tsc += 4;
	kvm_exitprof_enter(vcpu);
	assert_int_equal(row->cycles.counter, 30);

	/* In time, a CPU that is ahead changes nothing. */
	kvm_exitprof_svm_exit(vcpu, SVM_HLT);
	shim_tsc += 7;
	kvm_exitprof_load(vcpu);
	kvm_exitprof_handled(vcpu);
	kvm_exitprof_enter(vcpu);
	assert_int_equal(row->cycles.counter, 37);
	assert_int_equal(row->exits.counter, 3);
	if (!strcmp(level, "full")) {
		assert_int_equal(row->max, 20);
		assert_int_equal(row->away.counter, 23 + 4 + 7);
		/* Of the second one, what had been handled is lost. */
		assert_int_equal(away_of(vcpu, SVM_HLT), 37);
	}
	vm_destroy(kvm);
}

static void test_tsc_behind(void **state)
{
	check_tsc_behind("full");
	check_tsc_behind("classic");
}

/* Sums go on beyond 32 bits. */
static void test_high_halves(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_exitprof_row *row;
	struct kvm_vcpu *vcpu;
	struct answer answer;
	u64 exits, cycles;
	u32 bucket;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	row = vcpu->arch.exitprof.rows;
	row += row_of(SVM_HLT) + 1;
	row->exits.counter = row->hist[20].counter = 0xffffffff;
	row->cycles.counter = row->away.counter = 0xfffff000;
	vcpu_exit(vcpu, SVM_HLT, 1 << 20, 7);
	answer = vcpu_ask(vcpu, KVM_EXITPROF_REASON_EXITS, SVM_HLT);
	assert_int_equal(low_high(answer.eax, answer.ebx), 0x100000000);
	answer = vcpu_ask(vcpu, KVM_EXITPROF_REASON_CYCLES, SVM_HLT);
	assert_int_equal(low_high(answer.ecx, answer.ebx), 0x1000ff000);

	vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH | KVM_EXITPROF_SCOPE_VM);
	vcpu_row(vcpu, KVM_EXITPROF_FIELD_COUNT, row_of(SVM_HLT), &exits, &cycles);
	assert_int_equal(exits, 0x100000000);
	assert_int_equal(cycles, 0x1000ff000);
	vcpu_row(vcpu, KVM_EXITPROF_FIELD_AWAY, row_of(SVM_HLT), &exits, &cycles);
	assert_int_equal(exits, 0x1000ff007);
	bucket = KVM_EXITPROF_FIELD_HISTOGRAM + 10;
	vcpu_row(vcpu, bucket, row_of(SVM_HLT), &exits, &cycles);
	assert_int_equal(exits, 0x100000000);
	vm_destroy(kvm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_every_exit_code_of_svm, host_reset),
		cmocka_unit_test_teardown(test_every_exit_reason_of_vmx, host_reset),
		cmocka_unit_test_teardown(test_failed_entries, host_reset),
		cmocka_unit_test_teardown(test_64_bits_of_an_exit_code, host_reset),
		cmocka_unit_test_teardown(test_any_time, host_reset),
		cmocka_unit_test_teardown(test_time_away, host_reset),
		cmocka_unit_test_teardown(test_tsc_behind, host_reset),
		cmocka_unit_test_teardown(test_high_halves, host_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
