// SPDX-License-Identifier: GPL-3.0-or-later
/* What exits were about: keys, deltas over several vCPUs, losses, medians. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/result/result.h"
#include "core/sim/sim.h"
#include "unit.h"

#define SVM_IO	  0x7b
#define SVM_MSR	  0x7c
#define SVM_NPF	  0x400
#define SVM_CPUID 0x72

static struct ep_sim sim;
static struct ep_host host;

static void start(const char *scenario)
{
	assert_int_equal(ep_sim_init(&sim, scenario), 0);
	sim.before = NULL;
	assert_int_equal(ep_host_recognise(&host, &sim.cpuid), 0);
}

static uint64_t key(uint32_t reason, uint32_t kind, bool write, uint64_t value)
{
	return ep_sim_key(&sim, reason, kind, write, value);
}

static void take(struct ep_details *ret)
{
	assert_int_equal(ep_details_init(ret, &host), 0);
	ep_details_read(ret, &host);
}

static void test_key(void **state)
{
	static const struct {
		uint32_t msr;
		const char *name;
	} x2apic[] = {
		{ 0x80b, "x2APIC EOI" }, { 0x817, "x2APIC ISR" },	  { 0x819, "x2APIC TMR" },
		{ 0x81f, "x2APIC TMR" }, { 0x820, "x2APIC IRR" },	  { 0x830, "x2APIC ICR" },
		{ 0x832, "x2APIC LVT" }, { 0x838, "x2APIC timer count" }, { 0x840, "x2APIC" },
	};
	uint64_t msr, mmio;

	start("svm-details");
	msr = key(SVM_MSR, EXITPROF_DETAIL_MSR, true, 0x6e0);
	assert_int_equal(host.reasons[ep_detail_row(&host, msr)], SVM_MSR);
	assert_string_equal(ep_detail_kind(msr), "msr");
	assert_string_equal(ep_detail_direction(msr), "write");
	assert_int_equal(ep_detail_value(msr), 0x6e0);
	assert_string_equal(ep_detail_value_name(msr), "TSC_DEADLINE");
	for (size_t i = 0; i < ARRAY_SIZE(x2apic); i++)
		assert_string_equal(ep_detail_value_name(key(SVM_MSR, EXITPROF_DETAIL_MSR, false,
							     x2apic[i].msr)),
				    x2apic[i].name);

	/* A page's number becomes the address of the page. */
	mmio = key(SVM_NPF, EXITPROF_DETAIL_MMIO, false, 0xfee00);
	assert_string_equal(ep_detail_direction(mmio), "read");
	assert_true(ep_detail_value(mmio) == 0xfee00000);
	assert_string_equal(ep_detail_value_name(mmio), "local APIC");

	/* A CPUID has no direction; a row that is not listed, a kind of tomorrow. */
	assert_string_equal(ep_detail_direction(key(SVM_CPUID, EXITPROF_DETAIL_CPUID, false, 1)),
			    "");
	assert_int_equal(ep_detail_row(&host, 0), host.count);
	assert_int_equal(ep_detail_row(&host, UINT64_MAX), host.count);
	assert_string_equal(ep_detail_kind(UINT64_MAX), "other");
	assert_string_equal(ep_detail_value_name(UINT64_MAX), "");
}

static void test_delta(void **state)
{
	_cleanup_(ep_details_finish) struct ep_details before = {}, after = {}, grown = {};
	uint64_t out, in;

	start("svm-details");
	out = key(SVM_IO, EXITPROF_DETAIL_PORT, true, 0x3f8);
	in = key(SVM_IO, EXITPROF_DETAIL_PORT, false, 0x3f8);
	ep_sim_detail(&sim, out, 5);
	take(&before);
	ep_sim_detail(&sim, out, 2);
	/* The same on the other vCPU, and another one. */
	ep_sim_hop(&sim);
	ep_sim_detail(&sim, out, 30);
	ep_sim_detail(&sim, in, 1);
	take(&after);

	assert_int_equal(ep_details_subtract(&grown, &before, &after), 0);
	/* Both, and none of the reads' own CPUIDs, which the host has all noted. */
	assert_true(after.count > 3);
	assert_int_equal(grown.count, 2);
	assert_int_equal(ep_details_events(&grown, out), 32);
	assert_int_equal(ep_details_events(&grown, in), 1);
	assert_int_equal(ep_details_events(&grown, in + 1), 0);
	assert_int_equal(grown.lost, 0);
}

