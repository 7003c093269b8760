/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest.h - what a check does in the guest beside reading: being on a certain
 * vCPU, on several at once, asleep, busy
 *
 * On a simulated host, the simulation does it.
 */
#ifndef EP_VERIFY_GUEST_H
#define EP_VERIFY_GUEST_H

#include "core/host/cpuid.h"

/* How many CPUs the process may use, at least 1. */
unsigned int ep_guest_cpus(struct ep_cpuid *cpuid);

/* To the @index-th of them. Returns 0 or a negative errno. */
int ep_guest_pin(struct ep_cpuid *cpuid, unsigned int index);

/* Back to all that ep_guest_cpus() counted. */
void ep_guest_unpin(struct ep_cpuid *cpuid);

/* The guest's TSC, and CLOCK_MONOTONIC; neither is an exit on any usual host. */
uint64_t ep_guest_tsc(struct ep_cpuid *cpuid);
uint64_t ep_guest_now_ns(struct ep_cpuid *cpuid);

/*
 * Executes @count CPUIDs of leaf 0 on each of the first @cpus CPUs at once; they
 * are in cpuid->executed afterwards. Returns 0 or a negative errno.
 */
int ep_guest_storm(struct ep_cpuid *cpuid, unsigned int cpus, unsigned int count);

/* @count times to sleep for half a millisecond, each by a timer of its own. */
void ep_guest_sleep(struct ep_cpuid *cpuid, unsigned int count);

/* Busy for that long, without CPUIDs. */
void ep_guest_spin(struct ep_cpuid *cpuid, uint64_t duration_ns);

/*
 * @count writes to an I/O port of which nothing in KVM has to know, so that it hands each to
 * its user space. Returns 0, or a negative errno: -EPERM for a user who may not do that.
 */
int ep_guest_ports(struct ep_cpuid *cpuid, unsigned int count);

/* CPUID with all 64 bits of the registers: a, b, c, d. */
void ep_guest_cpuid64(struct ep_cpuid *cpuid, uint64_t regs[4]);

/*
 * Whether the kernel's timer interrupts come by writing the MSR TSC_DEADLINE. What
 * it uses instead is in @ret_device, of @size bytes; "" if that cannot be told.
 */
_Bool ep_guest_has_deadline(struct ep_cpuid *cpuid, char *ret_device, size_t size);

#endif /* EP_VERIFY_GUEST_H */
