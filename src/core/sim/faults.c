// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/base/cleanup.h"
#include "core/sim/faults.h"
#include "core/sim/internal.h"

#define GARBAGE 0x6b766d00

static const struct {
	const char *name;
	uint64_t fault;
} faults[] = {
	{ "unmarked", EP_SIM_UNMARKED },
	{ "bounds", EP_SIM_BOUNDS },
	{ "confused", EP_SIM_CONFUSED },
	{ "hidden", EP_SIM_HIDDEN },
	{ "unset", EP_SIM_UNSET },
	{ "wide", EP_SIM_WIDE },
	{ "subleaf", EP_SIM_SUBLEAF },
	{ "others", EP_SIM_OTHERS },
	{ "double", EP_SIM_DOUBLE },
	{ "lost", EP_SIM_LOST },
	{ "onevcpu", EP_SIM_ONE_VCPU },
	{ "sums", EP_SIM_SUMS },
	{ "swapped", EP_SIM_SWAPPED },
	{ "early", EP_SIM_EARLY },
	{ "long", EP_SIM_LONG },
	{ "backwards", EP_SIM_BACKWARDS },
	{ "narrow", EP_SIM_NARROW },
	{ "printk", EP_SIM_PRINTK },
	{ "nofast", EP_SIM_NO_FASTPATH },
	{ "global", EP_SIM_GLOBAL },
	{ "subleaves", EP_SIM_SUBLEAVES },
	{ "histogram", EP_SIM_HISTOGRAM },
	{ "edges", EP_SIM_LATCH_EDGES },
	{ "aged", EP_SIM_AGED },
	{ "trap", EP_SIM_TRAP },
	{ "stray", EP_SIM_STRAY },
	{ "crowded", EP_SIM_CROWDED },
	{ "int", EP_SIM_INT },
	{ "term", EP_SIM_TERM },
	{ "guest", EP_SIM_IN_GUEST },
	{ "nouser", EP_SIM_NO_USER },
	{ "same", EP_SIM_SAME },
	{ "norights", EP_SIM_NO_RIGHTS },
	{ "ecx", EP_SIM_UNSET_ECX },
	{ "race", EP_SIM_LOST | EP_SIM_SET_BACK },
	{ "still", EP_SIM_STILL },
	{ "total", EP_SIM_TOTAL },
	{ "frozen", EP_SIM_FROZEN },
	{ "echo", EP_SIM_ECHO },
	{ "untimed", EP_SIM_USER_UNTIMED },
};

uint64_t ep_sim_find_fault(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		if (!strcmp(faults[i].name, name))
			return faults[i].fault;
	return 0;
}

/* The figures that @leaf tells, as bits; a leaf may tell two. */
static unsigned int figures_of(const struct ep_dialect *dialect, uint32_t leaf)
{
	unsigned int figures = 0;

	for (int figure = 0; figure < EP_FIGURES && leaf; figure++)
		figures |= (unsigned int)(dialect->answers[figure].leaf == leaf) << figure;
	return figures;
}

/* A number that there is not: undefined, or without a handler. */
static bool spoil_absent(const struct ep_sim *sim, uint32_t reason, struct ep_cpuid_regs *regs)
{
	bool undefined = regs->edx == EXITPROF_UNDEFINED;

	if (!undefined && ep_sim_handled(sim, ep_sim_slot(sim, reason)))
		return false;
	if (undefined && sim->faults & EP_SIM_BOUNDS)
		*regs = (struct ep_cpuid_regs){ .eax = GARBAGE | (reason & 0xff) };
	else if (undefined && sim->faults & EP_SIM_UNMARKED)
		*regs = (struct ep_cpuid_regs){};
	else if (sim->faults & EP_SIM_CONFUSED)
		regs->edx = EXITPROF_UNDEFINED;
	if (sim->faults & EP_SIM_UNSET_ECX)
		regs->ecx = reason;
	return true;
}

static void spoil_exits(const struct ep_sim *sim, const struct ep_cpuid_regs *asked,
			struct ep_cpuid_regs *regs)
{
	if (sim->faults & EP_SIM_ONE_VCPU)
		regs->eax -= sim->cpuids[!sim->vcpu];
	if (sim->faults & EP_SIM_TOTAL &&
	    ep_sim_dialect(sim)->answers[EP_FIGURE_TOTAL_EXITS].leaf == asked->eax)
		regs->eax -= sim->exits[sim->own_slot] / 2;
	if (sim->faults & EP_SIM_UNSET)
		regs->edx = GARBAGE | (sim->clock & 0xff);
}

