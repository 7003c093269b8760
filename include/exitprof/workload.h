/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workload.h - write a workload for exitprof
 *
 * A workload is a shared object that exports one symbol, made by
 * EXITPROF_WORKLOAD(). exitprof finds NAME.so in the folder that
 * `pkg-config --variable=workloaddir exitprof` prints, in the folders of
 * EXITPROF_WORKLOAD_PATH (separated by colons), or at the path given on the
 * command line. workloads/skeleton.c is a complete one to copy.
 *
 * For every repeat exitprof calls, in one thread:
 *
 *	setup()      make files, buffers, threads; not measured
 *	run()        the work itself; exits are counted around this call only
 *	teardown()   undo setup(); also called when setup() or run() failed
 *
 * This header is all that a workload needs; it links against nothing of
 * exitprof's.
 */
#ifndef EXITPROF_WORKLOAD_H
#define EXITPROF_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Raised when a struct below changes, or what a member means. exitprof refuses any
 * other version. A cause that is added at the end of its enum changes no struct and
 * raises nothing: an exitprof that does not know it ignores it.
 */
#define EXITPROF_WORKLOAD_ABI 2

/* How `--set NAME=VALUE` is read; the value arrives in the member named. */
enum exitprof_option_type {
	EXITPROF_OPTION_COUNT,		/* u64: 1000, 1e6, 10k (powers of 1000) */
	EXITPROF_OPTION_SIZE,		/* u64, bytes: 4k, 64M, 1G (powers of 1024) */
	EXITPROF_OPTION_PERCENT,	/* u64: 0 to 100, with or without a % sign */
	EXITPROF_OPTION_DURATION,	/* u64, nanoseconds: 5s, 10ms, 20us, 1m, 5 */
	EXITPROF_OPTION_STRING,		/* str: a path or a word */
};

/*
 * One option as data. Exactly this table makes `exitprof list NAME`, the
 * checking of --set and the "options" in run.json.
 *
 * @default_value: as a user would type it. Never NULL.
 * @min, @max: the allowed range of a number, in the unit of its type; a string
 *	ignores both
 * @help: a phrase in lower case, without a full stop
 */
struct exitprof_option {
	const char *name;
	enum exitprof_option_type type;
	const char *default_value;
	uint64_t min;
	uint64_t max;
	const char *help;
};

union exitprof_value {
	uint64_t u64;
	const char *str;	/* owned by exitprof, valid until teardown() returned */
};

/*
 * Exits that a run caused for certain, by cause. exitprof translates a cause
 * into the reason of the host's vendor (CPUID: VMX 10, SVM 0x72) and shows
 * expected and counted side by side. Where several causes have one reason, as both
 * of MSRs have on SVM, it compares their sum.
 */
enum exitprof_cause {
	EXITPROF_CAUSE_CPUID,		/* one CPUID instruction */
	EXITPROF_CAUSE_IO,		/* one port read or write that KVM intercepts */
	EXITPROF_CAUSE_HYPERCALL,	/* one VMCALL or VMMCALL */
	EXITPROF_CAUSE_MSR_READ,	/* one RDMSR that KVM intercepts */
	EXITPROF_CAUSE_MSR_WRITE,	/* one WRMSR that KVM intercepts */
	EXITPROF_CAUSES
};

/* Room for those to come: .exact_causes has 32 bits. */
#define EXITPROF_CAUSES_MAX 32

/*
 * What a run did. exitprof passes it zeroed.
 *
 * @operations: how many of the operations that .operation names were completed
 * @must_exit: for every cause that .exact_causes names, how many exits the run
 *	caused: no fewer, and no more of its own
 */
struct exitprof_outcome {
	uint64_t operations;
	uint64_t must_exit[EXITPROF_CAUSES_MAX];
};

/*
 * What exitprof lends to one repeat.
 *
 * @values: the options' values, in the order of the workload's table
 * @duration_ns: how long run() will be let run, 0 if only its options say so
 * @priv: the workload's own; NULL when setup() is called
 * @stopped: true once run() should return soon: the duration is over, or the
 *	user pressed Ctrl-C. Cheap enough for every operation; safe from any
 *	thread. Blocking calls in the calling thread return EINTR when it changes.
 * @fail: says what went wrong, as printf() would, without a newline; returns -1
 *	so that `return ctx->fail(ctx, ...)` reads well. `%m` works.
 *	May be called from the calling thread only.
 * @hint: the next step for the user, printed below the failure
 */
struct exitprof_context {
	const union exitprof_value *values;
	uint64_t duration_ns;
	void *priv;
	bool (*stopped)(const struct exitprof_context *ctx);
	int (*fail)(struct exitprof_context *ctx, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
	void (*hint)(struct exitprof_context *ctx, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
	void *host;		/* exitprof's own; leave it alone */
};

/*
 * The workload itself.
 *
 * @name: the same as the file's name without .so
 * @summary: one line for `exitprof list`
 * @description: a paragraph or more: what it does, which exits it provokes on
 *	VMX and on SVM, and what would spoil the figures
 * @operation: what one operation is, in the singular: "read or write"
 * @options: ends with an entry whose name is NULL; NULL for none
 * @exact_causes: bit 1 << cause set for every cause in must_exit that is exact
 * @unavailable: NULL if it works on this machine, else why not; may itself be
 *	NULL. Looks only, changes nothing.
 * @setup, @teardown: may be NULL
 * @run: returns 0, or the value of ctx->fail()
 */
struct exitprof_workload {
	uint32_t abi;
	const char *name;
	const char *summary;
	const char *description;
	const char *operation;
	const struct exitprof_option *options;
	uint32_t exact_causes;
	const char *(*unavailable)(void);
	int (*setup)(struct exitprof_context *ctx);
	int (*run)(struct exitprof_context *ctx, struct exitprof_outcome *outcome);
	void (*teardown)(struct exitprof_context *ctx);
};

#define EXITPROF_WORKLOAD_SYMBOL "exitprof_workload"

/*
 * EXITPROF_WORKLOAD(.name = "mine", .summary = ..., .run = mine_run);
 * once in a file, at its end.
 */
#define EXITPROF_WORKLOAD(...)						\
	__attribute__((visibility("default")))				\
	extern const struct exitprof_workload exitprof_workload;	\
	const struct exitprof_workload exitprof_workload = {		\
		.abi = EXITPROF_WORKLOAD_ABI,				\
		__VA_ARGS__						\
	}

#endif /* EXITPROF_WORKLOAD_H */
