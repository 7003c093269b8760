// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounting of VM-Exits by exit reason: what is counted where, and the switch.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/kvm_host.h>
#include <linux/moduleparam.h>
#include <linux/random.h>

#include "exitprof.h"

struct exit_reason_range {
	u32 first;
	u32 last;
};

/* Intel SDM, volume 3, appendix "VMX Basic Exit Reasons". */
static const struct exit_reason_range vmx_defined[] = {
	{ 0, 34 }, { 36, 37 }, { 39, 41 }, { 43, 70 }, { 72, 81 }, { 84, 85 },
};

/* AMD APM, volume 2, appendix "SVM Intercept Exit Codes". */
static const struct exit_reason_range svm_defined[] = {
	{ 0x000, 0x0a6 }, { 0x400, 0x403 }, { 0xf0000000, 0xf0000000 },
	{ (u32)-4, (u32)-1 },
};

static const char * const levels[] = {
	[KVM_EXITPROF_LEVEL_OFF] = "off",
	[KVM_EXITPROF_LEVEL_CLASSIC] = "classic",
	[KVM_EXITPROF_LEVEL_FULL] = "full",
};

DEFINE_STATIC_KEY_TRUE(kvm_exitprof_enabled);
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exitprof_enabled);
DEFINE_STATIC_KEY_TRUE(kvm_exitprof_counting);
DEFINE_STATIC_KEY_TRUE(kvm_exitprof_full);
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exitprof_full);
DEFINE_STATIC_KEY_TRUE(kvm_exitprof_hist);
u32 kvm_exitprof_offset[KVM_EXITPROF_OFFSETS] __read_mostly;
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exitprof_offset);

struct kvm_exitprof_reasons kvm_exitprof_reasons __read_mostly;
DEFINE_MUTEX(kvm_exitprof_lock);
LIST_HEAD(kvm_exitprof_vcpus);

static u32 level = KVM_EXITPROF_LEVEL_FULL;

/*
 * How often the accounting was switched on again: each time leaves a gap in all
 * counters.
 */
static u32 gaps;

/*
 * Changes when exits are counted without their histogram: a vCPU that was there
 * before can no longer be told at the full level.
 */
static u32 full_epoch = 1;

/* Returns nr_slots for an exit reason that has no slot. */
u32 kvm_exitprof_reason_to_slot(u32 reason)
{
	if (kvm_exitprof_reasons.vendor == KVM_EXITPROF_VENDOR_SVM)
		return kvm_exitprof_svm_slot(reason);
	return min_t(u32, reason, KVM_EXITPROF_VMX_SLOTS);
}

u32 kvm_exitprof_slot_to_reason(u32 slot)
{
	if (slot < KVM_EXITPROF_SVM_SLOT_NPF)
		return slot;
	if (slot < KVM_EXITPROF_SVM_SLOT_SW)
		return slot - KVM_EXITPROF_SVM_SLOT_NPF + SVM_EXIT_NPF;
	if (slot == KVM_EXITPROF_SVM_SLOT_SW)
		return SVM_EXIT_SW;
	return slot - KVM_EXITPROF_SVM_SLOT_NEGATIVE - 4;
}

/*
 * Called by the vendor module when it is loaded.  @handlers is indexed by exit
 * reason; a reason without a handler is one that KVM does not enable.
 */
void kvm_exitprof_setup(u32 vendor, const kvm_exitprof_handler *handlers, u32 nr_handlers)
{
	struct kvm_exitprof_reasons *reasons = &kvm_exitprof_reasons;
	const struct exit_reason_range *range;
	u32 nr_ranges, reason, slot, row, i;

	memset(reasons, 0, sizeof(*reasons));
	reasons->vendor = vendor;
	if (vendor == KVM_EXITPROF_VENDOR_SVM) {
		reasons->nr_slots = KVM_EXITPROF_SVM_SLOTS;
		range = svm_defined;
		nr_ranges = ARRAY_SIZE(svm_defined);
	} else {
		reasons->nr_slots = KVM_EXITPROF_VMX_SLOTS;
		range = vmx_defined;
		nr_ranges = ARRAY_SIZE(vmx_defined);
	}

	for (; nr_ranges--; range++)
		bitmap_set(reasons->defined, kvm_exitprof_reason_to_slot(range->first),
			   range->last - range->first + 1);

	if (WARN_ON_ONCE(nr_handlers > KVM_EXITPROF_OFFSETS))
		nr_handlers = KVM_EXITPROF_OFFSETS;
	for (reason = 0; reason < nr_handlers; reason++) {
		slot = kvm_exitprof_reason_to_slot(reason);
		if (handlers[reason] && !WARN_ON_ONCE(slot == reasons->nr_slots))
			__set_bit(slot, reasons->handled);
	}

	/* KVM may know a reason that is newer than the tables above. */
	bitmap_or(reasons->defined, reasons->defined, reasons->handled,
		  KVM_EXITPROF_MAX_SLOTS);

	for (i = 0; i < ARRAY_SIZE(kvm_exitprof_offset); i++)
		kvm_exitprof_offset[i] = KVM_EXITPROF_ROW_OTHER *
					 sizeof(struct kvm_exitprof_row);
	row = KVM_EXITPROF_ROW_OTHER;
	for_each_set_bit(slot, reasons->handled, KVM_EXITPROF_MAX_SLOTS) {
		if (WARN_ON_ONCE(row == KVM_EXITPROF_ROWS_MAX)) {
			__clear_bit(slot, reasons->handled);
			continue;
		}
		reasons->slots[++row] = slot;
		reason = kvm_exitprof_slot_to_reason(slot);
		kvm_exitprof_offset[reason] = row * sizeof(struct kvm_exitprof_row);
	}
	reasons->nr_rows = row + 1;
	kvm_exitprof_setup_details();
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exitprof_setup);

