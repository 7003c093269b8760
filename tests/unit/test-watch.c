// SPDX-License-Identifier: GPL-3.0-or-later
/* What `watch` knows and shows: rates, bins, gaps, order, folding, columns, keys. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "core/base/cleanup.h"
#include "unit.h"
#include "watch/model.h"
#include "watch/text.h"

#define MS  UINT64_C(1000000)
#define SEC (1000 * MS)

/* VMX, for names: 1 EXTERNAL_INTERRUPT, 10 CPUID, 12 HLT, 30 IO_INSTRUCTION. */
static const struct ep_host host = {
	.vendor = EP_VENDOR_VMX,
	.vcpus = 2,
	.tsc_khz = 1000000,
	.reasons = { 1, 10, 12, 30 },
	.count = 4,
};

struct fixture {
	struct ep_watch watch;
	struct ep_watch_view view;
	struct ep_watch_table table;
	uint64_t now;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (!f)
		return -1;
	f->view.sort = EP_WATCH_RATE;
	f->now = 77 * SEC;
	return ep_watch_init(&f->watch, &host, 3, SEC, f->now);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ep_watch_finish(&f->watch);
	free(f);
	return 0;
}

/* @exits: of each of host.reasons; each takes 1000 cycles, and is away twice that */
static void sample(struct fixture *f, uint64_t duration, const uint64_t exits[4])
{
	struct ep_delta delta = {
		.count = host.count, .full = true, .timed = true, .consistent = true
	};

	f->now += duration;
	for (int i = 0; i < 4; i++) {
		delta.rows[i].exits = exits[i];
		delta.rows[i].cycles = exits[i] * 1000;
		delta.rows[i].away = exits[i] * 2000;
		delta.exits += exits[i];
		delta.cycles += exits[i] * 1000;
		delta.away += exits[i] * 2000;
	}
	ep_watch_advance(&f->watch, f->now, duration);
	ep_watch_add(&f->watch, 0, &delta);
}

static void list(struct fixture *f)
{
	ep_watch_list(&f->watch, &f->view, &f->table);
}

static const struct ep_watch_line *line(struct fixture *f, const char *name)
{
	list(f);
	for (uint32_t i = 0; i < f->table.count; i++)
		if (!strcmp(f->table.lines[i].name, name))
			return &f->table.lines[i];
	fail_msg("no line '%s'", name);
	return NULL;
}

static void assert_order(struct fixture *f, const char *names)
{
	char all[256] = "";

	list(f);
	for (uint32_t i = 0; i < f->table.count; i++) {
		strcat(all, i ? " " : "");
		strcat(all, f->table.lines[i].name);
	}
	assert_string_equal(all, names);
}

static void test_rates(void **state)
{
	struct fixture *f = *state;
	const struct ep_watch_line *hlt;

	list(f);
	assert_int_equal(f->table.count, 0);
	assert_true(isnan(f->table.total.value[EP_WATCH_RATE]));
	sample(f, SEC, (uint64_t[]){ 0, 0, 100, 300 });
	sample(f, 2 * SEC, (uint64_t[]){ 0, 0, 20, 60 });
	hlt = line(f, "HLT");
	assert_true(hlt->value[EP_WATCH_RATE] == 10);
	assert_true(hlt->value[EP_WATCH_MIN] == 10);
	assert_true(hlt->value[EP_WATCH_MEAN] == 40);
	assert_true(hlt->value[EP_WATCH_SHARE] == 0.25);
	assert_true(hlt->value[EP_WATCH_EACH] == 1000);
	assert_true(hlt->value[EP_WATCH_AWAY] == 0.25);
	assert_true(f->table.total.value[EP_WATCH_MEAN] == 160);
	/* 80,000 of 2 s of two vCPUs at 1 GHz. */
	assert_true(fabs(ep_watch_time_share(&f->watch, 0, 80000) - 80000 / 4e9) < 1e-12);
}

/* An idle reason is listed for a minute, as 0 exits that took nobody knows how long. */
static void test_idle(void **state)
{
	struct fixture *f = *state;

	sample(f, SEC, (uint64_t[]){ 0, 0, 5, 0 });
	for (int i = 0; i < 59; i++)
		sample(f, SEC, (uint64_t[]){ 0, 0, 0, 0 });
	assert_true(line(f, "HLT")->value[EP_WATCH_RATE] == 0);
	assert_true(isnan(line(f, "HLT")->value[EP_WATCH_EACH]));
	assert_true(isnan(line(f, "HLT")->value[EP_WATCH_SHARE]));
	sample(f, SEC, (uint64_t[]){ 0, 0, 0, 0 });
	list(f);
	assert_int_equal(f->table.count, 0);
}

