/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.h - what the files of the simulated host share; everybody else uses sim.h */
#ifndef EP_SIM_INTERNAL_H
#define EP_SIM_INTERNAL_H

#include "core/sim/sim.h"

/* What a scenario is like. */
enum {
	PATCHED = 1,
	DISCOVERY = 2,
	NARROW = 4,
	TORN = 8,
	RESETS = 16,
	RESTORES = 32,
	BARE = 64,
	FULL = 128,
	HOPS = 256,
	NO_MEMORY = 512,
	DETAILS = 1024,
	COMBINED = 2048,
	REVERSED = 4096,
	TOTALS = 8192,
	KERNEL_ONLY = 16384,
	HYPERV = 32768,
	ENLIGHTENED = 65536,
};

struct ep_sim_scenario {
	const char *name;
	enum ep_vendor vendor;
	unsigned int flags;
};

const struct ep_dialect *ep_sim_dialect(const struct ep_sim *sim);

/* How many slots of abi.h the vendor has; that of @reason, or their number if it has none. */
uint32_t ep_sim_slots(const struct ep_sim *sim);
uint32_t ep_sim_slot(const struct ep_sim *sim, uint32_t reason);

/* Whether the host has a handler for the reason in @slot. */
bool ep_sim_handled(const struct ep_sim *sim, uint32_t slot);

uint64_t ep_sim_sum(const struct ep_sim *sim, const uint64_t *values);

/* Answers the CPUID that *@regs ask with, which is counted already. */
void ep_sim_answer(struct ep_sim *sim, struct ep_cpuid_regs *regs);

/* The fault @name, 0 if there is none; and what the faults make of an answer. */
uint64_t ep_sim_find_fault(const char *name);
void ep_sim_spoil(struct ep_sim *sim, const struct ep_cpuid_regs *asked,
		  struct ep_cpuid_regs *regs);

#endif /* EP_SIM_INTERNAL_H */
