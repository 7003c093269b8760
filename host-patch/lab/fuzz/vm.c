// SPDX-License-Identifier: GPL-3.0-or-later
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm.h"

/* Guest-physical addresses; virtual ones are the same. */
#define MEMORY_SIZE   0x200000
#define NO_MEMORY     0x300000
#define PAGE_TABLES   0x1000
#define GDT	      0x4000
#define IDT64	      0x5000
#define IDT32	      0x6000
#define HANDLER_GP64  0x7000
#define HANDLER_GP32  0x7100
#define HANDLER_TIMER 0x7200
#define STORM	      0x7800

/* One area for each vCPU. */
#define AREA(i)	      (0x20000 + (i)*0x8000)
#define AREA_STACK    0x1000 /* grows down */
#define AREA_TSS64    0x1000
#define AREA_TSS32    0x1100
#define AREA_CODE     0x2000
#define AREA_REQUESTS 0x3000
#define AREA_ANSWERS  0x4000

#define KERNEL_CODE64 0x08
#define KERNEL_DATA   0x10
#define KERNEL_CODE32 0x18
#define USER_CODE32   0x23
#define USER_DATA     0x2b
#define USER_CODE64   0x33

#define VECTOR_GP    13
#define VECTOR_TIMER 0x40

#define MSR_PLATFORM_INFO	  0xce
#define MSR_MISC_FEATURES_ENABLES 0x140
#define PLATFORM_INFO_CPUID_FAULT (1u << 31)

extern const char guest_batch64[], guest_batch64_cpuid[], guest_batch64_end[];
extern const char guest_batch32[], guest_batch32_cpuid[], guest_batch32_end[];
extern const char guest_gp64[], guest_gp64_end[], guest_gp32[], guest_gp32_end[];
extern const char guest_timer[], guest_timer_end[];
extern const char guest_storm[], guest_storm_hypercall[], guest_storm_end[];

void (*vm_around_run)(bool before);

static int kvm_fd = -1, run_size;
static bool host_svm;

static int ask(int fd, unsigned long request, const char *name, uintptr_t argument)
{
	int ret;

	do {
		ret = ioctl(fd, request, argument);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		err(1, "%s", name);
	return ret;
}

#define ASK(fd, request, argument) ask(fd, request, #request, (uintptr_t)(argument))

void vm_setup(void)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[256];
	} cpuid = { .head.nent = 256 };

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		err(1, "/dev/kvm");
	run_size = ASK(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	ASK(kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid);
	/* Leaf 0, EBX: "Auth"enticAMD. */
	host_svm = cpuid.entries[0].ebx == 0x68747541;
}

bool vm_host_svm(void)
{
	return host_svm;
}

static void put(struct vm *vm, uint32_t address, const char *start, const char *end)
{
	memcpy(vm->memory + address, start, end - start);
}

static void set_gate64(struct vm *vm, unsigned int vector, uint32_t handler)
{
	uint64_t *gate = (uint64_t *)(vm->memory + IDT64) + 2 * vector;

	gate[0] = (handler & 0xffff) | KERNEL_CODE64 << 16 | 0x8e00ull << 32 |
		  (uint64_t)(handler >> 16) << 48;
	gate[1] = 0;
}

