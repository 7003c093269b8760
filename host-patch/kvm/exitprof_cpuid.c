// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID leaves that tell a guest how many VM-Exits it has caused, for which
 * reasons, and how long the host took to handle them.
 *
 * See Documentation/virt/kvm/x86/exitprof.rst for the leaves.
 */
#include <linux/bitmap.h>
#include <linux/kvm_host.h>
#include <linux/nospec.h>

#include <asm/tsc.h>

#include "exitprof.h"

struct regs {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
};

/*
 * What a vCPU has latched.  Rows from KVM_EXITPROF_ROW_OTHER on; the first one
 * has no use.
 */
struct kvm_exitprof_latch {
	u32 id;
	struct kvm_exitprof_counts rows[];
};

static void put_u64(u32 *low, u32 *high, u64 value)
{
	*low = lower_32_bits(value);
	*high = upper_32_bits(value);
}

/*
 * Add up one row over the VM's vCPUs.  The VM-Exit of @reader, which is being
 * handled right now, is added to the ones that have been.
 */
static void sum_row(struct kvm_vcpu *reader, u32 i, u64 *exits, u64 *cycles)
{
	const struct kvm_exitprof_row *rows;
	struct kvm_vcpu *vcpu;
	unsigned long j;

	kvm_for_each_vcpu(j, vcpu, reader->kvm) {
		rows = kvm_exitprof_rows(vcpu);
		if (!rows)
			continue;
		*exits += local64_read(&rows[i].exits);
		*cycles += local64_read(&rows[i].cycles);
	}
	if (reader->arch.exitprof.row == kvm_exitprof_rows(reader) + i)
		(*exits)++;
}

static void read_classic(struct kvm_vcpu *vcpu, u32 function, u32 reason, struct regs *regs)
{
	const struct kvm_exitprof_reasons *reasons = &kvm_exitprof_reasons;
	u64 exits = 0, cycles = 0;
	u32 slot, i;

	if (function == KVM_EXITPROF_TOTAL_EXITS || function == KVM_EXITPROF_TOTAL_CYCLES) {
		for (i = KVM_EXITPROF_ROW_OTHER; i < reasons->nr_rows; i++)
			sum_row(vcpu, i, &exits, &cycles);
	} else {
		slot = kvm_exitprof_reason_to_slot(reason);
		if (slot < reasons->nr_slots)
			slot = array_index_nospec(slot, reasons->nr_slots);
		if (slot >= reasons->nr_slots || !test_bit(slot, reasons->defined)) {
			regs->edx = KVM_EXITPROF_UNDEFINED;
			return;
		}
		if (!test_bit(slot, reasons->handled))
			return;
		reason = kvm_exitprof_slot_to_reason(slot);
		i = kvm_exitprof_offset[reason] / sizeof(struct kvm_exitprof_row);
		sum_row(vcpu, i, &exits, &cycles);
	}

	if (function == KVM_EXITPROF_TOTAL_EXITS || function == KVM_EXITPROF_REASON_EXITS)
		put_u64(&regs->eax, &regs->ebx, exits);
	else
		put_u64(&regs->ecx, &regs->ebx, cycles);
}

static u32 handled_word(u32 i)
{
	u32 words[DIV_ROUND_UP(KVM_EXITPROF_MAX_SLOTS, 32)];

	if (i >= ARRAY_SIZE(words))
		return 0;
	bitmap_to_arr32(words, kvm_exitprof_reasons.handled, KVM_EXITPROF_MAX_SLOTS);
	return words[array_index_nospec(i, ARRAY_SIZE(words))];
}

