// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A virtual machine monitor for one measurement: how many TSC ticks an exit takes
 * in a guest's user mode, from the instruction before to the one after.
 *
 *	vmm NAME SAMPLES
 *
 * prints "cost NAME SAMPLES MIN MEDIAN P99 MAX HYPERCALL STRAIGHT COUNTED".
 * MIN to MAX are of CPUID leaf 1. HYPERCALL is the median for a hypercall, which
 * KVM refuses to user mode: next to nothing but what all exits have in common.
 * STRAIGHT is what 1000 instructions without an exit take: 1000 tells that one
 * tick is one instruction. COUNTED is how far exitprof's count of the reason CPUID
 * went on in the loop, 0 on a host without it.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define MEMORY_SIZE	 0x200000
#define PAGE_TABLES	 0x1000
#define CODE		 0x10000
#define SAMPLES		 0x20000
#define HYPERCALLS	 0x100000
#define SAMPLES_MAX	 100000
#define WARM_UP		 200

/* The classic leaf of counts, and CPUID's exit reason (include/exitprof/abi.h). */
#define LEAF_REASON_EXITS 0x4ffffffd
#define VMX_CPUID	  10
#define SVM_CPUID	  0x72

/*
 * In: rdi and r8 = where the samples of CPUID and of the hypercall go, r12 = how
 * many, r13 = exit reason of CPUID.
 * Out: r14 = ticks of the straight 1000, r15 = counted.
 */
asm(".pushsection .rodata\n"
    "guest_code:\n"
    "	mov	%r12, %rbp\n"
    "	mov	$0x4ffffffd, %eax\n"
    "	mov	%r13d, %ecx\n"
    "	cpuid\n"
    "	mov	%eax, %r15d\n"
    "1:	rdtsc\n"
    "	mov	%eax, %esi\n"
    "	mov	$1, %eax\n"
    "	xor	%ecx, %ecx\n"
    "	cpuid\n"
    "	rdtsc\n"
    "	sub	%esi, %eax\n"
    "	mov	%eax, (%rdi)\n"
    "	add	$4, %rdi\n"
    "	dec	%r12\n"
    "	jnz	1b\n"
    "	mov	$0x4ffffffd, %eax\n"
    "	mov	%r13d, %ecx\n"
    "	cpuid\n"
    "	sub	%r15d, %eax\n"
    "	mov	%eax, %r15d\n"
    "3:	rdtsc\n"
    "	mov	%eax, %esi\n"
    "	mov	$1000, %eax\n"
    "guest_hypercall:\n"
    "	vmcall\n"
    "	rdtsc\n"
    "	sub	%esi, %eax\n"
    "	mov	%eax, (%r8)\n"
    "	add	$4, %r8\n"
    "	dec	%rbp\n"
    "	jnz	3b\n"
    /* An interrupt of the host's may fall into it: the least of several. */
    "	mov	$-1, %r14d\n"
    "	mov	$20, %r12d\n"
    "2:	rdtsc\n"
    "	mov	%eax, %esi\n"
    "	.fill	998, 1, 0x90\n"
    "	rdtsc\n"
    "	sub	%esi, %eax\n"
    "	cmp	%r14d, %eax\n"
    "	cmovb	%eax, %r14d\n"
    "	dec	%r12\n"
    "	jnz	2b\n"
    "	out	%al, $0x10\n"
    "guest_code_end:\n"
    ".popsection");

extern const char guest_code[], guest_hypercall[], guest_code_end[];

static int ask(int fd, unsigned long request, const char *name, void *argument)
{
	int ret = ioctl(fd, request, argument);

	if (ret < 0)
		err(1, "%s", name);
	return ret;
}

#define ASK(fd, request, argument) ask(fd, request, #request, (void *)(uintptr_t)(argument))

static uint8_t *create_memory(int vm)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY_SIZE };
	uint8_t *memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	uint64_t *tables;

	if (memory == MAP_FAILED)
		err(1, "guest memory");
	region.userspace_addr = (uintptr_t)memory;
	ASK(vm, KVM_SET_USER_MEMORY_REGION, &region);

	/* Three levels, one page of 2 MiB: present, writable, user. */
	tables = (uint64_t *)(memory + PAGE_TABLES);
	tables[0] = (PAGE_TABLES + 0x1000) | 7;
	tables[512] = (PAGE_TABLES + 0x2000) | 7;
	tables[1024] = 0x87;
	memcpy(memory + CODE, guest_code, guest_code_end - guest_code);
	return memory;
}

