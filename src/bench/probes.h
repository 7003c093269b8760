/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probes.h - ways to leave guest mode that a program has
 *
 * A probe is a function that does one operation, and a row in PROBES:
 *
 *	static void once(struct ep_bench *bench)
 *	{
 *		outb(0, 0x80);
 *	}
 *
 *	const struct ep_probe ep_probe_port_write = { .name = "port-write", .once = once, ... };
 */
#ifndef EP_BENCH_PROBES_H
#define EP_BENCH_PROBES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/host/host.h"

struct ep_probe;

/*
 * What a probe is lent.
 *
 * @host: whom it exits to
 * @cpu: where the thread is bound to
 * @peer: another CPU that it may use, or -1
 * @folder: for a file
 * @named: the user asked for this probe by its name
 * @limit: set by setup(): how many operations there are, 0 for as many as wanted
 * @priv: the probe's own
 * @skip: why the probe cannot be measured here
 */
struct ep_bench {
	const struct ep_host *host;
	unsigned int cpu;
	int peer;
	const char *folder;
	bool named;
	uint64_t limit;
	void *priv;
	char skip[256];
};

/* For @vmx and @svm of a probe that has no reason of its own. */
#define EP_PROBE_NO_REASON UINT32_MAX

/*
 * @operation: what once() does, a noun
 * @summary: one line for --list
 * @vmx, @svm: the reason of the exit that it is about
 * @direct: once() is hardly more than the instruction that exits
 * @planned_ns: time that once() takes on purpose
 * @setup: returns 0, or that of ep_bench_skip(). May be NULL
 * @teardown: called if setup() returned 0. May be NULL
 */
struct ep_probe {
	const char *name;
	const char *operation;
	const char *summary;
	uint32_t vmx;
	uint32_t svm;
	bool direct;
	uint64_t planned_ns;
	int (*setup)(struct ep_bench *bench);
	void (*once)(struct ep_bench *bench);
	void (*teardown)(struct ep_bench *bench);
};

/* In the order of the table: what exits least first. */
#define PROBES(X)                                                                                  \
	X(none)                                                                                    \
	X(rdtsc)                                                                                   \
	X(rdtscp)                                                                                  \
	X(rdpmc)                                                                                   \
	X(pause)                                                                                   \
	X(cpuid)                                                                                   \
	X(hypercall)                                                                               \
	X(port_read)                                                                               \
	X(port_write)                                                                              \
	X(msr_read)                                                                                \
	X(msr_write)                                                                               \
	X(fault)                                                                                   \
	X(touch)                                                                                   \
	X(sleep)                                                                                   \
	X(wakeup)                                                                                  \
	X(disk_write)

#define X(name) extern const struct ep_probe ep_probe_##name;
PROBES(X)
#undef X

#define EP_PROBES_MAX 32

extern const struct ep_probe *const ep_probes[];
extern const size_t ep_probe_count;

/* NULL if there is none of that name. */
const struct ep_probe *ep_probe_find(const char *name);

/* The reason that it is about on @host, or EP_PROBE_NO_REASON. */
uint32_t ep_probe_reason(const struct ep_probe *probe, const struct ep_host *host);

/* Notes why a probe cannot be measured. `%m` works. Returns -1. */
int ep_bench_skip(struct ep_bench *bench, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Does @once one time. Returns 0, or the signal, SIGILL or SIGSEGV, by which the
 * processor or the hypervisor refused.
 */
int ep_bench_try(struct ep_bench *bench, void (*once)(struct ep_bench *bench));

#endif /* EP_BENCH_PROBES_H */
