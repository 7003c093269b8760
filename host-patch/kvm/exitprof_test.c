// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test the CPUID leaves that tell a guest about its VM-Exits by exit reason, see
 * Documentation/virt/kvm/x86/exitprof.rst.
 *
 * The guest does what it is asked to do between two reads of a leaf; everything
 * is judged by the host's side of the test.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "test_util.h"
#include "kvm_util.h"
#include "processor.h"
#include "vmx.h"
#include "svm_util.h"

#define KVM_EXITPROF_ABI_VERSION	1

#define KVM_EXITPROF_TOTAL_EXITS	0x4fffffff
#define KVM_EXITPROF_TOTAL_CYCLES	0x4ffffffe
#define KVM_EXITPROF_REASON_EXITS	0x4ffffffd
#define KVM_EXITPROF_REASON_CYCLES	0x4ffffffc
#define KVM_EXITPROF_DISCOVERY		0x4ffffffb
#define KVM_EXITPROF_LATCH_LEAF		0x4ffffffa

#define KVM_EXITPROF_UNDEFINED		0xffffffff

#define KVM_EXITPROF_SIGNATURE		0
#define KVM_EXITPROF_HOST		1
#define KVM_EXITPROF_VM			2
#define KVM_EXITPROF_HANDLED		0x100

#define KVM_EXITPROF_SIGNATURE_EBX	0x74697865
#define KVM_EXITPROF_SIGNATURE_ECX	0x666f7270
#define KVM_EXITPROF_SIGNATURE_EDX	0x6d766b2e

#define KVM_EXITPROF_FEATURE_CLASSIC	BIT(0)
#define KVM_EXITPROF_FEATURE_HANDLED	BIT(1)
#define KVM_EXITPROF_FEATURE_LATCH	BIT(2)
#define KVM_EXITPROF_FEATURE_DETAILS	BIT(3)

#define KVM_EXITPROF_LEVEL_CLASSIC	1
#define KVM_EXITPROF_LEVEL_FULL		2

#define KVM_EXITPROF_VENDOR_VMX		1
#define KVM_EXITPROF_VENDOR_SVM		2

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
#define KVM_EXITPROF_DETAIL_CPUID	3

#define KVM_EXITPROF_VMX_SLOTS		128
#define KVM_EXITPROF_SVM_SLOTS		0x115
#define KVM_EXITPROF_SVM_SLOT_NPF	0x100
#define KVM_EXITPROF_SVM_SLOT_SW	0x110
#define KVM_EXITPROF_SVM_SLOT_NEGATIVE	0x111

/* Neither answered by KVM itself nor by anything else. */
#define UNUSED_LEAF			0x4fffff00
#define UNUSED_PORT			0x80

#define NR_VCPUS			2
#define LEVEL				"/sys/module/kvm/parameters/exitprof"
#define DETAILS				"/sys/module/kvm/parameters/exitprof_details"

enum operation {
	DO_NOTHING,
	DO_CPUID,
	DO_OUT,
	DO_HLT,
	DO_LATCH,	/* into request.table, all rows of the scope request.index */
	DO_STORM,	/* until request.stop */
};

struct regs {
	u32 eax, ebx, ecx, edx;
};

struct row {
	u64 exits, cycles, away, max;
	u64 hist[KVM_EXITPROF_BUCKETS];
};

struct table {
	struct regs latched, bitmap;
	struct row rows[KVM_EXITPROF_ROWS_MAX];
};

/* What a vCPU is to do, between reads of one leaf. */
struct request {
	enum operation operation;
	u32 function, index;
	u64 times;
	bool stop;
	struct regs before, after;
	struct table table;
};

static struct request requests[NR_VCPUS];

/* Exit reasons and slots of this vendor. */
static struct {
	u32 cpuid, io, hlt, unhandled, undefined, nr_slots;
} reason;

static char *level_before, *details_before;

static void guest_cpuid(u32 function, u32 index, struct regs *regs)
{
	__cpuid(function, index, &regs->eax, &regs->ebx, &regs->ecx, &regs->edx);
}

static u64 pair(u32 low, u32 high)
{
	return (u64)high << 32 | low;
}

