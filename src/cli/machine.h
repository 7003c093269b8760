/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine.h - what host we are on */
#ifndef EP_CLI_MACHINE_H
#define EP_CLI_MACHINE_H

#include <stdbool.h>

#include "core/host/host.h"
#include "core/sim/sim.h"

/*
 * Room for either kind of CPUID. Not to be moved once initialised.
 *
 * @kernel_only: a host that does not answer us, but the kernel of this guest, at CPL 0
 * @kernel_code: of a host that does not answer us: a negative errno if nobody could look whether
 *	it answers the kernel
 */
struct ep_machine {
	struct ep_cpuid real;
	struct ep_sim sim;
	struct ep_host host;
	bool kernel_only;
	int kernel_code;
};

/*
 * To be called before anything reads the clock: a simulated host has one of its own if
 * EXITPROF_TEST_CLOCK names its feed, see core/sim/clock.h. Returns 0 or a negative errno,
 * which is reported.
 */
int ep_machine_clock(void);

/*
 * Recognises the host, or the simulated one that EXITPROF_TEST_HOST names, with a
 * warning. Says nothing about failures. Returns as ep_host_recognise() does, or
 * -EINVAL for an unknown simulation, which it does report.
 */
int ep_machine_init(struct ep_machine *machine);

/*
 * As above, but reports any failure, and of a host without the discovery leaf one that does not
 * write what it is to answer. Returns a status of message.h.
 */
int ep_machine_require(struct ep_machine *machine);

/*
 * Reads the host in that dialect only, one of ep_dialect_names, see ep_host_speak(). Reports a
 * failure, returns a status.
 */
int ep_machine_speak(struct ep_machine *machine, const char *dialect);

/* Whether the host collects details. Reports it if not, returns a status. */
int ep_machine_require_details(const struct ep_machine *machine);

/* What to do on the host for it to account at level full. */
const char *ep_machine_full_hint(const struct ep_machine *machine);

/* What to do on the host, and in the lab, for the host to collect details. */
const char *ep_machine_details_hint(const struct ep_machine *machine);

/* The sentence and the hint for what ep_machine_init() returned. */
void ep_machine_explain(const struct ep_machine *machine, int code);

#endif /* EP_CLI_MACHINE_H */