static void discover(struct kvm *kvm, u32 index, u32 level, struct regs *regs)
{
	switch (index) {
	case KVM_EXITPROF_SIGNATURE:
		regs->eax = KVM_EXITPROF_ABI_VERSION;
		regs->ebx = KVM_EXITPROF_SIGNATURE_EBX;
		regs->ecx = KVM_EXITPROF_SIGNATURE_ECX;
		regs->edx = KVM_EXITPROF_SIGNATURE_EDX;
		break;
	case KVM_EXITPROF_HOST:
		regs->eax = kvm_exitprof_reasons.vendor;
		regs->ebx = KVM_EXITPROF_FEATURE_CLASSIC | KVM_EXITPROF_FEATURE_HANDLED;
		if (level == KVM_EXITPROF_LEVEL_FULL)
			regs->ebx |= KVM_EXITPROF_FEATURE_LATCH;
		if (READ_ONCE(kvm_exitprof_details))
			regs->ebx |= KVM_EXITPROF_FEATURE_DETAILS;
		regs->ecx = level;
		break;
	case KVM_EXITPROF_VM:
		regs->eax = kvm_exitprof_reasons.nr_slots;
		regs->ebx = atomic_read(&kvm->online_vcpus);
		regs->ecx = tsc_khz;
		regs->edx = kvm_exitprof_generation(kvm);
		break;
	case KVM_EXITPROF_HANDLED ... KVM_EXITPROF_HANDLED + (KVM_EXITPROF_MAX_SLOTS - 1) / 128:
		index = (index - KVM_EXITPROF_HANDLED) * 4;
		regs->eax = handled_word(index);
		regs->ebx = handled_word(index + 1);
		regs->ecx = handled_word(index + 2);
		regs->edx = handled_word(index + 3);
		break;
	}
}

/* An id is unlike that of any other vCPU, and of the latest million on this one. */
static u32 new_id(struct kvm_vcpu *vcpu)
{
	u32 *count = &vcpu->arch.exitprof.nr_latched;

	BUILD_BUG_ON(KVM_MAX_VCPUS > 4096);
	*count = *count % (BIT(20) - 1) + 1;
	return (u32)vcpu->vcpu_idx << 20 | *count;
}

/* kvm_get_vcpu() clamps an index that is too large. */
static struct kvm_vcpu *find_vcpu(struct kvm *kvm, u32 i)
{
	return i < atomic_read(&kvm->online_vcpus) ? kvm_get_vcpu(kvm, i) : NULL;
}

static void latch(struct kvm_vcpu *vcpu, u32 scope, struct regs *regs)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	struct kvm_exitprof_latch *table = prof->latch;
	u32 nr_rows = kvm_exitprof_reasons.nr_rows;
	struct kvm_vcpu *other = NULL;
	unsigned long i;

	if (!table) {
		table = kvzalloc(struct_size(table, rows, nr_rows), GFP_KERNEL_ACCOUNT);
		if (!table)
			return;
		prof->latch = table;
	}
	table->id = 0;
	if (scope != KVM_EXITPROF_SCOPE_VM) {
		other = find_vcpu(vcpu->kvm, scope);
		if (!other)
			return;
	}

	memset(table->rows, 0, nr_rows * sizeof(*table->rows));
	if (other) {
		kvm_exitprof_add_rows(table->rows, other);
	} else {
		kvm_for_each_vcpu(i, other, vcpu->kvm) {
			kvm_exitprof_add_rows(table->rows, other);
			cond_resched();
		}
	}
	table->id = new_id(vcpu);
	regs->eax = table->id;
	regs->ebx = vcpu->vcpu_idx;
	regs->ecx = nr_rows - KVM_EXITPROF_ROW_OTHER;
	regs->edx = kvm_exitprof_generation(vcpu->kvm);
}

static void read_bitmap(const struct kvm_exitprof_latch *table, struct regs *regs)
{
	u32 words[KVM_EXITPROF_ROWS_MAX / 32] = {};
	u32 i;

	for (i = KVM_EXITPROF_ROW_OTHER; i < kvm_exitprof_reasons.nr_rows; i++) {
		if (table->rows[i].exits)
			words[(i - KVM_EXITPROF_ROW_OTHER) / 32] |=
				BIT((i - KVM_EXITPROF_ROW_OTHER) % 32);
	}
	regs->eax = words[0];
	regs->ebx = words[1];
	regs->ecx = words[2];
	regs->edx = table->id;
}

static void read_row(const struct kvm_exitprof_latch *table, u32 field, u32 i,
		     struct regs *regs)
{
	u32 nr_rows = kvm_exitprof_reasons.nr_rows - KVM_EXITPROF_ROW_OTHER;
	const struct kvm_exitprof_counts *row;
	u64 first, second;

