// SPDX-License-Identifier: GPL-2.0-only
/* Nothing is lost, left or taken away twice when memory or a tracepoint cannot be had. */
#include "vm.h"

static u32 nr_probes(void)
{
	u32 i, nr = 0;

	for (i = 0; i < SHIM_TRACEPOINTS; i++)
		nr += !!shim_probes[i];
	return nr;
}

static u32 features(struct kvm_vcpu *vcpu)
{
	return vcpu_ask(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_HOST).ebx;
}

/* Each tracepoint in turn cannot be had. */
static void test_probes(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	for (i = 1; i <= SHIM_TRACEPOINTS; i++) {
		shim_fail_register = i;
		assert_int_equal(shim_param_exitprof_details->set("1", NULL), -ENOMEM);
		assert_int_equal(nr_probes(), 0);
		assert_int_equal(shim_warnings, 0);
		assert_false(features(vcpu) & KVM_EXITPROF_FEATURE_DETAILS);
	}
	assert_int_equal(shim_param_exitprof_details->set("1", NULL), 0);
	assert_int_equal(nr_probes(), SHIM_TRACEPOINTS);
	assert_int_equal(shim_param_exitprof_details->set("1", NULL), 0);
	assert_int_equal(shim_param_exitprof_details->set("maybe", NULL), -EINVAL);
	assert_true(features(vcpu) & KVM_EXITPROF_FEATURE_DETAILS);
	kvm_exitprof_exit_module();
	assert_int_equal(nr_probes(), 0);
	vm_destroy(kvm);
}

/* The module is loaded with details, which it cannot have: a warning, and none. */
static void test_probes_at_load(void **state)
{
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_VMX);
	for (i = 1; i <= SHIM_TRACEPOINTS; i++) {
		kvm_exitprof_details = true;
		shim_fail_register = i;
		host_load(KVM_EXITPROF_VENDOR_SVM);
		assert_int_equal(nr_probes(), 0);
		assert_false(kvm_exitprof_details);
		assert_int_equal(shim_warnings, 1);
		shim_warnings = 0;
	}
}

/* Every allocation in turn fails; what is there before stays as it is. */
static void test_memory(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	struct answer answer;
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);

	/* A latch answers that there is none, and the next one is one. */
	shim_fail_allocation = 1;
	answer = vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH);
	assert_int_equal(answer.eax | answer.ebx | answer.ecx | answer.edx, 0);
	answer = vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH);
	assert_int_not_equal(answer.eax, 0);

	/* A vCPU has rows and details, or is not there. */
	assert_int_equal(shim_param_exitprof_details->set("1", NULL), 0);
	for (i = 1; i <= 2; i++) {
		shim_fail_allocation = i;
		assert_null(vcpu_create(kvm));
		shim_fail_allocation = 0;
	}
	vcpu_add(kvm);
	assert_int_equal(shim_param_exitprof_details->set("0", NULL), 0);

	/* Switching on makes rows and details, or stays off. */
	assert_int_equal(shim_param_exitprof->set("off", NULL), 0);
	vcpu_add(kvm);
	vcpu_add(kvm);
	for (i = 1; i <= 2; i++) {
		shim_fail_allocation = i;
		assert_int_equal(shim_param_exitprof->set("full", NULL), -ENOMEM);
		assert_false(vcpu_cpuid(vcpu, KVM_EXITPROF_DISCOVERY, 0, &answer));
	}
	assert_int_equal(shim_param_exitprof->set("full", NULL), 0);
	for (i = 1; i <= 2; i++) {
		shim_fail_allocation = i;
		assert_int_equal(shim_param_exitprof_details->set("1", NULL), -ENOMEM);
		assert_int_equal(nr_probes(), 0);
	}
	vm_destroy(kvm);
}

static void msr(struct kvm_vcpu *vcpu, u32 number)
{
	void (*probe)(void *data, unsigned int write, u32 msr, u64 value, bool exception) =
		shim_probes[SHIM_MSR];

	kvm_exitprof_svm_exit(vcpu, 0x7c);
	shim_running = vcpu;
	probe(NULL, 1, number, 0, false);
	/* Outside of a vCPU's thread, it is nobody's. */
	shim_running = NULL;
	probe(NULL, 1, number, 0, false);
	kvm_exitprof_handled(vcpu);
}

/* A vCPU's 255 places, and what finds none */
static void test_details_are_bounded(void **state)
{
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	struct answer answer;
	u32 i;

	host_load(KVM_EXITPROF_VENDOR_SVM);
	vcpu = vcpu_add(kvm);
	assert_int_equal(shim_param_exitprof_details->set("1", NULL), 0);
	for (i = 0; i < 300; i++)
		msr(vcpu, i);
	msr(vcpu, 254);
	answer = vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_DETAIL_KEYS | 254);
	assert_int_equal(answer.eax, 254);
	assert_int_equal(answer.ecx, 2);
	answer = vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_DETAIL_LOST);
	assert_int_equal(answer.eax, 45);
	vm_destroy(kvm);
}

/* A vendor module with more handlers than there are rows or reasons: no row, a warning */
static void test_too_many_handlers(void **state)
{
	static kvm_exitprof_handler handlers[0x500];
	struct kvm *kvm = vm_create();
	struct kvm_vcpu *vcpu;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		handlers[i] = (kvm_exitprof_handler)1;
	kvm_exitprof_setup(KVM_EXITPROF_VENDOR_SVM, handlers, ARRAY_SIZE(handlers));
	assert_true(kvm_exitprof_reasons.nr_rows <= KVM_EXITPROF_ROWS_MAX + 1);
	vcpu = vcpu_add(kvm);
	for (i = 0; i < 0x1000; i++)
		vcpu_exit(vcpu, i, 1, 1);
	assert_true(shim_warnings > 0);
	shim_warnings = 0;
	vm_destroy(kvm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_probes, host_reset),
		cmocka_unit_test_teardown(test_probes_at_load, host_reset),
		cmocka_unit_test_teardown(test_memory, host_reset),
		cmocka_unit_test_teardown(test_details_are_bounded, host_reset),
		cmocka_unit_test_teardown(test_too_many_handlers, host_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
