// SPDX-License-Identifier: GPL-2.0-only
/* What the leaves answer, to whom, and what an answer costs. */
#include "vm.h"

/* All leaves and their neighbours, with every kind of subleaf */
static void ask_everything(struct kvm_vcpu *vcpu)
{
	struct answer answer;
	u32 function, i, operation;

	for (function = 0x4ffffff8; function <= 0x50000001; function++) {
		for (i = 0; i < 0x500; i++) {
			vcpu_cpuid(vcpu, function, i, &answer);
			vcpu_cpuid(vcpu, function, -i, &answer);
			vcpu_cpuid(vcpu, function, 0xf0000000 + i, &answer);
		}
		for (i = 0; i < 32; i++)
			vcpu_cpuid(vcpu, function, 1u << i, &answer);
	}
	for (operation = 0; operation < 8; operation++) {
		for (i = 0; i < 0x60; i++) {
			vcpu_cpuid(vcpu, KVM_EXITPROF_LATCH_LEAF, operation << 24 | i, &answer);
			vcpu_cpuid(vcpu, KVM_EXITPROF_LATCH_LEAF, operation << 24 | i << 8,
				   &answer);
			vcpu_cpuid(vcpu, KVM_EXITPROF_LATCH_LEAF, operation << 24 | i << 16,
				   &answer);
			vcpu_cpuid(vcpu, KVM_EXITPROF_LATCH_LEAF, operation << 24 | i << 16 | i,
				   &answer);
		}
		vcpu_cpuid(vcpu, KVM_EXITPROF_LATCH_LEAF, operation << 24 | KVM_EXITPROF_SCOPE_VM,
			   &answer);
	}
}

static void ask_everything_of(u32 vendor)
{
	static const char *const levels[] = { "full", "classic", "off", "full" };
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	u32 i;

	host_load(vendor);
	vcpu = vcpu_add(kvm);
	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		assert_int_equal(shim_param_exitprof->set(levels[i], NULL), 0);
		assert_int_equal(shim_param_exitprof_details->set(i & 1 ? "0" : "1", NULL), 0);
		vcpu_add(kvm);
		ask_everything(vcpu);
		ask_everything(kvm->vcpus[i + 1]);
	}
	assert_int_equal(shim_param_exitprof->set("loud", NULL), -EINVAL);
	vm_destroy(kvm);
}

static void test_anything_of_svm(void **state)
{
	ask_everything_of(KVM_EXITPROF_VENDOR_SVM);
}

static void test_anything_of_vmx(void **state)
{
	ask_everything_of(KVM_EXITPROF_VENDOR_VMX);
}

static u32 generation(struct kvm_vcpu *vcpu)
{
	struct answer latched, answer = vcpu_ask(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_VM);

	latched =
		vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH | KVM_EXITPROF_SCOPE_VM);
	assert_int_equal(latched.edx, answer.edx);
	return answer.edx;
}

/*
 * The fd of a vCPU is there before the vCPU is online: another thread of the VMM may
 * run it, and its guest ask, while nobody can find it.
 */
static void test_first_vcpu_before_it_is_online(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	struct answer answer;
	u32 before;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_create(kvm);
	before = generation(vcpu);
	ask_everything(vcpu);
	answer = vcpu_ask(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_VM);
	assert_int_equal(answer.ebx, 0);
	vcpu_online(vcpu);
	assert_int_equal(generation(vcpu), before);
	answer = vcpu_ask(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_VM);
	assert_int_equal(answer.ebx, 1);
	vm_destroy(kvm);
}

static void test_generation_is_the_vms(void **state)
{
	struct kvm *kvm = vm_create(), *other = vm_create();
	struct kvm_vcpu *vcpu;
	u32 before;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	before = generation(vcpu);
	assert_int_equal(generation(vcpu_add(kvm)), before);
	assert_int_equal(generation(vcpu), before);
	assert_int_not_equal(generation(vcpu_add(other)), before);
	assert_int_equal(shim_param_exitprof->set("off", NULL), 0);
	assert_int_equal(shim_param_exitprof->set("full", NULL), 0);
	assert_int_equal(generation(vcpu), before + 1);
	vm_destroy(other);
	vm_destroy(kvm);
}

/* Loads of the answers to all leaves, with @nr vCPUs that have rows of all reasons */
static void loads_of(u32 nr, u64 loads[5])
{
	static const struct {
		u32 function, index;
	} asked[5] = {
		{ KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_SIGNATURE },
		{ KVM_EXITPROF_REASON_EXITS, SVM_HLT },
		{ KVM_EXITPROF_TOTAL_EXITS, 0 },
		{ KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH | KVM_EXITPROF_SCOPE_VM },
		{ KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH_ROW },
	};
	struct kvm *kvm = vm_create();
	u32 i, reason;

	for (i = 0; i < nr; i++) {
		vcpu_add(kvm);
		for (reason = 0; reason < 0x404; reason++)
			vcpu_exit(kvm->vcpus[i], reason, 1000, 0);
	}
	for (i = 0; i < 5; i++) {
		shim_loads = 0;
		vcpu_ask(kvm->vcpus[0], asked[i].function, asked[i].index);
		loads[i] = shim_loads;
	}
	vm_destroy(kvm);
}

/*
 * What one CPUID may cost the host: no more than is proportional to the number of
 * vCPUs; of one reason, a few loads for each of them.
 */