	if (i >= nr_rows)
		return;
	row = &table->rows[array_index_nospec(i, nr_rows) + KVM_EXITPROF_ROW_OTHER];

	switch (field) {
	case KVM_EXITPROF_FIELD_COUNT:
		first = row->exits;
		second = row->cycles;
		break;
	case KVM_EXITPROF_FIELD_AWAY:
		first = row->away;
		second = row->max;
		break;
	default:
		field -= KVM_EXITPROF_FIELD_HISTOGRAM;
		if (field >= KVM_EXITPROF_BUCKETS / 2)
			return;
		field = array_index_nospec(field, KVM_EXITPROF_BUCKETS / 2);
		first = row->hist[2 * field];
		second = row->hist[2 * field + 1];
		break;
	}
	put_u64(&regs->eax, &regs->ebx, first);
	put_u64(&regs->ecx, &regs->edx, second);
}

static void read_details(struct kvm *kvm, u32 operation, u32 operands, struct regs *regs)
{
	const struct kvm_exitprof_details *details;
	struct kvm_vcpu *vcpu = find_vcpu(kvm, operands >> 8);
	u32 i = operands & 0xff;

	if (!vcpu)
		return;
	/* Pairs with the release in kvm_exitprof_allocate_details(). */
	details = smp_load_acquire(&vcpu->arch.exitprof.details);
	if (!details)
		return;

	if (operation == KVM_EXITPROF_DETAIL_LOST) {
		if (!i)
			put_u64(&regs->eax, &regs->ebx, READ_ONCE(details->lost));
		return;
	}
	if (i >= KVM_EXITPROF_DETAILS_MAX)
		return;
	i = array_index_nospec(i, KVM_EXITPROF_DETAILS_MAX);
	/* A key is written after the count that it comes with. */
	put_u64(&regs->eax, &regs->ebx, smp_load_acquire(&details->entry[i].key));
	if (regs->eax || regs->ebx)
		put_u64(&regs->ecx, &regs->edx, READ_ONCE(details->entry[i].count));
}

static void latch_leaf(struct kvm_vcpu *vcpu, u32 index, struct regs *regs)
{
	const struct kvm_exitprof_latch *table = vcpu->arch.exitprof.latch;
	u32 operation = index & 0xff000000, operands = index & 0x00ffffff;

	switch (operation) {
	case KVM_EXITPROF_LATCH:
		latch(vcpu, operands, regs);
		break;
	case KVM_EXITPROF_LATCH_BITMAP:
		if (!operands && table && table->id)
			read_bitmap(table, regs);
		break;
	case KVM_EXITPROF_LATCH_ROW:
		if (table && table->id)
			read_row(table, operands >> 16, operands & 0xffff, regs);
		break;
	}
}

/* Returns false, and changes nothing, if CPUID function *@eax is not one of ours. */
bool kvm_exitprof_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 function = *eax, index = *ecx, level;
	struct regs regs = {};

	if (function < KVM_EXITPROF_LATCH_LEAF || function > KVM_EXITPROF_TOTAL_EXITS)
		return false;

	level = kvm_exitprof_level(vcpu->kvm);
	if (level == KVM_EXITPROF_LEVEL_OFF)
		return false;

	switch (function) {
	case KVM_EXITPROF_DISCOVERY:
		discover(vcpu->kvm, index, level, &regs);
		break;
	case KVM_EXITPROF_LATCH_LEAF:
		if ((index & 0xff000000) == KVM_EXITPROF_DETAIL_KEYS ||
		    (index & 0xff000000) == KVM_EXITPROF_DETAIL_LOST)
			read_details(vcpu->kvm, index & 0xff000000, index & 0x00ffffff, &regs);
		else if (level == KVM_EXITPROF_LEVEL_FULL)
			latch_leaf(vcpu, index, &regs);
		break;
	default:
		read_classic(vcpu, function, index, &regs);
		break;
	}

	*eax = regs.eax;
	*ebx = regs.ebx;
	*ecx = regs.ecx;
	*edx = regs.edx;
	return true;
}
