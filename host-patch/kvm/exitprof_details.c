// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VM-Exits were about: which port, MSR, CPUID leaf, hypercall or MMIO page.
 *
 * All of it is known to KVM's own tracepoints.  While details are not asked for,
 * nothing is attached to them, and they cost nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kvm_host.h>
#include <linux/moduleparam.h>
#include <linux/tracepoint.h>

#include <trace/events/kvm.h>

#include "exitprof.h"
#include "trace.h"

bool kvm_exitprof_details __read_mostly;

/* Whether the probes are in place. */
static bool attached;

static void record(u32 kind, bool write, u64 value)
{
	struct kvm_vcpu *vcpu = kvm_get_running_vcpu();
	struct kvm_exitprof_details *details;
	struct kvm_exitprof_detail *entry, *end;
	struct kvm_vcpu_exitprof *prof;
	u64 key, row;

	if (!vcpu || !static_branch_likely(&kvm_exitprof_counting))
		return;
	prof = &vcpu->arch.exitprof;
	/* Pairs with the release in kvm_exitprof_allocate_details(). */
	details = smp_load_acquire(&prof->details);
	if (!details)
		return;
	row = prof->row - kvm_exitprof_rows(vcpu);
	if (row == KVM_EXITPROF_ROW_VOID)
		return;

	key = (row - KVM_EXITPROF_ROW_OTHER) << KVM_EXITPROF_DETAIL_ROW_SHIFT |
	      (u64)write << KVM_EXITPROF_DETAIL_WRITE_SHIFT |
	      (u64)kind << KVM_EXITPROF_DETAIL_KIND_SHIFT |
	      (value & (BIT_ULL(KVM_EXITPROF_DETAIL_KIND_SHIFT) - 1));
	end = details->entry + KVM_EXITPROF_DETAILS_MAX;
	for (entry = details->entry; entry < end; entry++) {
		if (entry->key == key) {
			WRITE_ONCE(entry->count, entry->count + 1);
			return;
		}
		if (!entry->key) {
			WRITE_ONCE(entry->count, 1);
			/* Pairs with the acquire of whoever reads the table. */
			smp_store_release(&entry->key, key);
			return;
		}
	}
	WRITE_ONCE(details->lost, details->lost + 1);
}

static void probe_pio(void *data, unsigned int rw, unsigned int port, unsigned int size,
		      unsigned int count, const void *value)
{
	record(KVM_EXITPROF_DETAIL_PORT, rw, port);
}

static void probe_msr(void *data, unsigned int write, u32 msr, u64 value, bool exception)
{
	record(KVM_EXITPROF_DETAIL_MSR, write, msr);
}

static void probe_cpuid(void *data, unsigned int function, unsigned int index,
			unsigned long rax, unsigned long rbx, unsigned long rcx,
			unsigned long rdx, bool found, bool used_max_basic)
{
	/* Those that read the table would fill it. */
	if (function < KVM_EXITPROF_LATCH_LEAF || function > KVM_EXITPROF_TOTAL_EXITS)
		record(KVM_EXITPROF_DETAIL_CPUID, false, function);
}

static void probe_hypercall(void *data, unsigned long nr, unsigned long a0, unsigned long a1,
			    unsigned long a2, unsigned long a3)
{
	record(KVM_EXITPROF_DETAIL_HYPERCALL, false, nr);
}

static void probe_mmio(void *data, int type, int len, u64 gpa, void *value)
{
	/* A read that userspace has to answer is traced again when it has. */
	if (type != KVM_TRACE_MMIO_READ_UNSATISFIED)
		record(KVM_EXITPROF_DETAIL_MMIO, type == KVM_TRACE_MMIO_WRITE,
		       gpa >> PAGE_SHIFT);
}

