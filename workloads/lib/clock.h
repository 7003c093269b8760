/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.h - CLOCK_MONOTONIC in nanoseconds */
#ifndef EXITPROF_WORKLOAD_CLOCK_H
#define EXITPROF_WORKLOAD_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NSEC_PER_SEC UINT64_C(1000000000)

static inline uint64_t ep_clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static inline struct timespec ep_clock_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC };
}

#endif /* EXITPROF_WORKLOAD_CLOCK_H */
