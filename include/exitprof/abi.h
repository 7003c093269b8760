/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * abi.h - the leaf contract between a patched KVM host and its guests
 *
 * Numbers only. The host side keeps its own copy in host-patch/kvm/exitprof.h
 * (GPL-2.0-only); the test "abi" compares the two. doc/abi.md tells the whole
 * contract with examples.
 *
 * Every leaf answers CPUID at any privilege level, and every leaf writes all
 * four registers. Counts are VM exits since the VM was created; cycles are host
 * TSC ticks. All counters are 64 bits wide, belong to one VM and never go back.
 *
 * Use the raw CPUID instruction: __get_cpuid_count() of the compiler's cpuid.h
 * refuses leaves above the advertised maximum.
 */
#ifndef EXITPROF_ABI_H
#define EXITPROF_ABI_H

/* Version in EAX of the discovery leaf. Raised when a field changes meaning. */
#define EXITPROF_ABI_VERSION			1

/*
 * The classic leaves, as the course defines them.
 *
 * EXITPROF_LEAF_TOTAL_EXITS   EAX, EBX = low, high half of all exits of the VM;
 *                             ECX = EDX = 0
 * EXITPROF_LEAF_TOTAL_CYCLES  EBX, ECX = high, low half of all handling cycles;
 *                             EAX = EDX = 0
 * EXITPROF_LEAF_REASON_EXITS  ECX in = exit reason; EAX, EBX = low, high half of
 *                             the exits of that reason; ECX = EDX = 0
 * EXITPROF_LEAF_REASON_CYCLES ECX in = exit reason; EBX, ECX = high, low half of
 *                             the handling cycles of that reason; EAX = EDX = 0
 *
 * The two with a reason answer EAX = EBX = ECX = 0, EDX = EXITPROF_UNDEFINED
 * for a reason that the vendor's manual does not define, and 0 in all four for
 * one that is defined but that KVM has no handler for.
 *
 * An exit is counted when it has been handled. The count that a CPUID reads
 * includes that CPUID's own exit all the same; the cycles do not.
 */
#define EXITPROF_LEAF_TOTAL_EXITS		0x4fffffff
#define EXITPROF_LEAF_TOTAL_CYCLES		0x4ffffffe
#define EXITPROF_LEAF_REASON_EXITS		0x4ffffffd
#define EXITPROF_LEAF_REASON_CYCLES		0x4ffffffc
#define EXITPROF_UNDEFINED			0xffffffff

/*
 * The discovery leaf: ECX in = one of the subleaves below. A subleaf that is
 * not listed answers 0 in all four registers.
 *
 * An unpatched host answers it, too, with zeros or with the data of its highest
 * basic leaf. Only the signature tells.
 */
#define EXITPROF_LEAF_DISCOVERY			0x4ffffffb

/* EAX = EXITPROF_ABI_VERSION; EBX, ECX, EDX = "exit" "prof" ".kvm" */
#define EXITPROF_DISCOVERY_SIGNATURE		0
#define EXITPROF_SIGNATURE_EBX			0x74697865
#define EXITPROF_SIGNATURE_ECX			0x666f7270
#define EXITPROF_SIGNATURE_EDX			0x6d766b2e

/* EAX = vendor; EBX = feature bits; ECX = accounting level; EDX = 0 */
#define EXITPROF_DISCOVERY_HOST			1
#define EXITPROF_VENDOR_VMX			1
#define EXITPROF_VENDOR_SVM			2
#define EXITPROF_FEATURE_CLASSIC		0x1	/* the four classic leaves */
#define EXITPROF_FEATURE_HANDLED		0x2	/* the bitmap of handled reasons */
#define EXITPROF_FEATURE_LATCH			0x4	/* EXITPROF_LEAF_LATCH */
#define EXITPROF_FEATURE_DETAILS		0x8	/* details are being collected */
#define EXITPROF_LEVEL_CLASSIC			1	/* count and handling cycles */
#define EXITPROF_LEVEL_FULL			2	/* away cycles, maximum, histogram as well */

/*
 * EAX = number of reason slots; EBX = vCPUs created so far in this VM;
 * ECX = host TSC frequency in kHz; EDX = generation: it changes when the
 * counters have started anew (a restored or migrated VM) or have a gap (the
 * host's operator switched the accounting off and on)
 */
#define EXITPROF_DISCOVERY_VM			2

/*
 * Subleaf EXITPROF_DISCOVERY_HANDLED + i: which reasons this KVM has a handler
 * for, by slot: EAX bit 0 is slot 128 * i, EDX bit 31 is slot 128 * i + 127.
 *
 * VMX: slot = basic exit reason. SVM: exit codes below 0x100 are their own slot;
 * 0x400 to 0x40f are slots 0x100 to 0x10f; 0xf0000000 (host software use) is
 * slot 0x110; -4 to -1 are slots 0x111 to 0x114.
 */
#define EXITPROF_DISCOVERY_HANDLED		0x100
#define EXITPROF_SLOTS_PER_SUBLEAF		128
#define EXITPROF_VMX_SLOTS			128
#define EXITPROF_SVM_SLOTS			0x115
#define EXITPROF_SVM_SLOT_NPF			0x100	/* exit code 0x400 */
#define EXITPROF_SVM_SLOT_SW			0x110	/* exit code 0xf0000000 */
#define EXITPROF_SVM_SLOT_NEGATIVE		0x111	/* exit code -4 */

