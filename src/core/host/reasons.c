// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "core/host/reasons.h"

static const struct {
	const char *name;
	uint32_t vmx;
	uint32_t svm;
} causes[] = {
	[EXITPROF_CAUSE_CPUID] = { "CPUID", 10, 0x72 },
	[EXITPROF_CAUSE_IO] = { "IO", 30, 0x7b },
	[EXITPROF_CAUSE_HYPERCALL] = { "HYPERCALL", 18, 0x81 },
	[EXITPROF_CAUSE_MSR_READ] = { "MSR_READ", 31, 0x7c },
	[EXITPROF_CAUSE_MSR_WRITE] = { "MSR_WRITE", 32, 0x7c },
};

const struct ep_reasons *ep_reasons_of(enum ep_vendor vendor)
{
	return vendor == EP_VENDOR_SVM ? &ep_reasons_svm : &ep_reasons_vmx;
}

const char *ep_reasons_vendor_name(enum ep_vendor vendor)
{
	return vendor == EP_VENDOR_SVM ? "SVM" : "VMX";
}

static int compare_number(const void *key, const void *element)
{
	uint32_t number = *(const uint32_t *)key;
	const struct ep_reason *reason = element;

	return (number > reason->number) - (number < reason->number);
}

const struct ep_reason *ep_reasons_find(enum ep_vendor vendor, uint32_t number)
{
	const struct ep_reasons *reasons = ep_reasons_of(vendor);

	return bsearch(&number, reasons->list, reasons->count, sizeof(*reasons->list),
		       compare_number);
}

const char *ep_reasons_name(enum ep_vendor vendor, uint32_t number)
{
	const struct ep_reason *reason = ep_reasons_find(vendor, number);

	return reason ? reason->name : "UNKNOWN";
}

uint32_t ep_reasons_undefined(enum ep_vendor vendor)
{
	return vendor == EP_VENDOR_SVM ? 0xff : 35;
}

uint32_t ep_reasons_from_slot(enum ep_vendor vendor, uint32_t slot)
{
	if (vendor == EP_VENDOR_VMX || slot < EXITPROF_SVM_SLOT_NPF)
		return slot;
	if (slot < EXITPROF_SVM_SLOT_SW)
		return slot - EXITPROF_SVM_SLOT_NPF + 0x400;
	if (slot == EXITPROF_SVM_SLOT_SW)
		return 0xf0000000;
	return slot - EXITPROF_SVM_SLOT_NEGATIVE - 4;
}

uint32_t ep_reasons_of_cause(enum ep_vendor vendor, enum exitprof_cause cause)
{
	return vendor == EP_VENDOR_SVM ? causes[cause].svm : causes[cause].vmx;
}

const char *ep_reasons_cause_name(enum exitprof_cause cause)
{
	return causes[cause].name;
}
