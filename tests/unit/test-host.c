// SPDX-License-Identifier: GPL-3.0-or-later
/* Who is recognised as a patched host, and who must not be. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"
#include "core/sim/sim.h"
#include "unit.h"

static struct ep_sim sim;
static struct ep_host host;

static int recognise(const char *scenario)
{
	assert_int_equal(ep_sim_init(&sim, scenario), 0);
	sim.before = NULL;
	return ep_host_recognise(&host, &sim.cpuid);
}

static void test_discovery(void **state)
{
	assert_int_equal(recognise("svm"), 0);
	assert_true(host.patched && host.discovery && host.in_vm);
	assert_int_equal(host.vendor, EP_VENDOR_SVM);
	assert_string_equal(host.hypervisor, "KVMKVMKVM");
	assert_string_equal(host.cpu_model, "simulated CPU");
	assert_int_equal(host.tsc_khz, 2600000);
	assert_int_equal(host.reasons[host.cpuid_row], 0x72);
	/* Sparse codes and what is not handled. */
	assert_int_equal(host.reasons[host.count - 1], 0xffffffff);
	assert_true(ep_host_handles(&host, 0x400));
	assert_false(ep_host_handles(&host, 1));
	assert_false(ep_host_handles(&host, 0xf0000000));

	assert_int_equal(recognise("vmx"), 0);
	assert_int_equal(host.vendor, EP_VENDOR_VMX);
	assert_int_equal(host.reasons[host.cpuid_row], 10);
	assert_false(ep_host_handles(&host, 11));
}

static void test_behaviour(void **state)
{
	assert_int_equal(recognise("svm-nodisc"), 0);
	assert_true(host.patched && !host.discovery);
	assert_int_equal(host.vendor, EP_VENDOR_SVM);
	assert_int_equal(host.count, ep_reasons_svm.count);
	assert_int_equal(host.reasons[host.cpuid_row], 0x72);

	assert_int_equal(recognise("vmx-nodisc"), 0);
	assert_int_equal(host.vendor, EP_VENDOR_VMX);
	assert_int_equal(host.count, ep_reasons_vmx.count);
}

static void test_stock(void **state)
{
	static const char *const scenarios[] = { "stock-amd", "stock-intel", "bare" };

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		assert_int_equal(recognise(scenarios[i]), -ENODEV);
		assert_false(host.patched);
		assert_int_equal(host.in_vm, i < 2);
	}
}

/* A host of which one answer is not as it should be. */
static void (*execute)(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs);
static struct ep_cpuid_regs asked, wrong;

static void answer_wrong(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	bool match = regs->eax == asked.eax && regs->ecx == asked.ecx;

	execute(cpuid, regs);
	if (match)
		*regs = wrong;
}

static int recognise_wrong(const char *scenario, uint32_t leaf, uint32_t subleaf,
			   struct ep_cpuid_regs answer)
{
	assert_int_equal(ep_sim_init(&sim, scenario), 0);
	sim.before = NULL;
	execute = sim.cpuid.execute;
	sim.cpuid.execute = answer_wrong;
	asked = (struct ep_cpuid_regs){ .eax = leaf, .ecx = subleaf };
	wrong = answer;
	return ep_host_recognise(&host, &sim.cpuid);
}

static void test_other_version(void **state)
{
	struct ep_cpuid_regs newer = { EXITPROF_ABI_VERSION + 1, EXITPROF_SIGNATURE_EBX,
				       EXITPROF_SIGNATURE_ECX, EXITPROF_SIGNATURE_EDX };

	assert_int_equal(recognise_wrong("svm", EXITPROF_LEAF_DISCOVERY, 0, newer), -EPROTO);
	assert_int_equal(host.abi, EXITPROF_ABI_VERSION + 1);
	assert_false(host.patched);
}

static void test_contradictions(void **state)
{
	struct ep_cpuid_regs none = {}, third = { 3, 3, 1, 0 };

	/* No such vendor, no classic leaves, no row for CPUID. */
	assert_int_equal(recognise_wrong("svm", EXITPROF_LEAF_DISCOVERY, 1, third), -EPROTO);
	third.eax = EXITPROF_VENDOR_SVM;
	third.ebx = EXITPROF_FEATURE_HANDLED;
	assert_int_equal(recognise_wrong("svm", EXITPROF_LEAF_DISCOVERY, 1, third), -EPROTO);
	assert_int_equal(recognise_wrong("svm", EXITPROF_LEAF_DISCOVERY, 0x100, none), -EPROTO);
}