static void fill_memory(struct vm *vm)
{
	uint64_t *tables = (uint64_t *)(vm->memory + PAGE_TABLES);
	uint64_t *gdt = (uint64_t *)(vm->memory + GDT);
	uint64_t *idt32 = (uint64_t *)(vm->memory + IDT32);

	/* Three levels, two pages of 2 MiB: present, writable, user. */
	tables[0] = (PAGE_TABLES + 0x1000) | 7;
	tables[512] = (PAGE_TABLES + 0x2000) | 7;
	tables[1024] = 0x87;
	tables[1025] = 0x200087;

	gdt[KERNEL_CODE64 >> 3] = 0x00af9b000000ffff;
	gdt[KERNEL_DATA >> 3] = 0x00cf93000000ffff;
	gdt[KERNEL_CODE32 >> 3] = 0x00cf9b000000ffff;
	gdt[USER_CODE32 >> 3] = 0x00cffb000000ffff;
	gdt[USER_DATA >> 3] = 0x00cff3000000ffff;
	gdt[USER_CODE64 >> 3] = 0x00affb000000ffff;

	set_gate64(vm, VECTOR_GP, HANDLER_GP64);
	set_gate64(vm, VECTOR_TIMER, HANDLER_TIMER);
	idt32[VECTOR_GP] = (HANDLER_GP32 & 0xffff) | KERNEL_CODE32 << 16 | 0x8e00ull << 32 |
			   (uint64_t)(HANDLER_GP32 >> 16) << 48;

	put(vm, HANDLER_GP64, guest_gp64, guest_gp64_end);
	put(vm, HANDLER_GP32, guest_gp32, guest_gp32_end);
	put(vm, HANDLER_TIMER, guest_timer, guest_timer_end);
	put(vm, STORM, guest_storm, guest_storm_end);
	if (host_svm) /* VMMCALL */
		memcpy(vm->memory + STORM + (guest_storm_hypercall - guest_storm), "\x0f\x01\xd9",
		       3);
}

/* The vendor of leaf 0; the registers of the highest basic leaf; x2APIC. */
static void set_cpuid(struct vm_vcpu *vcpu)
{
	static const char intel[] = "GenuineIntel", amd[] = "AuthenticAMD";
	const char *name = vcpu->vm->intel_cpuid ? intel : amd;
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[4];
	} cpuid = { .head.nent = 4 };
	struct kvm_cpuid_entry2 *entry = cpuid.entries;

	entry[0].eax = 2;
	memcpy(&entry[0].ebx, name, 4);
	memcpy(&entry[0].edx, name + 4, 4);
	memcpy(&entry[0].ecx, name + 8, 4);
	entry[1].function = 1;
	entry[1].ecx = 1 << 21;			 /* x2APIC */
	entry[1].edx = 1 << 5 | 1 << 6 | 1 << 9; /* MSR, PAE, APIC */
	entry[2] = (struct kvm_cpuid_entry2){
		.function = 2,
		.eax = 0x11223301,
		.ebx = 0x55667788,
		.ecx = 0x10203040,
		.edx = 0x50607080,
	};
	entry[3].function = 0x80000001;
	entry[3].eax = 0;
	entry[3].edx = 1 << 29; /* long mode */
	ASK(vcpu->fd, KVM_SET_CPUID2, &cpuid);
}

struct vm_unknown vm_unknown(const struct vm *vm)
{
	struct vm_unknown unknown = { { 0, 0, 0, 0 } };

	if (vm->intel_cpuid)
		unknown = (struct vm_unknown){ { 0x11223301, 0x55667788, 0x10203040, 0x50607080 } };
	return unknown;
}

static void create_vcpu(struct vm *vm, unsigned int i)
{
	struct vm_vcpu *vcpu = &vm->vcpus[i];
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	uint8_t *area = vm->memory + AREA(i);

	vcpu->vm = vm;
	vcpu->index = i;
	vcpu->fd = ASK(vm->fd, KVM_CREATE_VCPU, i);
	vcpu->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		err(1, "kvm_run");
	vcpu->area = area;
	vcpu->requests = (struct vm_request *)(area + AREA_REQUESTS);
	vcpu->answers = (struct vm_answer *)(area + AREA_ANSWERS);

	/* The kernel's stack: RSP0; ESP0 and SS0. */
	*(uint32_t *)(area + AREA_TSS64 + 4) = AREA(i) + AREA_STACK - 0x10;
	*(uint32_t *)(area + AREA_TSS32 + 4) = AREA(i) + AREA_STACK - 0x10;
	*(uint32_t *)(area + AREA_TSS32 + 8) = KERNEL_DATA;
	set_cpuid(vcpu);
	ASK(vcpu->fd, KVM_SET_MP_STATE, &state);
}