static void assert_history(struct fixture *f, const char *name, int width, const double *expected)
{
	double history[EP_WATCH_BINS];

	ep_watch_history(&f->watch, line(f, name), width, history);
	for (int i = 0; i < width; i++)
		if (isnan(expected[i]) ? !isnan(history[i]) : fabs(history[i] - expected[i]) > 0.01)
			fail_msg("column %d of %d: %g, not %g", i, width, history[i], expected[i]);
}

static void test_history(void **state)
{
	struct fixture *f = *state;
	double expected[60];

	for (int i = 0; i < 60; i++)
		expected[i] = NAN;
	expected[58] = 100;
	expected[59] = 200;
	sample(f, SEC, (uint64_t[]){ 0, 0, 100, 0 });
	sample(f, SEC, (uint64_t[]){ 0, 0, 200, 0 });
	assert_history(f, "HLT", 60, expected);
	/* Of 6 bins each: bins 0 to 5 so far, of which 1 and 2 are known. */
	assert_history(f, "HLT", 10,
		       (double[]){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 150 });
	for (int i = 0; i < 4; i++)
		sample(f, SEC, (uint64_t[]){ 0, 0, 60, 0 });
	/* Bin 6 begins the next column; the one before stays as it is from now on. */
	assert_history(f, "HLT", 10, (double[]){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 96, 60 });
}

/* Jitter moves no sample into another's bin. */
static void test_jitter(void **state)
{
	struct fixture *f = *state;
	double expected[60];

	for (int i = 0; i < 90; i++) {
		uint64_t late = i % 2 ? 300 * MS : 0, earlier = i % 2 ? 0 : 300 * MS;

		sample(f, SEC + late - (i ? earlier : 0), (uint64_t[]){ 0, 0, 10, 0 });
		assert_int_equal(f->watch.newest, i + 1);
	}
	for (int i = 0; i < 60; i++)
		expected[i] = i % 2 ? 10 / 1.3 : 10 / 0.7;
	assert_history(f, "HLT", 60, expected);
}

/* Shorter intervals than a bin add up in it. */
static void test_short_interval(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 50; i++)
		sample(f, 100 * MS, (uint64_t[]){ 0, 0, 7, 0 });
	assert_int_equal(f->watch.newest, 5);
	assert_true(line(f, "HLT")->value[EP_WATCH_RATE] == 70);
	assert_true(fabs(line(f, "HLT")->value[EP_WATCH_MEAN] - 70) < 1e-6);
	assert_true(fabs(line(f, "HLT")->value[EP_WATCH_MIN] - 70) < 1e-6);
}

/* A sample of five seconds, as after Ctrl-Z, counts in all five; a pause in none. */
static void test_long_sample_and_gap(void **state)
{
	struct fixture *f = *state;
	double expected[60];

	for (int i = 0; i < 60; i++)
		expected[i] = NAN;
	sample(f, SEC, (uint64_t[]){ 0, 0, 30, 0 });
	sample(f, 5 * SEC, (uint64_t[]){ 0, 0, 50, 0 });
	f->now += 3 * SEC;
	sample(f, SEC, (uint64_t[]){ 0, 0, 20, 0 });
	expected[50] = 30;
	for (int i = 51; i < 56; i++)
		expected[i] = 10;
	expected[59] = 20;
	assert_history(f, "HLT", 60, expected);
	assert_true(line(f, "HLT")->value[EP_WATCH_MIN] == 10);
	assert_true(fabs(line(f, "HLT")->value[EP_WATCH_MEAN] - 100.0 / 7) < 1e-6);

	/* After an hour's pause, nothing of before is left. */
	f->now += 3600 * SEC;
	sample(f, SEC, (uint64_t[]){ 0, 0, 4, 0 });
	assert_true(line(f, "HLT")->value[EP_WATCH_MEAN] == 4);
	/* And after an hour asleep, it was the same rate all the time. */
	sample(f, 3600 * SEC, (uint64_t[]){ 0, 0, 7200, 0 });
	for (int i = 0; i < 60; i++)
		expected[i] = 2;
	assert_history(f, "HLT", 60, expected);
}

