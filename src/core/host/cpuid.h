/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpuid.h - the raw CPUID instruction, and how often it was executed
 *
 * Inside a VM every CPUID is one VM exit, so a reader that counts its own can
 * take them out of what it reads. All CPUIDs of the tool go through here.
 *
 *	struct ep_cpuid cpuid;
 *
 *	ep_cpuid_init(&cpuid);
 *	regs = ep_cpuid_query(&cpuid, EXITPROF_LEAF_TOTAL_EXITS, 0);
 */
#ifndef EP_CORE_HOST_CPUID_H
#define EP_CORE_HOST_CPUID_H

#include <sched.h>
#include <stdint.h>

struct ep_cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/*
 * Where the thread runs. While @switches stays the same, it has not been off its
 * CPU, so that it cannot have been on another one either.
 */
struct ep_place {
	uint64_t switches;
	uint32_t cpu;
};

/*
 * A thread that stays on its CPU for a while. @held: it was pinned; @allowed: where
 * it may run otherwise; @place: where it was then
 */
struct ep_pin {
	_Bool held;
	cpu_set_t allowed;
	struct ep_place place;
};

/*
 * @execute: fills *regs, whose eax and ecx hold leaf and subleaf
 * @locate: fills *ret; @cpu is of a moment after the one that @switches is of
 * @pin: keeps the calling thread on its CPU; its affinity is set to that CPU alone
 * @unpin: ends that, and returns whether the thread was there all the time
 * @tsc: the time-stamp counter, in cycles; no exit on any usual host
 * @executed: CPUIDs executed through this struct so far
 * @simulated: no CPU answers, but core/sim/sim.h
 */
struct ep_cpuid {
	void (*execute)(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs);
	void (*locate)(struct ep_cpuid *cpuid, struct ep_place *ret);
	void (*pin)(struct ep_cpuid *cpuid, struct ep_pin *ret);
	_Bool (*unpin)(struct ep_cpuid *cpuid, const struct ep_pin *pin);
	uint64_t (*tsc)(struct ep_cpuid *cpuid);
	uint64_t executed;
	_Bool simulated;
};

/* The real instruction. Needs no release. */
void ep_cpuid_init(struct ep_cpuid *cpuid);

/*
 * What the kernel of this guest reads for others: it executes the instruction at CPL 0.
 *
 * @cpuid: the first member
 * @file: one of /dev/cpu/N/cpuid
 */
struct ep_cpuid_device {
	struct ep_cpuid cpuid;
	int file;
};

/*
 * Opens @path for reading. Only leaf and subleaf are given to the instruction, and a leaf that
 * cannot be read answers zeros. Returns 0 or a negative errno: -ENOENT without the kernel's module
 * cpuid, -EACCES for another user than root. For ep_cpuid_device_finish().
 */
int ep_cpuid_device_init(struct ep_cpuid_device *device, const char *path);
void ep_cpuid_device_finish(struct ep_cpuid_device *device);

/* Executes it with all four registers as they are in *@regs, and leaves the answer there. */
void ep_cpuid_execute(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs);

/* The same with zeros in EBX and EDX. */
struct ep_cpuid_regs ep_cpuid_query(struct ep_cpuid *cpuid, uint32_t leaf, uint32_t subleaf);

#endif /* EP_CORE_HOST_CPUID_H */
