/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-vCPU accounting of VM-Exits by exit reason, and the CPUID leaves through
 * which a guest reads the sums over its own vCPUs.
 *
 * See Documentation/virt/kvm/x86/exitprof.rst for the leaves.
 */
#ifndef __KVM_X86_EXITPROF_H
#define __KVM_X86_EXITPROF_H

#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/jump_label.h>
#include <linux/kvm_host.h>
#include <linux/minmax.h>

#include <asm/local64.h>
#include <asm/msr.h>
#include <asm/svm.h>

#define KVM_EXITPROF_ABI_VERSION	1

/* CPUID functions, at the end of the range that is set aside for hypervisors. */
#define KVM_EXITPROF_TOTAL_EXITS	0x4fffffff
#define KVM_EXITPROF_TOTAL_CYCLES	0x4ffffffe
#define KVM_EXITPROF_REASON_EXITS	0x4ffffffd
#define KVM_EXITPROF_REASON_CYCLES	0x4ffffffc
#define KVM_EXITPROF_DISCOVERY		0x4ffffffb
#define KVM_EXITPROF_LATCH_LEAF		0x4ffffffa

/* EDX for an exit reason that the vendor's manual does not define. */
#define KVM_EXITPROF_UNDEFINED		0xffffffff

/* Subleaves of KVM_EXITPROF_DISCOVERY. */
#define KVM_EXITPROF_SIGNATURE		0
#define KVM_EXITPROF_HOST		1
#define KVM_EXITPROF_VM			2
#define KVM_EXITPROF_HANDLED		0x100

/* "exit" "prof" ".kvm" */
#define KVM_EXITPROF_SIGNATURE_EBX	0x74697865
#define KVM_EXITPROF_SIGNATURE_ECX	0x666f7270
#define KVM_EXITPROF_SIGNATURE_EDX	0x6d766b2e

#define KVM_EXITPROF_FEATURE_CLASSIC	BIT(0)
#define KVM_EXITPROF_FEATURE_HANDLED	BIT(1)
#define KVM_EXITPROF_FEATURE_LATCH	BIT(2)
#define KVM_EXITPROF_FEATURE_DETAILS	BIT(3)

#define KVM_EXITPROF_LEVEL_OFF		0
#define KVM_EXITPROF_LEVEL_CLASSIC	1
#define KVM_EXITPROF_LEVEL_FULL		2

#define KVM_EXITPROF_VENDOR_VMX		1
#define KVM_EXITPROF_VENDOR_SVM		2

/* Operations of KVM_EXITPROF_LATCH_LEAF, in bits 31 to 24 of the subleaf. */
#define KVM_EXITPROF_LATCH		0x00000000
#define KVM_EXITPROF_LATCH_BITMAP	0x01000000
#define KVM_EXITPROF_LATCH_ROW		0x02000000
#define KVM_EXITPROF_DETAIL_KEYS	0x03000000
#define KVM_EXITPROF_DETAIL_LOST	0x04000000
#define KVM_EXITPROF_SCOPE_VM		0xffff

#define KVM_EXITPROF_FIELD_COUNT	0
#define KVM_EXITPROF_FIELD_AWAY		1
#define KVM_EXITPROF_FIELD_HISTOGRAM	2

#define KVM_EXITPROF_ROWS_MAX		96
#define KVM_EXITPROF_BUCKETS		64
#define KVM_EXITPROF_DETAILS_MAX	255

#define KVM_EXITPROF_DETAIL_ROW_SHIFT	56
#define KVM_EXITPROF_DETAIL_WRITE_SHIFT	55
#define KVM_EXITPROF_DETAIL_KIND_SHIFT	48
#define KVM_EXITPROF_DETAIL_PORT	1
#define KVM_EXITPROF_DETAIL_MSR		2
#define KVM_EXITPROF_DETAIL_CPUID	3
#define KVM_EXITPROF_DETAIL_HYPERCALL	4
#define KVM_EXITPROF_DETAIL_MMIO	5

