// SPDX-License-Identifier: GPL-3.0-or-later
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "contract.h"

/* More than any counter can reach here, and far less than a kernel address. */
#define EXITS_MAX  (1ull << 40)
#define CYCLES_MAX (1ull << 52)

#define OPERATION(subleaf) ((subleaf)&0xff000000)
#define OPERANDS(subleaf)  ((subleaf)&0x00ffffff)

/* The manuals' tables of exit reasons; the kernel's own are in ../../kvm/exitprof.c. */
static const uint32_t vmx_defined[][2] = {
	{ 0, 34 }, { 36, 37 }, { 39, 41 }, { 43, 70 }, { 72, 81 }, { 84, 85 },
};
static const uint32_t svm_defined[][2] = {
	{ 0, 0xa6 },
	{ 0x400, 0x403 },
	{ 0xf0000000, 0xf0000000 },
	{ 0xfffffffc, 0xffffffff },
};

static bool is_defined(uint32_t reason)
{
	unsigned int i;

	if (vm_host_svm()) {
		for (i = 0; i < sizeof(svm_defined) / sizeof(*svm_defined); i++) {
			if (reason >= svm_defined[i][0] && reason <= svm_defined[i][1])
				return true;
		}
		return false;
	}
	for (i = 0; i < sizeof(vmx_defined) / sizeof(*vmx_defined); i++) {
		if (reason >= vmx_defined[i][0] && reason <= vmx_defined[i][1])
			return true;
	}
	return false;
}

/* Returns EXITPROF_SVM_SLOTS for a reason without a slot. */
static uint32_t slot_of(uint32_t reason)
{
	if (!vm_host_svm())
		return reason < EXITPROF_VMX_SLOTS ? reason : EXITPROF_SVM_SLOTS;
	if (reason < 0x100)
		return reason;
	if (reason >= 0x400 && reason <= 0x40f)
		return reason - 0x400 + EXITPROF_SVM_SLOT_NPF;
	if (reason == 0xf0000000)
		return EXITPROF_SVM_SLOT_SW;
	if (reason >= 0xfffffffc)
		return reason - 0xfffffffc + EXITPROF_SVM_SLOT_NEGATIVE;
	return EXITPROF_SVM_SLOTS;
}

static bool is_handled(const struct contract_host *host, uint32_t slot)
{
	return slot < EXITPROF_SVM_SLOTS && host->handled[slot / 32] >> slot % 32 & 1;
}

struct answer {
	const struct contract *contract;
	struct vm_request request;
	uint32_t eax, ebx, ecx, edx;
};

static void __attribute__((noreturn)) wrong(const struct answer *answer, const char *why)
{
	errx(1, "vCPU %u: leaf %#x, subleaf %#x answers %#x %#x %#x %#x: %s",
	     answer->contract->index, answer->request.leaf, answer->request.subleaf, answer->eax,
	     answer->ebx, answer->ecx, answer->edx, why);
}

static bool is(const struct answer *answer, uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
	return answer->eax == eax && answer->ebx == ebx && answer->ecx == ecx && answer->edx == edx;
}

