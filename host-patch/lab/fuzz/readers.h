/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * readers.h - many readers of tables, on few vCPUs
 *
 * What threads of a guest do that its scheduler moves about: each latches on one
 * vCPU and reads on it, or on another. Others latch on the same one in between.
 */
#ifndef FUZZ_READERS_H
#define FUZZ_READERS_H

#include <stdint.h>

/* CPUIDs, and what became of the tables that were read. */
struct readers_counts {
	uint64_t answers;
	uint64_t whole;	   /* read on one vCPU, and the id was still there: add up */
	uint64_t replaced; /* read on one vCPU, where somebody else has latched */
	uint64_t moved;	   /* read on more than one */
};

/* Runs readers until they have executed @count CPUIDs; @seed is of their random numbers. */
void readers_run(uint64_t count, uint64_t seed, struct readers_counts *ret);

#endif
