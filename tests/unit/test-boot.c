// SPDX-License-Identifier: GPL-3.0-or-later
/* A boot's phases, its rate, its busiest moments, and its way through JSON. */
#include <json-c/json.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/boot/json.h"
#include "core/boot/phases.h"
#include "core/boot/rate.h"
#include "unit.h"

#define MS UINT64_C(1000000)

/* Half of the exits are io, the others, but one that has no reason, hlt; 100 cycles each. */
static void add(struct ep_boot *boot, uint64_t now_ns, uint64_t duration_ns, uint64_t exits)
{
	struct ep_boot_sample sample = {
		.now_ns = now_ns, .duration_ns = duration_ns, .exits = exits, .cycles = exits * 100
	};

	assert_int_equal(ep_boot_add_sample(boot, &sample), 0);
	assert_int_equal(ep_boot_add_entry(boot, "io", exits / 2, exits / 2 * 100), 0);
	if (exits > 2)
		assert_int_equal(
			ep_boot_add_entry(boot, "hlt", (exits - 1) / 2, (exits - 1) / 2 * 100), 0);
}

/* From 2 s on, a sample of 100 ms each, with @exits(i) exits. */
static void fill(struct ep_boot *boot, size_t count, uint64_t (*exits)(size_t i))
{
	boot->before_known = true;
	add(boot, 2000 * MS, 0, 5001);
	for (size_t i = 1; i <= count; i++)
		add(boot, 2000 * MS + i * 100 * MS, 100 * MS, exits(i));
}

static uint64_t even(size_t i)
{
	return 101;
}

/* A level that rises tenfold half-way. */
static uint64_t rising(size_t i)
{
	return i <= 100 ? 101 : 1011;
}

/* The whole in five bursts, the greatest of them early. */
static uint64_t bursts(size_t i)
{
	return i == 10 ? 20001 : i % 40 == 0 ? 9001 : 11;
}

/* Five times the mean for a moment, again and again: the level stays. */
static uint64_t spikes(size_t i)
{
	return i % 20 == 10 ? 501 : 81;
}

static const char *phase_at(const struct ep_boot_phases *phases, uint64_t at_ns)
{
	struct ep_boot_sample sample = { .now_ns = at_ns + 5, .duration_ns = 10 };

	return ep_boot_phase_of(phases, &sample)->name;
}

static void phases_add_up(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = { .in_initrd = true };
	_cleanup_free_ struct ep_boot_phases *phases = NULL;
	uint64_t exits = 0, cycles = 0, io = 0;

	fill(&boot, 100, rising);
	boot.userspace_ns = 2530 * MS;
	assert_int_equal(ep_boot_add_unit(&boot, "sysinit.target", 3000 * MS, 4077 * MS), 0);
	assert_int_equal(ep_boot_add_unit(&boot, "basic.target", 1, 0), 0);
	phases = ep_boot_phases(&boot);
	assert_non_null(phases);
	assert_int_equal(phases->count, 4);
	assert_string_equal(phases->list[0].name, "before the first sample");
	assert_string_equal(phases->list[1].name, "initrd");
	assert_string_equal(phases->list[2].name, "until sysinit.target");
	assert_string_equal(phases->list[3].name, "until the end");
	for (size_t i = 0; i < phases->count; i++) {
		const struct ep_boot_phase *phase = &phases->list[i];

		exits += phase->exits;
		cycles += phase->cycles;
		io += phase->reasons[0].exits;
		if (i)
			assert_int_equal(phase->from_ns, phases->list[i - 1].to_ns);
	}
	assert_int_equal(phases->list[0].exits, 5001);
	/* Five samples and 30 % of the sixth: 15 of 50 io, 15 of 50 hlt, 0 of the one without. */
	assert_int_equal(phases->list[1].exits, 5 * 101 + 30);
	assert_int_equal(phases->list[1].reasons[0].exits, 5 * 50 + 15);
	assert_int_equal(phases->list[1].cycles, 50500 + 3030);
	assert_int_equal(exits, ep_boot_total(&boot).exits);
	assert_int_equal(cycles, ep_boot_total(&boot).cycles);
	assert_int_equal(io, 2500 + 100 * 50);
	assert_int_equal(ep_boot_kernel_end(&boot), 2000 * MS);
	assert_string_equal(phase_at(phases, 1), "before the first sample");
	assert_string_equal(phase_at(phases, 2530 * MS), "initrd");
	assert_string_equal(phase_at(phases, 90000 * MS), "until the end");

	/* Another boot of the same VM: nothing is claimed of what came before. */
	boot.before_known = false;
	free(phases);
	phases = ep_boot_phases(&boot);
	assert_false(phases->list[0].known);
	assert_int_equal(phases->list[0].exits, 0);
	assert_int_equal(ep_boot_total(&boot).exits, 100 * 101);
}

