// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/details.h"

#define VALUE_MASK ((UINT64_C(1) << EXITPROF_DETAIL_KIND_SHIFT) - 1)
#define PAGE_SHIFT 12

int ep_details_init(struct ep_details *details, const struct ep_host *host)
{
	size_t room = (size_t)(host->vcpus ? host->vcpus : 1) * EXITPROF_DETAILS_MAX;
	struct ep_detail *list = calloc(room, sizeof(*list));

	if (!list)
		return -ENOMEM;
	/* Touched now, so that no page of it is while we measure. */
	explicit_bzero(list, room * sizeof(*list));
	*details = (struct ep_details){ .list = list, .room = room };
	return 0;
}

void ep_details_finish(struct ep_details *details)
{
	free(details->list);
	*details = (struct ep_details){};
}

static struct ep_cpuid_regs query(const struct ep_host *host, uint32_t operation, uint32_t vcpu,
				  uint32_t i)
{
	return ep_cpuid_query(host->cpuid, EXITPROF_LEAF_LATCH, operation | vcpu << 8 | i);
}

static void read_vcpu(struct ep_details *details, const struct ep_host *host, uint32_t vcpu)
{
	struct ep_cpuid_regs regs = query(host, EXITPROF_DETAIL_LOST, vcpu, 0);

	details->lost += (uint64_t)regs.ebx << 32 | regs.eax;
	for (uint32_t i = 0; i < EXITPROF_DETAILS_MAX && details->count < details->room; i++) {
		struct ep_detail *detail = &details->list[details->count];

		regs = query(host, EXITPROF_DETAIL_KEYS, vcpu, i);
		*detail = (struct ep_detail){
			.key = (uint64_t)regs.ebx << 32 | regs.eax,
			.events = (uint64_t)regs.edx << 32 | regs.ecx,
		};
		if (!detail->key)
			return;
		details->count++;
	}
}

