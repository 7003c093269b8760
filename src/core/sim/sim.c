// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/sim/answers.h"
#include "core/sim/faults.h"
#include "core/sim/internal.h"
#include "core/sim/sim.h"

static const struct ep_sim_scenario scenarios[] = {
	{ "svm-full", EP_VENDOR_SVM, PATCHED | DISCOVERY | FULL },
	{ "vmx-full", EP_VENDOR_VMX, PATCHED | DISCOVERY | FULL },
	{ "svm-details", EP_VENDOR_SVM, PATCHED | DISCOVERY | FULL | DETAILS },
	{ "vmx-details", EP_VENDOR_VMX, PATCHED | DISCOVERY | DETAILS },
	{ "hopping", EP_VENDOR_SVM, PATCHED | DISCOVERY | FULL | HOPS },
	{ "latch-full", EP_VENDOR_SVM, PATCHED | DISCOVERY | FULL | NO_MEMORY },
	{ "svm", EP_VENDOR_SVM, PATCHED | DISCOVERY },
	{ "vmx", EP_VENDOR_VMX, PATCHED | DISCOVERY },
	{ "svm-nodisc", EP_VENDOR_SVM, PATCHED },
	{ "vmx-nodisc", EP_VENDOR_VMX, PATCHED },
	{ "vmx-32bit", EP_VENDOR_VMX, PATCHED | NARROW },
	{ "svm-combined", EP_VENDOR_SVM, PATCHED | COMBINED },
	{ "vmx-combined", EP_VENDOR_VMX, PATCHED | COMBINED },
	{ "svm-reversed", EP_VENDOR_SVM, PATCHED | REVERSED },
	{ "vmx-reversed", EP_VENDOR_VMX, PATCHED | REVERSED },
	{ "svm-totals", EP_VENDOR_SVM, PATCHED | TOTALS },
	{ "vmx-totals", EP_VENDOR_VMX, PATCHED | TOTALS },
	{ "svm-combined-totals", EP_VENDOR_SVM, PATCHED | COMBINED | TOTALS },
	{ "vmx-combined-totals", EP_VENDOR_VMX, PATCHED | COMBINED | TOTALS },
	{ "svm-reversed-totals", EP_VENDOR_SVM, PATCHED | REVERSED | TOTALS },
	{ "vmx-reversed-totals", EP_VENDOR_VMX, PATCHED | REVERSED | TOTALS },
	{ "svm-cpl0", EP_VENDOR_SVM, PATCHED | KERNEL_ONLY },
	{ "vmx-cpl0", EP_VENDOR_VMX, PATCHED | DISCOVERY | FULL | KERNEL_ONLY },
	{ "stock-amd", EP_VENDOR_SVM, 0 },
	{ "stock-intel", EP_VENDOR_VMX, 0 },
	{ "stock-enlightened", EP_VENDOR_VMX, HYPERV | ENLIGHTENED },
	{ "hyperv", EP_VENDOR_VMX, HYPERV },
	{ "bare", EP_VENDOR_VMX, BARE },
	{ "torn", EP_VENDOR_SVM, PATCHED | DISCOVERY | TORN },
	{ "backwards", EP_VENDOR_SVM, PATCHED | DISCOVERY | RESETS },
	{ "restored", EP_VENDOR_SVM, PATCHED | DISCOVERY | RESETS | RESTORES },
};

const char *ep_sim_names(void)
{
	return "svm-full vmx-full svm-details vmx-details hopping latch-full svm vmx svm-nodisc "
	       "vmx-nodisc vmx-32bit svm-combined vmx-combined svm-reversed vmx-reversed "
	       "svm-totals vmx-totals svm-combined-totals vmx-combined-totals "
	       "svm-reversed-totals vmx-reversed-totals svm-cpl0 vmx-cpl0 stock-amd stock-intel "
	       "stock-enlightened hyperv bare torn backwards restored";
}

/* A KVM handles about every other reason; here, those that the kernel names. */
static bool is_handled(const struct ep_sim *sim, uint32_t slot)
{
	const struct ep_reason *reason;

	reason = ep_reasons_find(sim->scenario->vendor,
				 ep_reasons_from_slot(sim->scenario->vendor, slot));
	/* Debug registers left out: no KVM handles more than there are rows. */
	if (sim->scenario->vendor == EP_VENDOR_SVM && slot >= 0x20 && slot < 0x40)
		return false;
	return reason && reason->kernel;
}