static uint64_t pair(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

/* A counter in EBX and @low. One's own exit makes a count of exits grow by 1. */
static void check_counter(struct contract *contract, const struct answer *answer, uint32_t low,
			  uint64_t *before, uint64_t at_least, uint64_t limit)
{
	uint64_t value = pair(low, answer->ebx);

	if (value >= limit)
		wrong(answer, "no plausible counter");
	if (contract->switched)
		return;
	if (value < *before + at_least)
		wrong(answer, "has gone back");
	*before = value;
}

static void check_classic(struct contract *contract, const struct answer *answer)
{
	uint32_t leaf = answer->request.leaf, reason = answer->request.subleaf;
	uint32_t slot = slot_of(reason);

	if (answer->edx && leaf != EXITPROF_LEAF_REASON_EXITS &&
	    leaf != EXITPROF_LEAF_REASON_CYCLES)
		wrong(answer, "EDX is not 0");
	switch (leaf) {
	case EXITPROF_LEAF_TOTAL_EXITS:
		if (answer->ecx)
			wrong(answer, "ECX is not 0");
		check_counter(contract, answer, answer->eax, &contract->total_exits, 1, EXITS_MAX);
		return;
	case EXITPROF_LEAF_TOTAL_CYCLES:
		if (answer->eax)
			wrong(answer, "EAX is not 0");
		check_counter(contract, answer, answer->ecx, &contract->total_cycles, 0,
			      CYCLES_MAX);
		return;
	}

	if (!is_defined(reason) && !is_handled(&contract->host, slot)) {
		if (!is(answer, 0, 0, 0, EXITPROF_UNDEFINED))
			wrong(answer, "the reason is not defined");
	} else if (!is_handled(&contract->host, slot)) {
		if (!is(answer, 0, 0, 0, 0))
			wrong(answer, "the reason has no handler");
	} else if (answer->edx) {
		wrong(answer, "EDX is not 0");
	} else if (leaf == EXITPROF_LEAF_REASON_EXITS) {
		if (answer->ecx)
			wrong(answer, "ECX is not 0");
		check_counter(contract, answer, answer->eax, &contract->exits[slot], 0, EXITS_MAX);
	} else {
		if (answer->eax)
			wrong(answer, "EAX is not 0");
		check_counter(contract, answer, answer->ecx, &contract->cycles[slot], 0,
			      CYCLES_MAX);
	}
}

static void check_discovery(struct contract *contract, const struct answer *answer)
{
	const struct contract_host *host = &contract->host;
	uint32_t subleaf = answer->request.subleaf, features, i;

	switch (subleaf) {
	case EXITPROF_DISCOVERY_SIGNATURE:
		if (!is(answer, EXITPROF_ABI_VERSION, EXITPROF_SIGNATURE_EBX,
			EXITPROF_SIGNATURE_ECX, EXITPROF_SIGNATURE_EDX))
			wrong(answer, "no signature");
		return;
	case EXITPROF_DISCOVERY_HOST:
		features = EXITPROF_FEATURE_CLASSIC | EXITPROF_FEATURE_HANDLED;
		if (answer->ecx == EXITPROF_LEVEL_FULL)
			features |= EXITPROF_FEATURE_LATCH;
		else if (answer->ecx != EXITPROF_LEVEL_CLASSIC || !contract->switched)
			wrong(answer, "level");
		if (contract->details_ever || contract->switched)
			features |= answer->ebx & EXITPROF_FEATURE_DETAILS;
		if (!is(answer, vm_host_svm() ? EXITPROF_VENDOR_SVM : EXITPROF_VENDOR_VMX, features,
			answer->ecx, 0))
			wrong(answer, "host");
		return;
	case EXITPROF_DISCOVERY_VM:
		if (answer->eax != host->nr_slots || answer->ebx != contract->vm->nr_vcpus ||
		    answer->ecx != host->tsc_khz ||
		    (answer->edx != host->generation && !contract->switched))
			wrong(answer, "VM");
		return;
	}
	i = subleaf - EXITPROF_DISCOVERY_HANDLED;
	if (i < 3) {
		if (!is(answer, host->handled[4 * i], host->handled[4 * i + 1],
			host->handled[4 * i + 2], host->handled[4 * i + 3]))
			wrong(answer, "handled reasons have changed");
	} else if (!is(answer, 0, 0, 0, 0)) {
		wrong(answer, "the subleaf is not listed");
	}
}

static void check_latch(struct contract *contract, const struct answer *answer)
{
	uint32_t scope = OPERANDS(answer->request.subleaf);
	bool exists = scope == EXITPROF_SCOPE_VM || scope < contract->vm->nr_vcpus;

	contract->bitmap_known = false;
	if (!exists || (contract->switched && is(answer, 0, 0, 0, 0))) {
		if (!is(answer, 0, 0, 0, 0))
			wrong(answer, "there is no such vCPU");
		contract->table = 0;
		return;
	}
	if (!answer->eax || answer->eax == contract->table)
		wrong(answer, "id of the table");
	if (answer->ebx != contract->index || answer->ecx != contract->host.nr_rows ||
	    (answer->edx != contract->host.generation && !contract->switched))
		wrong(answer, "table");
	contract->table = answer->eax;
}

static bool beyond_rows(const struct contract *contract, const struct answer *answer)
{
	uint32_t words[3] = { answer->eax, answer->ebx, answer->ecx }, row;

	for (row = contract->host.nr_rows; row < EXITPROF_ROWS_MAX; row++) {
		if (words[row / 32] >> row % 32 & 1)
			return true;
	}
	return false;
}

static void check_bitmap(struct contract *contract, const struct answer *answer)
{
	uint32_t *words = contract->bitmap;

	if (OPERANDS(answer->request.subleaf) || (!contract->table && !contract->switched)) {
		if (!is(answer, 0, 0, 0, 0))
			wrong(answer, "no table, or not listed");
		return;
	}
	/* A latch that was refused leaves the table of before. */
	if (contract->switched) {
		if (beyond_rows(contract, answer))
			wrong(answer, "bitmap");
		return;
	}
	if (answer->edx != contract->table || beyond_rows(contract, answer))
		wrong(answer, "bitmap");
	if (contract->bitmap_known &&
	    (answer->eax != words[0] || answer->ebx != words[1] || answer->ecx != words[2]))
		wrong(answer, "the table has changed");
	words[0] = answer->eax;
	words[1] = answer->ebx;
	words[2] = answer->ecx;
	contract->bitmap_known = true;
}

static void check_row(struct contract *contract, const struct answer *answer)
{
	uint32_t field = OPERANDS(answer->request.subleaf) >> 16;
	uint32_t row = OPERANDS(answer->request.subleaf) & 0xffff;
	bool cycles = field == EXITPROF_FIELD_COUNT || field == EXITPROF_FIELD_AWAY;
	uint64_t first_max = field == EXITPROF_FIELD_AWAY ? CYCLES_MAX : EXITS_MAX;

	if ((!contract->table && !contract->switched) || row >= contract->host.nr_rows ||
	    field >= EXITPROF_FIELD_HISTOGRAM + EXITPROF_BUCKETS / 2) {
		if (!is(answer, 0, 0, 0, 0))
			wrong(answer, "no table, row or field");
		return;
	}
	if (pair(answer->eax, answer->ebx) >= first_max ||
	    pair(answer->ecx, answer->edx) >= (cycles ? CYCLES_MAX : EXITS_MAX))
		wrong(answer, "no plausible counter");
	if (contract->bitmap_known && field == EXITPROF_FIELD_COUNT &&
	    (answer->eax || answer->ebx) != (contract->bitmap[row / 32] >> row % 32 & 1))
		wrong(answer, "row and bitmap differ");
}

static bool is_detail_key(const struct contract *contract, uint64_t key)
{
	uint64_t value = key & ((1ull << EXITPROF_DETAIL_KIND_SHIFT) - 1);

	if (key >> EXITPROF_DETAIL_ROW_SHIFT >= contract->host.nr_rows || (key >> 52 & 7))
		return false;
	switch (key >> EXITPROF_DETAIL_KIND_SHIFT & 0xf) {
	case EXITPROF_DETAIL_PORT:
		return value < 0x10000;
	case EXITPROF_DETAIL_MSR:
	case EXITPROF_DETAIL_CPUID:
		return value < 0x100000000;
	case EXITPROF_DETAIL_HYPERCALL:
		return value == 77; /* what guest_storm asks for */
	case EXITPROF_DETAIL_MMIO:
		return value == 0x300 || value == 0xfee00; /* NO_MEMORY, APIC */
	}
	return false;
}

static void check_details(struct contract *contract, const struct answer *answer)
{
	uint32_t vcpu = OPERANDS(answer->request.subleaf) >> 8;
	uint32_t i = OPERANDS(answer->request.subleaf) & 0xff;
	bool lost = OPERATION(answer->request.subleaf) == EXITPROF_DETAIL_LOST;

	if (is(answer, 0, 0, 0, 0))
		return;
	if (!contract->details_ever)
		wrong(answer, "nobody has asked for details");
	if (vcpu >= contract->vm->nr_vcpus || i >= (lost ? 1 : EXITPROF_DETAILS_MAX))
		wrong(answer, "no such vCPU or detail");
	if (lost) {
		if (answer->ecx || answer->edx || pair(answer->eax, answer->ebx) >= EXITS_MAX)
			wrong(answer, "lost details");
		return;
	}
	if (!is_detail_key(contract, pair(answer->eax, answer->ebx)))
		wrong(answer, "key");
	if (!pair(answer->ecx, answer->edx) || pair(answer->ecx, answer->edx) >= EXITS_MAX)
		wrong(answer, "no plausible counter");
}

static void check_latch_leaf(struct contract *contract, const struct answer *answer)
{
	switch (OPERATION(answer->request.subleaf)) {
	case EXITPROF_LATCH:
		check_latch(contract, answer);
		return;
	case EXITPROF_LATCH_BITMAP:
		check_bitmap(contract, answer);
		return;
	case EXITPROF_LATCH_ROW:
		check_row(contract, answer);
		return;
	case EXITPROF_DETAIL_KEYS:
	case EXITPROF_DETAIL_LOST:
		check_details(contract, answer);
		return;
	}
	if (!is(answer, 0, 0, 0, 0))
		wrong(answer, "no such operation");
}

static bool is_unknown(const struct contract *contract, const struct answer *answer)
{
	const uint32_t *reg = contract->unknown.reg;

	return is(answer, reg[0], reg[1], reg[2], reg[3]);
}

static void check_one(struct contract *contract, const struct answer *answer)
{
	uint32_t leaf = answer->request.leaf;

	if (leaf < EXITPROF_LEAF_LATCH || leaf > EXITPROF_LEAF_TOTAL_EXITS) {
		if (!is_unknown(contract, answer))
			wrong(answer, "not a leaf of ours");
		return;
	}
	if (contract->switched && is_unknown(contract, answer)) {
		contract->refused++;
		return;
	}
	switch (leaf) {
	case EXITPROF_LEAF_DISCOVERY:
		check_discovery(contract, answer);
		return;
	case EXITPROF_LEAF_LATCH:
		check_latch_leaf(contract, answer);
		return;
	default:
		check_classic(contract, answer);
		return;
	}
}

void contract_check(struct contract *contract, const struct vm_vcpu *vcpu, unsigned int nr,
		    bool fault)
{
	struct answer answer = { .contract = contract };
	const uint64_t *reg;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		reg = vcpu->answers[i].reg;
		answer.request = vcpu->requests[i];
		answer.eax = reg[0];
		answer.ebx = reg[1];
		answer.ecx = reg[2];
		answer.edx = reg[3];
		if ((reg[0] | reg[1] | reg[2] | reg[3]) >> 32)
			wrong(&answer, "upper half of a register");
		contract->answers++;
		if (!fault)
			check_one(contract, &answer);
		else if (!is(&answer, VM_ANSWER_GP, VM_ANSWER_GP, VM_ANSWER_GP, VM_ANSWER_GP))
			wrong(&answer, "no #GP with CPUID faulting in user mode");
	}
}

