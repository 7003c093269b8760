/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state.h - what a simulated host has counted so far, and what it is like
 *
 * Tests may look at all of it and change it, and have things happen:
 *
 *	ep_sim_exit(&sim, 0x78, 1, 5000);	// one HLT exit of 5000 cycles
 */
#ifndef EP_CORE_SIM_STATE_H
#define EP_CORE_SIM_STATE_H

#include <stdbool.h>

#include "core/host/dialect.h"
#include "core/host/reasons.h"
#include "core/sim/clock.h"

#define EP_SIM_VCPUS 2

struct ep_sim_scenario;

/* What can be wrong with a host, as bits; faults.c has their names. */
enum ep_sim_fault {
	EP_SIM_UNMARKED = UINT64_C(1) << 0,
	EP_SIM_BOUNDS = UINT64_C(1) << 1,
	EP_SIM_CONFUSED = UINT64_C(1) << 2,
	EP_SIM_HIDDEN = UINT64_C(1) << 3,
	EP_SIM_UNSET = UINT64_C(1) << 4,
	EP_SIM_WIDE = UINT64_C(1) << 5,
	EP_SIM_SUBLEAF = UINT64_C(1) << 6,
	EP_SIM_OTHERS = UINT64_C(1) << 7,
	EP_SIM_DOUBLE = UINT64_C(1) << 8,
	EP_SIM_LOST = UINT64_C(1) << 9,
	EP_SIM_ONE_VCPU = UINT64_C(1) << 10,
	EP_SIM_SUMS = UINT64_C(1) << 11,
	EP_SIM_SWAPPED = UINT64_C(1) << 12,
	EP_SIM_EARLY = UINT64_C(1) << 13,
	EP_SIM_LONG = UINT64_C(1) << 14,
	EP_SIM_BACKWARDS = UINT64_C(1) << 15,
	EP_SIM_NARROW = UINT64_C(1) << 16,
	EP_SIM_PRINTK = UINT64_C(1) << 17,
	EP_SIM_NO_FASTPATH = UINT64_C(1) << 18,
	EP_SIM_GLOBAL = UINT64_C(1) << 19,
	EP_SIM_SUBLEAVES = UINT64_C(1) << 20,
	EP_SIM_HISTOGRAM = UINT64_C(1) << 21,
	EP_SIM_LATCH_EDGES = UINT64_C(1) << 22,
	EP_SIM_AGED = UINT64_C(1) << 23,
	EP_SIM_TRAP = UINT64_C(1) << 24,
	EP_SIM_STRAY = UINT64_C(1) << 25,
	EP_SIM_CROWDED = UINT64_C(1) << 26,
	EP_SIM_INT = UINT64_C(1) << 27,
	EP_SIM_TERM = UINT64_C(1) << 28,
	EP_SIM_IN_GUEST = UINT64_C(1) << 29,
	EP_SIM_NO_USER = UINT64_C(1) << 30,
	EP_SIM_SAME = UINT64_C(1) << 31,
	EP_SIM_NO_RIGHTS = UINT64_C(1) << 32,
	EP_SIM_UNSET_ECX = UINT64_C(1) << 33,
	EP_SIM_SET_BACK = UINT64_C(1) << 34,
	EP_SIM_STILL = UINT64_C(1) << 35,
	EP_SIM_TOTAL = UINT64_C(1) << 36,
	EP_SIM_FROZEN = UINT64_C(1) << 37,
	EP_SIM_ECHO = UINT64_C(1) << 38,
	EP_SIM_USER_UNTIMED = UINT64_C(1) << 39,
};

/* What a vCPU has latched, by row of abi.h. */
struct ep_sim_table {
	uint32_t id;
	uint64_t exits[EXITPROF_ROWS_MAX];
	uint64_t cycles[EXITPROF_ROWS_MAX];
	uint64_t histogram[EXITPROF_ROWS_MAX][EXITPROF_BUCKETS];
};

/* By slot of abi.h, see struct ep_sim. */
struct ep_sim_counters {
	uint64_t exits[EP_REASONS_MAX];
	uint64_t cycles[EP_REASONS_MAX];
	uint64_t histogram[EP_REASONS_MAX][EXITPROF_BUCKETS];
};