static void guest_latch(struct table *table, u32 scope)
{
	struct regs regs;
	struct row *row;
	u32 i, index, field, bucket, leaf = KVM_EXITPROF_LATCH_LEAF;

	guest_cpuid(leaf, KVM_EXITPROF_LATCH | scope, &table->latched);
	for (i = 0; i < table->latched.ecx && i < KVM_EXITPROF_ROWS_MAX; i++) {
		row = &table->rows[i];
		index = KVM_EXITPROF_LATCH_ROW | i;
		guest_cpuid(leaf, index | KVM_EXITPROF_FIELD_COUNT << 16, &regs);
		row->exits = pair(regs.eax, regs.ebx);
		row->cycles = pair(regs.ecx, regs.edx);
		guest_cpuid(leaf, index | KVM_EXITPROF_FIELD_AWAY << 16, &regs);
		row->away = pair(regs.eax, regs.ebx);
		row->max = pair(regs.ecx, regs.edx);
		for (bucket = 0; bucket < KVM_EXITPROF_BUCKETS; bucket += 2) {
			field = KVM_EXITPROF_FIELD_HISTOGRAM + bucket / 2;
			guest_cpuid(leaf, index | field << 16, &regs);
			row->hist[bucket] = pair(regs.eax, regs.ebx);
			row->hist[bucket + 1] = pair(regs.ecx, regs.edx);
		}
	}
	guest_cpuid(leaf, KVM_EXITPROF_LATCH_BITMAP, &table->bitmap);
}

static void guest_do(struct request *request)
{
	struct regs regs;
	u64 i;

	switch (request->operation) {
	case DO_CPUID:
		for (i = 0; i < request->times; i++)
			guest_cpuid(UNUSED_LEAF, 0, &regs);
		break;
	case DO_OUT:
		for (i = 0; i < request->times; i++)
			asm volatile("outb %%al, %%dx" : : "a" (0), "d" (UNUSED_PORT));
		break;
	case DO_HLT:
		for (i = 0; i < request->times; i++)
			asm volatile("hlt");
		break;
	case DO_LATCH:
		guest_latch(&request->table, request->index);
		break;
	case DO_STORM:
		while (!READ_ONCE(request->stop)) {
			guest_cpuid(UNUSED_LEAF, 0, &regs);
			rdmsr(MSR_IA32_APICBASE);
		}
		break;
	case DO_NOTHING:
		break;
	}
}

static void guest_main(u64 i)
{
	struct request *request = &requests[i];

	for (;;) {
		if (request->operation == DO_LATCH || request->operation == DO_STORM) {
			guest_do(request);
		} else {
			guest_cpuid(request->function, request->index, &request->before);
			guest_do(request);
			guest_cpuid(request->function, request->index, &request->after);
		}
		GUEST_SYNC(0);
	}
}

/* A HLT with nothing to wake the vCPU up ends with the next tick of the timer. */
static void tick(bool on)
{
	struct itimerval timer = {};

	if (on) {
		timer.it_interval.tv_usec = 5000;
		timer.it_value = timer.it_interval;
	}
	TEST_ASSERT(!setitimer(ITIMER_REAL, &timer, NULL), "setitimer() failed");
}

static void on_tick(int signal)
{
}

static void wake_up(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state state;

	vcpu_mp_state_get(vcpu, &state);
	if (state.mp_state != KVM_MP_STATE_HALTED)
		return;
	state.mp_state = KVM_MP_STATE_RUNNABLE;
	vcpu_mp_state_set(vcpu, &state);
}

static void run(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	for (;;) {
		if (__vcpu_run(vcpu)) {
			TEST_ASSERT(errno == EINTR, "KVM_RUN failed, errno %d", errno);
			wake_up(vcpu);
			continue;
		}
		TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_IO,
			    "Unexpected exit to userspace: %u", vcpu->run->exit_reason);
		switch (get_ucall(vcpu, &uc)) {
		case UCALL_SYNC:
			return;
		case UCALL_NONE:
			break;
		default:
			TEST_FAIL("Unexpected ucall");
		}
	}
}

static struct request *ask(struct kvm_vcpu *vcpu, enum operation operation, u64 times,
			   u32 function, u32 index)
{
	struct request *request = &requests[vcpu->id];

	request->operation = operation;
	request->times = times;
	request->function = function;
	request->index = index;
	sync_global_to_guest(vcpu->vm, requests[vcpu->id]);
	run(vcpu);
	sync_global_from_guest(vcpu->vm, requests[vcpu->id]);
	return request;
}

static struct regs cpuid_of(struct kvm_vcpu *vcpu, u32 function, u32 index)
{
	return ask(vcpu, DO_NOTHING, 0, function, index)->before;
}

static bool equal(struct regs a, struct regs b)
{
	return !memcmp(&a, &b, sizeof(a));
}

static bool is_zero(struct regs regs)
{
	return equal(regs, (struct regs) {});
}

