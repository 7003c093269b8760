/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contract.h - is an answer what include/exitprof/abi.h promises?
 *
 * A struct contract follows one vCPU: what it has latched, and what must not go
 * back. A wrong answer ends the program with a message that names it.
 */
#ifndef FUZZ_CONTRACT_H
#define FUZZ_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "exitprof/abi.h"
#include "vm.h"

/* What the VM tells about itself; the same on all of its vCPUs. */
struct contract_host {
	uint32_t nr_slots;
	uint32_t tsc_khz;
	uint32_t generation;
	uint32_t nr_rows; /* 1 + number of handled reasons */
	uint32_t handled[12];
};

struct contract {
	const struct vm *vm;
	unsigned int index;
	struct vm_unknown unknown;
	struct contract_host host;
	/*
	 * The level and the details may change at any time: what depends on other
	 * answers is not checked then.
	 */
	bool switched;
	bool details_ever;
	uint64_t total_exits;
	uint64_t total_cycles;
	uint64_t exits[EXITPROF_SVM_SLOTS]; /* by slot */
	uint64_t cycles[EXITPROF_SVM_SLOTS];
	uint32_t table; /* id; 0 if there is none */
	bool bitmap_known;
	uint32_t bitmap[3];
	uint64_t answers;
	uint64_t refused; /* leaves that were switched off */
};

/* Asks for the discovery leaves and keeps them. */
void contract_start(struct contract *contract, struct vm_vcpu *vcpu);

/* Checks the first @nr answers of @vcpu, in the order of the requests. */
void contract_check(struct contract *contract, const struct vm_vcpu *vcpu, unsigned int nr,
		    bool fault);

/* Latches, reads all of the table, and checks that it adds up. */
void contract_check_table(struct contract *contract, struct vm_vcpu *vcpu, enum vm_mode mode,
			  bool emulate, uint32_t scope);

#endif
