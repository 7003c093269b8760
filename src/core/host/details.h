/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * details.h - what exits were about: ports, MSRs, CPUID leaves, hypercalls, MMIO
 *
 * A host that collects them has a small table for every vCPU. It is not of one
 * instant, and reading it takes a CPUID for every entry.
 *
 *	struct ep_details before = {}, after = {}, grown = {};
 *
 *	ep_details_init(&before, &host);
 *	ep_details_init(&after, &host);
 *	ep_details_read(&before, &host);
 *	...
 *	ep_details_read(&after, &host);
 *	ep_details_subtract(&grown, &before, &after);
 */
#ifndef EP_CORE_HOST_DETAILS_H
#define EP_CORE_HOST_DETAILS_H

#include <stddef.h>

#include "core/host/host.h"

/* @key: as abi.h describes it; @events: how often it came */
struct ep_detail {
	uint64_t key;
	uint64_t events;
};

/*
 * @list: by key, each once, @count of them, with room for @room
 * @lost: events that found no room in the host's tables
 */
struct ep_details {
	struct ep_detail *list;
	size_t count;
	size_t room;
	uint64_t lost;
};

/* Room for all details of @host. Returns 0 or -ENOMEM. */
int ep_details_init(struct ep_details *details, const struct ep_host *host);
void ep_details_finish(struct ep_details *details);

/* Replaces what @details holds. */
void ep_details_read(struct ep_details *details, const struct ep_host *host);

/*
 * What came between the two, of all vCPUs together, without the leaves of abi.h
 * themselves: exitprof's own reading. Returns 0 or -ENOMEM; *@ret is to be finished.
 */
int ep_details_subtract(struct ep_details *ret, const struct ep_details *before,
			const struct ep_details *after);

/* By key, as everything that takes a struct ep_details expects it. */
void ep_details_sort(struct ep_details *details);

/* 0 for a key that is not there. */
uint64_t ep_details_events(const struct ep_details *details, uint64_t key);

/* The reason in host->reasons, or host->count for one that the host does not list. */
uint32_t ep_detail_row(const struct ep_host *host, uint64_t key);

/* "port", "msr", "cpuid", "hypercall", "mmio", or "other" for a kind of later hosts. */
const char *ep_detail_kind(uint64_t key);

/* "read", "write", or "" where that makes no sense. */
const char *ep_detail_direction(uint64_t key);

/* Port, MSR, leaf or number; of MMIO the address where the page begins. */
uint64_t ep_detail_value(uint64_t key);

/* What is usually found under that value on a PC or under Linux, or "". */
const char *ep_detail_value_name(uint64_t key);

#endif /* EP_CORE_HOST_DETAILS_H */
