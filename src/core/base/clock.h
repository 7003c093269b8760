/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock.h - the time, and waiting for it
 *
 * exitprof reads CLOCK_MONOTONIC and waits for a time here only, so that a test can
 * replace the clock: core/sim/clock.h is the clock of the simulated host. The machine's clock
 * costs what its system calls cost, and the look at one pointer.
 *
 * The two ways to wait differ for a replaced clock only. Nothing but the time ends a
 * sleep, so that such a clock moves to the end of it at once. A poll waits for somebody
 * else, and that somebody moves the clock meanwhile.
 *
 *	struct pollfd child = { .fd = pidfd, .events = POLLIN };
 *
 *	ep_clock_sleep(ep_clock_now() + 1000000, NULL, 0, NULL);
 *	ready = ep_clock_poll(&child, 1, EP_CLOCK_NEVER);
 */
#ifndef EP_CORE_BASE_CLOCK_H
#define EP_CORE_BASE_CLOCK_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define EP_CLOCK_NEVER UINT64_MAX

/*
 * A clock that replaces the machine's.
 *
 * @now, @cpu: what ep_clock_now() and ep_clock_cpu() return
 * @wait: what ep_clock_sleep() and, with @alone being false, ep_clock_poll() do
 * @catch_up: may be NULL
 */
struct ep_clock {
	uint64_t (*now)(struct ep_clock *clock);
	uint64_t (*cpu)(struct ep_clock *clock);
	int (*wait)(struct ep_clock *clock, uint64_t until_ns, struct pollfd *files, nfds_t count,
		    const sigset_t *mask, bool alone);
	void (*catch_up)(struct ep_clock *clock);
};

/* From now on @clock is the clock of this process, or the machine's if NULL. */
void ep_clock_replace(struct ep_clock *clock);
bool ep_clock_replaced(void);

/* CLOCK_MONOTONIC, the guest's uptime, in nanoseconds. */
uint64_t ep_clock_now(void);

/* CPU time of the calling thread. One system call. */
uint64_t ep_clock_cpu(void);

/* CLOCK_MONOTONIC_RAW, always the machine's, as the TSC is that it is compared with. */
uint64_t ep_clock_raw(void);

/*
 * Sleeps until @until_ns, or until one of @count @files is ready; @mask replaces the mask
 * of blocked signals meanwhile, if it is not NULL. Returns how many files are ready, 0
 * when it is time, or -EINTR after a signal.
 */
int ep_clock_sleep(uint64_t until_ns, struct pollfd *files, nfds_t count, const sigset_t *mask);

/* Waits for one of @files, until @until_ns at most. Returns likewise. */
int ep_clock_poll(struct pollfd *files, nfds_t count, uint64_t until_ns);

/*
 * Reads what has moved a replaced clock so far, in a process that does not wait on it:
 * where the subject runs in this very process, or nobody waits at all.
 */
void ep_clock_catch_up(void);

#endif /* EP_CORE_BASE_CLOCK_H */
