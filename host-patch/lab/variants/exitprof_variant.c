// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the lab only: a host that answers in another dialect, or with one of the
 * faults that hosts written for a course are known for, to test the guest's tool
 * with. ./apply builds it into a copy of the patched KVM.
 *
 * Most variants take what the patch counts and spoil the answer. The naive ones
 * count by themselves, in globals, as a first attempt would.
 *
 * The variant is chosen by the module parameter exitprof_variant, and by a guest
 * through CPUID function 0x4fffff00 with the variant's index in ECX, which answers
 * EAX = 1, so that one guest can look at all of them. There is one for all VMs.
 */
#include <linux/kvm_host.h>
#include <linux/moduleparam.h>

#include "exitprof.h"

#define VARIANT_LEAF	0x4fffff00

enum figure { TOTAL_EXITS, TOTAL_CYCLES, REASON_EXITS, REASON_CYCLES, FIGURES };

/* By figure; 0 is none. */
struct dialect {
	u32 leaf[FIGURES];
};

static const struct dialect classic = { { 0x4fffffff, 0x4ffffffe, 0x4ffffffd, 0x4ffffffc } };
static const struct dialect combined = { { 0x4fffffff, 0x4fffffff, 0x4ffffffe } };
static const struct dialect reversed = { { 0x4ffffffc, 0x4ffffffd, 0x4ffffffe, 0x4fffffff } };

#define SWAPPED		BIT(0)	/* high and low half of cycles exchanged */
#define UNSET		BIT(1)	/* registers that are not part of the answer not written */
#define CONFUSED	BIT(2)	/* a reason without a handler taken for an undefined one */
#define UNMARKED	BIT(3)	/* an undefined reason answers zeros */
#define BOUNDS		BIT(4)	/* a reason beyond the table answers what lies behind it */
#define NARROW		BIT(5)	/* cycles of 32 bits */
#define ONE_VCPU	BIT(6)	/* the calling vCPU's counters only */
#define NAIVE		BIT(7)	/* from the naive counters */
#define RACE		BIT(8)	/* which lose updates */
#define EARLY		BIT(9)	/* whose time is read before the handler runs */
#define NO_FASTPATH	BIT(10)	/* which miss VM-Exits handled in the fastpath */

static const struct variant {
	const char *name;
	const struct dialect *dialect;
	u32 faults;
} variants[] = {
	{ "none" },
	{ "classic", &classic },
	{ "combined", &combined },
	{ "reversed", &reversed },
	{ "swapped", &classic, SWAPPED },
	{ "unset", &classic, UNSET },
	{ "confused", &classic, CONFUSED },
	{ "unmarked", &classic, UNMARKED },
	{ "bounds", &classic, BOUNDS },
	{ "narrow", &classic, NARROW },
	{ "onevcpu", &classic, ONE_VCPU },
	{ "naive", &classic, NAIVE },
	{ "race", &classic, NAIVE | RACE },
	{ "early", &classic, NAIVE | EARLY },
	{ "nofast", &classic, NAIVE | NO_FASTPATH },
};

static u32 chosen;

/* As in the course: one counter for all VMs, and no atomics. */
static u64 total_exits, total_cycles;
static u64 exits_of[KVM_EXITPROF_MAX_SLOTS], cycles_of[KVM_EXITPROF_MAX_SLOTS];

/*
 * The lab's host has one CPU, where two vCPUs would never meet between a read and
 * the write after it: the scheduler has to help.
 */
static void naive_add(u64 *counter, u64 value, bool race)
{
	u64 old = READ_ONCE(*counter);

	if (race && !(old & 15))
		yield();
	WRITE_ONCE(*counter, old + value);
}

static void naive_count(struct kvm_vcpu *vcpu, u64 start, u32 faults)
{
	const struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	u32 i, slot;
	u64 cycles;

	if (!prof->rows || prof->row == prof->rows)
		return;
	if (faults & EARLY)
		start = rdtsc();
	cycles = rdtsc() - start;
	naive_add(&total_exits, 1, faults & RACE);
	naive_add(&total_cycles, cycles, false);
	i = prof->row - kvm_exitprof_rows(vcpu);
	if (i == KVM_EXITPROF_ROW_OTHER)
		return;
	slot = kvm_exitprof_reasons.slots[i];
	naive_add(&exits_of[slot], 1, faults & RACE);
	naive_add(&cycles_of[slot], cycles, false);
}

/* In place of kvm_exitprof_handled(). */
void exitprof_variant_handled(struct kvm_vcpu *vcpu)
{
	u64 start = vcpu->arch.exitprof.tsc;

	kvm_exitprof_handled(vcpu);
	naive_count(vcpu, start, variants[READ_ONCE(chosen)].faults);
}

void exitprof_variant_fastpath(struct kvm_vcpu *vcpu)
{
	u64 start = vcpu->arch.exitprof.tsc;
	u32 faults = variants[READ_ONCE(chosen)].faults;

	kvm_exitprof_handled(vcpu);
	/* Interrupts are off. */
	if (!(faults & NO_FASTPATH))
		naive_count(vcpu, start, faults & ~RACE);
}

static u32 row_of(u32 slot)
{
	u32 reason = kvm_exitprof_slot_to_reason(slot);

	if (reason >= KVM_EXITPROF_OFFSETS)
		return KVM_EXITPROF_ROW_OTHER;
	return kvm_exitprof_offset[reason] / sizeof(struct kvm_exitprof_row);
}