static void request(struct vm_vcpu *vcpu, unsigned int i, uint32_t leaf, uint32_t subleaf)
{
	vcpu->requests[i] = (struct vm_request){ .leaf = leaf, .subleaf = subleaf };
}

void contract_start(struct contract *contract, struct vm_vcpu *vcpu)
{
	struct contract_host *host = &contract->host;
	unsigned int i;

	memset(contract, 0, sizeof(*contract));
	contract->vm = vcpu->vm;
	contract->index = vcpu->index;
	contract->unknown = vm_unknown(vcpu->vm);
	request(vcpu, 0, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_SIGNATURE);
	request(vcpu, 1, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_VM);
	for (i = 0; i < 3; i++)
		request(vcpu, 2 + i, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_HANDLED + i);
	vm_run_batch(vcpu, VM_LONG_KERNEL, false, false, 5);
	if ((uint32_t)vcpu->answers[0].reg[1] != EXITPROF_SIGNATURE_EBX)
		errx(1, "this host has no accounting, or it is off");
	host->nr_slots = vcpu->answers[1].reg[0];
	host->tsc_khz = vcpu->answers[1].reg[2];
	host->generation = vcpu->answers[1].reg[3];
	host->nr_rows = 1;
	for (i = 0; i < 12; i++) {
		host->handled[i] = vcpu->answers[2 + i / 4].reg[i % 4];
		host->nr_rows += __builtin_popcount(host->handled[i]);
	}
	if (host->nr_slots != (vm_host_svm() ? EXITPROF_SVM_SLOTS : EXITPROF_VMX_SLOTS) ||
	    !host->tsc_khz || host->nr_rows < 20 || host->nr_rows > EXITPROF_ROWS_MAX)
		errx(1, "discovery: %u slots, %u kHz, %u rows", host->nr_slots, host->tsc_khz,
		     host->nr_rows);
}

