/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.h - recognise a host that answers the leaves of abi.h
 *
 * A host with the discovery leaf says all about itself. One without it (such as a
 * student's own) is known by its behaviour: which leaves mark a reason that the
 * manual does not define tells the dialect, and the CPUIDs that read the counters
 * must show up in them. One that marks nothing, or in disorder, must count these
 * CPUIDs to the last one. A host whose totals count them, and whose leaves of a reason answer
 * as a leaf that nobody has defined, is one of the first assignment: it has totals only.
 *
 * Unpatched hosts answer zeros (AMD) or their highest basic leaf's data (Intel), so "not zero"
 * never means "patched".
 *
 *	struct ep_host host;
 *
 *	if (ep_host_recognise(&host, &cpuid) == -ENODEV)
 *		...
 */
#ifndef EP_CORE_HOST_HOST_H
#define EP_CORE_HOST_HOST_H

#include <stdbool.h>

#include "core/host/dialect.h"
#include "core/host/reasons.h"

/*
 * @cpuid: borrowed; every read goes through it
 * @in_vm: the CPU's hypervisor bit; @hypervisor its signature, "" without
 * @cpu_vendor, @cpu_model: as CPUID says them
 * @vendor: the host's, which the CPU's name tells without a discovery leaf
 * @patched: the leaves answer; all below is meaningless otherwise
 * @discovery: recognised by the discovery leaf, not by behaviour
 * @dialect: how single numbers are read; classic with a discovery leaf
 * @totals: there is nothing by reason, and @count is 0
 * @suspect: of a host that was not recognised: the dialect whose total counts our CPUIDs, while
 *	others of its leaves answer what cannot be; NULL if there is none
 * @marks: it marks undefined reasons as @dialect has it
 * @abi, @level, @vcpus, @generation: of the discovery leaf, 0 without
 * @tsc_khz: host TSC frequency in kHz, 0 if unknown
 * @offers_latch: the host says that it has the latch leaf
 * @latch: which is to be used
 * @details: the host collects what exits were about
 * @reasons: what can be read, @count of them, by number: those that the host
 *	handles if it says so, else all that the manual defines
 * @cpuid_row: index in @reasons of the reason that our own reads count under; 0 with @totals
 */
struct ep_host {
	struct ep_cpuid *cpuid;
	bool in_vm;
	char hypervisor[13];
	char cpu_vendor[13];
	char cpu_model[49];
	enum ep_vendor vendor;
	bool patched;
	bool discovery;
	const struct ep_dialect *dialect;
	const struct ep_dialect *suspect;
	bool totals;
	bool marks;
	bool lists_handled;
	bool offers_latch;
	bool latch;
	bool details;
	uint32_t abi;
	uint32_t level;
	uint32_t vcpus;
	uint32_t tsc_khz;
	uint32_t generation;
	uint32_t reasons[EP_REASONS_MAX];
	uint32_t count;
	uint32_t cpuid_row;
};

/*
 * Fills *@host in any case. Returns 0; -ENODEV if the leaves do not answer;
 * -EPROTO if there is a discovery leaf of another ABI version.
 */
int ep_host_recognise(struct ep_host *host, struct ep_cpuid *cpuid);

/*
 * Restricts the reading to the dialect @name: "exitprof" is the latch leaf, "auto"
 * the best that there is. Returns 0; -ENODEV if the host does not speak it, and
 * -EINVAL if nobody does.
 */
int ep_host_speak(struct ep_host *host, const char *name);

/*
 * Takes a host that was not recognised, or answers otherwise, for one that speaks
 * @dialect without the discovery leaf. Returns 0, or -ENODEV if its leaves answer
 * all the same as their neighbours, which nobody has defined.
 */
int ep_host_assume(struct ep_host *host, const struct ep_dialect *dialect);

/* What is read now: "exitprof" with the latch leaf, else a name of dialect.h. */
const char *ep_host_dialect(const struct ep_host *host);

/* Whether @figure can be had, be it by the latch leaf. */
bool ep_host_tells(const struct ep_host *host, enum ep_figure figure);

/*
 * Whether a register that holds part of @figure is not written: it answers what the guest had
 * there. Two CPUIDs; none for a figure that the dialect cannot give. *@ret is that register.
 */
bool ep_host_echoes(const struct ep_host *host, enum ep_figure figure, enum ep_register *ret);

/* As ep_dialect_read(). */
uint64_t ep_host_read(const struct ep_host *host, enum ep_figure figure, uint32_t reason);

/* The host's word for whether it handles @reason; true if it does not say. */
bool ep_host_handles(const struct ep_host *host, uint32_t reason);

/* vCPUs in this VM now, 0 without the discovery leaf. One CPUID at most. */
uint32_t ep_host_vcpus(const struct ep_host *host);

/* The discovery leaf's generation now, 0 without that leaf. One CPUID at most. */
uint32_t ep_host_generation(const struct ep_host *host);

#endif /* EP_CORE_HOST_HOST_H */
