/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What runs in the guests of the safety test: batches of CPUIDs, and a storm of
 * exits. It is copied into guest memory, hence position-independent.
 *
 * A batch: rsi = requests, {leaf, subleaf} of 32 bits each; rdi = answers, four
 * registers of 64 bits each; ebp = number of requests. It ends with an OUT.
 */
	.section .rodata

	.globl guest_batch64, guest_batch64_cpuid, guest_batch64_end
	.code64
guest_batch64:
	mov	(%rsi), %eax
	mov	4(%rsi), %ecx
	/* CPUID must overwrite all of them, with zeros in the upper halves. */
	or	%r9, %rax
	or	%r9, %rcx
	mov	%r8, %rbx
	mov	%r8, %rdx
guest_batch64_cpuid:
	.skip	5, 0x90			/* KVM's prefix that forces emulation */
	cpuid
	mov	%rax, (%rdi)
	mov	%rbx, 8(%rdi)
	mov	%rcx, 16(%rdi)
	mov	%rdx, 24(%rdi)
	add	$8, %rsi
	add	$32, %rdi
	dec	%ebp
	jnz	guest_batch64
	out	%al, $0x10
guest_batch64_end:

	.globl guest_batch32, guest_batch32_cpuid, guest_batch32_end
	.code32
guest_batch32:
	mov	(%esi), %eax
	mov	4(%esi), %ecx
	mov	$0xa5a5a5a5, %ebx
	mov	%ebx, %edx
guest_batch32_cpuid:
	.skip	5, 0x90
	cpuid
	mov	%eax, (%edi)
	mov	%ebx, 8(%edi)
	mov	%ecx, 16(%edi)
	mov	%edx, 24(%edi)
	add	$8, %esi
	add	$32, %edi
	dec	%ebp
	jnz	guest_batch32
	out	%al, $0x10
guest_batch32_end:

/* #GP: the answer is a mark in all four registers; on with what follows CPUID. */
	.globl guest_gp64, guest_gp64_end
	.code64
guest_gp64:
	mov	$0x0badfa17, %eax
	mov	%eax, %ebx
	mov	%eax, %ecx
	mov	%eax, %edx
	add	$8, %rsp
	addq	$2, (%rsp)
	iretq
guest_gp64_end:

	.globl guest_gp32, guest_gp32_end
	.code32
guest_gp32:
	mov	$0x0badfa17, %eax
	mov	%eax, %ebx
	mov	%eax, %ecx
	mov	%eax, %edx
	add	$4, %esp
	addl	$2, (%esp)
	iretl
guest_gp32_end:

/* The interrupt of the x2APIC's timer, vector 0x40. */
	.globl guest_timer, guest_timer_end
	.code64
guest_timer:
	mov	$0x80b, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	iretq
guest_timer_end:

/*
 * The storm: HLT until the timer, MSR, hypercall, CPUID, I/O, MMIO and a latch, one
 * after the other, for ever. r12 = an address without memory.
 */
	.globl guest_storm, guest_storm_hypercall, guest_storm_end
guest_storm:
	xor	%edx, %edx
	mov	$0x80f, %ecx			/* spurious vector; enabled */
	mov	$0x1ff, %eax
	wrmsr
	mov	$0x83e, %ecx			/* divide by 1 */
	mov	$0xb, %eax
	wrmsr
	/*
	 * Periodic, vector 0x40: an emulated host may let the interrupt in before HLT,
	 * and a single one would never come again. Every 3 ms: a host under KASAN
	 * does nothing else when they come ten times as often.
	 */
	mov	$0x832, %ecx
	mov	$0x20040, %eax
	wrmsr
1:	mov	$0x838, %ecx
	mov	$3000000, %eax
	xor	%edx, %edx
	wrmsr
	sti
	hlt
	cli
	mov	$20, %ebp
2:	mov	$0x1b, %ecx
	rdmsr
	mov	$77, %eax
guest_storm_hypercall:
	vmcall
	xor	%eax, %eax
	xor	%ecx, %ecx
	cpuid
	mov	$0x4ffffffa, %eax
	mov	$0xffff, %ecx
	cpuid
	wbinvd
	dec	%ebp
	jnz	2b
	in	$0x71, %al
	mov	(%r12), %eax
	mov	%eax, (%r12)
	out	%al, $0x11
	jmp	1b
guest_storm_end:

/*
 * What the first vCPU of a VM asks first, in real mode: generation, a table of the VM,
 * whose generation is the same, and a total. OUT if it is not.
 */
	.globl guest_first, guest_first_end
	.code16
guest_first:
	mov	$0x4ffffffb, %eax
	mov	$2, %ecx
	cpuid
	mov	%edx, %esi
	mov	$0x4ffffffa, %eax
	mov	$0xffff, %ecx
	cpuid
	cmp	%edx, %esi
	jne	3f
	mov	$0x4fffffff, %eax
	cpuid
	hlt
3:	out	%al, $0x10
guest_first_end:

	.section .note.GNU-stack, "", @progbits