/*
 * Slots are a dense numbering of exit reasons.  On VMX, a slot is the basic exit
 * reason.  SVM's exit codes are sparse: 0x400 to 0x40f, 0xf0000000 (set aside for
 * host software) and the negative codes lie far from the rest.
 */
#define KVM_EXITPROF_VMX_SLOTS		128
#define KVM_EXITPROF_SVM_SLOTS		0x115
#define KVM_EXITPROF_SVM_SLOT_NPF	0x100
#define KVM_EXITPROF_SVM_SLOT_SW	0x110
#define KVM_EXITPROF_SVM_SLOT_NEGATIVE	0x111
#define KVM_EXITPROF_MAX_SLOTS		KVM_EXITPROF_SVM_SLOTS

typedef int (*kvm_exitprof_handler)(struct kvm_vcpu *vcpu);

#ifdef CONFIG_X86_64

/*
 * Rows of struct kvm_vcpu_exitprof and of a table: row 0 is for what belongs to
 * no VM-Exit and is never read, row 1 for all reasons that KVM has no handler
 * for, row i + 1 for the i-th handled reason in the order of slots.
 */
#define KVM_EXITPROF_ROW_VOID	0
#define KVM_EXITPROF_ROW_OTHER	1

/*
 * The VM-Exits of one exit reason on one vCPU, in TSC cycles.
 *
 * There is one writer, the thread that runs the vCPU, hence neither locks nor
 * atomics: a local64_t changes by one plain instruction, never in parts.  The writer
 * changes @max, then @hist, then @cycles, then @exits: a reader that reads them the
 * other way round sees by @exits and the sum of @hist being equal that all three are
 * of one instant, and no exit in @hist above @max.  @away, from VM-Exit to the next
 * VM-Enter, stands alone: it grows at that VM-Enter.
 */
struct kvm_exitprof_row {
	local64_t exits;
	local64_t cycles;
	local64_t away;
	u64 max;
	local64_t hist[KVM_EXITPROF_BUCKETS];
} ____cacheline_aligned;

/*
 * vCPUs run while static keys are patched, site by site.  The hooks have different keys
 * so that the order is defined: reason and time of a VM-Exit are noted (@enabled)
 * whenever it may be counted (@counting) or its time away added (@full).  @hist, whether
 * histograms are written, does not change when the accounting is switched off: a thread
 * that was about to count an exit completes all parts of the row when it runs again.
 */
DECLARE_STATIC_KEY_TRUE(kvm_exitprof_enabled);
DECLARE_STATIC_KEY_TRUE(kvm_exitprof_counting);
DECLARE_STATIC_KEY_TRUE(kvm_exitprof_full);
DECLARE_STATIC_KEY_TRUE(kvm_exitprof_hist);

/*
 * Where the row of an exit reason lies in kvm_vcpu_exitprof.rows, in bytes, for all
 * reasons that may have a handler.  The hooks add to a pointer where others would write
 * [], which CONFIG_UBSAN_BOUNDS checks once more.
 */
#define KVM_EXITPROF_OFFSETS	0x410
extern u32 kvm_exitprof_offset[KVM_EXITPROF_OFFSETS];

/* To be called for all reasons beyond, which share KVM_EXITPROF_ROW_OTHER. */
void kvm_exitprof_other_exit(struct kvm_vcpu *vcpu);

/*
 * To be called when a CPU begins to run the vCPU's thread.  Its TSC may be behind that of
 * the previous CPU; after this, no time is negative.
 */
static __always_inline void kvm_exitprof_load(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;

	if (static_branch_likely(&kvm_exitprof_enabled))
		prof->tsc = min(prof->tsc, rdtsc());
}

/* To be called before VM-Enter, or when it is not attempted, with interrupts off. */
static __always_inline void kvm_exitprof_enter(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	u64 away;

	if (!static_branch_likely(&kvm_exitprof_full))
		return;
	away = rdtsc() - prof->tsc;
	local64_add(away, &prof->row->away);
}