static void phases_of_a_boot_without_an_initrd(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = {};
	_cleanup_free_ struct ep_boot_phases *phases = NULL;

	fill(&boot, 0, even);
	boot.userspace_ns = 1500 * MS;
	phases = ep_boot_phases(&boot);
	assert_int_equal(phases->count, 2);
	assert_int_equal(phases->list[1].exits, 0);
	assert_int_equal(ep_boot_kernel_end(&boot), 1500 * MS);
	boot.initrd_ns = 1200 * MS;
	assert_int_equal(ep_boot_kernel_end(&boot), 1200 * MS);
}

static void rate_is_judged(void **state)
{
	static const struct {
		uint64_t (*exits)(size_t i);
		enum ep_boot_rate_verdict verdict;
	} cases[] = {
		{ even, EP_BOOT_RATE_STABLE },
		{ rising, EP_BOOT_RATE_UNSTABLE },
		{ bursts, EP_BOOT_RATE_BURSTS },
		{ spikes, EP_BOOT_RATE_BURSTS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(ep_boot_finish) struct ep_boot boot = {};
		struct ep_boot_rate rate, again;

		fill(&boot, 200, cases[i].exits);
		ep_boot_rate(&rate, &boot);
		assert_int_equal(rate.verdict, cases[i].verdict);
		assert_true(rate.tested && rate.intervals <= EP_BOOT_INTERVALS_MAX);
		ep_boot_rate(&again, &boot);
		assert_true(rate.p == again.p);
		assert_true(rate.whole_known);
		boot.before_known = false;
		ep_boot_rate(&again, &boot);
		assert_true(!again.whole_known && again.departure == rate.departure);
	}
}

static void rate_is_measured(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = {};
	struct ep_boot_rate rate;

	fill(&boot, 200, rising);
	ep_boot_rate(&rate, &boot);
	/* 101 of 1112 in the first half. */
	assert_true(rate.departure > 0.5 - 101.0 / 1112 - 1e-9 &&
		    rate.departure < 0.5 - 101.0 / 1112 + 1e-9);
	/* With 5001 in the first 2 s of 22: 15101 of 116201 in 12 s. */
	assert_true(rate.whole > 12.0 / 22 - 15101.0 / 116201 - 1e-9 &&
		    rate.whole < 12.0 / 22 - 15101.0 / 116201 + 1e-9);
}

static bool is_about(double value, double expected)
{
	return value > expected - 1e-6 && value < expected + 1e-6;
}

/* Of the whole and of each phase, without samples that are short. */
static void bursts_are_measured(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = { .in_initrd = true };
	_cleanup_free_ struct ep_boot_phases *phases = NULL;
	struct ep_boot_rate rate;
	size_t found[1];

	fill(&boot, 200, spikes);
	boot.interval_ns = 100 * MS;
	boot.userspace_ns = 2550 * MS;
	ep_boot_rate(&rate, &boot);
	assert_true(rate.departure < EP_BOOT_STABLE);
	assert_true(is_about(rate.mean, 1020) && is_about(rate.peak, 5010));
	assert_int_equal(rate.busiest, 10);
	assert_true(is_about(ep_boot_peak_ratio(&rate), 501.0 / 102));
	assert_string_equal(ep_boot_rate_words(&rate), "was not stable: bursts, but no drift");
	phases = ep_boot_phases(&boot);
	assert_int_equal(phases->count, 3);
	/* The initrd has samples 1 to 5 and half of 6, and no spike. */
	assert_true(is_about(phases->list[1].peak, 810));
	assert_int_equal(phases->list[1].busiest, 1);
	assert_true(phases->list[0].peak == 0 && ep_boot_phase_peak_ratio(&phases->list[0]) == 0);
	assert_true(is_about(phases->list[2].peak, 5010));
	assert_int_equal(phases->list[2].busiest, 10);
	assert_true(is_about(ep_boot_phase_peak_ratio(&phases->list[2]),
			     5010 * 19.45 / phases->list[2].exits));

	/* As many exits within less than half the interval: after a late sample, for instance. */
	boot.samples[50].duration_ns = 49 * MS;
	boot.samples[30].duration_ns = 50 * MS;
	ep_boot_rate(&rate, &boot);
	assert_int_equal(rate.busiest, 30);
	assert_int_equal(ep_boot_busiest(&boot, found, 1), 1);
	assert_int_equal(found[0], 30);
	boot.samples[30].duration_ns = 49 * MS;
	ep_boot_rate(&rate, &boot);
	assert_int_equal(rate.busiest, 10);
}

static void too_few_intervals_are_not_tested(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = {}, empty = {};
	struct ep_boot_rate rate;

	fill(&boot, EP_BOOT_INTERVALS_MIN - 1, bursts);
	boot.samples[2].exits = 90000;
	ep_boot_rate(&rate, &boot);
	assert_false(rate.tested);
	assert_int_equal(rate.verdict, EP_BOOT_RATE_UNKNOWN);
	fill(&empty, 0, even);
	ep_boot_rate(&rate, &empty);
	assert_int_equal(rate.verdict, EP_BOOT_RATE_UNKNOWN);
}

static uint64_t two_peaks(size_t i)
{
	return i == 50 ? 5001 : i == 51 ? 4001 : i == 150 ? 3001 : 11;
}

static void busiest_moments_are_apart(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = {}, empty = {};
	size_t found[2];

	fill(&boot, 200, two_peaks);
	assert_int_equal(ep_boot_busiest(&boot, found, 2), 2);
	assert_int_equal(found[0], 50);
	assert_int_equal(found[1], 150);
	fill(&empty, 0, even);
	assert_int_equal(ep_boot_busiest(&empty, found, 2), 0);
}

static void json_keeps_everything(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = { .generation = 7,
							  .generation_known = true,
							  .in_initrd = true,
							  .consistent = true,
							  .loader_ns = 3 };
	_cleanup_(ep_boot_finish) struct ep_boot read = {};
	struct json_object *json, *again;

	fill(&boot, 20, bursts);
	assert_int_equal(ep_boot_add_unit(&boot, "a.service", 5, 0), 0);
	json = ep_boot_json(&boot);
	assert_int_equal(ep_boot_parse(&read, json), 0);
	again = ep_boot_json(&read);
	assert_true(json_object_equal(json, again));
	json_object_put(json);
	json_object_put(again);
	assert_true(read.in_initrd);
}

/* What a file may say, and must not. */
static void nonsense_is_refused(void **state)
{
#define TOLD(samples) "{\"format\":1,\"samples\":[" samples "],\"units\":[]}"
	static const char *const texts[] = {
		"{}",
		"{\"format\":1,\"samples\":{},\"units\":[]}",
		"{\"format\":0,\"samples\":[{\"time_ns\":5,\"reasons\":{}}],\"units\":[]}",
		"{\"samples\":[{\"time_ns\":5,\"reasons\":{}}],\"units\":[]}",
		TOLD(""),
		TOLD("1"),
		TOLD("{\"time_ns\":5}"),
		TOLD("{\"time_ns\":5,\"reasons\":[]}"),
		TOLD("{\"time_ns\":5,\"duration_ns\":1,\"reasons\":{}}"),
		TOLD("{\"time_ns\":5,\"reasons\":{\"a,b\":{}}}"),
		TOLD("{\"time_ns\":5,\"reasons\":{\"a\\u001b\":{}}}"),
		TOLD("{\"time_ns\":5,\"reasons\":{\"\":{}}}"),
		TOLD("{\"time_ns\":5,\"reasons\":{}},{\"time_ns\":4,\"reasons\":{}}"),
		TOLD("{\"time_ns\":5,\"reasons\":{}},"
		     "{\"time_ns\":9,\"duration_ns\":5,\"reasons\":{}}"),
		"{\"format\":1,\"samples\":[{\"time_ns\":5,\"reasons\":{}}]}",
	};
	_cleanup_(ep_boot_finish) struct ep_boot fine = {};
	struct json_object *json;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(ep_boot_finish) struct ep_boot boot = {};

		json = json_tokener_parse(texts[i]);
		assert_non_null(json);
		assert_int_equal(ep_boot_parse(&boot, json), -EINVAL);
		json_object_put(json);
	}
	json = json_tokener_parse(
		"{\"format\":1,\"kernel\":\"6\\u001b[2J\",\"samples\":[{\"time_ns\":5,\"reasons\":{"
		"\"a\":{}}},"
		"{\"time_ns\":9,\"duration_ns\":4,\"reasons\":{}}],\"units\":[]}");
	assert_int_equal(ep_boot_parse(&fine, json), 0);
	assert_string_equal(fine.kernel, "6?[2J");
	json_object_put(json);
}

