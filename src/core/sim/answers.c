// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/sim/answers.h"
#include "core/sim/internal.h"

static bool answers(const struct ep_sim *sim, uint32_t leaf)
{
	if (!(sim->scenario->flags & PATCHED) || !leaf)
		return false;
	if (sim->scenario->flags & KERNEL_ONLY && !sim->kernel)
		return false;
	if (leaf == EXITPROF_LEAF_LATCH || leaf == EXITPROF_LEAF_DISCOVERY)
		return !(sim->scenario->flags & TOTALS);
	for (int figure = 0; figure < EP_FIGURES; figure++)
		if (ep_sim_dialect(sim)->answers[figure].leaf == leaf)
			return true;
	return false;
}

static void discover(const struct ep_sim *sim, uint32_t subleaf, struct ep_cpuid_regs *regs)
{
	uint32_t first, words[4] = {};

	switch (subleaf) {
	case EXITPROF_DISCOVERY_SIGNATURE:
		*regs = (struct ep_cpuid_regs){ EXITPROF_ABI_VERSION, EXITPROF_SIGNATURE_EBX,
						EXITPROF_SIGNATURE_ECX, EXITPROF_SIGNATURE_EDX };
		break;
	case EXITPROF_DISCOVERY_HOST:
		regs->eax = sim->scenario->vendor;
		regs->ebx = EXITPROF_FEATURE_CLASSIC | EXITPROF_FEATURE_HANDLED;
		regs->ecx = EXITPROF_LEVEL_CLASSIC;
		if (sim->scenario->flags & FULL) {
			regs->ebx |= EXITPROF_FEATURE_LATCH;
			regs->ecx = EXITPROF_LEVEL_FULL;
		}
		if (sim->scenario->flags & DETAILS)
			regs->ebx |= EXITPROF_FEATURE_DETAILS;
		break;
	case EXITPROF_DISCOVERY_VM:
		*regs = (struct ep_cpuid_regs){ ep_sim_slots(sim), 2, 2600000, sim->generation };
		break;
	case EXITPROF_DISCOVERY_HANDLED ... EXITPROF_DISCOVERY_HANDLED + 2:
		first = (subleaf - EXITPROF_DISCOVERY_HANDLED) * EXITPROF_SLOTS_PER_SUBLEAF;
		for (uint32_t i = 0; i < EXITPROF_SLOTS_PER_SUBLEAF; i++)
			words[i / 32] |= (uint32_t)ep_sim_handled(sim, first + i) << i % 32;
		*regs = (struct ep_cpuid_regs){ words[0], words[1], words[2], words[3] };
		break;
	}
}

/* The exit of the CPUID that latches, which is counted already, is not in the table. */
static void latch(struct ep_sim *sim, uint32_t scope, struct ep_cpuid_regs *regs)
{
	bool vm = scope == EXITPROF_SCOPE_VM, mine = vm || scope == sim->vcpu;
	const struct ep_sim_counters *part = &sim->vcpus[scope % EP_SIM_VCPUS].counters;
	struct ep_sim_table *table = &sim->vcpus[sim->vcpu].table;
	uint32_t row = 0;

	memset(table, 0, sizeof(*table));
	if (sim->scenario->flags & NO_MEMORY || (!vm && scope >= EP_SIM_VCPUS))
		return;
	table->id = ++sim->latches;
	table->exits[0] = vm || !scope ? sim->unlisted : 0;
	table->histogram[0][0] = table->exits[0];
	for (uint32_t slot = 0; slot < ep_sim_slots(sim); slot++) {
		if (!ep_sim_handled(sim, slot))
			continue;
		row++;
		table->exits[row] = vm ? sim->exits[slot] : part->exits[slot];
		table->exits[row] -= mine && slot == sim->own_slot;
		table->cycles[row] = vm ? sim->cycles[slot] : part->cycles[slot];
		memcpy(table->histogram[row], vm ? sim->histogram[slot] : part->histogram[slot],
		       sizeof(sim->histogram[slot]));
	}
	*regs = (struct ep_cpuid_regs){ table->id, sim->vcpu, row + 1, sim->generation };
}

