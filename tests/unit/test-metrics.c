// SPDX-License-Identifier: GPL-3.0-or-later
/* The text for Prometheus, and what is read back of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/counters/metrics.h"
#include "core/counters/snapshot.h"
#include "core/sim/sim.h"
#include "unit.h"

#define SVM_HLT 0x78

struct fixture {
	struct ep_sim sim;
	struct ep_host host;
	struct ep_reader reader;
	struct ep_snapshot snapshot;
	struct ep_metrics metrics;
	char *text;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return f ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	free(f->text);
	free(f);
	return 0;
}

static void start(struct fixture *f, const char *scenario)
{
	assert_int_equal(ep_sim_init(&f->sim, scenario), 0);
	f->sim.before = NULL;
	assert_int_equal(ep_host_recognise(&f->host, &f->sim.cpuid), 0);
	ep_reader_init_raw(&f->reader, &f->host, true);
}

static void take(struct fixture *f)
{
	assert_int_equal(ep_snapshot_take(&f->reader, &f->snapshot), 0);
	f->metrics = (struct ep_metrics){
		.host = &f->host,
		.snapshot = &f->snapshot,
		.histogram = f->reader.histogram,
		.own_exits = f->snapshot.rows[f->host.cpuid_row].own_exits,
		.pending_exits = f->snapshot.cost,
	};
}

static void render(struct fixture *f)
{
	size_t length;
	FILE *file;

	free(f->text);
	file = open_memstream(&f->text, &length);
	assert_non_null(file);
	ep_metrics_write(file, &f->metrics);
	fclose(file);
}

/* Whether that line, all of it, is in the text. */
static int has(const struct fixture *f, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = f->text; (at = strstr(at, line)); at += length)
		if ((at == f->text || at[-1] == '\n') && at[length] == '\n')
			return 1;
	return 0;
}

/* A raw reader costs what a snapshot costs, and no calibration. */
static void raw(void **state)
{
	struct fixture *f = *state;
	uint64_t executed;

	start(f, "svm-full");
	executed = f->sim.cpuid.executed;
	take(f);
	assert_int_equal(f->sim.cpuid.executed - executed, f->snapshot.cost);
	render(f);
	assert_true(has(f, "exitprof_exits_total{reason=\"hlt\"} 5000"));
	/* As the host has them: nothing is subtracted. */
	assert_int_equal(f->snapshot.rows[f->host.cpuid_row].exits, 20000 + executed);
}

static void other(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	take(f);
	render(f);
	assert_null(strstr(f->text, "reason=\"other\""));
	f->sim.unlisted = 7;
	take(f);
	render(f);
	assert_true(has(f, "exitprof_exits_total{reason=\"other\"} 7"));
	/* A classic host tells the time of what it lists only. */
	assert_null(strstr(f->text, "seconds_total{reason=\"other\"}"));
}

/* Time does not overflow, is rounded down, and never goes back. */
static void seconds(void **state)
{
	struct fixture *f = *state;
	struct ep_counter *hlt = NULL;

	start(f, "svm-full");
	take(f);
	for (uint32_t i = 0; i < f->host.count; i++)
		if (f->host.reasons[i] == SVM_HLT)
			hlt = &f->snapshot.rows[i];
	assert_non_null(hlt);
	hlt->cycles = UINT64_MAX;
	f->host.tsc_khz = 3000000;
	render(f);
	assert_true(has(f, "exitprof_handling_seconds_total{reason=\"hlt\"} 6148914691.236517205"));
	hlt->cycles = 2999999999;
	render(f);
	assert_true(has(f, "exitprof_handling_seconds_total{reason=\"hlt\"} 0.999999999"));
	f->host.tsc_khz = 0;
	render(f);
	assert_true(has(f, "exitprof_handling_cycles_total{reason=\"hlt\"} 2999999999"));
	assert_null(strstr(f->text, "hertz"));
}