static struct kvm_vm *create_vm(u32 nr_vcpus, struct kvm_vcpu **vcpus)
{
	struct kvm_vm *vm = vm_create_with_vcpus(nr_vcpus, guest_main, vcpus);
	u32 i;

	for (i = 0; i < nr_vcpus; i++)
		vcpu_args_set(vcpus[i], 1, (u64)i);
	return vm;
}

/* Exits of one reason by the classic leaf, of which one is the read's own. */
static u64 exits_of(struct regs regs)
{
	TEST_ASSERT(!regs.ecx && !regs.edx, "ECX %#x, EDX %#x, expected 0", regs.ecx, regs.edx);
	return pair(regs.eax, regs.ebx);
}

static u64 cycles_of(struct regs regs)
{
	TEST_ASSERT(!regs.eax && !regs.edx, "EAX %#x, EDX %#x, expected 0", regs.eax, regs.edx);
	return pair(regs.ecx, regs.ebx);
}

static bool handled(struct kvm_vcpu *vcpu, u32 slot)
{
	struct regs regs = cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY,
				    KVM_EXITPROF_HANDLED + slot / 128);
	u32 words[] = { regs.eax, regs.ebx, regs.ecx, regs.edx };

	return words[slot % 128 / 32] & BIT(slot % 32);
}

/* The row of a handled reason below 256. */
static u32 row_of(struct kvm_vcpu *vcpu, u32 wanted)
{
	u32 slot, row = 1;

	for (slot = 0; slot < wanted; slot++)
		row += handled(vcpu, slot);
	return row;
}

static void test_discovery(struct kvm_vcpu *vcpu)
{
	struct regs regs = cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_SIGNATURE);

	TEST_ASSERT(regs.ebx == KVM_EXITPROF_SIGNATURE_EBX &&
		    regs.ecx == KVM_EXITPROF_SIGNATURE_ECX &&
		    regs.edx == KVM_EXITPROF_SIGNATURE_EDX,
		    "No signature: this KVM has no exitprof");
	TEST_ASSERT(regs.eax == KVM_EXITPROF_ABI_VERSION, "ABI version %u", regs.eax);

	regs = cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_HOST);
	TEST_ASSERT((regs.ebx & ~KVM_EXITPROF_FEATURE_DETAILS) ==
		    (KVM_EXITPROF_FEATURE_CLASSIC | KVM_EXITPROF_FEATURE_HANDLED |
		     KVM_EXITPROF_FEATURE_LATCH) && !regs.edx,
		    "Features %#x, EDX %#x", regs.ebx, regs.edx);
	TEST_ASSERT(regs.ecx == KVM_EXITPROF_LEVEL_FULL, "Level %u", regs.ecx);
	if (regs.eax == KVM_EXITPROF_VENDOR_VMX) {
		reason.cpuid = EXIT_REASON_CPUID;
		reason.io = EXIT_REASON_IO_INSTRUCTION;
		reason.hlt = EXIT_REASON_HLT;
		reason.unhandled = EXIT_REASON_SIPI_SIGNAL;
		reason.undefined = 35;
		reason.nr_slots = KVM_EXITPROF_VMX_SLOTS;
	} else {
		TEST_ASSERT(regs.eax == KVM_EXITPROF_VENDOR_SVM, "Vendor %u", regs.eax);
		reason.cpuid = SVM_EXIT_CPUID;
		reason.io = SVM_EXIT_IOIO;
		reason.hlt = SVM_EXIT_HLT;
		reason.unhandled = SVM_EXIT_IDTR_READ;
		reason.undefined = 0xff;
		reason.nr_slots = KVM_EXITPROF_SVM_SLOTS;
	}

	regs = cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_VM);
	TEST_ASSERT(regs.eax == reason.nr_slots, "%u slots", regs.eax);
	TEST_ASSERT(regs.ebx == NR_VCPUS, "%u vCPUs, not %u", regs.ebx, NR_VCPUS);
	TEST_ASSERT(regs.ecx, "TSC of 0 kHz");

	TEST_ASSERT(is_zero(cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, 3)) &&
		    is_zero(cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_HANDLED + 3)) &&
		    is_zero(cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, -1u)),
		    "A subleaf that does not exist is not 0");
}

/* How much a count goes up when the guest does something @times times. */
static u64 counted(struct kvm_vcpu *vcpu, enum operation operation, u64 times, u32 function,
		   u32 index)
{
	struct request *request = ask(vcpu, operation, times, function, index);

	return exits_of(request->after) - exits_of(request->before);
}

