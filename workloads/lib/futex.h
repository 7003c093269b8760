/* SPDX-License-Identifier: GPL-3.0-or-later */
/* futex.h - wait for a word of memory to change; glibc has no wrapper */
#ifndef EXITPROF_WORKLOAD_FUTEX_H
#define EXITPROF_WORKLOAD_FUTEX_H

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

/*
 * Sleeps while *@word is @value, until CLOCK_MONOTONIC shows @deadline_ns; 0 is
 * for ever. Returns 0, -EAGAIN if it had another value, -ETIMEDOUT, or -EINTR.
 */
static inline int ep_futex_wait(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
	struct timespec deadline = ep_clock_timespec(deadline_ns);

	if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value,
		    deadline_ns ? &deadline : NULL, NULL, FUTEX_BITSET_MATCH_ANY) == 0)
		return 0;
	return -errno;
}

/* Wakes at most @count threads that sleep on @word. */
static inline void ep_futex_wake(_Atomic uint32_t *word, int count)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

#endif /* EXITPROF_WORKLOAD_FUTEX_H */
