// SPDX-License-Identifier: GPL-3.0-or-later
/* The tables themselves: sorted, unique, complete as the manuals have them. */
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/reasons.h"
#include "unit.h"

static void check_table(enum ep_vendor vendor)
{
	const struct ep_reasons *reasons = ep_reasons_of(vendor);

	for (size_t i = 0; i < reasons->count; i++) {
		const struct ep_reason *reason = &reasons->list[i];

		assert_true(i == 0 || reason[-1].number < reason->number);
		assert_true(reason->name[0] && reason->meaning[0]);
		assert_ptr_equal(ep_reasons_find(vendor, reason->number), reason);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(reasons->list[j].name, reason->name);
	}
}

static void test_tables(void **state)
{
	check_table(EP_VENDOR_VMX);
	check_table(EP_VENDOR_SVM);
	assert_true(ep_reasons_svm.count <= EP_REASONS_MAX);
}

static void test_undefined(void **state)
{
	static const uint32_t vmx[] = { 35, 38, 42, 71, 82, 83, 86, 127, 0x80000021, UINT32_MAX };
	static const uint32_t svm[] = { 0xa7,	    0xff,	0x100,	    0x3ff,     0x404,
					0xefffffff, 0xf0000001, 0xfffffffb, 0x80000001 };

	for (size_t i = 0; i < ARRAY_SIZE(vmx); i++)
		assert_null(ep_reasons_find(EP_VENDOR_VMX, vmx[i]));
	for (size_t i = 0; i < ARRAY_SIZE(svm); i++)
		assert_null(ep_reasons_find(EP_VENDOR_SVM, svm[i]));
	assert_null(ep_reasons_find(EP_VENDOR_VMX, ep_reasons_undefined(EP_VENDOR_VMX)));
	assert_null(ep_reasons_find(EP_VENDOR_SVM, ep_reasons_undefined(EP_VENDOR_SVM)));
	assert_string_equal(ep_reasons_name(EP_VENDOR_VMX, 35), "UNKNOWN");
	/* Without those, all up to the last. */
	assert_int_equal(ep_reasons_vmx.count, 86 - 6);
	assert_int_equal(ep_reasons_svm.count, 0xa7 + 4 + 1 + 4);
}

static void test_slots(void **state)
{
	static const uint32_t svm[][2] = {
		{ 0, 0 },
		{ 0xff, 0xff },
		{ 0x100, 0x400 },
		{ 0x10f, 0x40f },
		{ 0x110, 0xf0000000 },
		{ 0x111, 0xfffffffc },
		{ 0x114, 0xffffffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(svm); i++)
		assert_int_equal(ep_reasons_from_slot(EP_VENDOR_SVM, svm[i][0]), svm[i][1]);
	assert_int_equal(ep_reasons_from_slot(EP_VENDOR_VMX, 127), 127);
}

static void test_causes(void **state)
{
	static const char *const names[][3] = {
		[EXITPROF_CAUSE_CPUID] = { "CPUID", "CPUID", "cpuid" },
		[EXITPROF_CAUSE_IO] = { "IO", "IO_INSTRUCTION", "io" },
		[EXITPROF_CAUSE_HYPERCALL] = { "HYPERCALL", "VMCALL", "hypercall" },
		[EXITPROF_CAUSE_MSR_READ] = { "MSR_READ", "MSR_READ", "msr" },
		[EXITPROF_CAUSE_MSR_WRITE] = { "MSR_WRITE", "MSR_WRITE", "msr" },
	};

	assert_int_equal(ARRAY_SIZE(names), EXITPROF_CAUSES);
	for (int cause = 0; cause < EXITPROF_CAUSES; cause++) {
		assert_string_equal(ep_reasons_cause_name(cause), names[cause][0]);
		assert_string_equal(ep_reasons_name(EP_VENDOR_VMX,
						    ep_reasons_of_cause(EP_VENDOR_VMX, cause)),
				    names[cause][1]);
		assert_string_equal(ep_reasons_name(EP_VENDOR_SVM,
						    ep_reasons_of_cause(EP_VENDOR_SVM, cause)),
				    names[cause][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_undefined),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_causes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