/*
 * The latch and row leaf: a table of all counters, 128 bits a CPUID.
 * Offered at level full (EXITPROF_FEATURE_LATCH). ECX in = an operation, with
 * its operands:
 *
 * EXITPROF_LATCH | scope
 *	copies the counters of the whole VM (EXITPROF_SCOPE_VM) or of one vCPU
 *	(its index) into a table that belongs to the calling vCPU, in place of
 *	the one before. EAX = id of the table, never 0; EBX = index of the
 *	calling vCPU; ECX = number of rows; EDX = generation.
 *	All four are 0, and the table of before is gone, if there is no such
 *	vCPU, or the host has no memory.
 * EXITPROF_LATCH_BITMAP
 *	EAX, EBX, ECX = which rows are not 0: EAX bit 0 is row 0, ECX bit 31 is
 *	row 95; EDX = id of the calling vCPU's table, 0 if it has none. The reader
 *	reads this last: another id than its own tells that it has moved to
 *	another vCPU, or that somebody else has latched on this one, and that
 *	what it has read in between is not of one table.
 * EXITPROF_LATCH_ROW | field << 16 | row
 *	EAX, EBX = low, high half of the first number; ECX, EDX = of the second:
 *	EXITPROF_FIELD_COUNT	exits; handling cycles
 *	EXITPROF_FIELD_AWAY	away cycles; maximum of the handling cycles of
 *				one exit
 *	EXITPROF_FIELD_HISTOGRAM + i, i < 32
 *				exits that took 2^(2i) to 2^(2i + 1) - 1 cycles
 *				of handling; 2^(2i + 1) to 2^(2i + 2) - 1
 *	All four are 0 for a row or field that does not exist, or without a table.
 * EXITPROF_DETAIL_KEYS, EXITPROF_DETAIL_LOST: see below
 *
 * Row 0 holds the exits of all reasons that this KVM has no handler for. Row
 * i > 0 is the i-th handled reason, in the order of slots (see
 * EXITPROF_DISCOVERY_HANDLED).
 *
 * A table holds exits whose handling is complete: unlike a classic count, not
 * the exit of the CPUID that latches. In every row the histogram adds up to the
 * count, and away cycles are not less than handling cycles.
 *
 * One instant: the rows of the calling vCPU are all of the instant of the latch, for
 * it cannot exit meanwhile. Each row of another vCPU is of one instant: its count,
 * handling cycles and histogram belong together. But vCPUs, and the rows of a vCPU,
 * are copied one after another, so two rows of a vCPU that runs meanwhile may be some
 * exits apart. If the host stops that vCPU's thread right while it counts an exit, the
 * row may lack the cycles of that one exit.
 */
#define EXITPROF_LEAF_LATCH			0x4ffffffa
#define EXITPROF_LATCH				0x00000000
#define EXITPROF_SCOPE_VM			0xffff
#define EXITPROF_LATCH_BITMAP			0x01000000
#define EXITPROF_LATCH_ROW			0x02000000
#define EXITPROF_FIELD_COUNT			0
#define EXITPROF_FIELD_AWAY			1
#define EXITPROF_FIELD_HISTOGRAM		2
#define EXITPROF_ROWS_MAX			96
#define EXITPROF_BUCKETS			64

/*
 * Details: what the exits of some reasons were about. Not part of a table; the
 * counts only grow. Offered while EXITPROF_FEATURE_DETAILS is set.
 *
 * EXITPROF_DETAIL_KEYS | vCPU << 8 | i
 *	EAX, EBX = low, high half of the key of the i-th detail of that vCPU;
 *	ECX, EDX = low, high half of how often it came. The first i that has none
 *	answers 0 in all four, and so does every larger one.
 * EXITPROF_DETAIL_LOST | vCPU << 8
 *	EAX, EBX = low, high half of how many events of that vCPU found no room
 *	in its EXITPROF_DETAILS_MAX details; ECX = EDX = 0
 *
 * A key: bits 63 to 56 are the row of the reason; bit 55 is 1 for a write or an
 * output; bits 51 to 48 are the kind; bits 47 to 0 the value.
 */
#define EXITPROF_DETAIL_KEYS			0x03000000
#define EXITPROF_DETAIL_LOST			0x04000000
#define EXITPROF_DETAILS_MAX			255
#define EXITPROF_DETAIL_ROW_SHIFT		56
#define EXITPROF_DETAIL_WRITE_SHIFT		55
#define EXITPROF_DETAIL_KIND_SHIFT		48
#define EXITPROF_DETAIL_PORT			1	/* I/O port */
#define EXITPROF_DETAIL_MSR			2	/* MSR number */
#define EXITPROF_DETAIL_CPUID			3	/* CPUID leaf, as asked for */
#define EXITPROF_DETAIL_HYPERCALL		4	/* hypercall number */
#define EXITPROF_DETAIL_MMIO			5	/* guest-physical page number */

#endif /* EXITPROF_ABI_H */
