// SPDX-License-Identifier: GPL-3.0-or-later
/* Figures per operation, verdicts and their order, and what may be compared at all. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/stats/comparable.h"
#include "core/stats/compare.h"
#include "unit.h"

#define REPEATS_MAX 16

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* Results as they come from ep_load(), with a figure for each repeat. */
struct fixture {
	struct ep_loaded results[2];
	struct ep_loaded_repeat repeats[2][REPEATS_MAX];
	struct ep_loaded_row rows[2][4 * REPEATS_MAX];
	struct ep_comparison comparison;
};

enum { BEFORE, AFTER };

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	for (int side = 0; side < 2; side++) {
		f->results[side].path = side ? "b" : "a";
		f->results[side].repeats = f->repeats[side];
		f->results[side].rows = f->rows[side];
		f->results[side].has_cycles = true;
	}
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ep_compare_finish(&f->comparison);
	json_object_put(f->results[0].run);
	json_object_put(f->results[1].run);
	free(f);
	return 0;
}

/* @count repeats of 10 operations each in 2 s. */
static void have_repeats(struct fixture *f, int side, size_t count)
{
	f->results[side].repeat_count = count;
	for (size_t i = 0; i < count; i++) {
		f->repeats[side][i].duration_ns = 2000000000;
		f->repeats[side][i].operations = 10;
		f->repeats[side][i].has_operations = true;
		f->repeats[side][i].all.has_cycles = true;
	}
}

/* In each repeat, @exits and a few more from one to the next; reasons in ascending order. */
static void have_reason(struct fixture *f, int side, uint32_t reason, uint64_t exits, uint64_t cost)
{
	struct ep_loaded *result = &f->results[side];

	for (size_t i = 0; i < result->repeat_count; i++) {
		struct ep_loaded_row *row = &result->rows[result->row_count++];

		row->reason = reason;
		row->repeat = i;
		snprintf(row->name, sizeof(row->name), "reason %u", reason);
		row->figure.exits = exits ? exits + i : 0;
		row->figure.cycles = row->figure.exits * cost;
		row->figure.has_cycles = true;
		result->repeats[i].all.exits += row->figure.exits;
		result->repeats[i].all.cycles += row->figure.cycles;
	}
}

static void compare(struct fixture *f, enum ep_metric sort)
{
	const struct ep_side before = { &f->results[0], 1 }, after = { &f->results[1], 1 };

	assert_int_equal(ep_compare(&f->comparison, &before, &after, sort, NULL), 0);
}

static const struct ep_compare_row *row(const struct fixture *f, uint32_t reason)
{
	for (size_t i = 0; i < f->comparison.count; i++)
		if (f->comparison.rows[i].reason == reason)
			return &f->comparison.rows[i];
	return NULL;
}

static void test_figures(void **state)
{
	struct fixture *f = *state;
	const struct ep_compare_cell *cells;

	have_repeats(f, BEFORE, 8);
	have_repeats(f, AFTER, 8);
	have_reason(f, BEFORE, 1, 100, 50);
	have_reason(f, AFTER, 1, 200, 25);
	compare(f, EP_METRIC_CYCLES);
	cells = row(f, 1)->cells;
	/* The middle of 100 to 107 exits in 10 operations. */
	assert_near(cells[EP_METRIC_EXITS].before, 10.35);
	assert_near(cells[EP_METRIC_EXITS].after, 20.35);
	assert_near(cells[EP_METRIC_EXITS].change.difference.value, 10);
	assert_int_equal(cells[EP_METRIC_EXITS].verdict, EP_COMPARE_MORE);
	assert_near(cells[EP_METRIC_CYCLES].before, 517.5);
	assert_near(cells[EP_METRIC_CYCLES].after, 508.75);
	assert_int_equal(cells[EP_METRIC_CYCLES].verdict, EP_COMPARE_SAME);
	assert_near(cells[EP_METRIC_COST].before, 50);
	assert_near(cells[EP_METRIC_COST].change.ratio.value, 0.5);
	assert_int_equal(cells[EP_METRIC_COST].verdict, EP_COMPARE_LESS);
	assert_false(f->comparison.per_second);
	assert_int_equal(f->comparison.total.cells[EP_METRIC_EXITS].verdict, EP_COMPARE_MORE);
	assert_string_equal(f->comparison.total.name, "total");
}

