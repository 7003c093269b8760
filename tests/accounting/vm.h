/* SPDX-License-Identifier: GPL-2.0-only */
/* vm.h - hosts of either vendor, VMs and exits, as x86.c and the vendor modules make them */
#ifndef ACCOUNTING_VM_H
#define ACCOUNTING_VM_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "exitprof.h"

/* Exit reasons with a handler, of both vendors */
#define SVM_CPUID 0x72
#define SVM_HLT	  0x78
#define SVM_NPF	  0x400
#define VMX_CPUID 10
#define VMX_MCE	  41

/* The module's parameters: shim_param_exitprof->set("off", NULL) */
extern const struct kernel_param_ops *const shim_param_exitprof, *const shim_param_exitprof_details;

struct answer {
	u32 eax, ebx, ecx, edx;
};

/* Loads the vendor's module anew: handlers for SVM_* or VMX_* and their like. */
void host_load(u32 vendor);

/* Whether that host has a handler, hence a row, for @reason. */
bool host_handles(u32 reason);

/* All that a test may have left: parameters, failures to come. Warnings are an error. */
int host_reset(void **state);

struct kvm *vm_create(void);
void vm_destroy(struct kvm *kvm);

/* A vCPU before its KVM_CREATE_VCPU ends, or NULL; and the end of it. */
struct kvm_vcpu *vcpu_create(struct kvm *kvm);
void vcpu_online(struct kvm_vcpu *vcpu);

/* Both */
struct kvm_vcpu *vcpu_add(struct kvm *kvm);

/* An exit that takes @cycles to be handled, and @outside to the next VM-Enter. */
void vcpu_exit(struct kvm_vcpu *vcpu, u32 reason, u64 cycles, u64 outside);

/*
 * A CPUID, with its exit. False, and all of @ret 0xee, if KVM's own answer is due, for
 * which no register may have changed.
 */
bool vcpu_cpuid(struct kvm_vcpu *vcpu, u32 function, u32 index, struct answer *ret);

/* The same, of what is always answered */
struct answer vcpu_ask(struct kvm_vcpu *vcpu, u32 function, u32 index);

/* The number of the row of @reason in a table */
u32 row_of(u32 reason);

/* Two 64-bit numbers of a row of the table that was latched last */
void vcpu_row(struct kvm_vcpu *vcpu, u32 field, u32 row, u64 *ret_first, u64 *ret_second);

u64 low_high(u32 low, u32 high);

#endif