/* Those of others are kept: leaves next to ours, and ours in another kind. */
static void test_only_own_leaves_are_dropped(void **state)
{
	_cleanup_(ep_details_finish) struct ep_details before = {}, after = {}, grown = {};

	start("svm-details");
	take(&before);
	for (uint32_t leaf = EXITPROF_LEAF_LATCH - 1; leaf <= EXITPROF_LEAF_TOTAL_EXITS + 1; leaf++)
		ep_sim_detail(&sim, key(SVM_CPUID, EXITPROF_DETAIL_CPUID, false, leaf), 1);
	ep_sim_detail(&sim, key(SVM_MSR, EXITPROF_DETAIL_MSR, false, EXITPROF_LEAF_LATCH), 1);
	take(&after);
	assert_int_equal(ep_details_subtract(&grown, &before, &after), 0);
	assert_int_equal(grown.count, 3);
}

static void test_lost(void **state)
{
	_cleanup_(ep_details_finish) struct ep_details before = {}, after = {}, grown = {};
	uint32_t events = EXITPROF_DETAILS_MAX + 36;
	uint64_t executed;

	start("svm-details");
	take(&before);
	for (uint32_t i = 0; i < events; i++)
		ep_sim_detail(&sim, key(SVM_NPF, EXITPROF_DETAIL_MMIO, true, i), 2);
	executed = sim.cpuid.executed;
	take(&after);
	/* All entries of one vCPU, the first that is none of the other, and losses. */
	assert_int_equal(sim.cpuid.executed - executed, EXITPROF_DETAILS_MAX + 1 + 2);
	assert_int_equal(ep_details_subtract(&grown, &before, &after), 0);
	assert_int_equal(grown.count * 2 + grown.lost, events * 2);
	assert_true(grown.lost > 0);
}

/* The host's operator switched them off and on, and the table is a new one. */
static void test_cleared(void **state)
{
	_cleanup_(ep_details_finish) struct ep_details before = {}, after = {}, grown = {};
	uint64_t port;

	start("svm-details");
	port = key(SVM_IO, EXITPROF_DETAIL_PORT, true, 0x70);
	ep_sim_detail(&sim, port, 50);
	take(&before);
	memset(sim.vcpus[0].keys, 0, sizeof(sim.vcpus[0].keys));
	memset(sim.vcpus[0].counts, 0, sizeof(sim.vcpus[0].counts));
	ep_sim_detail(&sim, port, 3);
	take(&after);
	assert_int_equal(ep_details_subtract(&grown, &before, &after), 0);
	assert_int_equal(grown.count, 1);
	assert_int_equal(ep_details_events(&grown, port), 3);
}

/* A host without them, and one that claims thousands of vCPUs. */
static void test_none(void **state)
{
	_cleanup_(ep_details_finish) struct ep_details before = {}, grown = {};

	start("svm-full");
	assert_false(host.details);
	take(&before);
	assert_int_equal(before.count, 0);
	assert_int_equal(ep_details_subtract(&grown, &before, &before), 0);
	assert_int_equal(grown.count, 0);
	start("vmx-details");
	assert_true(host.details && !host.latch);
}

static void add(struct ep_record *record, uint64_t first, uint64_t second)
{
	struct ep_details none = {}, after = {};
	struct ep_repeat *repeat = ep_record_add(record);

	after.list = calloc(2, sizeof(*after.list));
	after.list[0] = (struct ep_detail){ key(SVM_IO, EXITPROF_DETAIL_PORT, true, 0x70), first };
	after.list[1] =
		(struct ep_detail){ key(SVM_MSR, EXITPROF_DETAIL_MSR, true, 0x6e0), second };
	after.count = 2;
	after.lost = 3;
	ep_details_sort(&after);
	assert_int_equal(ep_details_subtract(&repeat->details, &none, &after), 0);
	ep_details_finish(&after);
}

static void test_medians_and_csv(void **state)
{
	_cleanup_(ep_record_finish) struct ep_record record = { .host = &host, .details = true };
	_cleanup_(ep_details_finish) struct ep_details medians = {};
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *file;

	start("svm-details");
	add(&record, 10, 0);
	add(&record, 30, 7);
	add(&record, 20, 0);
	assert_int_equal(ep_record_details(&medians, &record), 0);
	assert_int_equal(medians.count, 1);
	assert_int_equal(medians.list[0].events, 20);
	assert_int_equal(medians.lost, 9);

	file = open_memstream(&text, &length);
	ep_result_write_details(file, &record);
	fclose(file);
	assert_string_equal(text, "repeat,scope,reason,name,kind,direction,value,value_name,events_"
				  "count\n"
				  "1,vm,123,io,port,write,0x70,clock (RTC),10\n"
				  "2,vm,123,io,port,write,0x70,clock (RTC),30\n"
				  "2,vm,124,msr,msr,write,0x6e0,TSC_DEADLINE,7\n"
				  "3,vm,123,io,port,write,0x70,clock (RTC),20\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_only_own_leaves_are_dropped),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_cleared),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_medians_and_csv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
