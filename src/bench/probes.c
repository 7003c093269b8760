// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/probes.h"
#include "core/base/cleanup.h"

#define X(name) &ep_probe_##name,
const struct ep_probe *const ep_probes[] = { PROBES(X) };
#undef X
const size_t ep_probe_count = ARRAY_SIZE(ep_probes);
_Static_assert(ARRAY_SIZE(ep_probes) <= EP_PROBES_MAX, "results have room for all");

const struct ep_probe *ep_probe_find(const char *name)
{
	for (size_t i = 0; i < ep_probe_count; i++)
		if (!strcmp(ep_probes[i]->name, name))
			return ep_probes[i];
	return NULL;
}

uint32_t ep_probe_reason(const struct ep_probe *probe, const struct ep_host *host)
{
	return host->vendor == EP_VENDOR_SVM ? probe->svm : probe->vmx;
}

int ep_bench_skip(struct ep_bench *bench, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(bench->skip, sizeof(bench->skip), format, args);
	va_end(args);
	return -1;
}

static sigjmp_buf refused;

static void on_refusal(int signal_number)
{
	siglongjmp(refused, signal_number);
}

int ep_bench_try(struct ep_bench *bench, void (*once)(struct ep_bench *bench))
{
	struct sigaction action = { .sa_handler = on_refusal }, old_ill, old_segv;
	int signal_number;

	sigaction(SIGILL, &action, &old_ill);
	sigaction(SIGSEGV, &action, &old_segv);
	signal_number = sigsetjmp(refused, 1);
	if (!signal_number)
		once(bench);
	sigaction(SIGILL, &old_ill, NULL);
	sigaction(SIGSEGV, &old_segv, NULL);
	return signal_number;
}