/* Returns KVM_EXITPROF_SVM_SLOTS for an exit code that has no slot. */
static __always_inline u32 kvm_exitprof_svm_slot(u32 exit_code)
{
	if (likely(exit_code < KVM_EXITPROF_SVM_SLOT_NPF))
		return exit_code;
	if (exit_code - SVM_EXIT_NPF <
	    KVM_EXITPROF_SVM_SLOT_SW - KVM_EXITPROF_SVM_SLOT_NPF)
		return exit_code - SVM_EXIT_NPF + KVM_EXITPROF_SVM_SLOT_NPF;
	if (exit_code == SVM_EXIT_SW)
		return KVM_EXITPROF_SVM_SLOT_SW;
	if (exit_code >= (u32)-4)
		return exit_code - (u32)-4 + KVM_EXITPROF_SVM_SLOT_NEGATIVE;
	return KVM_EXITPROF_SVM_SLOTS;
}

/*
 * To be called once for every VM-Exit, as soon as its reason is known.  The reason
 * is not touched while the accounting is off.  Its low 16 bits are the basic exit
 * reason, the others are flags.
 */
static __always_inline void kvm_exitprof_vmx_exit(struct kvm_vcpu *vcpu, const u32 *exit_reason)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	unsigned long reason;

	if (!static_branch_likely(&kvm_exitprof_enabled))
		return;
	prof->tsc = rdtsc();
	reason = READ_ONCE(*(const u16 *)exit_reason);
	if (likely(reason < KVM_EXITPROF_VMX_SLOTS))
		prof->row = prof->rows + *(kvm_exitprof_offset + reason);
	else
		kvm_exitprof_other_exit(vcpu);
}

/* All bits of the exit code count: 32, or 64 in newer kernels. */
static __always_inline void
kvm_exitprof_svm_exit(struct kvm_vcpu *vcpu,
		      typeof_member(struct vmcb_control_area, exit_code) exit_code)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;

	if (!static_branch_likely(&kvm_exitprof_enabled))
		return;
	prof->tsc = rdtsc();
	if (likely(exit_code < KVM_EXITPROF_OFFSETS))
		prof->row = prof->rows + *(kvm_exitprof_offset + exit_code);
	else
		kvm_exitprof_other_exit(vcpu);
}

/*
 * To be called in place of the above when VM-Enter failed or was not attempted:
 * what follows belongs to no VM-Exit.
 */
static __always_inline void kvm_exitprof_no_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;

	if (!static_branch_likely(&kvm_exitprof_enabled))
		return;
	prof->tsc = rdtsc();
	prof->row = prof->rows;
}

/* The same as below for a new maximum, and for no time or less as the TSC has it. */
void kvm_exitprof_add_unusual(struct kvm_exitprof_row *row, u64 cycles);

/* To be called when the most recent VM-Exit has been handled. */
static __always_inline void kvm_exitprof_handled(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitprof *prof = &vcpu->arch.exitprof;
	struct kvm_exitprof_row *row;
	u64 cycles;

	if (!static_branch_likely(&kvm_exitprof_counting))
		return;

	row = READ_ONCE(prof->row);
	cycles = rdtsc();
	/* If the thread moves to another CPU, kvm_exitprof_load() changes prof->tsc. */
	barrier();
	cycles -= prof->tsc;
	if (static_branch_likely(&kvm_exitprof_hist)) {
		if (unlikely(cycles - 1 >= row->max)) {
			kvm_exitprof_add_unusual(row, cycles);
			return;
		}
		local64_inc(row->hist + __fls(cycles));
		smp_wmb();	/* see struct kvm_exitprof_row */
	}
	local64_add(cycles, &row->cycles);
	smp_wmb();	/* see struct kvm_exitprof_row */
	local64_inc(&row->exits);
}

/* For x86.c and the vendor modules. */
void kvm_exitprof_setup(u32 vendor, const kvm_exitprof_handler *handlers, u32 nr_handlers);
void kvm_exitprof_exit_module(void);
void kvm_exitprof_init_vm(struct kvm *kvm);
void kvm_exitprof_exclude_vm(struct kvm *kvm);
int kvm_exitprof_create_vcpu(struct kvm_vcpu *vcpu);
void kvm_exitprof_destroy_vcpu(struct kvm_vcpu *vcpu);

