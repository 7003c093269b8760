/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reasons.h - exit reasons of both vendors: number, name, meaning
 *
 * Names are the kernel's (VMX_EXIT_REASONS and SVM_EXIT_REASONS in
 * arch/x86/include/uapi/asm/{vmx,svm}.h), the ones that `perf kvm stat` and the
 * kvm_exit tracepoint print. A reason that only the manual names carries its
 * mnemonic in upper case.
 *
 * Source: Intel SDM volume 3, appendix "VMX Basic Exit Reasons"; AMD APM volume
 * 2, appendix "SVM Intercept Exit Codes".
 */
#ifndef EP_CORE_HOST_REASONS_H
#define EP_CORE_HOST_REASONS_H

#include <stddef.h>
#include <stdint.h>

#include <exitprof/abi.h>
#include <exitprof/workload.h>

enum ep_vendor {
	EP_VENDOR_VMX = EXITPROF_VENDOR_VMX,
	EP_VENDOR_SVM = EXITPROF_VENDOR_SVM,
};

/* No vendor has more reasons than this that a host could handle. */
#define EP_REASONS_MAX EXITPROF_SVM_SLOTS

/*
 * @number: basic exit reason (VMX) or the low 32 bits of the exit code (SVM)
 * @kernel: the name is the kernel's, not the manual's mnemonic
 */
struct ep_reason {
	uint32_t number;
	_Bool kernel;
	const char *name;
	const char *meaning;
};

/* Sorted by number. */
struct ep_reasons {
	const struct ep_reason *list;
	size_t count;
};

extern const struct ep_reasons ep_reasons_vmx;
extern const struct ep_reasons ep_reasons_svm;

const struct ep_reasons *ep_reasons_of(enum ep_vendor vendor);

/* "VMX" or "SVM". */
const char *ep_reasons_vendor_name(enum ep_vendor vendor);

/* NULL if the vendor's manual does not define @number. */
const struct ep_reason *ep_reasons_find(enum ep_vendor vendor, uint32_t number);

/* Never NULL: "UNKNOWN" for a number that is newer than the tables. */
const char *ep_reasons_name(enum ep_vendor vendor, uint32_t number);

/* A number that the manual leaves undefined, to probe a host with. */
uint32_t ep_reasons_undefined(enum ep_vendor vendor);

/* The number behind a slot of the host's bitmap (see abi.h). */
uint32_t ep_reasons_from_slot(enum ep_vendor vendor, uint32_t slot);

/* The reason that @cause must be counted under. */
uint32_t ep_reasons_of_cause(enum ep_vendor vendor, enum exitprof_cause cause);

/* "CPUID", "IO", "HYPERCALL", "MSR_READ" or "MSR_WRITE". */
const char *ep_reasons_cause_name(enum exitprof_cause cause);

#endif /* EP_CORE_HOST_REASONS_H */
