// SPDX-License-Identifier: GPL-3.0-or-later
#include "harness.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static atomic_bool stop_asked;
static atomic_uint signals;

static bool stopped(const struct exitprof_context *context)
{
	return atomic_load_explicit(&stop_asked, memory_order_relaxed);
}

void harness_stop(void)
{
	atomic_store(&stop_asked, true);
}

unsigned int harness_signals(void)
{
	return atomic_load(&signals);
}

static void on_signal(int number)
{
	atomic_fetch_add(&signals, 1);
	harness_stop();
}

static int keep_failure(struct exitprof_context *context, const char *format, ...)
{
	struct harness *h = context->host;
	va_list args;

	va_start(args, format);
	vsnprintf(h->failure, sizeof(h->failure), format, args);
	va_end(args);
	return -1;
}

static void keep_hint(struct exitprof_context *context, const char *format, ...)
{
	struct harness *h = context->host;
	va_list args;

	va_start(args, format);
	vsnprintf(h->hint, sizeof(h->hint), format, args);
	va_end(args);
}

static _Noreturn void give_up(const char *what, const char *which)
{
	fprintf(stderr, "harness: %s '%s'\n", what, which);
	exit(2);
}

static uint64_t unit_factor(enum exitprof_option_type type, const char *unit)
{
	static const struct {
		enum exitprof_option_type type;
		const char *unit;
		uint64_t factor;
	} units[] = {
		{ EXITPROF_OPTION_COUNT, "", 1 },
		{ EXITPROF_OPTION_COUNT, "k", 1000 },
		{ EXITPROF_OPTION_COUNT, "M", 1000000 },
		{ EXITPROF_OPTION_SIZE, "", 1 },
		{ EXITPROF_OPTION_SIZE, "k", 1 << 10 },
		{ EXITPROF_OPTION_SIZE, "M", 1 << 20 },
		{ EXITPROF_OPTION_SIZE, "G", 1 << 30 },
		{ EXITPROF_OPTION_SIZE, "T", 1ull << 40 },
		{ EXITPROF_OPTION_PERCENT, "", 1 },
		{ EXITPROF_OPTION_PERCENT, "%", 1 },
		{ EXITPROF_OPTION_DURATION, "us", 1000 },
		{ EXITPROF_OPTION_DURATION, "ms", 1000000 },
		{ EXITPROF_OPTION_DURATION, "s", 1000000000 },
		{ EXITPROF_OPTION_DURATION, "m", 60000000000 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].type == type && strcmp(units[i].unit, unit) == 0)
			return units[i].factor;
	}
	return 0;
}

static void set(union exitprof_value *value, const struct exitprof_option *option, const char *text)
{
	uint64_t factor;
	char *unit;

	if (option->type == EXITPROF_OPTION_STRING) {
		value->str = text;
		return;
	}
	errno = 0;
	value->u64 = strtoull(text, &unit, 10);
	factor = unit_factor(option->type, unit);
	if (errno || unit == text || !factor)
		give_up("cannot read the value", text);
	value->u64 *= factor;
	if (value->u64 < option->min || value->u64 > option->max)
		give_up("out of range", text);
}

void harness_set(struct harness *h, const char *name, const char *text)
{
	const struct exitprof_option *options = h->workload->options;

	for (size_t i = 0; options && options[i].name; i++) {
		if (strcmp(options[i].name, name) == 0) {
			set(&h->values[i], &options[i], text);
			return;
		}
	}
	give_up("no such option:", name);
}

void harness_open(struct harness *h, const char *name)
{
	const char *folder = getenv("EXITPROF_WORKLOAD_PATH");
	char path[4096];

	memset(h, 0, sizeof(*h));
	snprintf(path, sizeof(path), "%s/%s.so", folder ? folder : ".", name);
	h->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!h->handle)
		give_up("cannot load", dlerror());
	h->workload = dlsym(h->handle, EXITPROF_WORKLOAD_SYMBOL);
	if (!h->workload || h->workload->abi != EXITPROF_WORKLOAD_ABI)
		give_up("not a workload of this ABI:", path);
	for (size_t i = 0; h->workload->options && h->workload->options[i].name; i++) {
		if (i >= HARNESS_OPTIONS_MAX)
			give_up("too many options:", name);
		set(&h->values[i], &h->workload->options[i], h->workload->options[i].default_value);
	}
	h->context.values = h->values;
	h->context.stopped = stopped;
	h->context.fail = keep_failure;
	h->context.hint = keep_hint;
}

const char *harness_unavailable(const struct harness *h)
{
	const char *why = h->workload->unavailable ? h->workload->unavailable() : NULL;

	if (why)
		fprintf(stderr, "%s is not tested: %s\n", h->workload->name, why);
	return why;
}

int harness_setup(struct harness *h)
{
	const struct sigaction action = { .sa_handler = on_signal };

	atomic_store(&stop_asked, false);
	atomic_store(&signals, 0);
	/* No SA_RESTART: blocking calls must return. */
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	memset(&h->outcome, 0, sizeof(h->outcome));
	h->failure[0] = h->hint[0] = '\0';
	h->context.host = h;
	h->context.priv = NULL;
	return h->workload->setup ? h->workload->setup(&h->context) : 0;
}

int harness_run(struct harness *h)
{
	struct itimerval timer = {
		.it_value.tv_sec = h->context.duration_ns / 1000000000,
		.it_value.tv_usec = h->context.duration_ns / 1000 % 1000000,
	};
	uint64_t start = harness_now_ms();
	int ret;

	setitimer(ITIMER_REAL, &timer, NULL);
	ret = h->workload->run(&h->context, &h->outcome);
	h->run_ms = harness_now_ms() - start;
	timer.it_value = (struct timeval){ 0 };
	setitimer(ITIMER_REAL, &timer, NULL);
	return ret;
}

void harness_teardown(struct harness *h)
{
	if (h->workload->teardown)
		h->workload->teardown(&h->context);
}

int harness_repeat(struct harness *h)
{
	int ret = harness_setup(h);

	if (ret == 0)
		ret = harness_run(h);
	harness_teardown(h);
	return ret;
}

void harness_close(struct harness *h)
{
	dlclose(h->handle);
	h->handle = NULL;
}

unsigned int harness_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

unsigned int harness_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned int count = 0;

	if (!dir) {
		perror(folder);
		exit(1);
	}
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

unsigned int harness_threads(unsigned int count)
{
	uint64_t start = harness_now_ms();
	unsigned int threads;

	while ((threads = harness_entries("/proc/self/task")) != count &&
	       harness_now_ms() - start < 60000)
		sched_yield();
	return threads;
}

uint64_t harness_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}