/* Of the guest's TSC. */
#define NAP_CYCLES 1000000

static void live(struct ep_sim *sim)
{
	bool svm = sim->scenario->vendor == EP_VENDOR_SVM;
	uint64_t now = sim->time ? ep_sim_clock_naps(sim->time) : 0, slept = now - sim->naps;
	uint32_t io = svm ? 0x7b : 30;

	sim->naps = now;
	if (sim->scenario->flags & RESETS && slept) {
		memset(sim->exits, 0, sizeof(sim->exits));
		memset(sim->cycles, 0, sizeof(sim->cycles));
		memset(sim->histogram, 0, sizeof(sim->histogram));
		for (uint32_t i = 0; i < EP_SIM_VCPUS; i++)
			sim->vcpus[i].counters = (struct ep_sim_counters){};
		sim->generation += !!(sim->scenario->flags & RESTORES);
	}
	if (slept) {
		sim->clock += slept * NAP_CYCLES;
		sim->entered = sim->clock;
		ep_sim_exit(sim, svm ? 0x78 : 12, slept, slept * 4000);
		ep_sim_exit(sim, io, slept * 2, slept * 50000);
		ep_sim_detail(sim, ep_sim_key(sim, io, EXITPROF_DETAIL_PORT, true, 0x3f8), slept);
		ep_sim_detail(sim, ep_sim_key(sim, io, EXITPROF_DETAIL_PORT, false, 0x3fd), slept);
	}
	if (sim->scenario->flags & TORN)
		ep_sim_exit(sim, svm ? 0x60 : 1, 1, 900);
}

#define INTERRUPTED_AT 1000

/* What the guest sees of an exit beyond its handling. */
#define TRIP_CYCLES 2000

static void count(struct ep_sim *sim, uint32_t slot)
{
	unsigned int times = sim->faults & EP_SIM_DOUBLE ? 2 : 1;

	sim->exits[slot] += times;
	sim->vcpus[sim->vcpu].counters.exits[slot] += times;
	sim->cpuids[sim->vcpu]++;
}

static void time_cpuid(struct ep_sim *sim, uint32_t slot)
{
	struct ep_sim_counters *counters = &sim->vcpus[sim->vcpu].counters;
	uint64_t cycles = sim->cost;

	if (sim->faults & EP_SIM_EARLY)
		cycles = 3;
	else if (sim->faults & EP_SIM_LONG)
		cycles = 3 * (sim->cost + TRIP_CYCLES);
	if (sim->faults & EP_SIM_IN_GUEST)
		cycles += sim->clock - sim->entered;
	sim->cycles[slot] += cycles;
	sim->histogram[slot][ep_sim_bucket(cycles)]++;
	counters->cycles[slot] += cycles;
	counters->histogram[slot][ep_sim_bucket(cycles)]++;
	sim->clock += sim->cost + TRIP_CYCLES;
	sim->entered = sim->clock;
	if (sim->time)
		ep_sim_clock_spend(sim->time, sim->cost + TRIP_CYCLES);
}

static void execute(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	struct ep_sim *sim = (struct ep_sim *)cpuid;
	uint32_t reason = ep_reasons_of_cause(sim->scenario->vendor, EXITPROF_CAUSE_CPUID);
	struct ep_cpuid_regs asked = *regs;

	if (sim->faults & EP_SIM_TRAP)
		ep_cpuid_query(&sim->real, 0, 0);
	if (sim->faults & (EP_SIM_INT | EP_SIM_TERM) && cpuid->executed == INTERRUPTED_AT)
		raise(sim->faults & EP_SIM_INT ? SIGINT : SIGTERM);
	if (sim->before)
		sim->before(sim);
	count(sim, sim->own_slot);
	/* Another vCPU writes what it has read a while ago. */
	if (sim->faults & EP_SIM_SET_BACK && cpuid->executed > 100000 &&
	    cpuid->executed % 61 == 0) {
		sim->exits[sim->own_slot] -= 20;
		sim->cycles[sim->own_slot] -= 20 * sim->cost;
	}
	ep_sim_answer(sim, regs);
	if (sim->faults)
		ep_sim_spoil(sim, &asked, regs);
	time_cpuid(sim, sim->own_slot);
	if (sim->scenario->flags & DETAILS)
		ep_sim_detail(sim, ep_sim_key(sim, reason, EXITPROF_DETAIL_CPUID, false, asked.eax),
			      1);
}