static void read_table(const struct ep_sim *sim, uint32_t field, uint32_t row,
		       struct ep_cpuid_regs *regs)
{
	const struct ep_sim_table *table = &sim->vcpus[sim->vcpu].table;
	uint64_t first, second;

	if (!table->id || row >= EXITPROF_ROWS_MAX ||
	    field >= EXITPROF_FIELD_HISTOGRAM + EXITPROF_BUCKETS / 2)
		return;
	if (field == EXITPROF_FIELD_COUNT) {
		first = table->exits[row];
		second = table->cycles[row];
	} else if (field == EXITPROF_FIELD_AWAY) {
		first = 2 * table->cycles[row];
		second = table->cycles[row];
	} else {
		field -= EXITPROF_FIELD_HISTOGRAM;
		first = table->histogram[row][2 * field];
		second = table->histogram[row][2 * field + 1];
	}
	*regs = (struct ep_cpuid_regs){ first, first >> 32, second, second >> 32 };
}

static void read_details(const struct ep_sim *sim, uint32_t operation, uint32_t operands,
			 struct ep_cpuid_regs *regs)
{
	const struct ep_sim_vcpu *vcpu = &sim->vcpus[operands >> 8];
	uint32_t i = operands & 0xff;

	if (operands >> 8 >= EP_SIM_VCPUS || i >= EXITPROF_DETAILS_MAX)
		return;
	if (operation == EXITPROF_DETAIL_LOST)
		*regs = (struct ep_cpuid_regs){ vcpu->lost, vcpu->lost >> 32, 0, 0 };
	else
		*regs = (struct ep_cpuid_regs){ vcpu->keys[i], vcpu->keys[i] >> 32, vcpu->counts[i],
						vcpu->counts[i] >> 32 };
}

static void answer_latch(struct ep_sim *sim, uint32_t subleaf, struct ep_cpuid_regs *regs)
{
	struct ep_sim_table *table = &sim->vcpus[sim->vcpu].table;
	uint32_t words[3] = {};

	switch (subleaf >> 24) {
	case EXITPROF_LATCH >> 24:
		latch(sim, subleaf & 0xffff, regs);
		break;
	case EXITPROF_LATCH_BITMAP >> 24:
		for (uint32_t row = 0; row < EXITPROF_ROWS_MAX; row++)
			words[row / 32] |= (uint32_t) !!table->exits[row] << row % 32;
		/* Somebody else was on this vCPU meanwhile. */
		if (sim->scenario->flags & HOPS && table->id % 3 == 0)
			table->id = ++sim->latches;
		*regs = (struct ep_cpuid_regs){ words[0], words[1], words[2], table->id };
		break;
	case EXITPROF_LATCH_ROW >> 24:
		read_table(sim, subleaf >> 16 & 0xff, subleaf & 0xffff, regs);
		break;
	}
}

static uint64_t figure_of(const struct ep_sim *sim, enum ep_figure figure, uint32_t slot)
{
	switch (figure) {
	case EP_FIGURE_TOTAL_EXITS:
		return ep_sim_sum(sim, sim->exits) + sim->unlisted;
	case EP_FIGURE_TOTAL_CYCLES:
		return ep_sim_sum(sim, sim->cycles);
	case EP_FIGURE_REASON_EXITS:
		return sim->exits[slot];
	default:
		return sim->cycles[slot];
	}
}

static void answer_dialect(const struct ep_sim *sim, uint32_t leaf, uint32_t subleaf,
			   struct ep_cpuid_regs *regs)
{
	uint32_t slot = 0, words[EP_REGISTERS + 1] = {};
	bool narrow = sim->scenario->flags & NARROW || sim->faults & EP_SIM_NARROW;