static void remove_probes(void)
{
	unregister_trace_kvm_pio(probe_pio, NULL);
	unregister_trace_kvm_msr(probe_msr, NULL);
	unregister_trace_kvm_cpuid(probe_cpuid, NULL);
	unregister_trace_kvm_hypercall(probe_hypercall, NULL);
	unregister_trace_kvm_mmio(probe_mmio, NULL);
	tracepoint_synchronize_unregister();
}

static int add_probes(void)
{
	int r;

	r = register_trace_kvm_pio(probe_pio, NULL);
	if (r)
		return r;
	r = register_trace_kvm_msr(probe_msr, NULL);
	if (r)
		goto no_msr;
	r = register_trace_kvm_cpuid(probe_cpuid, NULL);
	if (r)
		goto no_cpuid;
	r = register_trace_kvm_hypercall(probe_hypercall, NULL);
	if (r)
		goto no_hypercall;
	r = register_trace_kvm_mmio(probe_mmio, NULL);
	if (r)
		goto no_mmio;
	return 0;

no_mmio:
	unregister_trace_kvm_hypercall(probe_hypercall, NULL);
no_hypercall:
	unregister_trace_kvm_cpuid(probe_cpuid, NULL);
no_cpuid:
	unregister_trace_kvm_msr(probe_msr, NULL);
no_msr:
	unregister_trace_kvm_pio(probe_pio, NULL);
	tracepoint_synchronize_unregister();
	return r;
}

/*
 * Once there, a vCPU's table stays: another vCPU may be reading it.  It is made or
 * emptied while nothing is recorded.
 */
int kvm_exitprof_allocate_details(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	struct kvm_exitprof_details *details;

	lockdep_assert_held(&kvm_exitprof_lock);

	if (prof->details) {
		/* What a boot has filled it with is of no use now. */
		memset(prof->details, 0, sizeof(*prof->details));
		return 0;
	}
	details = kzalloc(sizeof(*details), GFP_KERNEL_ACCOUNT);
	if (!details)
		return -ENOMEM;
	/* Pairs with the acquire of its readers. */
	smp_store_release(&prof->details, details);
	return 0;
}

static int switch_details(bool on)
{
	struct kvm_vcpu_exitprof *prof;
	int r;

	if (on == attached)
		return 0;
	if (!on) {
		remove_probes();
		attached = false;
		return 0;
	}
	list_for_each_entry(prof, &kvm_exitprof_vcpus, node) {
		r = kvm_exitprof_allocate_details(container_of(prof, struct kvm_vcpu,
							       arch.exitprof));
		if (r)
			return r;
	}
	r = add_probes();
	attached = !r;
	return r;
}

static int set_details(const char *value, const struct kernel_param *kp)
{
	bool on;
	int r = kstrtobool(value, &on);

	if (r)
		return r;
	mutex_lock(&kvm_exitprof_lock);
	/* If KVM is built in, its parameters are set before memory can be had. */
	if (!on || kvm_exitprof_reasons.nr_rows)
		r = switch_details(on);
	if (!r)
		WRITE_ONCE(kvm_exitprof_details, on);
	mutex_unlock(&kvm_exitprof_lock);
	return r;
}

static const struct kernel_param_ops details_ops = {
	.set = set_details,
	.get = param_get_bool,
};

module_param_cb(exitprof_details, &details_ops, &kvm_exitprof_details, 0644);
MODULE_PARM_DESC(exitprof_details, "Account which port, MSR, CPUID leaf, hypercall or MMIO page VM-Exits were about");

void kvm_exitprof_setup_details(void)
{
	mutex_lock(&kvm_exitprof_lock);
	if (kvm_exitprof_details && switch_details(true)) {
		pr_warn("cannot account details of VM-Exits\n");
		WRITE_ONCE(kvm_exitprof_details, false);
	}
	mutex_unlock(&kvm_exitprof_lock);
}

void kvm_exitprof_exit_module(void)
{
	mutex_lock(&kvm_exitprof_lock);
	switch_details(false);
	mutex_unlock(&kvm_exitprof_lock);
}