/* One row of a table: 34 answers, EXITPROF_FIELD_COUNT first. */
static void check_whole_row(const struct contract *contract, const struct vm_answer *answers,
			    unsigned int row)
{
	uint64_t exits = pair(answers[0].reg[0], answers[0].reg[1]);
	uint64_t cycles = pair(answers[0].reg[2], answers[0].reg[3]);
	uint64_t away = pair(answers[1].reg[0], answers[1].reg[1]);
	uint64_t max = pair(answers[1].reg[2], answers[1].reg[3]);
	uint64_t sum = 0, least = 0, most = 0, bucket;
	int i, top = -1;

	for (i = 0; i < EXITPROF_BUCKETS; i++) {
		const uint64_t *reg = answers[2 + i / 2].reg + i % 2 * 2;

		bucket = pair(reg[0], reg[1]);
		if (!bucket)
			continue;
		top = i;
		sum += bucket;
		if (i < 52) {
			least += bucket << i;
			most += (bucket << (i + 1)) - bucket;
		}
	}
	/* A vCPU whose thread is preempted may owe the cycles of one exit. */
	if (top >= 0 && top < 52)
		least -= least < (uint64_t)contract->vm->nr_vcpus << top
				 ? least
				 : (uint64_t)contract->vm->nr_vcpus << top;
	if (sum != exits || away < cycles || cycles < least || cycles > most ||
	    (exits && (top >= 52 || max < 1ull << top)))
		errx(1,
		     "vCPU %u, row %u: %llu exits, %llu cycles, %llu away, at most %llu; "
		     "histogram: %llu exits, %llu to %llu cycles, top bucket %d",
		     contract->index, row, (unsigned long long)exits, (unsigned long long)cycles,
		     (unsigned long long)away, (unsigned long long)max, (unsigned long long)sum,
		     (unsigned long long)least, (unsigned long long)most, top);
}