void vm_create(struct vm *vm, unsigned int nr_vcpus, bool intel_cpuid)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY_SIZE };
	unsigned int i;

	memset(vm, 0, sizeof(*vm));
	vm->intel_cpuid = intel_cpuid;
	vm->nr_vcpus = nr_vcpus;
	vm->fd = ASK(kvm_fd, KVM_CREATE_VM, 0);
	ASK(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000);
	ASK(vm->fd, KVM_CREATE_IRQCHIP, 0);
	vm->memory =
		mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		err(1, "guest memory");
	region.userspace_addr = (uintptr_t)vm->memory;
	ASK(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
	fill_memory(vm);
	for (i = 0; i < nr_vcpus; i++)
		create_vcpu(vm, i);
}

struct vm_vcpu *vm_add_vcpu(struct vm *vm)
{
	if (vm->nr_vcpus == VM_VCPUS_MAX)
		errx(1, "a VM has no room for one more vCPU");
	create_vcpu(vm, vm->nr_vcpus);
	return &vm->vcpus[vm->nr_vcpus++];
}

/* The VM itself goes first, or last: its vCPUs keep it alive. */
void vm_destroy(struct vm *vm)
{
	unsigned int i;

	if (vm->nr_vcpus & 1)
		close(vm->fd);
	for (i = 0; i < vm->nr_vcpus; i++) {
		munmap(vm->vcpus[i].run, run_size);
		close(vm->vcpus[i].fd);
	}
	if (!(vm->nr_vcpus & 1))
		close(vm->fd);
	munmap(vm->memory, MEMORY_SIZE);
}

static const struct {
	uint16_t code;
	bool wide;
	bool long_mode;
	bool user;
} modes[VM_MODES] = {
	[VM_LONG_KERNEL] = { KERNEL_CODE64, true, true, false },
	[VM_LONG_USER] = { USER_CODE64, true, true, true },
	[VM_COMPAT_KERNEL] = { KERNEL_CODE32, false, true, false },
	[VM_COMPAT_USER] = { USER_CODE32, false, true, true },
	[VM_PROTECTED_KERNEL] = { KERNEL_CODE32, false, false, false },
	[VM_PROTECTED_USER] = { USER_CODE32, false, false, true },
};

static void set_mode(struct vm_vcpu *vcpu, enum vm_mode mode)
{
	bool user = modes[mode].user, long_mode = modes[mode].long_mode;
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = modes[mode].code, .type = 11, .present = 1,
		.dpl = user ? 3 : 0, .s = 1, .l = modes[mode].wide, .db = !modes[mode].wide, .g = 1,
	}, data = {
		.limit = 0xffffffff, .selector = user ? USER_DATA : KERNEL_DATA, .type = 3,
		.present = 1, .dpl = user ? 3 : 0, .s = 1, .db = 1, .g = 1,
	}, task = {
		.base = AREA(vcpu->index) + (long_mode ? AREA_TSS64 : AREA_TSS32),
		.limit = 0x67, .selector = 0x40, .type = 11, .present = 1,
	};
	struct kvm_sregs sregs;

	/* QEMU's emulated SVM does not find the stack in a 32-bit TSS that is busy. */
	if (!long_mode && host_svm)
		task.type = 9;

	ASK(vcpu->fd, KVM_GET_SREGS, &sregs);
	sregs.cs = code;
	sregs.ss = sregs.ds = sregs.es = sregs.fs = sregs.gs = data;
	sregs.tr = task;
	sregs.gdt.base = GDT;
	sregs.gdt.limit = 0x3f;
	sregs.idt.base = long_mode ? IDT64 : IDT32;
	sregs.idt.limit = long_mode ? 0xfff : 0x7ff;
	sregs.cr0 = long_mode ? 0x80000033 : 0x33;
	sregs.cr3 = PAGE_TABLES;
	sregs.cr4 = long_mode ? 0x20 : 0;
	sregs.efer = (sregs.efer & 0x1000) | (long_mode ? 0x500 : 0);
	sregs.apic_base |= 0xc00;
	ASK(vcpu->fd, KVM_SET_SREGS, &sregs);
}

static void set_fault(struct vm_vcpu *vcpu, bool fault)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[2];
	} msrs = {
		.head.nmsrs = 2,
		.entries = {
			{ .index = MSR_PLATFORM_INFO, .data = PLATFORM_INFO_CPUID_FAULT },
			{ .index = MSR_MISC_FEATURES_ENABLES, .data = fault },
		},
	};

	if (ASK(vcpu->fd, KVM_SET_MSRS, &msrs) != 2)
		errx(1, "KVM has no CPUID faulting");
}