static void test_half_a_signature(void **state)
{
	struct ep_cpuid_regs half = { 1, EXITPROF_SIGNATURE_EBX, EXITPROF_SIGNATURE_ECX, 0 };

	/* Its classic leaves are known by behaviour still. */
	assert_int_equal(recognise_wrong("vmx", EXITPROF_LEAF_DISCOVERY, 0, half), 0);
	assert_false(host.discovery);
	assert_int_equal(recognise_wrong("stock-intel", EXITPROF_LEAF_DISCOVERY, 0, half), -ENODEV);
}

static void test_constant_is_no_counter(void **state)
{
	struct ep_cpuid_regs constant = { 1000, 0, 0, 0 };

	assert_int_equal(recognise_wrong("vmx-nodisc", EXITPROF_LEAF_REASON_EXITS, 10, constant),
			 -ENODEV);
}

/* That host is not as it should be, but it counts, and is of use. */
static void test_undefined_not_marked(void **state)
{
	struct ep_cpuid_regs none = {};

	assert_int_equal(recognise("vmx-nodisc"), 0);
	assert_true(host.marks);
	assert_int_equal(recognise_wrong("vmx-nodisc", EXITPROF_LEAF_REASON_EXITS, 35, none), 0);
	assert_false(host.marks);
	assert_int_equal(recognise_wrong("svm-nodisc", EXITPROF_LEAF_REASON_CYCLES, 0xff, none), 0);
	assert_string_equal(host.dialect->name, "classic");
	assert_false(host.marks);
}

static void test_dialects(void **state)
{
	static const struct {
		const char *scenario, *dialect;
	} hosts[] = {
		{ "svm-nodisc", "classic" },	{ "vmx-nodisc", "classic" },
		{ "svm", "classic" },		{ "svm-combined", "combined" },
		{ "vmx-combined", "combined" }, { "svm-reversed", "reversed" },
		{ "vmx-reversed", "reversed" }, { "svm-full", "exitprof" },
	};
	static const char *const names[] = { "exitprof", "classic", "combined", "reversed" };

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		assert_int_equal(recognise(hosts[i].scenario), 0);
		assert_true(host.marks);
		assert_string_equal(ep_host_dialect(&host), hosts[i].dialect);
		assert_int_equal(ep_host_tells(&host, EP_FIGURE_REASON_CYCLES),
				 strcmp(hosts[i].dialect, "combined") != 0);
		for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
			bool speaks = !strcmp(names[j], hosts[i].dialect) ||
				      (host.latch && !strcmp(names[j], "classic"));

			assert_int_equal(ep_host_speak(&host, names[j]), speaks ? 0 : -ENODEV);
		}
	}
	assert_string_equal(ep_host_dialect(&host), "classic");
	assert_int_equal(ep_host_speak(&host, "german"), -EINVAL);
}

/* A dialect whose undefined reasons no leaf marks is known by what counts where. */
static uint32_t unmarked;

static void answer_unmarked(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	execute(cpuid, regs);
	if (regs->edx == EXITPROF_UNDEFINED) {
		regs->edx = 0;
		unmarked++;
	}
}

static void test_dialects_unmarked(void **state)
{
	static const char *const scenarios[] = { "svm-combined", "vmx-reversed", "vmx-nodisc" };
	static const char *const dialects[] = { "combined", "reversed", "classic" };

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		assert_int_equal(ep_sim_init(&sim, scenarios[i]), 0);
		sim.before = NULL;
		execute = sim.cpuid.execute;
		sim.cpuid.execute = answer_unmarked;
		unmarked = 0;
		assert_int_equal(ep_host_recognise(&host, &sim.cpuid), 0);
		assert_true(unmarked);
		assert_false(host.marks);
		assert_string_equal(host.dialect->name, dialects[i]);
	}
}

/* Numbers that change, or grow, and still count no CPUID. */
static uint32_t random_state;

static void answer_noise(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	uint32_t leaf = regs->eax;

	execute(cpuid, regs);
	if (leaf < EXITPROF_LEAF_LATCH || leaf > EXITPROF_LEAF_TOTAL_EXITS)
		return;
	random_state = random_state * 1664525 + 1013904223;
	*regs = (struct ep_cpuid_regs){ random_state, random_state >> 7, random_state * 3, 0 };
}

static void answer_clock(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	uint32_t leaf = regs->eax;

	execute(cpuid, regs);
	if (leaf < EXITPROF_LEAF_LATCH || leaf > EXITPROF_LEAF_TOTAL_EXITS)
		return;
	random_state += 1200;
	*regs = (struct ep_cpuid_regs){ random_state, 0, random_state, EXITPROF_UNDEFINED };
}