static void test_restored(void **state)
{
	struct fixture *f = *state;

	sample(f, SEC, (uint64_t[]){ 0, 0, 30, 0 });
	ep_watch_forget(&f->watch);
	assert_true(isnan(line(f, "HLT")->value[EP_WATCH_RATE]));
	assert_true(isnan(f->table.total.value[EP_WATCH_RATE]));
	assert_true(line(f, "HLT")->value[EP_WATCH_MEAN] == 30);
	f->now += SEC;
	sample(f, SEC, (uint64_t[]){ 0, 0, 50, 0 });
	assert_true(line(f, "HLT")->value[EP_WATCH_RATE] == 50);
	assert_true(line(f, "HLT")->value[EP_WATCH_MEAN] == 40);
}

/* Exits of reasons that the host does not list show up, unless sums are of two instants. */
static void test_not_listed(void **state)
{
	struct fixture *f = *state;
	struct ep_delta delta = { .count = 4,
				  .timed = true,
				  .consistent = true,
				  .exits = 12,
				  .cycles = 600,
				  .rows[2].exits = 5 };

	ep_watch_advance(&f->watch, f->now += SEC, SEC);
	ep_watch_add(&f->watch, 0, &delta);
	assert_order(f, "not listed HLT");
	assert_true(line(f, "not listed")->value[EP_WATCH_RATE] == 7);
	delta.consistent = delta.timed = false;
	ep_watch_advance(&f->watch, f->now += SEC, SEC);
	ep_watch_add(&f->watch, 0, &delta);
	assert_true(line(f, "not listed")->value[EP_WATCH_RATE] == 0);
	assert_true(isnan(line(f, "HLT")->value[EP_WATCH_AWAY]));
	/* A dialect that has the cycles of all together only. */
	assert_true(isnan(line(f, "HLT")->value[EP_WATCH_SHARE]));
	assert_true(isnan(line(f, "HLT")->value[EP_WATCH_EACH]));
	assert_true(f->table.total.value[EP_WATCH_EACH] == 50);
}

static void test_order(void **state)
{
	struct fixture *f = *state;
	struct ep_delta delta = { .count = 4, .timed = true, .consistent = true };
	const uint64_t exits[] = { 10, 5, 7, 1 }, cycles[] = { 10, 500, 70, 100 };

	for (int i = 0; i < 4; i++) {
		delta.rows[i] = (struct ep_delta_row){ exits[i], cycles[i] };
		delta.exits += exits[i];
		delta.cycles += cycles[i];
	}
	ep_watch_advance(&f->watch, f->now += SEC, SEC);
	ep_watch_add(&f->watch, 0, &delta);
	assert_order(f, "EXTERNAL_INTERRUPT HLT CPUID IO_INSTRUCTION");
	f->view.reverse = true;
	assert_order(f, "IO_INSTRUCTION CPUID HLT EXTERNAL_INTERRUPT");
	f->view.reverse = false;
	f->view.sort = EP_WATCH_SHARE;
	assert_order(f, "CPUID IO_INSTRUCTION HLT EXTERNAL_INTERRUPT");
	f->view.sort = EP_WATCH_EACH;
	assert_order(f, "CPUID IO_INSTRUCTION HLT EXTERNAL_INTERRUPT");
	f->view.sort = EP_WATCH_NAME;
	assert_order(f, "CPUID EXTERNAL_INTERRUPT HLT IO_INSTRUCTION");

	/* Unknown is last either way; what is equal keeps the order of the minute. */
	sample(f, SEC, (uint64_t[]){ 0, 3, 0, 0 });
	f->view.sort = EP_WATCH_EACH;
	assert_order(f, "CPUID EXTERNAL_INTERRUPT HLT IO_INSTRUCTION");
	f->view.reverse = true;
	assert_string_equal((list(f), f->table.lines[0].name), "CPUID");
}

static void test_fold(void **state)
{
	struct fixture *f = *state;
	const struct ep_watch_line *other;

	sample(f, SEC, (uint64_t[]){ 40, 30, 20, 10 });
	sample(f, SEC, (uint64_t[]){ 40, 30, 0, 20 });
	list(f);
	ep_watch_fold(&f->view, &f->table, 4);
	assert_int_equal(f->table.count, 4);
	assert_string_equal(f->table.lines[3].name, "HLT");
	ep_watch_fold(&f->view, &f->table, 3);
	assert_int_equal(f->table.count, 3);
	other = &f->table.lines[2];
	assert_string_equal(other->name, "other (2 reasons)");
	assert_true(other->value[EP_WATCH_RATE] == 20);
	/* The least of the sum, not the sum of the least. */
	assert_true(other->value[EP_WATCH_MIN] == 20);
	assert_true(other->value[EP_WATCH_MEAN] == 25);
	assert_true(other->value[EP_WATCH_EACH] == 1000);
	assert_true(fabs(other->value[EP_WATCH_SHARE] - 20.0 / 90) < 1e-9);
	list(f);
	ep_watch_fold(&f->view, &f->table, 1);
	assert_string_equal(f->table.lines[0].name, "other (4 reasons)");
	assert_true(f->table.lines[0].value[EP_WATCH_RATE] == f->table.total.value[EP_WATCH_RATE]);
}