/* A workload that counts no operations in any one of the repeats. */
static void test_per_second(void **state)
{
	struct fixture *f = *state;

	have_repeats(f, BEFORE, 4);
	have_repeats(f, AFTER, 4);
	f->repeats[AFTER][2].operations = 0;
	have_reason(f, BEFORE, 1, 100, 50);
	have_reason(f, AFTER, 1, 100, 50);
	compare(f, EP_METRIC_CYCLES);
	assert_true(f->comparison.per_second);
	assert_near(row(f, 1)->cells[EP_METRIC_EXITS].before, 50.75);
	assert_string_equal(ep_compare_metric_name(EP_METRIC_EXITS, true), "exits_per_second");
}

static void test_new_and_gone(void **state)
{
	struct fixture *f = *state;

	have_repeats(f, BEFORE, 8);
	have_repeats(f, AFTER, 8);
	have_reason(f, BEFORE, 1, 100, 50);
	have_reason(f, BEFORE, 3, 0, 50);
	have_reason(f, AFTER, 2, 100, 50);
	have_reason(f, AFTER, 3, 0, 50);
	compare(f, EP_METRIC_CYCLES);
	/* What has no exits anywhere is no question at all. */
	assert_int_equal(f->comparison.count, 2);
	assert_int_equal(row(f, 1)->presence, EP_PRESENCE_GONE);
	assert_int_equal(row(f, 2)->presence, EP_PRESENCE_NEW);
	assert_int_equal(row(f, 1)->cells[EP_METRIC_CYCLES].verdict, EP_COMPARE_LESS);
	assert_int_equal(row(f, 2)->cells[EP_METRIC_CYCLES].verdict, EP_COMPARE_MORE);
	assert_true(isinf(row(f, 2)->cells[EP_METRIC_CYCLES].change.ratio.value));
	/* No exits have no cost, and not one of 0. */
	assert_int_equal(row(f, 1)->cells[EP_METRIC_COST].verdict, EP_COMPARE_UNKNOWN);
	assert_true(row(f, 1)->cells[EP_METRIC_COST].has_before);
	assert_false(row(f, 1)->cells[EP_METRIC_COST].has_after);
	assert_int_equal(f->comparison.family[EP_METRIC_COST], 0);
}

static void test_unknown_cycles(void **state)
{
	struct fixture *f = *state;

	have_repeats(f, BEFORE, 8);
	have_repeats(f, AFTER, 8);
	have_reason(f, BEFORE, 1, 100, 50);
	have_reason(f, AFTER, 1, 200, 50);
	have_reason(f, AFTER, 2, 50, 50);
	for (int i = 0; i < 16; i++)
		f->rows[AFTER][i].figure.has_cycles = false;
	f->results[AFTER].has_cycles = false;
	compare(f, EP_METRIC_CYCLES);
	for (int metric = EP_METRIC_CYCLES; metric < EP_METRICS; metric += EP_METRIC_COST) {
		const struct ep_compare_cell *cell = &row(f, 1)->cells[metric];

		assert_int_equal(cell->verdict, EP_COMPARE_UNKNOWN);
		assert_true(cell->has_before);
		assert_false(cell->has_after);
	}
	assert_int_equal(row(f, 1)->cells[EP_METRIC_EXITS].verdict, EP_COMPARE_MORE);
	assert_int_equal(f->comparison.family[EP_METRIC_CYCLES], 0);
	/* By exits, where cycles are not told. */
	assert_int_equal(f->comparison.rows[0].reason, 1);
}

/* First what is certain, then what is large; by the metric that was asked for. */
static void test_order(void **state)
{
	struct fixture *f = *state;

	have_repeats(f, BEFORE, 8);
	have_repeats(f, AFTER, 8);
	have_reason(f, BEFORE, 1, 1000, 10);
	have_reason(f, BEFORE, 2, 100, 1000);
	have_reason(f, BEFORE, 3, 100, 10);
	have_reason(f, AFTER, 1, 2000, 10);
	have_reason(f, AFTER, 2, 150, 1000);
	have_reason(f, AFTER, 3, 100, 10);
	compare(f, EP_METRIC_CYCLES);
	assert_int_equal(f->comparison.rows[0].reason, 2);
	assert_int_equal(f->comparison.rows[1].reason, 1);
	assert_int_equal(f->comparison.rows[2].reason, 3);
	ep_compare_finish(&f->comparison);
	compare(f, EP_METRIC_EXITS);
	assert_int_equal(f->comparison.rows[0].reason, 1);
	assert_int_equal(f->comparison.rows[1].reason, 2);
}