void kvm_exitprof_other_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;

	prof->row = prof->rows + KVM_EXITPROF_ROW_OTHER * sizeof(*prof->row);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exitprof_other_exit);

void kvm_exitprof_add_unusual(struct kvm_exitprof_row *row, u64 cycles)
{
	if ((s64)cycles <= 0)
		cycles = 1;
	if (cycles > row->max)
		WRITE_ONCE(row->max, cycles);
	smp_wmb();	/* see struct kvm_exitprof_row */
	local64_inc(&row->hist[__fls(cycles)]);
	smp_wmb();	/* see struct kvm_exitprof_row */
	local64_add(cycles, &row->cycles);
	smp_wmb();	/* see struct kvm_exitprof_row */
	local64_inc(&row->exits);
}

static int allocate_rows(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	void *rows;

	lockdep_assert_held(&kvm_exitprof_lock);

	if (prof->rows)
		return 0;
	rows = kvcalloc(kvm_exitprof_reasons.nr_rows, sizeof(struct kvm_exitprof_row),
			GFP_KERNEL_ACCOUNT);
	if (!rows)
		return -ENOMEM;
	WRITE_ONCE(prof->full_epoch, level == KVM_EXITPROF_LEVEL_FULL ? full_epoch : 0);
	/* Pairs with the acquire in kvm_exitprof_rows(). */
	smp_store_release(&prof->rows, rows);
	return 0;
}

void kvm_exitprof_init_vm(struct kvm *kvm)
{
	kvm->arch.exitprof.generation = get_random_u32();
}

/*
 * To be called before @kvm has vCPUs, if these do not run by a function with hooks: the
 * guest sees no accounting rather than counters that stay 0.
 */
void kvm_exitprof_exclude_vm(struct kvm *kvm)
{
	kvm->arch.exitprof.excluded = true;
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_exitprof_exclude_vm);

int kvm_exitprof_create_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	int r = 0;

	mutex_lock(&kvm_exitprof_lock);
	if (level != KVM_EXITPROF_LEVEL_OFF)
		r = allocate_rows(vcpu);
	if (!r && kvm_exitprof_details)
		r = kvm_exitprof_allocate_details(vcpu);
	if (!r) {
		prof->row = prof->rows;
		list_add(&prof->node, &kvm_exitprof_vcpus);
	} else {
		kvfree(prof->rows);
	}
	mutex_unlock(&kvm_exitprof_lock);
	return r;
}

void kvm_exitprof_destroy_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;

	mutex_lock(&kvm_exitprof_lock);
	list_del(&prof->node);
	mutex_unlock(&kvm_exitprof_lock);
	kvfree(prof->rows);
	kvfree(prof->latch);
	kfree(prof->details);
}

static struct kvm_vcpu *vcpu_of(struct kvm_vcpu_exitprof *prof)
{
	return container_of(prof, struct kvm_vcpu, arch.exitprof);
}

/*
 * To be called while exits are not counted: what is still being done for an exit of
 * before belongs to no row.
 */
static int void_rows(void)
{
	struct kvm_vcpu_exitprof *prof;
	int r;

	list_for_each_entry(prof, &kvm_exitprof_vcpus, node) {
		r = allocate_rows(vcpu_of(prof));
		if (r)
			return r;
		WRITE_ONCE(prof->row, prof->rows);
	}
	return 0;
}

static void set_full(bool full)
{
	if (full) {
		static_branch_enable(&kvm_exitprof_hist);
		static_branch_enable(&kvm_exitprof_full);
	} else {
		static_branch_disable(&kvm_exitprof_full);
		static_branch_disable(&kvm_exitprof_hist);
	}
}

