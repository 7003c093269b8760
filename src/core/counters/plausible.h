/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plausible.h - numbers of a host that cannot be
 *
 * A host that was written by somebody else may answer anything. What no host can count is not
 * shown as a result; smaller doubts make a delta inconsistent, see delta.h.
 *
 *	struct ep_error err = {};
 *
 *	if (ep_plausible_delta(&delta, ep_plausible_cycles(vcpus, elapsed), &err))
 *		...	// err.message says what cannot be, and err.hint what to do
 */
#ifndef EP_CORE_COUNTERS_PLAUSIBLE_H
#define EP_CORE_COUNTERS_PLAUSIBLE_H

#include "core/base/error.h"
#include "core/counters/delta.h"

/*
 * How many handling cycles @vcpus vCPUs can have in @elapsed cycles of the TSC, generously: an
 * exit may have begun before, and the TSC of the guest may be a little slower than the host's.
 */
uint64_t ep_plausible_cycles(uint32_t vcpus, uint64_t elapsed);

/* vCPUs that the VM may have: those that the host knows, and all that may come online. */
uint32_t ep_plausible_vcpus(const struct ep_host *host);

/*
 * Returns 0, or -ERANGE with *@err set if more than @limit cycles were counted, or if the
 * reasons have more exits or cycles than all together. @limit: 0 for unknown. @err may be NULL.
 */
int ep_plausible_delta(const struct ep_delta *delta, uint64_t limit, struct ep_error *err);

/* The same of a VM's whole life, of which only the number of exits is known. */
int ep_plausible_life(const struct ep_delta *delta, struct ep_error *err);

#endif /* EP_CORE_COUNTERS_PLAUSIBLE_H */