static void test_counts(struct kvm_vcpu *vcpu)
{
	u32 leaf = KVM_EXITPROF_REASON_EXITS;
	struct request *request;
	u64 n;

	/* The second read is an exit, too. */
	n = counted(vcpu, DO_CPUID, 1000, leaf, reason.cpuid);
	TEST_ASSERT(n == 1001, "1000 CPUIDs are %lu exits", (unsigned long)n - 1);
	n = counted(vcpu, DO_OUT, 100, leaf, reason.io);
	TEST_ASSERT(n == 100, "100 OUTs are %lu exits", (unsigned long)n);
	tick(true);
	n = counted(vcpu, DO_HLT, 10, leaf, reason.hlt);
	tick(false);
	TEST_ASSERT(n == 10, "10 HLTs are %lu exits", (unsigned long)n);

	n = counted(vcpu, DO_CPUID, 1000, KVM_EXITPROF_TOTAL_EXITS, 0);
	TEST_ASSERT(n >= 1001, "1000 CPUIDs are %lu exits in all", (unsigned long)n - 1);

	request = ask(vcpu, DO_CPUID, 1000, KVM_EXITPROF_REASON_CYCLES, reason.cpuid);
	n = cycles_of(request->after) - cycles_of(request->before);
	TEST_ASSERT((s64)n > 1000, "1000 CPUIDs take %lu cycles", (unsigned long)n);
	request = ask(vcpu, DO_CPUID, 1000, KVM_EXITPROF_TOTAL_CYCLES, 0);
	n = cycles_of(request->after) - cycles_of(request->before);
	TEST_ASSERT((s64)n > 1000, "1000 CPUIDs take %lu cycles in all", (unsigned long)n);
}

static void test_reasons(struct kvm_vcpu *vcpu)
{
	const struct regs undefined = { .edx = KVM_EXITPROF_UNDEFINED };
	u32 leaf, slot, code;
	struct regs regs;

	for (leaf = KVM_EXITPROF_REASON_CYCLES; leaf <= KVM_EXITPROF_REASON_EXITS; leaf++) {
		TEST_ASSERT(is_zero(cpuid_of(vcpu, leaf, reason.unhandled)),
			    "Leaf %#x: a reason without handler is not 0", leaf);
		TEST_ASSERT(equal(cpuid_of(vcpu, leaf, reason.undefined), undefined) &&
			    equal(cpuid_of(vcpu, leaf, 0x12345678), undefined),
			    "Leaf %#x: a reason that does not exist is not told", leaf);

		/* The bitmap of handled reasons and the leaf agree. */
		for (slot = 0; slot < 0x100; slot++) {
			regs = cpuid_of(vcpu, leaf, slot);
			if (slot < reason.nr_slots && handled(vcpu, slot))
				TEST_ASSERT(!regs.edx, "Leaf %#x: reason %#x is handled",
					    leaf, slot);
			else
				TEST_ASSERT(is_zero(regs) || equal(regs, undefined),
					    "Leaf %#x: reason %#x is not handled", leaf, slot);
		}
	}
	if (reason.nr_slots != KVM_EXITPROF_SVM_SLOTS)
		return;

	/* The exit codes of SVM that are not their own slot. */
	for (slot = KVM_EXITPROF_SVM_SLOT_NPF; slot < reason.nr_slots; slot++) {
		if (slot < KVM_EXITPROF_SVM_SLOT_SW)
			code = slot - KVM_EXITPROF_SVM_SLOT_NPF + SVM_EXIT_NPF;
		else if (slot == KVM_EXITPROF_SVM_SLOT_SW)
			code = 0xf0000000;
		else
			code = slot - KVM_EXITPROF_SVM_SLOT_NEGATIVE - 4;
		regs = cpuid_of(vcpu, KVM_EXITPROF_REASON_EXITS, code);
		TEST_ASSERT(handled(vcpu, slot) ? !regs.edx :
						  is_zero(regs) || equal(regs, undefined),
			    "Exit code %#x: EDX %#x", code, regs.edx);
	}
}

static struct table *latch(struct kvm_vcpu *vcpu, u32 scope)
{
	return &ask(vcpu, DO_LATCH, 0, 0, scope)->table;
}

