/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vm.h - small virtual machines on /dev/kvm, whose vCPUs execute batches of CPUIDs
 *
 * Functions that fail end the program with a message: whatever fails here is a
 * finding.
 */
#ifndef FUZZ_VM_H
#define FUZZ_VM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#define VM_VCPUS_MAX 8
#define VM_BATCH_MAX 256

/* What all four registers hold when CPUID raised #GP. */
#define VM_ANSWER_GP 0x0badfa17

enum vm_mode {
	VM_LONG_KERNEL, /* 64-bit code, CPL 0 */
	VM_LONG_USER,
	VM_COMPAT_KERNEL, /* 32-bit code in long mode */
	VM_COMPAT_USER,
	VM_PROTECTED_KERNEL, /* 32-bit code without paging */
	VM_PROTECTED_USER,
	VM_MODES,
};

struct vm_request {
	uint32_t leaf;
	uint32_t subleaf;
};

/* Register by register, all 64 bits: rax, rbx, rcx, rdx. */
struct vm_answer {
	uint64_t reg[4];
};

/* What a leaf that the host does not know answers. */
struct vm_unknown {
	uint32_t reg[4];
};

struct vm_vcpu {
	struct vm *vm;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	struct vm_request *requests; /* VM_BATCH_MAX of them, in guest memory */
	struct vm_answer *answers;
	uint8_t *area;
};

struct vm {
	int fd;
	bool intel_cpuid;
	unsigned int nr_vcpus;
	uint8_t *memory;
	struct vm_vcpu vcpus[VM_VCPUS_MAX];
};

/* Opens /dev/kvm and looks at the host. Call once. */
void vm_setup(void);

/* Whether the host is AMD's, with exit codes of SVM. */
bool vm_host_svm(void);

/*
 * A VM with @nr_vcpus vCPUs. With @intel_cpuid it looks like Intel's, and a leaf
 * that the host does not know answers like the highest basic leaf; otherwise like
 * AMD's, and such a leaf answers 0.
 */
void vm_create(struct vm *vm, unsigned int nr_vcpus, bool intel_cpuid);
void vm_destroy(struct vm *vm);

/* One more vCPU, also while others run. */
struct vm_vcpu *vm_add_vcpu(struct vm *vm);

struct vm_unknown vm_unknown(const struct vm *vm);

/*
 * vm_run_batch - execute CPUID for the first @nr of vcpu->requests
 * @emulate:	by KVM's instruction emulator
 * @fault:	with CPUID faulting: user mode gets #GP
 *
 * The answers are then in vcpu->answers. All other registers are checked. Returns
 * how many KVM_RUN it took.
 */
unsigned int vm_run_batch(struct vm_vcpu *vcpu, enum vm_mode mode, bool emulate, bool fault,
			  unsigned int nr);

/* If set, called with true before each KVM_RUN of a batch, and with false after it. */
extern void (*vm_around_run)(bool before);

/* Causes exits until @stop. */
void vm_storm(struct vm_vcpu *vcpu, const volatile bool *stop);

#endif