/* For cpuid.c and debugfs.c. */
bool kvm_exitprof_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
void kvm_exitprof_create_vm_debugfs(struct kvm *kvm);
void kvm_exitprof_create_vcpu_debugfs(struct kvm_vcpu *vcpu, struct dentry *dentry);

/*
 * What follows is for exitprof*.c only.
 *
 * What the loaded vendor module is capable of.  @slots tells the slot of a row,
 * @defined and @handled are by slot.
 */
struct kvm_exitprof_reasons {
	u32 vendor;
	u32 nr_slots;
	u32 nr_rows;
	u16 slots[KVM_EXITPROF_ROWS_MAX + 1];
	DECLARE_BITMAP(defined, KVM_EXITPROF_MAX_SLOTS);
	DECLARE_BITMAP(handled, KVM_EXITPROF_MAX_SLOTS);
};

extern struct kvm_exitprof_reasons kvm_exitprof_reasons;

/* A copy of a row, or a sum of them. */
struct kvm_exitprof_counts {
	u64 exits;
	u64 cycles;
	u64 away;
	u64 max;
	u64 hist[KVM_EXITPROF_BUCKETS];
};

struct kvm_exitprof_detail {
	u64 key;
	u64 count;
};

/* Written by the vCPU's own thread; entries are filled from the first one on. */
struct kvm_exitprof_details {
	u64 lost;
	struct kvm_exitprof_detail entry[KVM_EXITPROF_DETAILS_MAX];
};

/*
 * NULL for a vCPU that was created while the accounting was off.  A reader may come
 * across one even so: it may have started before that.
 */
static inline struct kvm_exitprof_row *kvm_exitprof_rows(const struct kvm_vcpu *vcpu)
{
	/* Pairs with the release in allocate_rows(). */
	return smp_load_acquire(&vcpu->arch.exitprof.rows);
}

u32 kvm_exitprof_reason_to_slot(u32 reason);
u32 kvm_exitprof_slot_to_reason(u32 slot);
u32 kvm_exitprof_level(struct kvm *kvm);
u32 kvm_exitprof_generation(struct kvm *kvm);
void kvm_exitprof_add_rows(struct kvm_exitprof_counts *counts, const struct kvm_vcpu *vcpu);

extern bool kvm_exitprof_details;
int kvm_exitprof_allocate_details(struct kvm_vcpu *vcpu);
void kvm_exitprof_setup_details(void);

/* Guards the switches and the list of vCPUs. */
extern struct mutex kvm_exitprof_lock;
extern struct list_head kvm_exitprof_vcpus;

#else /* A counter takes one instruction, and is read in one, only with 64 bits. */

static inline void kvm_exitprof_load(struct kvm_vcpu *vcpu) {}
static inline void kvm_exitprof_enter(struct kvm_vcpu *vcpu) {}
static inline void kvm_exitprof_vmx_exit(struct kvm_vcpu *vcpu, const u32 *exit_reason) {}
static inline void kvm_exitprof_svm_exit(struct kvm_vcpu *vcpu, u64 exit_code) {}
static inline void kvm_exitprof_no_exit(struct kvm_vcpu *vcpu) {}
static inline void kvm_exitprof_handled(struct kvm_vcpu *vcpu) {}
static inline void kvm_exitprof_setup(u32 vendor, const kvm_exitprof_handler *handlers,
				      u32 nr_handlers) {}
static inline void kvm_exitprof_exit_module(void) {}
static inline void kvm_exitprof_init_vm(struct kvm *kvm) {}
static inline void kvm_exitprof_exclude_vm(struct kvm *kvm) {}
static inline int kvm_exitprof_create_vcpu(struct kvm_vcpu *vcpu) { return 0; }
static inline void kvm_exitprof_destroy_vcpu(struct kvm_vcpu *vcpu) {}
static inline bool kvm_exitprof_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
				      u32 *ecx, u32 *edx) { return false; }
static inline void kvm_exitprof_create_vm_debugfs(struct kvm *kvm) {}
static inline void kvm_exitprof_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
						    struct dentry *dentry) {}

#endif

#endif