void contract_check_table(struct contract *contract, struct vm_vcpu *vcpu, enum vm_mode mode,
			  bool emulate, uint32_t scope)
{
	const unsigned int fields = EXITPROF_FIELD_HISTOGRAM + EXITPROF_BUCKETS / 2;
	uint32_t id, rows[3];
	unsigned int row, i;

	request(vcpu, 0, EXITPROF_LEAF_LATCH, EXITPROF_LATCH | scope);
	request(vcpu, 1, EXITPROF_LEAF_LATCH, EXITPROF_LATCH_BITMAP);
	vm_run_batch(vcpu, mode, emulate, false, 2);
	contract_check(contract, vcpu, 2, false);
	id = contract->table;
	memcpy(rows, contract->bitmap, sizeof(rows));

	for (row = 0; row < contract->host.nr_rows; row++) {
		for (i = 0; i < fields; i++)
			request(vcpu, i, EXITPROF_LEAF_LATCH, EXITPROF_LATCH_ROW | i << 16 | row);
		request(vcpu, fields, EXITPROF_LEAF_LATCH, EXITPROF_LATCH_BITMAP);
		/* Rows that are 0 take turns: there are many. */
		if (!(rows[row / 32] >> row % 32 & 1) && (row + id) % 16)
			continue;
		vm_run_batch(vcpu, mode, emulate, false, fields + 1);
		contract_check(contract, vcpu, fields + 1, false);
		check_whole_row(contract, vcpu->answers, row);
	}
}