/* What is true of any table, given one of before. */
static void check_table(const struct table *table, const struct table *before, u32 vcpu_id)
{
	const u32 *words = &table->bitmap.eax;
	u64 exits, last;
	u32 i, bucket;

	TEST_ASSERT(table->latched.eax, "No id");
	TEST_ASSERT(table->latched.ebx == vcpu_id, "vCPU %u, not %u", table->latched.ebx, vcpu_id);
	TEST_ASSERT(table->latched.ecx > 10 && table->latched.ecx <= KVM_EXITPROF_ROWS_MAX,
		    "%u rows", table->latched.ecx);
	TEST_ASSERT(table->bitmap.edx == table->latched.eax, "Id %#x, not %#x",
		    table->bitmap.edx, table->latched.eax);

	for (i = 0; i < table->latched.ecx; i++) {
		const struct row *row = &table->rows[i], *old = &before->rows[i];

		for (bucket = 0, exits = 0, last = 0; bucket < KVM_EXITPROF_BUCKETS; bucket++) {
			exits += row->hist[bucket];
			last = row->hist[bucket] ? bucket : last;
			TEST_ASSERT(row->hist[bucket] >= old->hist[bucket],
				    "Row %u: bucket %u goes back", i, bucket);
		}
		TEST_ASSERT(exits == row->exits, "Row %u: %lu exits, %lu in the histogram", i,
			    (unsigned long)row->exits, (unsigned long)exits);
		TEST_ASSERT(row->away >= row->cycles, "Row %u: away for %lu of %lu cycles", i,
			    (unsigned long)row->away, (unsigned long)row->cycles);
		TEST_ASSERT(!exits || row->max >> last,
			    "Row %u: maximum %lu, last bucket %lu", i,
			    (unsigned long)row->max, (unsigned long)last);
		TEST_ASSERT(row->exits >= old->exits && row->cycles >= old->cycles &&
			    row->away >= old->away && row->max >= old->max,
			    "Row %u goes back", i);
		TEST_ASSERT(!row->exits == !(words[i / 32] & BIT(i % 32)), "Row %u: bitmap", i);
	}
}

static u64 total(const struct table *table)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < table->latched.ecx; i++)
		sum += table->rows[i].exits;
	return sum;
}

static void test_latch(struct kvm_vcpu *vcpu)
{
	const struct table none = {};
	struct table first, second;
	u32 leaf = KVM_EXITPROF_LATCH_LEAF, row = row_of(vcpu, reason.cpuid), nr_rows, i;
	struct regs regs;
	u64 n, cpuids;

	n = exits_of(cpuid_of(vcpu, KVM_EXITPROF_TOTAL_EXITS, 0));
	first = *latch(vcpu, KVM_EXITPROF_SCOPE_VM);
	check_table(&first, &none, 0);
	TEST_ASSERT(total(&first) >= n, "%lu exits, %lu before", (unsigned long)total(&first),
		    (unsigned long)n);
	n = exits_of(cpuid_of(vcpu, KVM_EXITPROF_TOTAL_EXITS, 0));
	TEST_ASSERT(total(&first) <= n, "%lu exits, %lu later", (unsigned long)total(&first),
		    (unsigned long)n);

	/*
	 * Taking a table is one exit, and so is each read.  Two reads are between the
	 * tables, and the first table does not hold its own exit.
	 */
	nr_rows = first.latched.ecx;
	cpuids = nr_rows * (2 + KVM_EXITPROF_BUCKETS / 2) + 2;
	ask(vcpu, DO_CPUID, 1000, KVM_EXITPROF_TOTAL_EXITS, 0);
	second = *latch(vcpu, KVM_EXITPROF_SCOPE_VM);
	check_table(&second, &first, 0);
	TEST_ASSERT(second.latched.eax != first.latched.eax, "The id stays %#x",
		    first.latched.eax);
	TEST_ASSERT(second.latched.edx == first.latched.edx, "The generation changes");
	n = second.rows[row].exits - first.rows[row].exits;
	TEST_ASSERT(n == cpuids + 2 + 1000 + 2, "%lu exits are not %lu CPUIDs",
		    (unsigned long)n, (unsigned long)cpuids + 1004);

	/* A table stays as it is. */
	for (i = 0; i < nr_rows; i++) {
		regs = cpuid_of(vcpu, leaf, KVM_EXITPROF_LATCH_ROW | i);
		TEST_ASSERT(pair(regs.eax, regs.ebx) == second.rows[i].exits &&
			    pair(regs.ecx, regs.edx) == second.rows[i].cycles,
			    "Row %u changes while it is latched", i);
	}

	/* Rows, fields and operations that do not exist. */
	i = KVM_EXITPROF_LATCH_ROW;
	TEST_ASSERT(is_zero(cpuid_of(vcpu, leaf, i | nr_rows)) &&
		    is_zero(cpuid_of(vcpu, leaf, i | 0xffff)) &&
		    is_zero(cpuid_of(vcpu, leaf, i | (2 + KVM_EXITPROF_BUCKETS / 2) << 16 | row)) &&
		    is_zero(cpuid_of(vcpu, leaf, i | 0xff << 16 | row)),
		    "A row or field that does not exist is not 0");
	TEST_ASSERT(is_zero(cpuid_of(vcpu, leaf, 0x05000000)) &&
		    is_zero(cpuid_of(vcpu, leaf, 0xff000000)),
		    "An operation that does not exist is not 0");

	/* A vCPU that does not exist, and what is left of the table. */
	TEST_ASSERT(is_zero(cpuid_of(vcpu, leaf, KVM_EXITPROF_LATCH | NR_VCPUS)),
		    "A vCPU that does not exist is latched");
	TEST_ASSERT(is_zero(cpuid_of(vcpu, leaf, KVM_EXITPROF_LATCH_BITMAP)) &&
		    is_zero(cpuid_of(vcpu, leaf, KVM_EXITPROF_LATCH_ROW | row)),
		    "A table is left after a failed latch");
}

