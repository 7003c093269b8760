// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/scratch.h"

#define NSEC_PER_SEC 1000000000
#define NUDGE_NS     20000000
#define AGAIN_NS     300000000

static volatile sig_atomic_t timed_out;
static volatile sig_atomic_t interrupted;
static volatile pid_t child;
/* When the user first interrupted. */
static struct timespec first;
/* By a clock that is not the machine's, of which no timer knows. */
static uint64_t limit_ns = EP_CLOCK_NEVER;
static timer_t timer;

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
/* These have no meaning for us, and may have one for the child. */
static const int messages[] = { SIGUSR1, SIGUSR2 };

/* Safe in a signal handler. */
static void set_timer(uint64_t first_ns)
{
	struct itimerspec spec = {
		.it_value = { first_ns / NSEC_PER_SEC, first_ns % NSEC_PER_SEC },
		.it_interval = { 0, first_ns ? NUDGE_NS : 0 },
	};

	timer_settime(timer, 0, &spec, NULL);
}

static void on_alarm(int signal_number)
{
	timed_out = 1;
}

/*
 * Whether the first one was a while ago: some send it to the process and to its group.
 * The machine's own clock, as it is about a human.
 */
static bool is_later(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - first.tv_sec) * NSEC_PER_SEC + now.tv_nsec - first.tv_nsec >= AGAIN_NS;
}

static void on_interrupt(int signal_number, siginfo_t *info, void *context)
{
	int saved = errno;

	if (child) {
		if (info->si_code != SI_KERNEL)
			kill(child, signal_number);
		interrupted = 1;
		errno = saved;
		return;
	}
	if (interrupted && (signal_number == SIGINT || signal_number == SIGQUIT) && is_later()) {
		ep_scratch_abandon();
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	if (!interrupted)
		clock_gettime(CLOCK_MONOTONIC, &first);
	interrupted = 1;
	set_timer(NUDGE_NS);
	errno = saved;
}

static void on_message(int signal_number)
{
	int saved = errno;

	if (child)
		kill(child, signal_number);
	errno = saved;
}

/* nohup and background jobs of a shell ignore some: so do we. */
static void handle(const int *numbers, size_t count, const struct sigaction *action)
{
	struct sigaction old;

	for (size_t i = 0; i < count; i++) {
		sigaction(numbers[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(numbers[i], action, NULL);
	}
}

/* @set: all that may be passed on to a child */
static void fill(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(set, signals[i]);
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		sigaddset(set, messages[i]);
}

int ep_stop_init(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGALRM,
		._sigev_un._tid = getpid(),
	};
	/* Without SA_RESTART: blocking calls shall end. */
	struct sigaction action = { .sa_handler = on_alarm };
	struct sigaction message = { .sa_handler = on_message, .sa_flags = SA_RESTART };

	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		return -errno;
	sigaction(SIGALRM, &action, NULL);
	action.sa_sigaction = on_interrupt;
	action.sa_flags = SA_SIGINFO;
	handle(signals, ARRAY_SIZE(signals), &action);
	handle(messages, ARRAY_SIZE(messages), &message);
	return 0;
}

void ep_stop_arm(uint64_t duration_ns)
{
	timed_out = 0;
	limit_ns = EP_CLOCK_NEVER;
	if (duration_ns && ep_clock_replaced())
		limit_ns = ep_clock_now() + duration_ns;
	else if (duration_ns)
		set_timer(duration_ns);
}

void ep_stop_disarm(void)
{
	set_timer(0);
	limit_ns = EP_CLOCK_NEVER;
	/* The time of one repeat was up, not that of the next one's setup. */
	timed_out = 0;
}

bool ep_stop_due(void)
{
	if (limit_ns != EP_CLOCK_NEVER && !timed_out && ep_clock_now() >= limit_ns) {
		timed_out = 1;
		set_timer(NUDGE_NS);
	}
	return timed_out || interrupted;
}

uint64_t ep_stop_limit(void)
{
	return limit_ns;
}

bool ep_stop_interrupted(void)
{
	return interrupted;
}

void ep_stop_forward(pid_t pid)
{
	child = pid;
}

void ep_stop_block(bool block)
{
	sigset_t set;

	fill(&set);
	pthread_sigmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void ep_stop_reset(void)
{
	static const struct sigaction action = { .sa_handler = SIG_DFL };

	/* Of a signal that came when nothing had to be stopped any more. */
	set_timer(0);
	handle(signals, ARRAY_SIZE(signals), &action);
	handle(messages, ARRAY_SIZE(messages), &action);
}
