// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sim/internal.h"
#include "core/sim/state.h"

const struct ep_dialect *ep_sim_dialect(const struct ep_sim *sim)
{
	unsigned int flags = sim->scenario->flags;
	const struct ep_dialect *dialect = ep_dialect_find(flags & COMBINED   ? "combined"
							   : flags & REVERSED ? "reversed"
									      : "classic");

	return flags & TOTALS ? ep_dialect_totals(dialect) : dialect;
}

uint32_t ep_sim_slots(const struct ep_sim *sim)
{
	return sim->scenario->vendor == EP_VENDOR_SVM ? EXITPROF_SVM_SLOTS : EXITPROF_VMX_SLOTS;
}

uint32_t ep_sim_slot(const struct ep_sim *sim, uint32_t reason)
{
	uint32_t slots = ep_sim_slots(sim);

	/* Most have their own number, and tests ask for them often. */
	if (reason < slots && ep_reasons_from_slot(sim->scenario->vendor, reason) == reason)
		return reason;
	for (uint32_t slot = EXITPROF_SVM_SLOT_NPF; slot < slots; slot++)
		if (ep_reasons_from_slot(sim->scenario->vendor, slot) == reason)
			return slot;
	return slots;
}

bool ep_sim_handled(const struct ep_sim *sim, uint32_t slot)
{
	return slot < ep_sim_slots(sim) && sim->handled[slot];
}

void ep_sim_exit_on(struct ep_sim *sim, uint32_t vcpu, uint32_t reason, uint64_t count,
		    uint64_t cycles)
{
	struct ep_sim_counters *counters = &sim->vcpus[vcpu].counters;
	uint32_t slot = ep_sim_slot(sim, reason);

	sim->exits[slot] += count;
	sim->cycles[slot] += cycles;
	counters->exits[slot] += count;
	counters->cycles[slot] += cycles;
	if (!count)
		return;
	sim->histogram[slot][ep_sim_bucket(cycles / count)] += count;
	counters->histogram[slot][ep_sim_bucket(cycles / count)] += count;
}

void ep_sim_exit(struct ep_sim *sim, uint32_t reason, uint64_t count, uint64_t cycles)
{
	ep_sim_exit_on(sim, sim->vcpu, reason, count, cycles);
}

uint64_t ep_sim_key(const struct ep_sim *sim, uint32_t reason, uint32_t kind, bool write,
		    uint64_t value)
{
	uint32_t last = ep_sim_slot(sim, reason);
	uint64_t row = 0;

	for (uint32_t slot = 0; slot <= last && ep_sim_handled(sim, last); slot++)
		row += ep_sim_handled(sim, slot);
	return row << EXITPROF_DETAIL_ROW_SHIFT | (uint64_t)write << EXITPROF_DETAIL_WRITE_SHIFT |
	       (uint64_t)kind << EXITPROF_DETAIL_KIND_SHIFT | value;
}

void ep_sim_detail(struct ep_sim *sim, uint64_t key, uint64_t count)
{
	struct ep_sim_vcpu *vcpu = &sim->vcpus[sim->vcpu];

	for (int i = 0; i < EXITPROF_DETAILS_MAX; i++) {
		if (vcpu->keys[i] && vcpu->keys[i] != key)
			continue;
		vcpu->keys[i] = key;
		vcpu->counts[i] += count;
		return;
	}
	vcpu->lost += count;
}

void ep_sim_hop(struct ep_sim *sim)
{
	if (!sim->pinned)
		sim->vcpu = !sim->vcpu;
	sim->switches++;
}

uint64_t ep_sim_sum(const struct ep_sim *sim, const uint64_t *values)
{
	uint64_t total = 0;

	for (uint32_t slot = 0; slot < ep_sim_slots(sim); slot++)
		total += values[slot];
	return total;
}