/* One repeat is never enough, four are for one question, and not for three at once. */
static void test_untested(void **state)
{
	struct fixture *f = *state;

	have_repeats(f, BEFORE, 1);
	have_repeats(f, AFTER, 1);
	have_reason(f, BEFORE, 1, 100, 50);
	have_reason(f, AFTER, 1, 900, 50);
	compare(f, EP_METRIC_CYCLES);
	assert_int_equal(row(f, 1)->cells[EP_METRIC_EXITS].verdict, EP_COMPARE_UNTESTED);
	assert_near(row(f, 1)->cells[EP_METRIC_EXITS].change.ratio.value, 9);
	assert_int_equal(f->comparison.total.cells[EP_METRIC_EXITS].verdict, EP_COMPARE_UNTESTED);
	ep_compare_finish(&f->comparison);

	f->results[BEFORE].row_count = f->results[AFTER].row_count = 0;
	have_repeats(f, BEFORE, 4);
	have_repeats(f, AFTER, 4);
	for (uint32_t reason = 1; reason <= 3; reason++) {
		have_reason(f, BEFORE, reason, 100, 50);
		have_reason(f, AFTER, reason, 900, 50);
	}
	compare(f, EP_METRIC_CYCLES);
	assert_int_equal(row(f, 1)->cells[EP_METRIC_EXITS].verdict, EP_COMPARE_UNTESTED);
	assert_int_equal(f->comparison.total.cells[EP_METRIC_EXITS].verdict, EP_COMPARE_MORE);

	assert_int_equal(ep_compare_repeats_needed(1), 4);
	assert_int_equal(ep_compare_repeats_needed(2), 5);
	assert_int_equal(ep_compare_repeats_needed(6), 5);
	assert_int_equal(ep_compare_repeats_needed(7), 6);
	assert_int_equal(ep_compare_repeats_needed(23), 6);
	assert_int_equal(ep_compare_repeats_needed(80), 7);
}

/* What would be unlikely if it were the only question. */
static void test_family(void **state)
{
	struct fixture *f = *state;
	const struct ep_compare_cell *cell;

	have_repeats(f, BEFORE, 8);
	have_repeats(f, AFTER, 8);
	for (uint32_t reason = 1; reason <= 4; reason++) {
		have_reason(f, BEFORE, reason, 100, 50);
		have_reason(f, AFTER, reason, 103, 50);
	}
	compare(f, EP_METRIC_CYCLES);
	cell = &row(f, 1)->cells[EP_METRIC_EXITS];
	assert_true(cell->change.p < EP_STATS_ALPHA);
	assert_near(cell->p_adjusted, 4 * cell->change.p);
	assert_int_equal(cell->verdict, EP_COMPARE_SAME);
	assert_int_equal(f->comparison.total.cells[EP_METRIC_EXITS].verdict, EP_COMPARE_MORE);
}

/* A repeat without exits of a reason says nothing about what one costs. */
static void test_rare(void **state)
{
	struct fixture *f = *state;
	const struct ep_compare_cell *cells;

	have_repeats(f, BEFORE, 8);
	have_repeats(f, AFTER, 8);
	have_reason(f, BEFORE, 1, 100, 50);
	have_reason(f, AFTER, 1, 100, 50);
	f->rows[AFTER][3].figure = (struct ep_loaded_figure){ .has_cycles = true };
	compare(f, EP_METRIC_CYCLES);
	cells = row(f, 1)->cells;
	assert_int_equal(cells[EP_METRIC_COST].change.after_count, 7);
	assert_int_equal(cells[EP_METRIC_EXITS].change.after_count, 8);
	assert_near(cells[EP_METRIC_COST].after, 50);
}

static void test_too_many(void **state)
{
	struct fixture *f = *state;
	const struct ep_side side = { &f->results[0], 1 };
	struct ep_error err = {};

	f->results[0].repeat_count = EP_STATS_VALUES_MAX + 1;
	f->results[0].repeats = calloc(EP_STATS_VALUES_MAX + 1, sizeof(*f->results[0].repeats));
	assert_int_equal(ep_compare(&f->comparison, &side, &side, EP_METRIC_CYCLES, &err), -E2BIG);
	assert_string_equal(err.message, "more than 1000 repeats on a side");
	free(f->results[0].repeats);
}

