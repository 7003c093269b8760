// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>

#include "core/sim/guest.h"
#include "core/sim/internal.h"

void ep_sim_storm(struct ep_sim *sim, unsigned int cpus, unsigned int count)
{
	uint32_t own = ep_reasons_of_cause(sim->scenario->vendor, EXITPROF_CAUSE_CPUID);
	uint64_t all = (uint64_t)cpus * count, seen = all;

	if (sim->faults & EP_SIM_LOST)
		seen -= all / 50;
	sim->cpuid.executed += all;
	for (unsigned int i = 0; i < cpus; i++) {
		ep_sim_exit_on(sim, i, own, seen / cpus, count * sim->cost);
		sim->cpuids[i] += count;
	}
}

void ep_sim_sleep(struct ep_sim *sim, unsigned int count)
{
	bool svm = sim->scenario->vendor == EP_VENDOR_SVM;

	ep_sim_exit(sim, svm ? 0x78 : 12, count, count * 4000);
	if (!(sim->faults & EP_SIM_NO_FASTPATH))
		ep_sim_exit(sim, svm ? 0x7c : 32, count, count * 900);
	if (sim->faults & EP_SIM_SUMS)
		sim->unlisted += count;
	sim->clock += count * UINT64_C(500000);
	sim->entered = sim->clock;
}

int ep_sim_ports(struct ep_sim *sim, unsigned int count)
{
	uint32_t io = ep_reasons_of_cause(sim->scenario->vendor, EXITPROF_CAUSE_IO);

	if (sim->faults & EP_SIM_NO_RIGHTS)
		return -EPERM;
	if (!(sim->faults & EP_SIM_NO_USER))
		ep_sim_exit(sim, io, count,
			    sim->faults & EP_SIM_USER_UNTIMED ? 0 : count * UINT64_C(9000));
	sim->clock += count * UINT64_C(20000);
	sim->entered = sim->clock;
	return 0;
}

void ep_sim_rest(struct ep_sim *sim, uint64_t duration_ns)
{
	uint32_t own = ep_reasons_of_cause(sim->scenario->vendor, EXITPROF_CAUSE_CPUID);
	uint64_t foreign = 0;

	if (sim->faults & EP_SIM_GLOBAL)
		foreign += duration_ns / 6000;
	if (sim->faults & EP_SIM_STRAY)
		foreign += duration_ns / 300000;
	ep_sim_exit(sim, own, foreign, foreign * sim->cost);
	sim->clock += duration_ns;
}

void ep_sim_execute64(struct ep_sim *sim, uint64_t regs[4])
{
	struct ep_cpuid_regs low = { regs[0], regs[1], regs[2], regs[3] };

	sim->cpuid.execute(&sim->cpuid, &low);
	regs[0] = low.eax;
	regs[1] = low.ebx;
	regs[2] = low.ecx;
	regs[3] = low.edx;
	if (sim->faults & EP_SIM_WIDE)
		regs[0] |= UINT64_C(1) << 32;
}