/* The scopes, with the vCPUs running one after the other. */
static void test_scopes(struct kvm_vcpu **vcpus)
{
	const struct table none = {};
	struct table whole, own, other, later;
	u32 row = row_of(vcpus[0], reason.cpuid), nr_cpuids;
	struct regs regs;
	u64 n;

	regs = cpuid_of(vcpus[1], KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_LATCH_BITMAP);
	TEST_ASSERT(is_zero(regs), "A vCPU that has not latched has a table");

	other = *latch(vcpus[0], 1);
	check_table(&other, &none, 0);
	ask(vcpus[1], DO_CPUID, 500, UNUSED_LEAF, 0);
	later = *latch(vcpus[0], 1);
	check_table(&later, &other, 0);
	n = later.rows[row].exits - other.rows[row].exits;
	TEST_ASSERT(n == 502, "502 CPUIDs of vCPU 1 are %lu exits", (unsigned long)n);

	own = *latch(vcpus[0], 0);
	whole = *latch(vcpus[0], KVM_EXITPROF_SCOPE_VM);
	check_table(&whole, &own, 0);
	check_table(&whole, &later, 0);
	nr_cpuids = own.latched.ecx * (2 + KVM_EXITPROF_BUCKETS / 2) + 2;
	n = own.rows[row].exits + nr_cpuids + later.rows[row].exits;
	TEST_ASSERT(whole.rows[row].exits == n, "%lu CPUIDs are not %lu",
		    (unsigned long)whole.rows[row].exits, (unsigned long)n);

	own = *latch(vcpus[1], 1);
	check_table(&own, &later, 1);
}

static void *run_thread(void *vcpu)
{
	run(vcpu);
	return NULL;
}

/* Tables of a VM whose other vCPU exits as often as it can. */
static void test_storm(struct kvm_vcpu **vcpus)
{
	struct table before, table;
	pthread_t thread;
	int i;

	before = *latch(vcpus[0], KVM_EXITPROF_SCOPE_VM);
	requests[1].operation = DO_STORM;
	requests[1].stop = false;
	sync_global_to_guest(vcpus[1]->vm, requests[1]);
	pthread_create(&thread, NULL, run_thread, vcpus[1]);
	for (i = 0; i < 50; i++) {
		table = *latch(vcpus[0], KVM_EXITPROF_SCOPE_VM);
		check_table(&table, &before, 0);
		before = table;
	}
	requests[1].stop = true;
	sync_global_to_guest(vcpus[1]->vm, requests[1].stop);
	pthread_join(thread, NULL);
}

static void test_two_vms(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu *stranger;
	struct kvm_vm *vm = create_vm(1, &stranger);
	u64 cpuids, ios;

	/* Each read is one CPUID and ends with one OUT. */
	cpuids = exits_of(cpuid_of(vcpu, KVM_EXITPROF_REASON_EXITS, reason.cpuid));
	ios = exits_of(cpuid_of(vcpu, KVM_EXITPROF_REASON_EXITS, reason.io));
	ask(stranger, DO_CPUID, 700, UNUSED_LEAF, 0);
	ask(stranger, DO_OUT, 70, UNUSED_LEAF, 0);
	ios = exits_of(cpuid_of(vcpu, KVM_EXITPROF_REASON_EXITS, reason.io)) - ios;
	cpuids = exits_of(cpuid_of(vcpu, KVM_EXITPROF_REASON_EXITS, reason.cpuid)) - cpuids;
	TEST_ASSERT(ios == 1, "%lu OUTs, expected 1", (unsigned long)ios);
	TEST_ASSERT(cpuids == 6, "%lu CPUIDs, expected 6", (unsigned long)cpuids);

	cpuids = exits_of(cpuid_of(stranger, KVM_EXITPROF_REASON_EXITS, reason.cpuid));
	TEST_ASSERT(cpuids == 705, "%lu CPUIDs in a VM of its own, expected 705",
		    (unsigned long)cpuids);
	kvm_vm_free(vm);
}

