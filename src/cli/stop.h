/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stop.h - when a running workload must end: time is up, or the user wants it
 *
 * A module with state of its own, because signals are the process's.
 * SIGINT, SIGTERM, SIGHUP, SIGQUIT and the timer's SIGALRM raise a flag and make a
 * blocking call of the main thread return EINTR, again and again until
 * ep_stop_disarm(), so that a call which began a moment too late ends, too. A
 * second SIGINT or SIGQUIT, 0.3 s later or more, ends the process at once.
 *
 * While a child runs they are passed on to it instead, and what it does about
 * them is its own affair. So are SIGUSR1 and SIGUSR2, which are nothing to us.
 *
 *	ep_stop_init();
 *	ep_stop_arm(duration_ns);
 *	while (!ep_stop_due())
 *		...
 *	ep_stop_disarm();
 *	if (ep_stop_interrupted())
 *		...
 */
#ifndef EP_CLI_STOP_H
#define EP_CLI_STOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* To be called once, by the main thread. Returns 0 or a negative errno. */
int ep_stop_init(void);

/* 0 sets no time limit. One system call, no CPUID. */
void ep_stop_arm(uint64_t duration_ns);
void ep_stop_disarm(void);

/* Time is up or the user interrupted. From any thread. */
bool ep_stop_due(void);

/*
 * Until when a wait may last that SIGALRM does not end, see core/base/clock.h; or EP_CLOCK_NEVER.
 */
uint64_t ep_stop_limit(void);

/* The user did; never reset. */
bool ep_stop_interrupted(void);

/*
 * Passes signals on to @pid, 0 ends that. Not those of the terminal, which the child
 * has got itself. To be called before @pid is reaped.
 */
void ep_stop_forward(pid_t pid);

/* Blocks or unblocks the signals, so that none gets lost between fork() and here. */
void ep_stop_block(bool block);

/* In the child, before it unblocks them, or when all is saved: they do what they do. */
void ep_stop_reset(void);

#endif /* EP_CLI_STOP_H */