/* What KVM offers is what a guest sees; returns CPUID's exit reason. */
static uint32_t set_cpuid(int kvm, int vcpu)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[256];
	} cpuid;

	cpuid.head.nent = 256;
	ASK(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid);
	ASK(vcpu, KVM_SET_CPUID2, &cpuid);
	/* Leaf 0, EBX: "Auth"enticAMD. */
	return cpuid.entries[0].ebx == 0x68747541 ? SVM_CPUID : VMX_CPUID;
}

/* 64-bit user mode from the first instruction on, with I/O allowed. */
static void set_registers(int vcpu, uint32_t samples, uint32_t reason)
{
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 0x2b, .type = 11, .present = 1,
		.dpl = 3, .s = 1, .l = 1, .g = 1,
	}, data = code, task = {
		.limit = 0x67, .selector = 0x40, .type = 11, .present = 1,
	};
	struct kvm_regs regs = {
		.rip = CODE, .rflags = 0x3002, .rsp = CODE, .rdi = SAMPLES,
		.r8 = HYPERCALLS, .r12 = samples, .r13 = reason,
	};
	struct kvm_sregs sregs;

	data.selector = 0x33;
	data.type = 3;
	data.l = 0;
	data.db = 1;
	ASK(vcpu, KVM_GET_SREGS, &sregs);
	sregs.cs = code;
	sregs.ss = sregs.ds = sregs.es = sregs.fs = sregs.gs = data;
	sregs.tr = task;
	sregs.cr0 = 0x80000033;
	sregs.cr3 = PAGE_TABLES;
	sregs.cr4 = 0x20;
	sregs.efer = 0x500;
	ASK(vcpu, KVM_SET_SREGS, &sregs);
	ASK(vcpu, KVM_SET_REGS, &regs);
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static uint32_t *sorted(uint8_t *memory, uint32_t nr)
{
	uint32_t *samples = (uint32_t *)memory + WARM_UP;

	qsort(samples, nr, sizeof(*samples), compare);
	return samples;
}

int main(int argc, char **argv)
{
	uint32_t nr, reason, *samples, *hypercalls;
	int kvm, vm, vcpu, size;
	struct kvm_regs regs;
	struct kvm_run *run;
	uint8_t *memory;

	if (argc != 3 || (nr = strtoul(argv[2], NULL, 10)) < 1 || nr > SAMPLES_MAX)
		errx(2, "usage: vmm NAME SAMPLES, at most %d", SAMPLES_MAX);
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = ASK(kvm, KVM_CREATE_VM, 0);
	ASK(vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	ASK(vm, KVM_CREATE_IRQCHIP, 0);
	memory = create_memory(vm);
	vcpu = ASK(vm, KVM_CREATE_VCPU, 0);
	size = ASK(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		err(1, "kvm_run");
	reason = set_cpuid(kvm, vcpu);
	if (reason == SVM_CPUID)
		memcpy(memory + CODE + (guest_hypercall - guest_code), "\x0f\x01\xd9", 3);
	set_registers(vcpu, nr + WARM_UP, reason);

	ASK(vcpu, KVM_RUN, 0);
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != 0x10)
		errx(1, "the guest left with reason %u, hardware reason %#llx", run->exit_reason,
		     (unsigned long long)run->hw.hardware_exit_reason);
	ASK(vcpu, KVM_GET_REGS, &regs);

	samples = sorted(memory + SAMPLES, nr);
	hypercalls = sorted(memory + HYPERCALLS, nr);
	printf("cost %s %u %u %u %u %u %u %llu %llu\n", argv[1], nr, samples[0], samples[nr / 2],
	       samples[(uint64_t)nr * 99 / 100], samples[nr - 1], hypercalls[nr / 2], regs.r14,
	       regs.r15);
	return 0;
}