static void test_noise(void **state)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ep_sim_init(&sim, "stock-amd"), 0);
		sim.before = NULL;
		execute = sim.cpuid.execute;
		sim.cpuid.execute = i ? answer_clock : answer_noise;
		assert_int_equal(ep_host_recognise(&host, &sim.cpuid), -ENODEV);
		assert_false(host.patched);
	}
}

/* EBX of a count, which the course leaves open, must not become its high half. */
static void answer_stray(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	struct ep_cpuid_regs before = *regs;

	execute(cpuid, regs);
	if (before.eax == EXITPROF_LEAF_TOTAL_EXITS || before.eax == EXITPROF_LEAF_REASON_EXITS)
		regs->ebx = before.ebx + 0x1000 * (before.eax & 7);
}

static void test_stray_high_half(void **state)
{
	uint64_t exits;

	assert_int_equal(ep_sim_init(&sim, "vmx-nodisc"), 0);
	sim.before = NULL;
	execute = sim.cpuid.execute;
	sim.cpuid.execute = answer_stray;
	assert_int_equal(ep_host_recognise(&host, &sim.cpuid), 0);
	assert_string_equal(host.dialect->name, "classic");
	exits = ep_host_read(&host, EP_FIGURE_REASON_EXITS, 12);
	assert_int_equal(exits, 5000);
	assert_int_equal(ep_host_read(&host, EP_FIGURE_REASON_CYCLES, 12), 20000000);
}