static const char run[] =
	"{\"run\":{\"duration_limit_ns\":1,\"interrupted\":false,\"consistent\":true},"
	"\"workload\":{\"name\":\"w\",\"operation\":\"o\",\"options\":{\"a\":1,\"b\":\"x\"}},"
	"\"host\":{\"vendor\":\"SVM\",\"vcpus_count\":1,\"tsc_khz\":1000000,\"level\":2,"
	"\"dialect\":\"classic\"},"
	"\"guest\":{\"kernel\":\"6.1\",\"cpus_count\":1,\"cpu_model\":\"m\"}}";

/* @before becomes @after in the second run.json: what is remarked, or NULL for nothing. */
static const struct {
	const char *before, *after;
	bool refuse;
	const char *text;
} remarks[] = {
	{ "\"w\"", "\"w\"", false, NULL },
	{ "1000000", "1000900", false, NULL },
	{ "\"SVM\"", "\"VMX\"", true,
	  "vendor: SVM in 'a', VMX in 'b'; their exit reasons are not the same" },
	{ "\"w\"", "\"v\"", true, "workload: w in 'a', v in 'b'" },
	{ "\"a\":1,", "\"a\":2,", true, "workload option a: 1 in 'a', 2 in 'b'" },
	{ "\"a\":1,", "", true, "workload option a: 1 in 'a', none in 'b'" },
	{ "\"a\":1,", "\"a\":1,\"c\":[\"\x1b\"],", true,
	  "workload option c: none in 'a', [\"\\u001b\"] in 'b'" },
	{ "{\"run\"", "{\"command\":[\"x\"],\"run\"", true,
	  "command: none in 'a', [\"x\"] in 'b'" },
	{ "\"workload\"", "\"x\"", true, "workload: w in 'a', none in 'b'" },
	{ "\"vcpus_count\":1", "\"vcpus_count\":2", true, "vCPUs: 1 in 'a', 2 in 'b'" },
	{ "\"cpus_count\":1", "\"cpus_count\":2", true, "CPUs of the guest: 1 in 'a', 2 in 'b'" },
	{ "\"m\"", "\"n\"", true,
	  "processor: m in 'a', n in 'b'; cycles are not of the same kind" },
	{ "\"6.1\"", "\"6.12\"", false, "kernel of the guest: 6.1 in 'a', 6.12 in 'b'" },
	{ "\"level\":2", "\"level\":1", false,
	  "level of the host's accounting: 2 in 'a', 1 in 'b'" },
	{ "classic", "combined", false,
	  "dialect of the host's leaves: classic in 'a', combined in 'b'" },
	/* What is not told is no difference, but no limit is one. */
	{ "\"level\":2", "\"level\":null", false, NULL },
	{ "\"vcpus_count\":1,", "", false, NULL },
	{ "_ns\":1", "_ns\":null", false, "time limit of a repeat in ns: 1 in 'a', none in 'b'" },
	{ "_ns\":1", "_ns\":2", false, "time limit of a repeat in ns: 1 in 'a', 2 in 'b'" },
	{ "1000000", "2000000", false,
	  "kHz of the TSC: 1000000 in 'a', 2000000 in 'b'; cycles are not of the same length" },
	{ "\"interrupted\":false", "\"interrupted\":true", false,
	  "'b' was interrupted: its last repeat is short" },
	{ "\"consistent\":true", "\"consistent\":false", false,
	  "'b' is not of one instant: its sums may be a few exits off" },
};

static void test_comparable(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(remarks); i++) {
		_cleanup_(ep_comparable_finish) struct ep_remarks list = {};
		const char *at = strstr(run, remarks[i].before);
		char changed[1024];

		assert_non_null(at);
		snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - run), run,
			 remarks[i].after, at + strlen(remarks[i].before));
		json_object_put(f->results[0].run);
		json_object_put(f->results[1].run);
		f->results[0].run = json_tokener_parse(run);
		f->results[1].run = json_tokener_parse(changed);
		assert_non_null(f->results[1].run);
		assert_int_equal(ep_comparable(&list, f->results, 2), 0);
		assert_int_equal(list.count, remarks[i].text ? 1 : 0);
		assert_int_equal(list.refusals, remarks[i].refuse);
		if (remarks[i].text)
			assert_string_equal(list.list[0].text, remarks[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_per_second, setup, teardown),
		cmocka_unit_test_setup_teardown(test_new_and_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_cycles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_untested, setup, teardown),
		cmocka_unit_test_setup_teardown(test_family, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rare, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_comparable, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