static void test_vcpus(void **state)
{
	static const char steps[] = "]]][[[";
	static const uint32_t scopes[] = { 2, 0, 1, 0, 2, 1 };
	struct fixture *f = *state;
	struct ep_delta delta = { .count = 4,
				  .timed = true,
				  .consistent = true,
				  .exits = 4,
				  .cycles = 800,
				  .rows[2] = { 4, 800 } };

	sample(f, SEC, (uint64_t[]){ 0, 2, 6, 0 });
	ep_watch_add(&f->watch, 1, &delta);
	delta = (struct ep_delta){ .count = 4,
				   .timed = true,
				   .consistent = true,
				   .exits = 5,
				   .cycles = 7200,
				   .rows[1] = { 5, 7200 } };
	ep_watch_add(&f->watch, 2, &delta);
	assert_int_equal(ep_watch_press(&f->watch, &f->view, 'v'), EP_WATCH_READ_OTHERWISE);
	assert_order(f, "vCPU 1 vCPU 0");
	assert_true(fabs(ep_watch_time_share(&f->watch, 1, 800) - 800 / 1e9) < 1e-12);
	/* Of the whole VM's cycles, which are 8000. */
	assert_true(line(f, "vCPU 0")->value[EP_WATCH_SHARE] == 0.1);
	assert_true(f->table.total.value[EP_WATCH_RATE] == 8);
	assert_int_equal(ep_watch_press(&f->watch, &f->view, '0'), EP_WATCH_READ_OTHERWISE);
	assert_order(f, "HLT");
	assert_true(f->table.total.value[EP_WATCH_RATE] == 4);
	assert_int_equal(ep_watch_press(&f->watch, &f->view, '2'), EP_WATCH_IGNORE);
	/* Those beyond the digits are reached one by one; the VM is one of the round. */
	for (size_t i = 0; i < strlen(steps); i++) {
		assert_int_equal(ep_watch_press(&f->watch, &f->view, steps[i]),
				 EP_WATCH_READ_OTHERWISE);
		assert_int_equal(f->view.scope, scopes[i]);
	}
	assert_order(f, "HLT");
	assert_int_equal(ep_watch_press(&f->watch, &f->view, 'v'), EP_WATCH_READ_OTHERWISE);
	assert_order(f, "vCPU 1 vCPU 0");
	assert_int_equal(ep_watch_press(&f->watch, &f->view, 'v'), EP_WATCH_READ_OTHERWISE);
	assert_order(f, "HLT CPUID");

	/* Where vCPUs were not read, nothing is known of them, and that is not 0. */
	sample(f, SEC, (uint64_t[]){ 0, 2, 6, 0 });
	f->view.vcpus = true;
	assert_true(isnan(line(f, "vCPU 0")->value[EP_WATCH_RATE]));
	assert_true(line(f, "vCPU 0")->value[EP_WATCH_MEAN] == 4);
	assert_true(isnan(ep_watch_time_share(&f->watch, 1, 0)));
}

static void test_keys(void **state)
{
	struct fixture *f = *state;
	struct ep_watch_view *view = &f->view;

	assert_int_equal(ep_watch_press(&f->watch, view, ' '), EP_WATCH_TOGGLE_PAUSE);
	assert_true(view->paused);
	assert_int_equal(ep_watch_press(&f->watch, view, 'p'), EP_WATCH_TOGGLE_PAUSE);
	assert_false(view->paused);
	ep_watch_press(&f->watch, view, 's');
	assert_int_equal(view->sort, EP_WATCH_MIN);
	ep_watch_press(&f->watch, view, '<');
	ep_watch_press(&f->watch, view, '<');
	assert_int_equal(view->sort, EP_WATCH_NAME);
	/* A column that is not there is passed over. */
	ep_watch_press(&f->watch, view, '<');
	assert_int_equal(view->sort, EP_WATCH_EACH);
	ep_watch_press(&f->watch, view, 'a');
	ep_watch_press(&f->watch, view, '>');
	assert_int_equal(view->sort, EP_WATCH_AWAY);
	assert_int_equal(ep_watch_press(&f->watch, view, 'a'), EP_WATCH_READ_OTHERWISE);
	assert_int_equal(view->sort, EP_WATCH_RATE);
	/* In the help, q leaves the help alone. */
	ep_watch_press(&f->watch, view, '?');
	assert_true(view->help);
	assert_int_equal(ep_watch_press(&f->watch, view, 'q'), EP_WATCH_REDRAW);
	assert_false(view->help);
	assert_int_equal(ep_watch_press(&f->watch, view, 'z'), EP_WATCH_IGNORE);
	assert_int_equal(ep_watch_press(&f->watch, view, 'q'), EP_WATCH_QUIT);
}

