// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

#define HANDLERS 0x404

static kvm_exitprof_handler handlers[HANDLERS];
static u32 cpuid_reason;

static int handler(struct kvm_vcpu *vcpu)
{
	return 1;
}

static void handle(u32 first, u32 last)
{
	for (; first <= last; first++)
		handlers[first] = handler;
}

void host_load(u32 vendor)
{
	memset(handlers, 0, sizeof(handlers));
	if (vendor == KVM_EXITPROF_VENDOR_SVM) {
		handle(0x00, 0x10);
		handle(0x60, 0x8e);
		handle(0x400, 0x403);
		kvm_exitprof_setup(vendor, handlers, HANDLERS);
		cpuid_reason = SVM_CPUID;
	} else {
		handle(0, 2);
		handle(7, 32);
		handle(41, 62);
		kvm_exitprof_setup(vendor, handlers, 63);
		cpuid_reason = VMX_CPUID;
	}
}

bool host_handles(u32 reason)
{
	return reason < HANDLERS && handlers[reason];
}

int host_reset(void **state)
{
	shim_fail_allocation = shim_fail_register = 0;
	if (shim_param_exitprof->set("full", NULL) || shim_param_exitprof_details->set("0", NULL))
		return -1;
	if (shim_warnings || shim_allocated)
		print_error("%u warnings, %d allocations left\n", shim_warnings, shim_allocated);
	return shim_warnings || shim_allocated ? -1 : 0;
}

struct kvm *vm_create(void)
{
	struct kvm *kvm = calloc(1, sizeof(*kvm));

	assert_non_null(kvm);
	kvm_exitprof_init_vm(kvm);
	return kvm;
}

void vm_destroy(struct kvm *kvm)
{
	int i;

	for (i = 0; i < kvm->online_vcpus.counter; i++) {
		kvm_exitprof_destroy_vcpu(kvm->vcpus[i]);
		free(kvm->vcpus[i]);
	}
	free(kvm);
}

struct kvm_vcpu *vcpu_create(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu = calloc(1, sizeof(*vcpu));

	assert_non_null(vcpu);
	vcpu->kvm = kvm;
	vcpu->vcpu_idx = kvm->online_vcpus.counter;
	if (!kvm_exitprof_create_vcpu(vcpu))
		return vcpu;
	free(vcpu);
	return NULL;
}

void vcpu_online(struct kvm_vcpu *vcpu)
{
	vcpu->kvm->vcpus[vcpu->vcpu_idx] = vcpu;
	smp_wmb();
	WRITE_ONCE(vcpu->kvm->online_vcpus.counter, vcpu->vcpu_idx + 1);
}

struct kvm_vcpu *vcpu_add(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu = vcpu_create(kvm);

	assert_non_null(vcpu);
	vcpu_online(vcpu);
	return vcpu;
}

static void exit_begins(struct kvm_vcpu *vcpu, u32 reason)
{
	if (kvm_exitprof_reasons.vendor == KVM_EXITPROF_VENDOR_SVM)
		kvm_exitprof_svm_exit(vcpu, reason);
	else
		kvm_exitprof_vmx_exit(vcpu, &reason);
}

void vcpu_exit(struct kvm_vcpu *vcpu, u32 reason, u64 cycles, u64 outside)
{
	exit_begins(vcpu, reason);
	shim_tsc += cycles;
	kvm_exitprof_handled(vcpu);
	shim_tsc += outside;
	kvm_exitprof_enter(vcpu);
}

bool vcpu_cpuid(struct kvm_vcpu *vcpu, u32 function, u32 index, struct answer *ret)
{
	u32 ebx = 0xeeeeeeee, edx = 0xeeeeeeee;
	bool answered;

	exit_begins(vcpu, cpuid_reason);
	*ret = (struct answer){ .eax = function, .ecx = index };
	answered = kvm_exitprof_cpuid(vcpu, &ret->eax, &ebx, &ret->ecx, &edx);
	ret->ebx = ebx;
	ret->edx = edx;
	if (!answered) {
		/* Nothing has been touched. */
		assert_int_equal(ret->eax, function);
		assert_int_equal(ret->ecx, index);
		assert_int_equal(ebx, 0xeeeeeeee);
		assert_int_equal(edx, 0xeeeeeeee);
		memset(ret, 0xee, sizeof(*ret));
	}
	shim_tsc += 1000;
	kvm_exitprof_handled(vcpu);
	kvm_exitprof_enter(vcpu);
	return answered;
}

struct answer vcpu_ask(struct kvm_vcpu *vcpu, u32 function, u32 index)
{
	struct answer answer;

	assert_true(vcpu_cpuid(vcpu, function, index, &answer));
	return answer;
}

u32 row_of(u32 reason)
{
	return kvm_exitprof_offset[reason] / sizeof(struct kvm_exitprof_row) -
	       KVM_EXITPROF_ROW_OTHER;
}

u64 low_high(u32 low, u32 high)
{
	return (u64)high << 32 | low;
}

void vcpu_row(struct kvm_vcpu *vcpu, u32 field, u32 row, u64 *ret_first, u64 *ret_second)
{
	struct answer answer =
		vcpu_ask(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH_ROW | field << 16 | row);

	*ret_first = low_high(answer.eax, answer.ebx);
	*ret_second = low_high(answer.ecx, answer.edx);
}
