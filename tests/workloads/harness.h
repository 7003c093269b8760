/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness.h - loads a workload and runs it as exitprof would
 *
 *	struct harness h;
 *
 *	harness_open(&h, "idle");
 *	harness_set(&h, "interval", "1ms");
 *	h.context.duration_ns = 100000000;
 *	assert(harness_repeat(&h) == 0);
 *	harness_close(&h);
 *
 * What cannot go wrong in a sound tree (no such module, a default that does not
 * parse) ends the program with a message.
 */
#ifndef TESTS_WORKLOADS_HARNESS_H
#define TESTS_WORKLOADS_HARNESS_H

#include <exitprof/workload.h>

#define HARNESS_OPTIONS_MAX 16

/*
 * How often what has a time limit is tried: whoever shares the CPUs makes one try late,
 * a mistake all of them.
 */
#define HARNESS_TRIES 20

/* @run_ms: what harness_run() took */
struct harness {
	void *handle;
	const struct exitprof_workload *workload;
	union exitprof_value values[HARNESS_OPTIONS_MAX];
	struct exitprof_context context;
	struct exitprof_outcome outcome;
	uint64_t run_ms;
	char failure[1024];
	char hint[1024];
};

/* Loads NAME.so from EXITPROF_WORKLOAD_PATH and sets every option's default. */
void harness_open(struct harness *h, const char *name);

/* Sets an option from text; a value that does not parse ends the program. */
void harness_set(struct harness *h, const char *option, const char *value);

/* Why it does not work here, after a message that it is not tested; or NULL. */
const char *harness_unavailable(const struct harness *h);

/*
 * setup(), run(), teardown(). SIGINT stops the run. If context.duration_ns is set, a timer's signal
 * ends the run after it. Returns what setup() or run() returned.
 */
int harness_repeat(struct harness *h);

/* The parts of it. harness_run() starts the timer. */
int harness_setup(struct harness *h);
int harness_run(struct harness *h);
void harness_teardown(struct harness *h);

/* What a signal handler does at Ctrl-C; async-signal-safe. */
void harness_stop(void);

/* How many signals have done that since harness_setup(). */
unsigned int harness_signals(void);

void harness_close(struct harness *h);

/* How many CPUs this process may use. */
unsigned int harness_cpus(void);

/* How many entries a folder has, such as /proc/self/fd. */
unsigned int harness_entries(const char *folder);

/*
 * How many threads this process has, once they are @count, or after a minute: one that
 * has been joined is still in /proc for a moment.
 */
unsigned int harness_threads(unsigned int count);

/* CLOCK_MONOTONIC. */
uint64_t harness_now_ms(void);

#endif /* TESTS_WORKLOADS_HARNESS_H */