static void test_numbers(void **state)
{
	static const struct {
		double value;
		int width;
		const char *text;
	} cases[] = {
		{ NAN, 9, "-" },	 { 0, 9, "0" },
		{ 0.44, 9, "0.4" },	 { 9.94, 9, "9.9" },
		{ 9.96, 9, "10" },	 { 1234567, 9, "1,234,567" },
		{ 1234567, 8, "1.2M" },	 { 999949, 5, "999.9k" },
		{ 999960, 6, "1.0M" },	 { 12345678901, 12, "12.3G" },
		{ 1.5e19, 27, "15.0E" },
	};
	char text[EP_WATCH_NUMBER_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(ep_watch_number(cases[i].value, cases[i].width, text),
				    cases[i].text);
}

static void test_spark(void **state)
{
	const double values[] = { NAN, 0, 1, 400, 799, 800 }, same[] = { 5, 5 };
	char text[EP_WATCH_CELL_MAX];
	double all[EP_WATCH_BINS];

	assert_string_equal(ep_watch_spark(values, 6, true, text), " ·▁▄██");
	assert_string_equal(ep_watch_spark(values, 6, false, text), " _.=##");
	assert_string_equal(ep_watch_spark(same, 2, false, text), "##");
	for (int i = 0; i < EP_WATCH_BINS; i++)
		all[i] = 1;
	assert_int_equal(strlen(ep_watch_spark(all, EP_WATCH_BINS, true, text)),
			 EP_WATCH_CELL_MAX - 1);
}

/* Whatever the width, columns and sparkline fill it and no more. */
static void test_layout(void **state)
{
	struct fixture *f = *state;
	struct ep_watch_layout layout;

	sample(f, SEC, (uint64_t[]){ 1, 1, 1, 1 });
	list(f);
	for (int width = 1; width < 300; width++) {
		int used = 0;

		f->view.away = width % 2;
		ep_watch_layout_fit(&layout, &f->table, &f->view, width);
		for (int i = 0; i < EP_WATCH_COLUMNS; i++)
			used += layout.width[i] ? layout.width[i] + 1 : 0;
		used += layout.spark ? layout.spark : -1;
		if (used > width)
			fail_msg("%d columns of %d", used, width);
		if (width >= 40)
			assert_true(layout.spark >= 8 && layout.width[EP_WATCH_SHARE]);
		if (width >= 90) {
			assert_true(layout.width[EP_WATCH_MIN]);
			assert_int_equal(!!layout.width[EP_WATCH_AWAY], f->view.away);
		}
	}
	assert_int_equal(layout.spark, EP_WATCH_BINS);
}

static void test_reach(void **state)
{
	char text[EP_WATCH_NUMBER_MAX];
	struct ep_watch watch = { .bin_ns = SEC };

	assert_string_equal(ep_watch_reach(&watch, text), "60 s");
	watch.bin_ns = 5 * SEC;
	assert_string_equal(ep_watch_reach(&watch, text), "5 min");
	watch.bin_ns = 3600 * SEC;
	assert_string_equal(ep_watch_reach(&watch, text), "60 h");
}

/* /dev/ttyS0, /dev/console and /dev/hvc0 are; /dev/tty1, a pseudo terminal and a file are not. */
static void test_consoles(void **state)
{
	assert_true(ep_watch_is_console(makedev(4, 64)));
	assert_true(ep_watch_is_console(makedev(5, 1)));
	assert_true(ep_watch_is_console(makedev(229, 0)));
	assert_false(ep_watch_is_console(makedev(4, 1)));
	assert_false(ep_watch_is_console(makedev(136, 0)));
	assert_false(ep_watch_is_console(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rates, setup, teardown),
		cmocka_unit_test_setup_teardown(test_idle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_history, setup, teardown),
		cmocka_unit_test_setup_teardown(test_jitter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_short_interval, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_sample_and_gap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restored, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fold, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vcpus, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_spark),
		cmocka_unit_test_setup_teardown(test_layout, setup, teardown),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_consoles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
