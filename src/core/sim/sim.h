/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim.h - a host that answers without a CPU, for tests
 *
 * It counts as a patched KVM does: a CPUID is an exit before its handling, so a
 * count includes the CPUID that reads it and cycles do not. The command-line
 * tests reach it through the environment (EXITPROF_TEST_HOST), the unit tests
 * drive it directly:
 *
 *	struct ep_sim sim;
 *
 *	ep_sim_init(&sim, "svm");
 *	sim.before = inject;			// called before every CPUID
 *	ep_sim_exit(&sim, 0x78, 1, 5000);	// one HLT exit of 5000 cycles
 */
#ifndef EP_CORE_SIM_SIM_H
#define EP_CORE_SIM_SIM_H

#include "core/sim/clock.h"
#include "core/sim/state.h"

/*
 * Scenarios:
 *	svm-full, vmx-full		with the latch leaf
 *	svm-details			and with details
 *	vmx-details			details, but no latch leaf
 *	hopping				the latch leaf; every third table is replaced while read
 *	latch-full			the latch leaf, but no table
 *	svm, vmx			with the discovery leaf
 *	svm-nodisc, vmx-nodisc		classic leaves only
 *	vmx-32bit			classic leaves only, EBX always 0
 *	svm-combined, vmx-combined,
 *	svm-reversed, vmx-reversed	those dialects
 *	svm-totals and so on		any of these dialects, with totals only
 *	svm-cpl0, vmx-cpl0		answer at CPL 0 only
 *	stock-amd, stock-intel		unpatched
 *	stock-enlightened		a KVM that shows itself as Hyper-V first
 *	hyperv				no KVM
 *	bare				no VM
 *	torn				exits between any two reads
 *	backwards			counters are reset while the workload runs
 *	restored			the VM is restored meanwhile, and says so
 *
 * All start with some exits of CPUID, I/O, hypercalls and HLT.
 *
 * A scenario may be followed by "+FAULT", once or more. 'exitprof verify' is to find these:
 *	unmarked bounds confused hidden unset wide subleaf others double lost onevcpu sums swapped
 *	early long backwards narrow printk nofast global subleaves histogram edges guest nouser
 *	same ecx race still total frozen echo untimed
 *
 * And these are no faults:
 *	aged		the VM has nearly 2^32 cycles behind it
 *	trap		each CPUID is executed as well, so that it takes the time of one
 *	stray		programs of the guest execute some CPUIDs
 *	crowded		the table of details is full
 *	int, term	the thousandth CPUID sends that signal
 *	norights	the guest's user may not use I/O ports
 *
 * Returns 0, or -EINVAL for an unknown name. Needs no release.
 */
int ep_sim_init(struct ep_sim *sim, const char *scenario);

/* From now on, the guest sleeps as @clock says, and @clock has the CPU time of CPUIDs. */
void ep_sim_live_by(struct ep_sim *sim, struct ep_sim_clock *clock);

/* The scenarios' names, separated by spaces. */
const char *ep_sim_names(void);

#endif /* EP_CORE_SIM_SIM_H */
