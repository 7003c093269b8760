/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answers.h - what a simulated host answers, leaf by leaf, before the faults of faults.h */
#ifndef EP_CORE_SIM_ANSWERS_H
#define EP_CORE_SIM_ANSWERS_H

#include "core/sim/state.h"

/* Answers the CPUID that *@regs ask with, which is counted already. */
void ep_sim_answer(struct ep_sim *sim, struct ep_cpuid_regs *regs);

#endif /* EP_CORE_SIM_ANSWERS_H */
