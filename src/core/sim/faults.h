/* SPDX-License-Identifier: GPL-3.0-or-later */
/* faults.h - what simulated hosts do wrong */
#ifndef EP_CORE_SIM_FAULTS_H
#define EP_CORE_SIM_FAULTS_H

#include "core/sim/state.h"

/* The bits of enum ep_sim_fault that @name stands for, 0 if there is none of that name. */
uint64_t ep_sim_find_fault(const char *name);

/* What the faults of @sim make of its answer *@regs to what was @asked. */
void ep_sim_spoil(struct ep_sim *sim, const struct ep_cpuid_regs *asked,
		  struct ep_cpuid_regs *regs);

#endif /* EP_CORE_SIM_FAULTS_H */
