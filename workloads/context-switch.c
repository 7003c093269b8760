// SPDX-License-Identifier: GPL-3.0-or-later
/* context-switch - two processes that pass a byte to and fro */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/options.h"
#include "lib/worker_pool.h"

enum { OPTION_COUNT, OPTION_APART };

static const struct exitprof_option options[] = {
	[OPTION_COUNT] = EP_OPTION_COUNT("round trips, of two switches each"),
	[OPTION_APART] = {
		.name = "apart",
		.type = EXITPROF_OPTION_COUNT,
		.default_value = "0",
		.max = 1,
		.help = "0 keeps both on one CPU; 1 gives each a CPU of its own, which then halts",
	},
	{ NULL },
};

/* @there, @back: pipes to the other process and from it; -1 where closed */
struct pair {
	int there[2];
	int back[2];
	pid_t other;
};

static void shut(int *file)
{
	if (*file >= 0)
		close(*file);
	*file = -1;
}

/* The other process: nothing here but system calls, and it ends with its parent. */
static _Noreturn void answer(struct pair *pair, pid_t parent)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	close(pair->there[1]);
	close(pair->back[0]);
	while (read(pair->there[0], &byte, 1) == 1)
		if (write(pair->back[1], &byte, 1) != 1)
			break;
	_exit(0);
}

static int start_other(struct exitprof_context *ctx, struct pair *pair)
{
	pid_t parent = getpid();
	sigset_t all, old;

	/* Ctrl-C is for the parent. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pair->other = fork();
	if (pair->other == 0)
		answer(pair, parent);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (pair->other < 0)
		return ctx->fail(ctx, "cannot start another process: %m");
	shut(&pair->there[0]);
	shut(&pair->back[1]);
	return 0;
}

/* 0, or -errno; -EPIPE if the other process is gone. */
static int round_trip(const struct pair *pair)
{
	char byte = 0;
	ssize_t size;

	do
		size = write(pair->there[1], &byte, 1);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return -errno;
	/* The answer is sure to come: a signal need not hurry us. */
	do
		size = read(pair->back[0], &byte, 1);
	while (size < 0 && errno == EINTR);
	if (size == 0)
		return -EPIPE;
	return size < 0 ? -errno : 0;
}

/* A worker pool is used only to be pinned. */
static uint64_t no_work(const struct exitprof_context *ctx, unsigned int index,
			unsigned int threads)
{
	return 0;
}

/* A CPU for the other process that is not ours. */
static int second_cpu(struct exitprof_context *ctx, cpu_set_t *ret)
{
	unsigned int cpu;

	if (ep_worker_pool_cpus() < 2) {
		ctx->hint(ctx, "leave out --set apart=1");
		return ctx->fail(ctx, "there is one CPU only");
	}
	if (ep_worker_pool_setup(ctx, 2, no_work, 0) < 0)
		return -1;
	cpu = ep_worker_pool_cpu(ctx, 1);
	ep_worker_pool_teardown(ctx);
	if (cpu >= CPU_SETSIZE)
		return ctx->fail(ctx, "cannot move a process to CPU %u", cpu);
	CPU_ZERO(ret);
	CPU_SET(cpu, ret);
	return 0;
}

static int pair_setup(struct exitprof_context *ctx)
{
	bool apart = ctx->values[OPTION_APART].u64;
	struct pair *pair;
	cpu_set_t cpu;

	if (apart && second_cpu(ctx, &cpu) < 0)
		return -1;
	/* Pinned first: the other process inherits it. */
	if (ep_worker_pool_setup(ctx, 1, no_work, sizeof(*pair)) < 0)
		return -1;
	pair = ep_worker_pool_data(ctx);
	*pair = (struct pair){ .there = { -1, -1 }, .back = { -1, -1 } };
	if (pipe2(pair->there, O_CLOEXEC) < 0 || pipe2(pair->back, O_CLOEXEC) < 0)
		return ctx->fail(ctx, "cannot make a pipe: %m");
	if (start_other(ctx, pair) < 0)
		return -1;
	if (apart && sched_setaffinity(pair->other, sizeof(cpu), &cpu) < 0)
		return ctx->fail(ctx, "cannot move the other process: %m");
	return 0;
}

static int pair_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	uint64_t count = ctx->values[OPTION_COUNT].u64;
	const struct pair *pair = ep_worker_pool_data(ctx);

	while ((!count || outcome->operations < count) && !ctx->stopped(ctx)) {
		int err = round_trip(pair);

		if (err) {
			errno = -err;
			return ctx->fail(ctx, "the other process does not answer: %m");
		}
		outcome->operations++;
	}
	return 0;
}

static void pair_teardown(struct exitprof_context *ctx)
{
	struct pair *pair = ep_worker_pool_data(ctx);

	if (!pair)
		return;
	for (int i = 0; i < 2; i++) {
		shut(&pair->there[i]);
		shut(&pair->back[i]);
	}
	/* It has read the end of its pipe. */
	if (pair->other > 0)
		while (waitpid(pair->other, NULL, 0) < 0 && errno == EINTR)
			;
	ep_worker_pool_teardown(ctx);
}

static const char description[] =
	"Two processes pass a byte to and fro through pipes, and sleep while the other\n"
	"one has it. On one CPU that is two switches between address spaces for every\n"
	"round trip, and nothing else.\n"
	"\n"
	"With nested paging a guest loads CR3 by itself: on VMX with EPT and on SVM with\n"
	"NPT expect none but the exits that come by themselves, as under busy. With\n"
	"shadow paging every switch is an exit, two for each round trip: CR_ACCESS on VMX,\n"
	"write_cr3 on SVM; and four more for every system call in a guest that isolates\n"
	"its page tables (PTI). With apart=1 each process has a CPU: it halts while the other\n"
	"works and must be woken by an interrupt, which costs HLT, MSR_WRITE and\n"
	"EXTERNAL_INTERRUPT; hlt, msr, interrupt and vintr.\n"
	"\n"
	"What spoils the figures: other programs that want the same CPU; with apart=1 a\n"
	"guest that polls before it halts (haltpoll, idle=poll).";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "context-switch",
	.summary = "processes that take turns, on one CPU or on two",
	.description = description,
	.operation = "round trip",
	.options = options,
	.setup = pair_setup,
	.run = pair_run,
	.teardown = pair_teardown);