static char *read_parameter(const char *path)
{
	char text[32] = {};
	FILE *file = fopen(path, "r");

	TEST_ASSERT(file && fgets(text, sizeof(text), file), "Cannot read '%s'", path);
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return strdup(text);
}

static bool write_parameter(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);
	bool written = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);

	close(fd);
	return written;
}

static void set_parameter(const char *path, const char *value)
{
	TEST_ASSERT(write_parameter(path, value), "Cannot write '%s' to '%s'", value, path);
}

static void restore_parameters(void)
{
	write_parameter(LEVEL, level_before);
	write_parameter(DETAILS, details_before);
}

static u32 level_of(struct kvm_vcpu *vcpu)
{
	return cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_HOST).ecx;
}

static void test_switch(struct kvm_vcpu *vcpu)
{
	u32 leaf, index, generation;
	struct kvm_vcpu *newcomer;
	struct kvm_vm *vm;
	u64 exits, n;

	exits = exits_of(cpuid_of(vcpu, KVM_EXITPROF_REASON_EXITS, reason.cpuid));
	generation = cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_VM).edx;

	/* Off: the leaves are like any other that does not exist. */
	set_parameter(LEVEL, "off");
	for (leaf = KVM_EXITPROF_LATCH_LEAF; leaf <= KVM_EXITPROF_TOTAL_EXITS; leaf++) {
		for (index = 0; index < 3; index++)
			TEST_ASSERT(equal(cpuid_of(vcpu, leaf, index),
					  cpuid_of(vcpu, UNUSED_LEAF, index)),
				    "Leaf %#x is there while off", leaf);
	}
	ask(vcpu, DO_CPUID, 1000, UNUSED_LEAF, 0);

	/* On again: with a gap, which the generation tells. */
	set_parameter(LEVEL, "full");
	TEST_ASSERT(cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_VM).edx != generation,
		    "The generation has not changed");
	n = exits_of(cpuid_of(vcpu, KVM_EXITPROF_REASON_EXITS, reason.cpuid)) - exits;
	TEST_ASSERT(n < 10, "%lu CPUIDs have been counted while off", (unsigned long)n);
	TEST_ASSERT(level_of(vcpu) == KVM_EXITPROF_LEVEL_FULL, "Level %u", level_of(vcpu));

	/* Classic: counts are exact all the same, and there are no tables. */
	set_parameter(LEVEL, "classic");
	TEST_ASSERT(level_of(vcpu) == KVM_EXITPROF_LEVEL_CLASSIC, "Level %u", level_of(vcpu));
	TEST_ASSERT(is_zero(cpuid_of(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_SCOPE_VM)),
		    "A table at level classic");
	n = counted(vcpu, DO_CPUID, 1000, KVM_EXITPROF_REASON_EXITS, reason.cpuid);
	TEST_ASSERT(n == 1001, "1000 CPUIDs are %lu exits", (unsigned long)n - 1);

	/* The tables of this VM lack exits from now on.  Those of a new one do not. */
	set_parameter(LEVEL, "full");
	TEST_ASSERT(level_of(vcpu) == KVM_EXITPROF_LEVEL_CLASSIC, "Level %u", level_of(vcpu));
	vm = create_vm(1, &newcomer);
	TEST_ASSERT(level_of(newcomer) == KVM_EXITPROF_LEVEL_FULL, "Level %u", level_of(newcomer));
	kvm_vm_free(vm);
}

static u64 detail(struct kvm_vcpu *vcpu, u64 wanted)
{
	struct regs regs;
	u32 i;

	for (i = 0; i < KVM_EXITPROF_DETAILS_MAX; i++) {
		regs = cpuid_of(vcpu, KVM_EXITPROF_LATCH_LEAF,
				KVM_EXITPROF_DETAIL_KEYS | vcpu->id << 8 | i);
		if (is_zero(regs))
			break;
		if (pair(regs.eax, regs.ebx) == wanted)
			return pair(regs.ecx, regs.edx);
	}
	return 0;
}

