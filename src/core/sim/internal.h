/* SPDX-License-Identifier: GPL-3.0-or-later */
/* internal.h - what a scenario of sim.c is like */
#ifndef EP_CORE_SIM_INTERNAL_H
#define EP_CORE_SIM_INTERNAL_H

#include "core/host/reasons.h"

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

#endif /* EP_CORE_SIM_INTERNAL_H */
