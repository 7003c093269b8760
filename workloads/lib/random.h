/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random.h - SplitMix64: numbers that the same seed repeats */
#ifndef EXITPROF_WORKLOAD_RANDOM_H
#define EXITPROF_WORKLOAD_RANDOM_H

#include <stdint.h>

/* @state: the seed at first */
static inline uint64_t ep_random_next(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

#endif /* EXITPROF_WORKLOAD_RANDOM_H */
