// SPDX-License-Identifier: GPL-2.0-only
/* A 32-bit host has every hook, and none of them does anything. */
#include "vm.h"

static void test_hooks(void **state)
{
	struct kvm kvm = {};
	struct kvm_vcpu vcpu = { .kvm = &kvm };
	u32 eax = KVM_EXITPROF_TOTAL_EXITS, ebx = 1, ecx = 2, edx = 3, reason = 10;

	kvm_exitprof_setup(KVM_EXITPROF_VENDOR_VMX, NULL, 0);
	kvm_exitprof_init_vm(&kvm);
	kvm_exitprof_exclude_vm(&kvm);
	kvm_exitprof_create_vm_debugfs(&kvm);
	assert_int_equal(kvm_exitprof_create_vcpu(&vcpu), 0);
	kvm_exitprof_create_vcpu_debugfs(&vcpu, NULL);
	kvm_exitprof_load(&vcpu);
	kvm_exitprof_enter(&vcpu);
	kvm_exitprof_vmx_exit(&vcpu, &reason);
	kvm_exitprof_svm_exit(&vcpu, reason);
	kvm_exitprof_no_exit(&vcpu);
	kvm_exitprof_handled(&vcpu);
	assert_false(kvm_exitprof_cpuid(&vcpu, &eax, &ebx, &ecx, &edx));
	assert_int_equal(eax, KVM_EXITPROF_TOTAL_EXITS);
	assert_int_equal(ebx, 1);
	assert_int_equal(ecx, 2);
	assert_int_equal(edx, 3);
	kvm_exitprof_destroy_vcpu(&vcpu);
	kvm_exitprof_exit_module();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
