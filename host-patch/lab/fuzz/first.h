/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FUZZ_FIRST_H
#define FUZZ_FIRST_H

/*
 * @created:	VMs
 * @early:	of them, those whose first vCPU ran to its end before KVM_CREATE_VCPU
 *		had returned
 */
struct first_counts {
	unsigned long created;
	unsigned long early;
};

/*
 * Creates @count VMs with one vCPU, which another thread runs as soon as it has a file
 * descriptor: its guest asks for what belongs to the VM while the vCPU may not be
 * online yet. Needs a preemptible kernel to meet that moment.
 */
void first_run(unsigned long count, struct first_counts *ret);

#endif