static void spoil_cycles(const struct ep_sim *sim, const struct ep_cpuid_regs *asked,
			 struct ep_cpuid_regs *regs)
{
	/* Now and then, once it has counted something. */
	if (sim->faults & EP_SIM_BACKWARDS && sim->cpuid.executed > 5000 &&
	    sim->cpuid.executed % 61 == 0)
		regs->ecx -= 10000000;
	if (sim->faults & EP_SIM_SAME &&
	    ep_sim_dialect(sim)->answers[EP_FIGURE_REASON_CYCLES].leaf == asked->eax) {
		uint64_t total = ep_sim_sum(sim, sim->cycles);

		regs->ebx = total >> 32;
		regs->ecx = total;
	}
	if (sim->faults & EP_SIM_SWAPPED) {
		uint32_t high = regs->ebx;

		regs->ebx = regs->ecx;
		regs->ecx = high;
	}
	if (sim->faults & EP_SIM_ECHO) {
		regs->ebx = asked->ebx;
		regs->ecx = asked->ecx;
	}
	if (sim->faults & EP_SIM_UNSET)
		regs->edx = asked->edx;
}

static void spoil_latch(const struct ep_sim *sim, uint32_t subleaf, struct ep_cpuid_regs *regs)
{
	bool histogram = subleaf >> 24 == EXITPROF_LATCH_ROW >> 24 &&
			 (subleaf >> 16 & 0xff) >= EXITPROF_FIELD_HISTOGRAM;

	if (sim->faults & EP_SIM_HISTOGRAM && histogram && regs->eax)
		regs->eax++;
	if (sim->faults & EP_SIM_LATCH_EDGES && subleaf == 0xff000000)
		regs->eax = 1;
}

void ep_sim_spoil(struct ep_sim *sim, const struct ep_cpuid_regs *asked, struct ep_cpuid_regs *regs)
{
	unsigned int figures = figures_of(ep_sim_dialect(sim), asked->eax);
	bool by_reason = figures & (1u << EP_FIGURE_REASON_EXITS | 1u << EP_FIGURE_REASON_CYCLES);
	uint32_t hidden =
		sim->faults & EP_SIM_HIDDEN && sim->scenario->vendor == EP_VENDOR_SVM ? 0x78 : 12;

	if (asked->eax == 1 && sim->faults & EP_SIM_OTHERS)
		*regs = (struct ep_cpuid_regs){};
	if (asked->eax == EXITPROF_LEAF_DISCOVERY && asked->ecx == 3 &&
	    sim->faults & EP_SIM_SUBLEAVES)
		regs->ebx = 1;
	if (asked->eax == EXITPROF_LEAF_LATCH)
		spoil_latch(sim, asked->ecx, regs);
	if (!figures)
		return;
	if (sim->faults & EP_SIM_PRINTK)
		sim->clock += 1000000;
	if ((!by_reason && asked->ecx == UINT32_MAX && sim->faults & EP_SIM_SUBLEAF) ||
	    (by_reason && asked->ecx == hidden && sim->faults & EP_SIM_HIDDEN)) {
		*regs = (struct ep_cpuid_regs){ .edx = EXITPROF_UNDEFINED };
		return;
	}
	if (by_reason && sim->faults & EP_SIM_FROZEN) {
		*regs = (struct ep_cpuid_regs){ .eax = 1000 };
		return;
	}
	if (by_reason && spoil_absent(sim, asked->ecx, regs))
		return;
	if (sim->faults & EP_SIM_STILL) {
		*regs = (struct ep_cpuid_regs){};
		return;
	}
	if (figures & (1u << EP_FIGURE_TOTAL_EXITS | 1u << EP_FIGURE_REASON_EXITS))
		spoil_exits(sim, asked, regs);
	if (figures & (1u << EP_FIGURE_TOTAL_CYCLES | 1u << EP_FIGURE_REASON_CYCLES))
		spoil_cycles(sim, asked, regs);
}