static int compare_keys(const void *a, const void *b)
{
	const struct ep_detail *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

void ep_details_sort(struct ep_details *details)
{
	if (details->count)
		qsort(details->list, details->count, sizeof(*details->list), compare_keys);
}

/* Adds up what several vCPUs have. */
static void merge(struct ep_details *details)
{
	size_t count = 0;

	ep_details_sort(details);
	for (size_t i = 0; i < details->count; i++) {
		if (count && details->list[count - 1].key == details->list[i].key)
			details->list[count - 1].events += details->list[i].events;
		else
			details->list[count++] = details->list[i];
	}
	details->count = count;
}

void ep_details_read(struct ep_details *details, const struct ep_host *host)
{
	details->count = 0;
	details->lost = 0;
	for (uint32_t vcpu = 0; vcpu < host->vcpus; vcpu++)
		read_vcpu(details, host, vcpu);
	merge(details);
}

uint64_t ep_details_events(const struct ep_details *details, uint64_t key)
{
	struct ep_detail wanted = { .key = key }, *found;

	if (!details->count)
		return 0;
	found = bsearch(&wanted, details->list, details->count, sizeof(wanted), compare_keys);
	return found ? found->events : 0;
}

static uint32_t kind_of(uint64_t key)
{
	return key >> EXITPROF_DETAIL_KIND_SHIFT & 0xf;
}

static bool own(uint64_t key)
{
	uint64_t value = key & VALUE_MASK;

	return kind_of(key) == EXITPROF_DETAIL_CPUID && value >= EXITPROF_LEAF_LATCH &&
	       value <= EXITPROF_LEAF_TOTAL_EXITS;
}

/* A table that the host has cleared meanwhile begins at 0. */
static uint64_t grown_by(uint64_t before, uint64_t after)
{
	return after < before ? after : after - before;
}

int ep_details_subtract(struct ep_details *ret, const struct ep_details *before,
			const struct ep_details *after)
{
	struct ep_details grown = { .lost = grown_by(before->lost, after->lost) };

	grown.list = calloc(after->count + 1, sizeof(*grown.list));
	if (!grown.list)
		return -ENOMEM;
	grown.room = after->count + 1;
	for (size_t i = 0; i < after->count; i++) {
		uint64_t key = after->list[i].key;
		uint64_t events = grown_by(ep_details_events(before, key), after->list[i].events);

		if (events && !own(key))
			grown.list[grown.count++] = (struct ep_detail){ key, events };
	}
	*ret = grown;
	return 0;
}

uint32_t ep_detail_row(const struct ep_host *host, uint64_t key)
{
	uint32_t row = key >> EXITPROF_DETAIL_ROW_SHIFT;

	return row && row <= host->count ? row - 1 : host->count;
}

const char *ep_detail_kind(uint64_t key)
{
	static const char *const names[] = {
		[EXITPROF_DETAIL_PORT] = "port",   [EXITPROF_DETAIL_MSR] = "msr",
		[EXITPROF_DETAIL_CPUID] = "cpuid", [EXITPROF_DETAIL_HYPERCALL] = "hypercall",
		[EXITPROF_DETAIL_MMIO] = "mmio",
	};
	uint32_t kind = kind_of(key);

	return kind < ARRAY_SIZE(names) && names[kind] ? names[kind] : "other";
}

const char *ep_detail_direction(uint64_t key)
{
	switch (kind_of(key)) {
	case EXITPROF_DETAIL_PORT:
	case EXITPROF_DETAIL_MSR:
	case EXITPROF_DETAIL_MMIO:
		return key >> EXITPROF_DETAIL_WRITE_SHIFT & 1 ? "write" : "read";
	default:
		return "";
	}
}

uint64_t ep_detail_value(uint64_t key)
{
	uint64_t value = key & VALUE_MASK;

	return kind_of(key) == EXITPROF_DETAIL_MMIO ? value << PAGE_SHIFT : value;
}

struct range {
	uint32_t kind;
	uint64_t first;
	uint64_t last;
	const char *name;
};

/*
 * Ports and addresses: what a PC has there, and QEMU. MSRs: Intel SDM volume 4, those of the
 * x2APIC volume 3, table "Local APIC Register Address Map Supported by x2APIC", AMD APM volume 2
 * and the kernel's Documentation/virt/kvm/x86/msr.rst. Hypercalls: hypercalls.rst beside it.
 */
static const struct range ranges[] = {
	{ EXITPROF_DETAIL_PORT, 0x20, 0x21, "interrupt controller 1" },
	{ EXITPROF_DETAIL_PORT, 0x40, 0x43, "timer (PIT)" },
	{ EXITPROF_DETAIL_PORT, 0x60, 0x60, "keyboard" },
	{ EXITPROF_DETAIL_PORT, 0x61, 0x61, "timer 2, speaker" },
	{ EXITPROF_DETAIL_PORT, 0x64, 0x64, "keyboard" },
	{ EXITPROF_DETAIL_PORT, 0x70, 0x71, "clock (RTC)" },
	{ EXITPROF_DETAIL_PORT, 0x80, 0x80, "POST, delay" },
	{ EXITPROF_DETAIL_PORT, 0xa0, 0xa1, "interrupt controller 2" },
	{ EXITPROF_DETAIL_PORT, 0xb2, 0xb3, "SMI" },
	{ EXITPROF_DETAIL_PORT, 0x170, 0x177, "IDE 2" },
	{ EXITPROF_DETAIL_PORT, 0x1f0, 0x1f7, "IDE 1" },
	{ EXITPROF_DETAIL_PORT, 0x2f8, 0x2ff, "serial port 2" },
	{ EXITPROF_DETAIL_PORT, 0x376, 0x376, "IDE 2" },
	{ EXITPROF_DETAIL_PORT, 0x3b0, 0x3df, "VGA" },
	{ EXITPROF_DETAIL_PORT, 0x3f6, 0x3f6, "IDE 1" },
	{ EXITPROF_DETAIL_PORT, 0x3f8, 0x3ff, "serial port 1" },
	{ EXITPROF_DETAIL_PORT, 0x402, 0x402, "firmware's debug port" },
	{ EXITPROF_DETAIL_PORT, 0x510, 0x51b, "QEMU fw_cfg" },
	{ EXITPROF_DETAIL_PORT, 0xcf8, 0xcfb, "PCI address" },
	{ EXITPROF_DETAIL_PORT, 0xcfc, 0xcff, "PCI data" },
	{ EXITPROF_DETAIL_MSR, 0x10, 0x10, "TSC" },
	{ EXITPROF_DETAIL_MSR, 0x1b, 0x1b, "APIC_BASE" },
	{ EXITPROF_DETAIL_MSR, 0x3b, 0x3b, "TSC_ADJUST" },
	{ EXITPROF_DETAIL_MSR, 0x48, 0x48, "SPEC_CTRL" },
	{ EXITPROF_DETAIL_MSR, 0x49, 0x49, "PRED_CMD" },
	{ EXITPROF_DETAIL_MSR, 0x8b, 0x8b, "microcode revision" },
	{ EXITPROF_DETAIL_MSR, 0x174, 0x176, "SYSENTER" },
	{ EXITPROF_DETAIL_MSR, 0x179, 0x17b, "machine check" },
	{ EXITPROF_DETAIL_MSR, 0x1a0, 0x1a0, "MISC_ENABLE" },
	{ EXITPROF_DETAIL_MSR, 0x200, 0x27f, "MTRR, PAT" },
	{ EXITPROF_DETAIL_MSR, 0x2ff, 0x2ff, "MTRR, PAT" },
	{ EXITPROF_DETAIL_MSR, 0x400, 0x47f, "machine check" },
	{ EXITPROF_DETAIL_MSR, 0x6e0, 0x6e0, "TSC_DEADLINE" },
	{ EXITPROF_DETAIL_MSR, 0x802, 0x802, "x2APIC ID" },
	{ EXITPROF_DETAIL_MSR, 0x808, 0x808, "x2APIC TPR" },
	{ EXITPROF_DETAIL_MSR, 0x80a, 0x80a, "x2APIC PPR" },
	{ EXITPROF_DETAIL_MSR, 0x80b, 0x80b, "x2APIC EOI" },
	{ EXITPROF_DETAIL_MSR, 0x80d, 0x80d, "x2APIC LDR" },
	{ EXITPROF_DETAIL_MSR, 0x80f, 0x80f, "x2APIC SVR" },
	{ EXITPROF_DETAIL_MSR, 0x810, 0x817, "x2APIC ISR" },
	{ EXITPROF_DETAIL_MSR, 0x818, 0x81f, "x2APIC TMR" },
	{ EXITPROF_DETAIL_MSR, 0x820, 0x827, "x2APIC IRR" },
	{ EXITPROF_DETAIL_MSR, 0x828, 0x828, "x2APIC ESR" },
	{ EXITPROF_DETAIL_MSR, 0x830, 0x830, "x2APIC ICR" },
	{ EXITPROF_DETAIL_MSR, 0x82f, 0x837, "x2APIC LVT" },
	{ EXITPROF_DETAIL_MSR, 0x838, 0x838, "x2APIC timer count" },
	{ EXITPROF_DETAIL_MSR, 0x839, 0x839, "x2APIC timer, current" },
	{ EXITPROF_DETAIL_MSR, 0x83e, 0x83e, "x2APIC timer divide" },
	{ EXITPROF_DETAIL_MSR, 0x83f, 0x83f, "x2APIC self IPI" },
	{ EXITPROF_DETAIL_MSR, 0x800, 0x8ff, "x2APIC" },
	{ EXITPROF_DETAIL_MSR, 0x4b564d00, 0x4b564d00, "kvm wall clock" },
	{ EXITPROF_DETAIL_MSR, 0x4b564d01, 0x4b564d01, "kvm system time" },
	{ EXITPROF_DETAIL_MSR, 0x4b564d02, 0x4b564d02, "kvm async page fault" },
	{ EXITPROF_DETAIL_MSR, 0x4b564d03, 0x4b564d03, "kvm steal time" },
	{ EXITPROF_DETAIL_MSR, 0x4b564d04, 0x4b564d04, "kvm EOI" },
	{ EXITPROF_DETAIL_MSR, 0x4b564d05, 0x4b564d05, "kvm poll control" },
	{ EXITPROF_DETAIL_MSR, 0x4b564d06, 0x4b564d07, "kvm async page fault" },
	{ EXITPROF_DETAIL_MSR, 0xc0000080, 0xc0000080, "EFER" },
	{ EXITPROF_DETAIL_MSR, 0xc0000081, 0xc0000084, "SYSCALL" },
	{ EXITPROF_DETAIL_MSR, 0xc0000100, 0xc0000102, "FS, GS base" },
	{ EXITPROF_DETAIL_MSR, 0xc0000103, 0xc0000103, "TSC_AUX" },
	{ EXITPROF_DETAIL_MSR, 0xc0010000, 0xc0010007, "AMD counters" },
	{ EXITPROF_DETAIL_MSR, 0xc0010200, 0xc001020b, "AMD counters" },
	{ EXITPROF_DETAIL_HYPERCALL, 1, 1, "VAPIC_POLL_IRQ" },
	{ EXITPROF_DETAIL_HYPERCALL, 5, 5, "KICK_CPU" },
	{ EXITPROF_DETAIL_HYPERCALL, 9, 9, "CLOCK_PAIRING" },
	{ EXITPROF_DETAIL_HYPERCALL, 10, 10, "SEND_IPI" },
	{ EXITPROF_DETAIL_HYPERCALL, 11, 11, "SCHED_YIELD" },
	{ EXITPROF_DETAIL_HYPERCALL, 12, 12, "MAP_GPA_RANGE" },
	{ EXITPROF_DETAIL_MMIO, 0xa0000, 0xbffff, "VGA" },
	{ EXITPROF_DETAIL_MMIO, 0xfec00000, 0xfec00fff, "I/O APIC" },
	{ EXITPROF_DETAIL_MMIO, 0xfed00000, 0xfed00fff, "HPET" },
	{ EXITPROF_DETAIL_MMIO, 0xfee00000, 0xfee00fff, "local APIC" },
};

const char *ep_detail_value_name(uint64_t key)
{
	uint64_t value = ep_detail_value(key);

	/* The first one that fits: a single register stands before the range it is in. */
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (ranges[i].kind == kind_of(key) && value >= ranges[i].first &&
		    value <= ranges[i].last)
			return ranges[i].name;
	return "";
}