static void test_cost_of_an_answer(void **state)
{
	u64 one[5], two[5], many[5];
	u32 i, rows;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	rows = kvm_exitprof_reasons.nr_rows - KVM_EXITPROF_ROW_OTHER;
	loads_of(1, one);
	loads_of(2, two);
	loads_of(257, many);
	for (i = 0; i < 5; i++)
		assert_int_equal(many[i] - one[i], 256 * (two[i] - one[i]));
	assert_true(two[0] - one[0] <= 4);
	assert_true(two[1] - one[1] <= 8);
	assert_true(two[2] - one[2] <= 5 * rows);
	assert_true(two[3] - one[3] <= (KVM_EXITPROF_BUCKETS + 8) * rows);
	assert_true(two[4] - one[4] <= 4);
}

/* The two kinds of file in debugfs say what the leaves say. */
static void test_debugfs(void **state)
{
	static char text[1 << 16];
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	vcpu_add(kvm);
	kvm_exitprof_create_vm_debugfs(kvm);
	kvm_exitprof_create_vcpu_debugfs(vcpu, NULL);
	vcpu_exit(vcpu, SVM_HLT, 1024, 6);
	vcpu_exit(vcpu, SVM_HLT, 8, 0);
	vcpu_exit(vcpu, 0x999, 1, 1);
	vcpu_exit(kvm->vcpus[1], SVM_HLT, 9, 0);

	assert_int_equal(shim_cat(0, text, sizeof(text)), 0);
	assert_string_equal(text,
			    "# exitprof 1 svm\n"
			    "reason\texits\thandling_cycles\taway_cycles\tmax_cycles\thistogram\n"
			    "other\t1\t1\t2\t1\t0:1\n"
			    "0x78\t3\t1041\t1047\t1024\t3:2 10:1\n");
	assert_int_equal(shim_cat(1, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "\n0x78\t2\t1032\t1038\t1024\t3:1 10:1\n"));

	/* Opening and reading may lack memory; a VM that dies is not there. */
	for (i = 1; i <= 2; i++) {
		shim_fail_allocation = i;
		assert_int_equal(shim_cat(0, text, sizeof(text)), -ENOMEM);
		shim_fail_allocation = i;
		assert_int_equal(shim_cat(1, text, sizeof(text)), -ENOMEM);
	}
	kvm->dying = true;
	assert_int_equal(shim_cat(0, text, sizeof(text)), -ENOENT);
	assert_int_equal(shim_cat(1, text, sizeof(text)), -ENOENT);
	kvm->dying = false;

	assert_int_equal(shim_param_exitprof->set("classic", NULL), 0);
	assert_int_equal(shim_cat(1, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "\n0x78\t2\t1032\t-\t-\t-\n"));
	assert_int_equal(shim_param_exitprof->set("off", NULL), 0);
	assert_int_equal(shim_cat(0, text, sizeof(text)), 0);
	assert_string_equal(text, "# exitprof 1 off\n");
	vm_destroy(kvm);
}

/* A VM whose exits do not pass the hooks, beside one whose exits do */
static void test_excluded_vm(void **state)
{
	struct kvm *excluded = vm_create(), *kvm = vm_create();
	static const char *const levels[] = { "full", "classic", "off", "full" };
	struct kvm_vcpu *vcpu, *other;
	char text[100];
	u32 i, function;
	struct answer answer;

	host_load(KVM_EXITPROF_VENDOR_VMX);
	kvm_exitprof_exclude_vm(excluded);
	vcpu = vcpu_add(excluded);
	other = vcpu_add(kvm);
	kvm_exitprof_create_vm_debugfs(excluded);
	kvm_exitprof_create_vcpu_debugfs(vcpu, NULL);
	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		assert_int_equal(shim_param_exitprof->set(levels[i], NULL), 0);
		shim_tsc += 1000;
		kvm_exitprof_load(vcpu);
		kvm_exitprof_handled(vcpu);
		for (function = KVM_EXITPROF_LATCH_LEAF; function <= KVM_EXITPROF_TOTAL_EXITS;
		     function++) {
			answer = (struct answer){ .eax = function, .ecx = 1 };
			assert_false(kvm_exitprof_cpuid(vcpu, &answer.eax, &answer.ebx, &answer.ecx,
							&answer.edx));
			assert_int_equal(answer.eax, function);
		}
		/* The last two files of those that were created */
		assert_int_equal(shim_cat(2, text, sizeof(text)), 0);
		assert_string_equal(text, "# exitprof 1 off\n");
		assert_int_equal(shim_cat(3, text, sizeof(text)), 0);
		assert_string_equal(text, "# exitprof 1 off\n");
	}
	for (i = KVM_EXITPROF_ROW_OTHER; i < kvm_exitprof_reasons.nr_rows; i++)
		assert_int_equal(
			((struct kvm_exitprof_row *)vcpu->arch.exitprof.rows)[i].exits.counter, 0);

	assert_int_equal(vcpu_ask(other, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_SIGNATURE).ebx,
			 KVM_EXITPROF_SIGNATURE_EBX);
	vm_destroy(kvm);
	vm_destroy(excluded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_anything_of_svm, host_reset),
		cmocka_unit_test_teardown(test_anything_of_vmx, host_reset),
		cmocka_unit_test_teardown(test_first_vcpu_before_it_is_online, host_reset),
		cmocka_unit_test_teardown(test_generation_is_the_vms, host_reset),
		cmocka_unit_test_teardown(test_cost_of_an_answer, host_reset),
		cmocka_unit_test_teardown(test_debugfs, host_reset),
		cmocka_unit_test_teardown(test_excluded_vm, host_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