static u64 of_vcpu(struct kvm_vcpu *vcpu, enum figure figure, u32 slot)
{
	u32 first = KVM_EXITPROF_ROW_OTHER, last = kvm_exitprof_reasons.nr_rows - 1, i;
	const struct kvm_exitprof_row *rows = kvm_exitprof_rows(vcpu);
	u64 value = 0;

	if (!rows)
		return 0;

	if (figure == REASON_EXITS || figure == REASON_CYCLES)
		first = last = row_of(slot);
	for (i = first; i <= last; i++)
		value += figure == TOTAL_EXITS || figure == REASON_EXITS ?
			 local64_read(&rows[i].exits) : local64_read(&rows[i].cycles);
	return value;
}

static u64 naive_value(enum figure figure, u32 slot)
{
	switch (figure) {
	case TOTAL_EXITS:
		return total_exits;
	case TOTAL_CYCLES:
		return total_cycles;
	case REASON_EXITS:
		return exits_of[slot];
	default:
		return cycles_of[slot];
	}
}

/* What the patch itself answers. */
static u64 true_value(struct kvm_vcpu *vcpu, enum figure figure, u32 reason)
{
	u32 eax = classic.leaf[figure], ebx = 0, ecx = reason, edx = 0;

	kvm_exitprof_cpuid(vcpu, &eax, &ebx, &ecx, &edx);
	return (u64)ebx << 32 | (figure == TOTAL_EXITS || figure == REASON_EXITS ? eax : ecx);
}

/* Returns false if @regs hold the whole answer: there is no such number. */
static bool find_slot(const struct variant *variant, u32 reason, u32 *slot, u32 regs[4])
{
	const struct kvm_exitprof_reasons *reasons = &kvm_exitprof_reasons;

	*slot = kvm_exitprof_reason_to_slot(reason);
	if (*slot >= reasons->nr_slots || !test_bit(*slot, reasons->defined)) {
		memset(regs, 0, 4 * sizeof(*regs));
		if (variant->faults & BOUNDS)
			regs[0] = 0x1d0 + reason * 8;
		else if (!(variant->faults & UNMARKED))
			regs[3] = KVM_EXITPROF_UNDEFINED;
		return false;
	}
	if (!test_bit(*slot, reasons->handled)) {
		memset(regs, 0, 4 * sizeof(*regs));
		if (variant->faults & CONFUSED)
			regs[3] = KVM_EXITPROF_UNDEFINED;
		return false;
	}
	return true;
}

static void put(const struct variant *variant, enum figure figure, u64 value, u32 regs[4])
{
	u32 high = variant->faults & NARROW ? 0 : upper_32_bits(value);

	if (figure == TOTAL_EXITS || figure == REASON_EXITS) {
		regs[0] = lower_32_bits(value);
		if (variant->dialect == &classic && !(variant->faults & UNSET))
			regs[1] = upper_32_bits(value);
	} else if (variant->faults & SWAPPED) {
		regs[1] = lower_32_bits(value);
		regs[2] = high;
	} else {
		regs[1] = high;
		regs[2] = lower_32_bits(value);
	}
}

static bool answer(struct kvm_vcpu *vcpu, const struct variant *variant, u32 leaf, u32 regs[4])
{
	u32 reason = regs[2], slot = 0, faults = variant->faults;
	enum figure figure;
	bool ours = false;
	u64 value;

	for (figure = 0; figure < FIGURES; figure++) {
		if (variant->dialect->leaf[figure] != leaf)
			continue;
		/* As variables that nobody has set: EAX and ECX still hold the guest's. */
		if (!ours && faults & UNSET)
			regs[1] = regs[3] = lower_32_bits(rdtsc());
		else if (!ours)
			memset(regs, 0, 4 * sizeof(*regs));
		ours = true;
		if ((figure == REASON_EXITS || figure == REASON_CYCLES) &&
		    !find_slot(variant, reason, &slot, regs))
			return true;
		if (faults & ONE_VCPU)
			value = of_vcpu(vcpu, figure, slot);
		else if (faults & NAIVE)
			value = naive_value(figure, slot);
		else
			value = true_value(vcpu, figure, reason);
		put(variant, figure, value, regs);
	}
	return ours;
}

/* In place of kvm_exitprof_cpuid(). */
bool exitprof_variant_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	const struct variant *variant = &variants[READ_ONCE(chosen)];
	u32 regs[] = { *eax, *ebx, *ecx, *edx };

	if (*eax == VARIANT_LEAF) {
		*eax = *ecx < ARRAY_SIZE(variants);
		if (*eax)
			WRITE_ONCE(chosen, *ecx);
		*ebx = *ecx = *edx = 0;
		return true;
	}
	if (!variant->dialect)
		return kvm_exitprof_cpuid(vcpu, eax, ebx, ecx, edx);
	if (!answer(vcpu, variant, *eax, regs))
		return false;
	*eax = regs[0];
	*ebx = regs[1];
	*ecx = regs[2];
	*edx = regs[3];
	return true;
}

static int set_variant(const char *value, const struct kernel_param *kp)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		if (!sysfs_streq(value, variants[i].name))
			continue;
		WRITE_ONCE(chosen, i);
		return 0;
	}
	return -EINVAL;
}

static int get_variant(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", variants[READ_ONCE(chosen)].name);
}

static const struct kernel_param_ops variant_ops = {
	.set = set_variant,
	.get = get_variant,
};

module_param_cb(exitprof_variant, &variant_ops, NULL, 0644);
MODULE_PARM_DESC(exitprof_variant, "For tests: another dialect of the leaves, or one with a fault");