static void locate(struct ep_cpuid *cpuid, struct ep_place *ret)
{
	const struct ep_sim *sim = (const struct ep_sim *)cpuid;

	*ret = (struct ep_place){ sim->switches, sim->vcpu };
}

static uint64_t tsc(struct ep_cpuid *cpuid)
{
	return ((const struct ep_sim *)cpuid)->clock;
}

static void pin(struct ep_cpuid *cpuid, struct ep_pin *ret)
{
	struct ep_sim *sim = (struct ep_sim *)cpuid;

	sim->pinned = !sim->unpinnable;
	*ret = (struct ep_pin){ .held = sim->pinned };
	locate(cpuid, &ret->place);
}

static bool unpin(struct ep_cpuid *cpuid, const struct ep_pin *pin)
{
	struct ep_sim *sim = (struct ep_sim *)cpuid;

	sim->pinned = false;
	return pin->held || sim->switches == pin->place.switches;
}

/* A VM that has been up for a while. */
static void recall(struct ep_sim *sim)
{
	for (uint32_t cause = 0; cause <= EXITPROF_CAUSE_HYPERCALL; cause++)
		ep_sim_exit(sim, ep_reasons_of_cause(sim->scenario->vendor, cause), 20000,
			    40000000);
	ep_sim_exit(sim, sim->scenario->vendor == EP_VENDOR_SVM ? 0x78 : 12, 5000, 20000000);
}

/* The table of details, by what a kernel does once, while it boots. */
static void crowd(struct ep_sim *sim)
{
	uint32_t msr = sim->scenario->vendor == EP_VENDOR_SVM ? 0x7c : 31;

	for (uint32_t i = 0; i < EXITPROF_DETAILS_MAX; i++)
		ep_sim_detail(sim, ep_sim_key(sim, msr, EXITPROF_DETAIL_MSR, false, i), 1);
}

/* Reads "+FAULT+FAULT". */
static int add_faults(struct ep_sim *sim, const char *names)
{
	char name[32];

	while (*names == '+') {
		size_t length = strcspn(++names, "+");
		uint64_t fault;

		if (length >= sizeof(name))
			return -EINVAL;
		memcpy(name, names, length);
		name[length] = '\0';
		fault = ep_sim_find_fault(name);
		if (!fault)
			return -EINVAL;
		sim->faults |= fault;
		names += length;
	}
	return 0;
}

void ep_sim_live_by(struct ep_sim *sim, struct ep_sim_clock *clock)
{
	sim->time = clock;
	sim->naps = ep_sim_clock_naps(clock);
}

int ep_sim_init(struct ep_sim *sim, const char *scenario)
{
	size_t length = strcspn(scenario, "+");

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		if (strlen(scenarios[i].name) != length ||
		    strncmp(scenarios[i].name, scenario, length) != 0)
			continue;
		*sim = (struct ep_sim){
			.cpuid = { .execute = execute,
				   .locate = locate,
				   .pin = pin,
				   .unpin = unpin,
				   .tsc = tsc,
				   .simulated = true },
			.scenario = &scenarios[i],
			.cost = 1200,
			.generation = 7,
			.before = live,
		};
		ep_cpuid_init(&sim->real);
		for (uint32_t slot = 0; slot < ep_sim_slots(sim); slot++)
			sim->handled[slot] = is_handled(sim, slot);
		sim->own_slot = ep_sim_slot(sim, ep_reasons_of_cause(sim->scenario->vendor,
								     EXITPROF_CAUSE_CPUID));
		recall(sim);
		if (add_faults(sim, scenario + length))
			return -EINVAL;
		if (sim->faults & EP_SIM_CROWDED)
			crowd(sim);
		/* As much as lets a few thousand CPUIDs go beyond it. */
		if (sim->faults & (EP_SIM_AGED | EP_SIM_NARROW))
			ep_sim_exit(sim, sim->scenario->vendor == EP_VENDOR_SVM ? 0x78 : 12, 0,
				    UINT32_MAX - ep_sim_sum(sim, sim->cycles) - 1000000);
		return 0;
	}
	return -EINVAL;
}