/* @counters: its part of the VM's; @keys, @counts, @lost: its details */
struct ep_sim_vcpu {
	struct ep_sim_table table;
	struct ep_sim_counters counters;
	uint64_t keys[EXITPROF_DETAILS_MAX];
	uint64_t counts[EXITPROF_DETAILS_MAX];
	uint64_t lost;
};

/*
 * @cpuid: what a reader uses; the first member
 * @exits, @cycles: counters by slot of abi.h
 * @histogram: by slot, each exit of ep_sim_exit() as long as the mean of its call
 * @unlisted: exits that count in the total only, as an unhandled reason does
 * @cost: cycles of one CPUID exit
 * @before: may inject exits of the rest of the guest, may be NULL
 * @user: for @before
 * @faults: of enum ep_sim_fault
 * @clock: the guest's TSC; @entered: its value at the latest VM entry; @time: whose naps the guest
 *	sleeps, and where its CPUIDs take time, may be NULL
 * @cpuids: by vCPU
 * @vcpu, @switches: where the reader's thread is, after how many context switches
 * @pinned: it is to stay there; @unpinnable: that is refused
 * @kernel: CPUIDs are executed at CPL 0 from now on
 * @latches: how often a table was made
 * @real: the CPU's own CPUID
 * @handled: by slot, whether the host has a handler; @own_slot: that of CPUID
 */
struct ep_sim {
	struct ep_cpuid cpuid;
	const struct ep_sim_scenario *scenario;
	uint64_t exits[EP_REASONS_MAX];
	uint64_t cycles[EP_REASONS_MAX];
	uint64_t histogram[EP_REASONS_MAX][EXITPROF_BUCKETS];
	uint64_t unlisted;
	uint64_t cost;
	uint32_t generation;
	void (*before)(struct ep_sim *sim);
	void *user;
	uint64_t naps;
	uint64_t faults;
	uint64_t clock;
	uint64_t entered;
	struct ep_sim_clock *time;
	uint64_t cpuids[EP_SIM_VCPUS];
	struct ep_sim_vcpu vcpus[EP_SIM_VCPUS];
	uint32_t vcpu;
	uint64_t switches;
	bool pinned;
	bool unpinnable;
	bool kernel;
	unsigned int latches;
	struct ep_cpuid real;
	bool handled[EP_REASONS_MAX];
	uint32_t own_slot;
};

/*
 * On the reader's vCPU, or on @vcpu. @reason must be one that the vendor's manual defines. @cycles
 * are those of all @count exits.
 */
void ep_sim_exit(struct ep_sim *sim, uint32_t reason, uint64_t count, uint64_t cycles);
void ep_sim_exit_on(struct ep_sim *sim, uint32_t vcpu, uint32_t reason, uint64_t count,
		    uint64_t cycles);

/* The key of a detail, as abi.h has it, and its coming @count times. */
uint64_t ep_sim_key(const struct ep_sim *sim, uint32_t reason, uint32_t kind, bool write,
		    uint64_t value);
void ep_sim_detail(struct ep_sim *sim, uint64_t key, uint64_t count);

/* The reader's thread is on the other vCPU from now on, unless it is pinned. */
void ep_sim_hop(struct ep_sim *sim);

/* The dialect that it answers in. */
const struct ep_dialect *ep_sim_dialect(const struct ep_sim *sim);

/* How many slots of abi.h the vendor has; that of @reason, or their number if it has none. */
uint32_t ep_sim_slots(const struct ep_sim *sim);
uint32_t ep_sim_slot(const struct ep_sim *sim, uint32_t reason);

/* Whether the host has a handler for the reason in @slot. */
bool ep_sim_handled(const struct ep_sim *sim, uint32_t slot);

/* The bucket of a histogram that an exit of so many cycles is in. */
static inline int ep_sim_bucket(uint64_t cycles)
{
	return cycles ? 63 - __builtin_clzll(cycles) : 0;
}

/* Over all slots. */
uint64_t ep_sim_sum(const struct ep_sim *sim, const uint64_t *values);

#endif /* EP_CORE_SIM_STATE_H */