/* As the tables of doc/dialects.md have it. */
static void test_reading_dialects(void **state)
{
	const struct ep_cpuid_regs regs = { 1, 2, 3, 4 };
	static const struct {
		const char *dialect;
		enum ep_figure figure;
		uint32_t leaf;
		uint64_t number;
	} numbers[] = {
		{ "classic", EP_FIGURE_TOTAL_EXITS, 0x4fffffff, 0x200000001 },
		{ "classic", EP_FIGURE_TOTAL_CYCLES, 0x4ffffffe, 0x200000003 },
		{ "classic", EP_FIGURE_REASON_EXITS, 0x4ffffffd, 0x200000001 },
		{ "classic", EP_FIGURE_REASON_CYCLES, 0x4ffffffc, 0x200000003 },
		{ "combined", EP_FIGURE_TOTAL_EXITS, 0x4fffffff, 1 },
		{ "combined", EP_FIGURE_TOTAL_CYCLES, 0x4fffffff, 0x200000003 },
		{ "combined", EP_FIGURE_REASON_EXITS, 0x4ffffffe, 1 },
		{ "reversed", EP_FIGURE_TOTAL_EXITS, 0x4ffffffc, 1 },
		{ "reversed", EP_FIGURE_TOTAL_CYCLES, 0x4ffffffd, 0x200000003 },
		{ "reversed", EP_FIGURE_REASON_EXITS, 0x4ffffffe, 1 },
		{ "reversed", EP_FIGURE_REASON_CYCLES, 0x4fffffff, 0x200000003 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct ep_dialect *dialect = ep_dialect_find(numbers[i].dialect);
		const struct ep_dialect_answer *answer = &dialect->answers[numbers[i].figure];

		assert_int_equal(answer->leaf, numbers[i].leaf);
		assert_int_equal(ep_dialect_number(answer, &regs), numbers[i].number);
	}
	assert_false(ep_dialect_tells(ep_dialect_find("combined"), EP_FIGURE_REASON_CYCLES));
	/* No CPUID for what cannot be had. */
	assert_int_equal(recognise("svm-combined"), 0);
	sim.cpuid.executed = 0;
	assert_int_equal(ep_host_read(&host, EP_FIGURE_REASON_CYCLES, 0x72), 0);
	assert_int_equal(sim.cpuid.executed, 0);
}

static void test_totals(void **state)
{
	static const struct {
		const char *scenario, *dialect;
		uint32_t exits, cycles;
	} hosts[] = {
		{ "svm-totals", "classic", 0x4fffffff, 0x4ffffffe },
		{ "vmx-totals", "classic", 0x4fffffff, 0x4ffffffe },
		{ "svm-combined-totals", "combined", 0x4fffffff, 0x4fffffff },
		{ "vmx-combined-totals", "combined", 0x4fffffff, 0x4fffffff },
		{ "svm-reversed-totals", "reversed", 0x4ffffffc, 0x4ffffffd },
		{ "vmx-reversed-totals", "reversed", 0x4ffffffc, 0x4ffffffd },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		assert_int_equal(recognise(hosts[i].scenario), 0);
		assert_true(host.patched && host.totals);
		assert_string_equal(ep_host_dialect(&host), hosts[i].dialect);
		assert_int_equal(host.dialect->answers[EP_FIGURE_TOTAL_EXITS].leaf, hosts[i].exits);
		assert_int_equal(host.dialect->answers[EP_FIGURE_TOTAL_CYCLES].leaf,
				 hosts[i].cycles);
		assert_false(ep_host_tells(&host, EP_FIGURE_REASON_EXITS));
		assert_false(ep_host_tells(&host, EP_FIGURE_REASON_CYCLES));
		assert_int_equal(host.count, 0);
		/* What is said to be more is taken for more. */
		assert_int_equal(ep_host_assume(&host, ep_dialect_find(hosts[i].dialect)), 0);
		assert_false(host.totals);
	}
	assert_int_equal(recognise("svm-nodisc"), 0);
	assert_false(host.totals);
	assert_null(host.suspect);
}

/* The total counts, and leaves of a reason answer something, but do not. */
static void test_suspect(void **state)
{
	struct ep_cpuid_regs constant = { 1000, 0, 0, 0 };

	assert_int_equal(recognise_wrong("vmx-nodisc", EXITPROF_LEAF_REASON_EXITS, 10, constant),
			 -ENODEV);
	assert_false(host.totals);
	assert_string_equal(host.suspect->name, "classic");
	/* Neither do its cycles. */
	assert_int_equal(recognise_wrong("svm-totals", EXITPROF_LEAF_TOTAL_CYCLES, 0x72, constant),
			 -ENODEV);
	assert_string_equal(host.suspect->name, "classic");
	assert_int_equal(recognise("stock-intel"), -ENODEV);
	assert_null(host.suspect);
}

/* A file answers as the kernel does: 16 bytes at the leaf, and the subleaf above it. */
static void test_device(void **state)
{
	const struct ep_cpuid_regs signature = { EXITPROF_ABI_VERSION, EXITPROF_SIGNATURE_EBX,
						 EXITPROF_SIGNATURE_ECX, EXITPROF_SIGNATURE_EDX };
	char path[] = "/tmp/exitprof-cpuid-XXXXXX";
	struct ep_cpuid_device device;
	struct ep_cpuid_regs regs;
	int file = mkstemp(path);

	assert_true(file >= 0);
	assert_int_equal(pwrite(file, &signature, sizeof(signature), EXITPROF_LEAF_DISCOVERY),
			 sizeof(signature));
	assert_int_equal(ep_cpuid_device_init(&device, path), 0);
	regs = ep_cpuid_query(&device.cpuid, EXITPROF_LEAF_DISCOVERY, 0);
	assert_memory_equal(&regs, &signature, sizeof(regs));
	/* Of another subleaf, and beyond the end. */
	regs = ep_cpuid_query(&device.cpuid, EXITPROF_LEAF_DISCOVERY, 1);
	assert_int_equal(regs.eax | regs.ebx | regs.ecx | regs.edx, 0);
	assert_int_equal(device.cpuid.executed, 2);
	ep_cpuid_device_finish(&device);
	close(file);
	unlink(path);
	assert_int_equal(ep_cpuid_device_init(&device, path), -ENOENT);
	ep_cpuid_device_finish(&device);
}

static void test_assumed(void **state)
{
	assert_int_equal(recognise("stock-intel"), -ENODEV);
	for (int i = 0; i < EP_DIALECTS; i++)
		assert_int_equal(ep_host_assume(&host, &ep_dialects[i]), -ENODEV);
	assert_false(host.patched);

	assert_int_equal(recognise("svm-full"), 0);
	assert_int_equal(ep_host_assume(&host, ep_dialect_find("reversed")), 0);
	assert_true(host.patched);
	assert_false(host.discovery || host.latch || host.lists_handled || host.marks);
	assert_string_equal(ep_host_dialect(&host), "reversed");
	assert_int_equal(host.count, ep_reasons_svm.count);
	assert_int_equal(host.reasons[host.cpuid_row], 0x72);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discovery),
		cmocka_unit_test(test_behaviour),
		cmocka_unit_test(test_stock),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_half_a_signature),
		cmocka_unit_test(test_constant_is_no_counter),
		cmocka_unit_test(test_undefined_not_marked),
		cmocka_unit_test(test_dialects),
		cmocka_unit_test(test_dialects_unmarked),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_stray_high_half),
		cmocka_unit_test(test_reading_dialects),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_suspect),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_assumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
