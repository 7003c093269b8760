// SPDX-License-Identifier: GPL-3.0-or-later
/* Whose exits are counted. */
#include <inttypes.h>

#include "verify/guest.h"
#include "verify/verify.h"

#define QUIET_NS UINT64_C(300000000)
/* CPUIDs of others in this guest, such as a program that is being started. */
#define STRAY 200

/* A storm in another VM makes this part of the CPUIDs that a CPU can execute, at least. */
#define STORM_PART 20

/* Nobody else in this guest is expected to execute CPUID, but another guest may. */
static void check_scope(struct ep_verify *verify, struct ep_finding *ret)
{
	uint64_t before = ep_verify_own_exits(verify), possible = QUIET_NS / verify->trip_ns;
	uint32_t foreign;

	ep_guest_spin(verify->host->cpuid, QUIET_NS);
	foreign = ep_verify_own_exits(verify) - before - 1;
	if (foreign > STRAY && foreign < possible / STORM_PART)
		ep_find(ret, EP_WARN,
			"%" PRIu32
			" CPUIDs in 0.3 s in which this guest executed none, as far as it "
			"goes; one CPU can execute %" PRIu64
			": rather a program that is started here than a storm in another VM",
			foreign, possible);
	else if (foreign > STRAY && foreign < INT32_MAX)
		ep_find(ret, verify->peer ? EP_FAIL : EP_WARN,
			"counters that belong to all VMs: %" PRIu32
			" CPUIDs in 0.3 s in which this guest executed none%s",
			foreign, verify->peer ? "" : ", as far as it goes");
	else if (verify->peer)
		ep_find(ret, EP_PASS,
			"none of the other VM's CPUIDs is counted, if it did execute any: that its "
			"storm still runs can only be seen there");
	else
		ep_find(ret, EP_SKIP,
			"cannot be told from inside one guest: run 'exitprof run cpuid-storm -d "
			"60s' "
			"in another one on this host, and give --peer here");
}

const struct ep_check ep_checks_scope[] = {
	{ "scope", "a VM's counters do not contain other VMs' exits",
	  "the counters: in struct kvm_arch or struct kvm_vcpu_arch (arch/x86/include/asm/"
	  "kvm_host.h), not in globals",
	  check_scope, .by_reason = true },
	{},
};