static void histogram(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full");
	/* Shorter than the first limit, and longer than the last. */
	ep_sim_exit(&f->sim, SVM_HLT, 1, 3);
	ep_sim_exit(&f->sim, SVM_HLT, 1, UINT64_C(1) << 40);
	take(f);
	render(f);
	assert_true(has(f, "exitprof_exit_handling_cycles_bucket{reason=\"hlt\",le=\"127\"} 1"));
	assert_true(has(f, "exitprof_exit_handling_cycles_bucket{reason=\"hlt\",le=\"2047\"} 1"));
	assert_true(has(f, "exitprof_exit_handling_cycles_bucket{reason=\"hlt\",le=\"4095\"} "
			   "5001"));
	/* As Go would write it. */
	assert_true(has(f, "exitprof_exit_handling_cycles_bucket{reason=\"hlt\",le=\"524287\"} "
			   "5001"));
	assert_true(has(f, "exitprof_exit_handling_cycles_bucket{reason=\"hlt\",le=\"1.048575e+"
			   "06\"} 5001"));
	assert_true(has(f, "exitprof_exit_handling_cycles_bucket{reason=\"hlt\",le=\"1.073741823e+"
			   "09\"} 5001"));
	assert_true(has(f, "exitprof_exit_handling_cycles_bucket{reason=\"hlt\",le=\"+Inf\"} "
			   "5002"));
	assert_true(has(f, "exitprof_exit_handling_cycles_count{reason=\"hlt\"} 5002"));
	f->metrics.histogram = false;
	render(f);
	assert_null(strstr(f->text, "_bucket"));
}

/* No two reasons have one name, and no name has what a label may not hold. */
static void names(void **state)
{
	static const enum ep_vendor vendors[] = { EP_VENDOR_SVM, EP_VENDOR_VMX };

	for (size_t v = 0; v < ARRAY_SIZE(vendors); v++) {
		const struct ep_reasons *reasons = ep_reasons_of(vendors[v]);

		for (size_t i = 0; i < reasons->count; i++) {
			assert_null(strpbrk(reasons->list[i].name, "\"\\\n"));
			assert_true(strlen(reasons->list[i].name) < 32);
			assert_string_not_equal(reasons->list[i].name, "other");
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(reasons->list[i].name,
							reasons->list[j].name);
		}
	}
}

/* Reasons that are newer than the tables are told apart by number. */
static void numbers(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	take(f);
	f->host.reasons[0] = 201;
	f->host.reasons[1] = 202;
	f->snapshot.rows[0].exits = 3;
	f->snapshot.rows[1].exits = 4;
	render(f);
	assert_true(has(f, "exitprof_exits_total{reason=\"201\"} 3"));
	assert_true(has(f, "exitprof_exits_total{reason=\"202\"} 4"));
}

static void down(void **state)
{
	struct fixture *f = *state;

	start(f, "svm");
	f->metrics = (struct ep_metrics){ .host = &f->host };
	render(f);
	assert_true(has(f, "exitprof_up 0"));
	assert_null(strstr(f->text, "exits"));
	assert_null(strstr(f->text, "info"));
}

static uint64_t recalled(const char *text, uint32_t generation)
{
	char path[] = "/tmp/test-metrics-XXXXXX";
	int fd = mkstemp(path);
	uint64_t own;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	own = ep_metrics_recall(path, generation);
	unlink(path);
	return own;
}

static void recall(void **state)
{
	struct fixture *f = *state;

	start(f, "svm-full");
	take(f);
	render(f);
	assert_int_equal(recalled(f->text, f->snapshot.generation),
			 f->metrics.own_exits + f->metrics.pending_exits);
	assert_int_equal(recalled(f->text, f->snapshot.generation + 1), 0);
	assert_int_equal(recalled(f->text, 0), 0);
	assert_int_equal(recalled("", 7), 0);
	assert_int_equal(
		recalled("exitprof_counters_generation 7\nexitprof_own_exits_total 5\n", 7), 0);
	assert_int_equal(recalled("exitprof_own_exits_total 5\nexitprof_pending_own_exits 6\n"
				  "exitprof_counters_generation 7",
				  7),
			 11);
	assert_int_equal(ep_metrics_recall("/nonexistent/a.prom", 7), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(raw),   TEST(other),   TEST(seconds), TEST(histogram),
		TEST(names), TEST(numbers), TEST(down),	   TEST(recall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