static int switch_on(void)
{
	int r = void_rows();

	if (r)
		return r;
	WRITE_ONCE(gaps, gaps + 1);
	set_full(level == KVM_EXITPROF_LEVEL_FULL);
	static_branch_enable(&kvm_exitprof_enabled);
	static_branch_enable(&kvm_exitprof_counting);
	return 0;
}

/*
 * A vCPU's thread may be anywhere in kvm_exitprof_handled(), and stay there until the
 * accounting is on again: kvm_exitprof_hist is as it was.
 */
static void switch_off(void)
{
	static_branch_disable(&kvm_exitprof_counting);
	static_branch_disable(&kvm_exitprof_full);
	static_branch_disable(&kvm_exitprof_enabled);
}

static int set_level(const char *value, const struct kernel_param *kp)
{
	int new = sysfs_match_string(levels, value), r = 0;
	u32 old;

	if (new < 0)
		return new;

	mutex_lock(&kvm_exitprof_lock);
	old = level;
	level = new;
	if (new == KVM_EXITPROF_LEVEL_CLASSIC)
		WRITE_ONCE(full_epoch, full_epoch + 1);

	if (new == KVM_EXITPROF_LEVEL_OFF)
		switch_off();
	else if (old == KVM_EXITPROF_LEVEL_OFF)
		r = switch_on();
	else
		set_full(new == KVM_EXITPROF_LEVEL_FULL);
	if (r)
		level = KVM_EXITPROF_LEVEL_OFF;
	mutex_unlock(&kvm_exitprof_lock);
	return r;
}

static int get_level(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", levels[READ_ONCE(level)]);
}

static const struct kernel_param_ops level_ops = {
	.set = set_level,
	.get = get_level,
};

module_param_cb(exitprof, &level_ops, NULL, 0644);
MODULE_PARM_DESC(exitprof, "Accounting of VM-Exits by reason: off, classic (count and handling cycles) or full");

/* The level at which all counters of @kvm are complete and belong together. */
u32 kvm_exitprof_level(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	if (!static_branch_likely(&kvm_exitprof_counting) || kvm->arch.exitprof.excluded)
		return KVM_EXITPROF_LEVEL_OFF;
	if (!static_branch_likely(&kvm_exitprof_full))
		return KVM_EXITPROF_LEVEL_CLASSIC;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		if (READ_ONCE(vcpu->arch.exitprof.full_epoch) != READ_ONCE(full_epoch))
			return KVM_EXITPROF_LEVEL_CLASSIC;
	}
	return KVM_EXITPROF_LEVEL_FULL;
}

u32 kvm_exitprof_generation(struct kvm *kvm)
{
	return kvm->arch.exitprof.generation + READ_ONCE(gaps);
}

/*
 * Read one row such that exits, cycles and histogram are of one instant, see
 * struct kvm_exitprof_row.  Should the vCPU's thread have been preempted right in
 * between, that exit's cycles may be missing.
 */
static void read_row(struct kvm_exitprof_counts *ret, const struct kvm_exitprof_row *row)
{
	u64 exits;
	int i, tries;

	for (tries = 0; tries < 64; tries++) {
		exits = local64_read(&row->exits);
		smp_rmb();	/* see struct kvm_exitprof_row */
		ret->cycles = local64_read(&row->cycles);
		smp_rmb();	/* see struct kvm_exitprof_row */
		ret->exits = 0;
		for (i = 0; i < KVM_EXITPROF_BUCKETS; i++) {
			ret->hist[i] = local64_read(&row->hist[i]);
			ret->exits += ret->hist[i];
		}
		if (ret->exits == exits)
			break;
		cpu_relax();
	}
	smp_rmb();	/* see struct kvm_exitprof_row */
	ret->max = READ_ONCE(row->max);
	/* The time away of an exit that has been handled may be yet to come. */
	ret->away = max_t(s64, local64_read(&row->away), ret->cycles);
}

/* Add the rows of @vcpu, which accounts at the full level, to @counts. */
void kvm_exitprof_add_rows(struct kvm_exitprof_counts *counts, const struct kvm_vcpu *vcpu)
{
	const struct kvm_exitprof_row *rows = kvm_exitprof_rows(vcpu);
	struct kvm_exitprof_counts copy, *sum;
	int i, bucket;

	if (!rows)
		return;
	for (i = KVM_EXITPROF_ROW_OTHER; i < kvm_exitprof_reasons.nr_rows; i++) {
		if (!local64_read(&rows[i].exits))
			continue;
		read_row(&copy, &rows[i]);
		sum = &counts[i];
		sum->exits += copy.exits;
		sum->cycles += copy.cycles;
		sum->away += copy.away;
		sum->max = max(sum->max, copy.max);
		for (bucket = 0; bucket < KVM_EXITPROF_BUCKETS; bucket++)
			sum->hist[bucket] += copy.hist[bucket];
	}
}