static void test_details(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct regs regs;
	u64 key, n;

	set_parameter(DETAILS, "1");
	vm = create_vm(1, &vcpu);
	regs = cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_HOST);
	TEST_ASSERT(regs.ebx & KVM_EXITPROF_FEATURE_DETAILS, "Features %#x", regs.ebx);
	ask(vcpu, DO_OUT, 30, KVM_EXITPROF_TOTAL_EXITS, 0);
	ask(vcpu, DO_CPUID, 300, KVM_EXITPROF_TOTAL_EXITS, 0);

	key = (u64)row_of(vcpu, reason.io) << KVM_EXITPROF_DETAIL_ROW_SHIFT |
	      1ull << KVM_EXITPROF_DETAIL_WRITE_SHIFT |
	      (u64)KVM_EXITPROF_DETAIL_PORT << KVM_EXITPROF_DETAIL_KIND_SHIFT | UNUSED_PORT;
	n = detail(vcpu, key);
	TEST_ASSERT(n == 30, "30 OUTs to one port are %lu", (unsigned long)n);
	key = (u64)row_of(vcpu, reason.cpuid) << KVM_EXITPROF_DETAIL_ROW_SHIFT |
	      (u64)KVM_EXITPROF_DETAIL_CPUID << KVM_EXITPROF_DETAIL_KIND_SHIFT | UNUSED_LEAF;
	n = detail(vcpu, key);
	TEST_ASSERT(n == 300, "300 CPUIDs of one leaf are %lu", (unsigned long)n);
	TEST_ASSERT(is_zero(cpuid_of(vcpu, KVM_EXITPROF_LATCH_LEAF, KVM_EXITPROF_DETAIL_LOST)),
		    "Details are lost");
	TEST_ASSERT(is_zero(cpuid_of(vcpu, KVM_EXITPROF_LATCH_LEAF,
				     KVM_EXITPROF_DETAIL_KEYS | 1 << 8)),
		    "A vCPU that does not exist has details");

	set_parameter(DETAILS, "0");
	regs = cpuid_of(vcpu, KVM_EXITPROF_DISCOVERY, KVM_EXITPROF_HOST);
	TEST_ASSERT(!(regs.ebx & KVM_EXITPROF_FEATURE_DETAILS), "Features %#x", regs.ebx);
	kvm_vm_free(vm);
}

static void test_debugfs(struct kvm_vm *vm)
{
	char path[128], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/exitprof", getpid(), vm->fd);
	file = fopen(path, "r");
	if (!file) {
		TEST_ASSERT(access("/sys/kernel/debug/kvm", X_OK), "There is no '%s'", path);
		print_skip("debugfs is not there: exitprof in it is not tested");
		return;
	}
	TEST_ASSERT(fgets(line, sizeof(line), file) &&
		    !strcmp(line, reason.cpuid == SVM_EXIT_CPUID ? "# exitprof 1 svm\n" :
								    "# exitprof 1 vmx\n"),
		    "The first line is not as documented");
	TEST_ASSERT(fgets(line, sizeof(line), file) &&
		    !strcmp(line, "reason\texits\thandling_cycles\taway_cycles\t"
				  "max_cycles\thistogram\n"),
		    "The header is not as documented");
	fclose(file);
}

int main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = on_tick };
	struct kvm_vcpu *vcpus[NR_VCPUS];
	bool can_switch = false;
	struct kvm_vm *vm;

	sigaction(SIGALRM, &action, NULL);
	if (!access(LEVEL, R_OK) && !access(DETAILS, R_OK)) {
		level_before = read_parameter(LEVEL);
		details_before = read_parameter(DETAILS);
		can_switch = write_parameter(LEVEL, "full");
		if (can_switch)
			atexit(restore_parameters);
	}

	vm = create_vm(NR_VCPUS, vcpus);
	test_discovery(vcpus[0]);
	test_counts(vcpus[0]);
	test_reasons(vcpus[0]);
	test_latch(vcpus[0]);
	test_scopes(vcpus);
	test_storm(vcpus);
	test_two_vms(vcpus[0]);
	test_debugfs(vm);
	if (can_switch) {
		test_switch(vcpus[0]);
		test_details();
	} else {
		print_skip("cannot write '%s': the switches are not tested", LEVEL);
	}
	kvm_vm_free(vm);
	return 0;
}