/* A later format may mean something else by the same names. */
static void later_formats_are_refused(void **state)
{
	_cleanup_(ep_boot_finish) struct ep_boot boot = {};
	struct json_object *json = json_tokener_parse("{\"format\":2,\"samples\":[{\"time_ns\":5,"
						      "\"reasons\":{}}],\"units\":[]}");

	assert_int_equal(ep_boot_parse(&boot, json), -EPROTO);
	json_object_put(json);
}

/* Systemd began anew after the record, or before it under the same kernel. */
static void timestamps_of_others_are_unknown(void **state)
{
	static const char text[] =
		"{\"format\":1,\"firmware_ns\":3,\"loader_ns\":2,\"userspace_ns\":%s,"
		"\"units_loaded_ns\":%s,\"finish_ns\":%s,\"soft_reboots_count\":%s,"
		"\"samples\":[{\"time_ns\":50,\"reasons\":{}},"
		"{\"time_ns\":90,\"duration_ns\":40,\"reasons\":{}}],"
		"\"units\":[{\"name\":\"basic.target\",\"start_ns\":60,\"active_ns\":%s}]}";
	static const struct {
		const char *userspace, *loaded, *finish, *soft_reboots, *active;
		uint64_t expected[5], kernel_end;
	} cases[] = {
		{ "20", "60", "80", "0", "70", { 2, 20, 60, 80, 70 }, 20 },
		{ "20", "60", "90", "null", "70", { 2, 20, 60, 90, 70 }, 20 },
		{ "20", "60", "91", "0", "91", { 2, 20, 60, 0, 0 }, 20 },
		{ "5000", "5001", "5010", "0", "70", { 2, 0, 0, 0, 70 }, 0 },
		{ "45", "60", "80", "1", "70", { 0, 45, 60, 80, 70 }, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(ep_boot_finish) struct ep_boot boot = {};
		char told[sizeof(text) + 64];
		struct json_object *json;

		snprintf(told, sizeof(told), text, cases[i].userspace, cases[i].loaded,
			 cases[i].finish, cases[i].soft_reboots, cases[i].active);
		json = json_tokener_parse(told);
		assert_int_equal(ep_boot_parse(&boot, json), 0);
		json_object_put(json);
		assert_int_equal(boot.loader_ns, cases[i].expected[0]);
		assert_int_equal(boot.userspace_ns, cases[i].expected[1]);
		assert_int_equal(boot.units_loaded_ns, cases[i].expected[2]);
		assert_int_equal(boot.finish_ns, cases[i].expected[3]);
		assert_int_equal(boot.units[0].active_ns, cases[i].expected[4]);
		assert_int_equal(ep_boot_kernel_end(&boot), cases[i].kernel_end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_add_up),
		cmocka_unit_test(phases_of_a_boot_without_an_initrd),
		cmocka_unit_test(rate_is_judged),
		cmocka_unit_test(rate_is_measured),
		cmocka_unit_test(bursts_are_measured),
		cmocka_unit_test(too_few_intervals_are_not_tested),
		cmocka_unit_test(busiest_moments_are_apart),
		cmocka_unit_test(json_keeps_everything),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(later_formats_are_refused),
		cmocka_unit_test(timestamps_of_others_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