	for (int figure = 0; figure < EP_FIGURES; figure++) {
		const struct ep_dialect_answer *place = &ep_sim_dialect(sim)->answers[figure];
		uint64_t value;

		if (place->leaf != leaf)
			continue;
		if (ep_figure_has_reason(figure)) {
			if (!ep_reasons_find(sim->scenario->vendor, subleaf)) {
				regs->edx = EXITPROF_UNDEFINED;
				return;
			}
			slot = ep_sim_slot(sim, subleaf);
			if (!ep_sim_handled(sim, slot))
				return;
		}
		value = figure_of(sim, figure, slot);
		words[place->low] = value;
		words[place->high] = narrow ? 0 : value >> 32;
	}
	*regs = (struct ep_cpuid_regs){ words[EP_EAX], words[EP_EBX], words[EP_ECX],
					words[EP_EDX] };
}

static void answer_patched(struct ep_sim *sim, uint32_t leaf, uint32_t subleaf,
			   struct ep_cpuid_regs *regs)
{
	*regs = (struct ep_cpuid_regs){};
	if (leaf == EXITPROF_LEAF_DISCOVERY) {
		if (sim->scenario->flags & DISCOVERY)
			discover(sim, subleaf, regs);
		return;
	}
	if (leaf == EXITPROF_LEAF_LATCH) {
		uint32_t operation = subleaf & 0xff000000;

		if (operation == EXITPROF_DETAIL_KEYS || operation == EXITPROF_DETAIL_LOST)
			read_details(sim, operation, subleaf & 0xffffff, regs);
		else if (sim->scenario->flags & FULL)
			answer_latch(sim, subleaf, regs);
		return;
	}
	answer_dialect(sim, leaf, subleaf, regs);
}

/* What the CPU itself or a stock KVM says. */
static void answer_stock(const struct ep_sim *sim, uint32_t leaf, struct ep_cpuid_regs *regs)
{
	static const struct ep_cpuid_regs intel = { 0xd, 0x756e6547, 0x6c65746e, 0x49656e69 };
	static const struct ep_cpuid_regs amd = { 0xd, 0x68747541, 0x444d4163, 0x69746e65 };
	static const struct ep_cpuid_regs highest = { 7, 0x340, 0x340, 0 };
	static const char brand[48] = "simulated CPU";
	bool svm = sim->scenario->vendor == EP_VENDOR_SVM;

	*regs = (struct ep_cpuid_regs){};
	if (leaf == 0)
		*regs = svm ? amd : intel;
	else if (leaf == 1)
		regs->ecx = sim->scenario->flags & BARE ? 0 : 1u << 31;
	else if (leaf == 0x40000000 && sim->scenario->flags & HYPERV)
		*regs = (struct ep_cpuid_regs){ 0x40000006, 0x7263694d, 0x666f736f, 0x76482074 };
	else if (leaf == 0x40000000 && !(sim->scenario->flags & BARE))
		*regs = (struct ep_cpuid_regs){ 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d };
	else if (leaf == 0x40000100 && sim->scenario->flags & ENLIGHTENED)
		*regs = (struct ep_cpuid_regs){ 0x40000101, 0x4b4d564b, 0x564b4d56, 0x4d };
	else if (leaf == 0x80000000)
		regs->eax = 0x80000004;
	else if (leaf >= 0x80000002 && leaf <= 0x80000004)
		memcpy(regs, brand + (leaf - 0x80000002) * sizeof(*regs), sizeof(*regs));
	else if (leaf > 0xd && !svm)
		*regs = highest;
}

void ep_sim_answer(struct ep_sim *sim, struct ep_cpuid_regs *regs)
{
	struct ep_cpuid_regs asked = *regs;

	if (answers(sim, asked.eax))
		answer_patched(sim, asked.eax, asked.ecx, regs);
	else
		answer_stock(sim, asked.eax, regs);
}