/* What a batch must leave alone, upper halves included. */
#define MARK_R8	 0xa5a5a5a5a5a5a5a5
#define MARK_R9	 0x5a5a5a5a00000000
#define MARK_R15 0x0123456789abcdef

static void check_registers(const struct kvm_regs *before, const struct kvm_regs *after,
			    enum vm_mode mode, unsigned int nr)
{
	if (after->rsi != before->rsi + nr * sizeof(struct vm_request) ||
	    after->rdi != before->rdi + nr * sizeof(struct vm_answer) || after->rbp ||
	    after->rsp != before->rsp || after->r8 != MARK_R8 || after->r9 != MARK_R9 ||
	    after->r10 || after->r11 || after->r12 || after->r13 || after->r14 ||
	    after->r15 != MARK_R15)
		errx(1, "mode %d: a register has changed that CPUID must leave alone", mode);
}

unsigned int vm_run_batch(struct vm_vcpu *vcpu, enum vm_mode mode, bool emulate, bool fault,
			  unsigned int nr)
{
	static const char prefix[] = "\x0f\x0bkvm", nops[] = "\x90\x90\x90\x90\x90";
	const char *start = modes[mode].wide ? guest_batch64 : guest_batch32;
	const char *end = modes[mode].wide ? guest_batch64_end : guest_batch32_end;
	const char *cpuid = modes[mode].wide ? guest_batch64_cpuid : guest_batch32_cpuid;
	uint32_t area = AREA(vcpu->index);
	struct kvm_regs after, before = {
		.rip = area + AREA_CODE,
		.rflags = modes[mode].user ? 0x3002 : 2,
		.rsi = area + AREA_REQUESTS,
		.rdi = area + AREA_ANSWERS,
		.rbp = nr,
		.rsp = area + AREA_STACK - 0x100,
		.r8 = MARK_R8,
		.r9 = MARK_R9,
		.r15 = MARK_R15,
	};
	unsigned int runs = 0;

	memcpy(vcpu->area + AREA_CODE, start, end - start);
	memcpy(vcpu->area + AREA_CODE + (cpuid - start), emulate ? prefix : nops, 5);
	memset(vcpu->answers, 0, nr * sizeof(*vcpu->answers));
	set_mode(vcpu, mode);
	set_fault(vcpu, fault);
	ASK(vcpu->fd, KVM_SET_REGS, &before);
	do {
		if (vm_around_run)
			vm_around_run(true);
		ASK(vcpu->fd, KVM_RUN, 0);
		if (vm_around_run)
			vm_around_run(false);
		runs++;
	} while (vcpu->run->exit_reason == KVM_EXIT_INTR);
	if (vcpu->run->exit_reason != KVM_EXIT_IO || vcpu->run->io.port != 0x10) {
		ASK(vcpu->fd, KVM_GET_REGS, &after);
		errx(1, "mode %d, emulate %d, fault %d: left with reason %u at %#llx", mode,
		     emulate, fault, vcpu->run->exit_reason, (unsigned long long)after.rip);
	}
	ASK(vcpu->fd, KVM_GET_REGS, &after);
	check_registers(&before, &after, mode, nr);
	return runs;
}

void vm_storm(struct vm_vcpu *vcpu, const volatile bool *stop)
{
	struct kvm_regs regs = {
		.rip = STORM,
		.rflags = 2,
		.rsp = AREA(vcpu->index) + AREA_STACK,
		.r12 = NO_MEMORY,
	};

	set_mode(vcpu, VM_LONG_KERNEL);
	set_fault(vcpu, false);
	ASK(vcpu->fd, KVM_SET_REGS, &regs);
	while (!*stop) {
		ASK(vcpu->fd, KVM_RUN, 0);
		switch (vcpu->run->exit_reason) {
		case KVM_EXIT_IO:
		case KVM_EXIT_MMIO:
		case KVM_EXIT_INTR:
			break;
		default:
			errx(1, "storm: left with reason %u", vcpu->run->exit_reason);
		}
	}
}
