// SPDX-License-Identifier: GPL-3.0-or-later
/* Probes that wait: for a timer, and for a thread on another vCPU. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench/probes.h"

#define SLEEP_NS 100000

/* Otherwise the kernel may add 50 us, to wake up once for several. */
static int sharpen(struct ep_bench *bench)
{
	prctl(PR_SET_TIMERSLACK, 1UL);
	return 0;
}

static void blunt(struct ep_bench *bench)
{
	prctl(PR_SET_TIMERSLACK, 0UL);
}

static void sleep_once(struct ep_bench *bench)
{
	struct timespec time = { .tv_nsec = SLEEP_NS };

	nanosleep(&time, NULL);
}

const struct ep_probe ep_probe_sleep = {
	.name = "sleep",
	.operation = "wake-up from a sleep of 100 us",
	.summary = "how much too late: setting the timer, HLT, interrupt, wake-up",
	.vmx = 12,
	.svm = 0x78,
	.planned_ns = SLEEP_NS,
	.setup = sharpen,
	.once = sleep_once,
	.teardown = blunt,
};

enum turn { OURS, THEIRS, END };

struct court {
	atomic_int turn;
	pthread_t peer;
};

static void wait_while(struct court *court, enum turn turn)
{
	while (atomic_load(&court->turn) == (int)turn)
		syscall(SYS_futex, &court->turn, FUTEX_WAIT_PRIVATE, turn, NULL, NULL, 0);
}

static void pass(struct court *court, enum turn turn)
{
	atomic_store(&court->turn, turn);
	syscall(SYS_futex, &court->turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *play(void *user)
{
	struct court *court = user;

	for (;;) {
		wait_while(court, OURS);
		if (atomic_load(&court->turn) == END)
			return NULL;
		pass(court, OURS);
	}
}

/* Signals are the main thread's. */
static int start(struct court *court, int cpu)
{
	pthread_attr_t attributes;
	sigset_t all, old;
	cpu_set_t cpus;
	int err;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&court->peer, &attributes, play, court);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return err;
}

static int open_court(struct ep_bench *bench)
{
	struct court *court;
	int err;

	if (bench->peer < 0)
		return ep_bench_skip(bench, "needs two CPUs, and only one may be used");
	court = calloc(1, sizeof(*court));
	err = court ? start(court, bench->peer) : ENOMEM;
	if (err) {
		free(court);
		errno = err;
		return ep_bench_skip(bench, "cannot start a thread: %m");
	}
	bench->priv = court;
	return 0;
}

static void there_and_back(struct ep_bench *bench)
{
	pass(bench->priv, THEIRS);
	wait_while(bench->priv, THEIRS);
}

static void close_court(struct ep_bench *bench)
{
	struct court *court = bench->priv;

	pass(court, END);
	pthread_join(court->peer, NULL);
	free(court);
}

const struct ep_probe ep_probe_wakeup = {
	.name = "wakeup",
	.operation = "wake-up there and back",
	.summary = "threads on two vCPUs take turns: interrupts between them, HLT",
	.vmx = 12,
	.svm = 0x78,
	.setup = open_court,
	.once = there_and_back,
	.teardown = close_court,
};
