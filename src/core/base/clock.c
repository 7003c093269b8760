// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "core/base/clock.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

/* Of the process, as time is. */
static struct ep_clock *replacement;

void ep_clock_replace(struct ep_clock *clock)
{
	replacement = clock;
}

bool ep_clock_replaced(void)
{
	return replacement;
}

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

uint64_t ep_clock_now(void)
{
	return replacement ? replacement->now(replacement) : read_clock(CLOCK_MONOTONIC);
}

uint64_t ep_clock_cpu(void)
{
	return replacement ? replacement->cpu(replacement) : read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t ep_clock_raw(void)
{
	return read_clock(CLOCK_MONOTONIC_RAW);
}

static int wait_until(uint64_t until_ns, struct pollfd *files, nfds_t count, const sigset_t *mask)
{
	struct timespec timeout;
	int ready;

	if (until_ns != EP_CLOCK_NEVER) {
		uint64_t now = read_clock(CLOCK_MONOTONIC);
		uint64_t left = until_ns > now ? until_ns - now : 0;

		timeout = (struct timespec){ left / NSEC_PER_SEC, left % NSEC_PER_SEC };
	}
	ready = ppoll(files, count, until_ns == EP_CLOCK_NEVER ? NULL : &timeout, mask);
	return ready < 0 ? -errno : ready;
}

int ep_clock_sleep(uint64_t until_ns, struct pollfd *files, nfds_t count, const sigset_t *mask)
{
	if (replacement)
		return replacement->wait(replacement, until_ns, files, count, mask, true);
	return wait_until(until_ns, files, count, mask);
}

int ep_clock_poll(struct pollfd *files, nfds_t count, uint64_t until_ns)
{
	if (replacement)
		return replacement->wait(replacement, until_ns, files, count, NULL, false);
	return wait_until(until_ns, files, count, NULL);
}

void ep_clock_catch_up(void)
{
	if (replacement && replacement->catch_up)
		replacement->catch_up(replacement);
}
