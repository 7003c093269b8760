/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guest.h - what the guest of a simulated host does: the counterpart of verify/guest.h */
#ifndef EP_CORE_SIM_GUEST_H
#define EP_CORE_SIM_GUEST_H

#include "core/sim/state.h"

/* Executes @count CPUIDs on each of the first @cpus vCPUs. */
void ep_sim_storm(struct ep_sim *sim, unsigned int cpus, unsigned int count);

/* Arms a timer and halts, @count times. */
void ep_sim_sleep(struct ep_sim *sim, unsigned int count);

/* Does nothing for that long; others may. */
void ep_sim_rest(struct ep_sim *sim, uint64_t duration_ns);

/* @count writes to a port that KVM hands to its user space. Returns 0 or -EPERM. */
int ep_sim_ports(struct ep_sim *sim, unsigned int count);

/* CPUID with all 64 bits of the registers: a, b, c, d. */
void ep_sim_execute64(struct ep_sim *sim, uint64_t regs[4]);

#endif /* EP_CORE_SIM_GUEST_H */
