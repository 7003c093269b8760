// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether every exit is counted, once, and for everybody. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "verify/guest.h"
#include "verify/verify.h"

#define COUNTING                                                                                   \
	"arch/x86/kvm/x86.c, vcpu_enter_guest(); vmx/vmx.c, __vmx_handle_exit(); svm/svm.c, "      \
	"svm_invoke_exit_handler()"
#define CPUIDS	    1000
#define TRIES	    20
#define ROUNDS	    3
#define CPUS_MAX    8
#define ROUND_NS    UINT64_C(200000000)
#define ROUND_MIN   2000
#define ROUND_MAX   200000
#define PORTS	    100
#define HOPS	    20
#define HOP_CPUIDS  50
#define WRAP_PLENTY 0x80000000

static uint64_t read_total(struct ep_verify *verify)
{
	return ep_host_read(verify->host, EP_FIGURE_TOTAL_EXITS, 0);
}

/* Counters of 32 bits may wrap around meanwhile. */
static uint32_t grown(uint64_t before, uint64_t after)
{
	return after - before;
}

/* The CPUID that reads a second time is an exit, too, and counted by then or not yet. */
static void check_exact(struct ep_verify *verify, struct ep_finding *ret)
{
	uint32_t least = UINT32_MAX, most = 0;

	ep_guest_pin(verify->host->cpuid, 0);
	for (int i = 0; i < TRIES; i++) {
		uint64_t before = ep_verify_own_exits(verify);
		uint32_t counted;

		ep_verify_cpuids(verify, CPUIDS - 1);
		counted = grown(before, ep_verify_own_exits(verify));
		if (counted == CPUIDS)
			return ep_find(ret, EP_PASS, "%d CPUIDs, %d exits", CPUIDS, CPUIDS);
		least = counted < least ? counted : least;
		most = counted > most ? counted : most;
	}
	verify->uncounted = !most;
	if (!most || most >= WRAP_PLENTY)
		ep_find(ret, EP_FAIL, "CPUIDs are not counted: after %d of them the count %s",
			CPUIDS, most ? "went back" : "is the same");
	else if (least < CPUIDS)
		ep_find(ret, EP_FAIL, "of %d CPUIDs, %" PRIu32 " were counted", CPUIDS, least);
	else if (least >= 2 * CPUIDS && least < 2 * CPUIDS + CPUIDS / 10)
		ep_find(ret, EP_FAIL,
			"each exit is counted twice: %d CPUIDs, %" PRIu32
			" exits; in two places of the same path?",
			CPUIDS, least);
	else
		ep_find(ret, EP_FAIL,
			"%d CPUIDs, %" PRIu32 " exits at the least: counters that belong to all "
			"VMs, or other programs that execute CPUID",
			CPUIDS, least);
	if (ret->verdict == EP_FAIL && least > CPUIDS)
		ret->cause = "scope";
}

/* A total has the exits of the whole VM: never less than ours. */
static void check_total(struct ep_verify *verify, struct ep_finding *ret)
{
	ep_guest_pin(verify->host->cpuid, 0);
	for (int i = 0; i < TRIES; i++) {
		uint64_t before = read_total(verify);
		uint32_t counted;

		ep_verify_cpuids(verify, CPUIDS - 1);
		counted = grown(before, read_total(verify));
		verify->total_wrong = counted < CPUIDS || counted >= WRAP_PLENTY;
		if (verify->total_wrong)
			return ep_find(ret, EP_FAIL,
				       "%d CPUIDs, and the total grew by %" PRId32
				       ": it is counted elsewhere than the reasons?",
				       CPUIDS, (int32_t)counted);
	}
}

static void check_several(struct ep_verify *verify, struct ep_finding *ret)
{
	unsigned int cpus = verify->cpus < CPUS_MAX ? verify->cpus : CPUS_MAX;
	uint64_t count = ROUND_NS / (verify->trip_ns ? verify->trip_ns : 1);
	uint32_t most_lost = 0;
	uint64_t all;

	if (cpus < 2)
		return ep_find(ret, EP_SKIP,
			       "only one CPU may be used here: give the guest two vCPUs or more");
	if (verify->uncounted)
		return ep_find(ret, EP_SKIP, EP_UNCOUNTED);
	if (verify->one_vcpu)
		return ep_find(ret, EP_SKIP, "a vCPU sees its own exits only, see all-vcpus");
	count = count < ROUND_MIN ? ROUND_MIN : count > ROUND_MAX ? ROUND_MAX : count;
	all = cpus * count;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t own = ep_verify_own_exits(verify), total = read_total(verify);
		uint32_t lost, counted;

		if (ep_guest_storm(verify->host->cpuid, cpus, count))
			return ep_find(ret, EP_SKIP, "cannot start a thread on each CPU");
		counted = grown(own, ep_verify_own_exits(verify));
		lost = counted < all ? all - counted : 0;
		counted = grown(total, read_total(verify));
		if (!verify->total_wrong && counted < all && all - counted > lost)
			lost = all - counted;
		most_lost = lost > most_lost ? lost : most_lost;
	}
	if (most_lost)
		ep_find(ret, EP_FAIL,
			"lost updates: of %" PRIu64 " CPUIDs on %u vCPUs at once, %" PRIu32
			" were not counted: counters that vCPUs share need atomics",
			all, cpus, most_lost);
	else
		ep_find(ret, EP_PASS, "%d times %" PRIu64 " CPUIDs on %u vCPUs at once: none lost",
			ROUNDS, all, cpus);
}

/* Not before the first vCPU has surely more exits than the second one. */
static void check_all_vcpus(struct ep_verify *verify, struct ep_finding *ret)
{
	struct ep_cpuid *cpuid = verify->host->cpuid;
	uint64_t before, after;

	if (verify->cpus < 2)
		return ep_find(ret, EP_SKIP,
			       "only one CPU may be used here: give the guest two vCPUs or more");
	if (verify->uncounted)
		return ep_find(ret, EP_SKIP, EP_UNCOUNTED);
	for (int i = 0; i < HOPS; i++) {
		if (ep_guest_pin(cpuid, i % 2))
			return ep_find(ret, EP_SKIP, "cannot move to another CPU");
		ep_verify_cpuids(verify, HOP_CPUIDS);
		before = ep_verify_own_exits(verify);
		if (ep_guest_pin(cpuid, !(i % 2)))
			return ep_find(ret, EP_SKIP, "cannot move to another CPU");
		after = ep_verify_own_exits(verify);
		verify->one_vcpu = !grown(before, after) || grown(before, after) >= WRAP_PLENTY;
		if (verify->one_vcpu)
			return ep_find(ret, EP_FAIL,
				       "%" PRIu64 " exits when one vCPU asks, then %" PRIu64
				       " when another one does: not summed over vCPUs",
				       before, after);
	}
}

/* The least and the most that @count port accesses add to @figure, over some attempts. */
static int count_ports(struct ep_verify *verify, enum ep_figure figure, uint32_t reason,
		       uint32_t *ret_least, uint32_t *ret_most)
{
	*ret_least = UINT32_MAX;
	*ret_most = 0;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t before = ep_host_read(verify->host, figure, reason);
		uint32_t counted;
		int err = ep_guest_ports(verify->host->cpuid, PORTS);

		if (err)
			return err;
		counted = grown(before, ep_host_read(verify->host, figure, reason));
		*ret_least = counted < *ret_least ? counted : *ret_least;
		*ret_most = counted > *ret_most ? counted : *ret_most;
	}
	return 0;
}

/* Others may use ports meanwhile, so that more are no fault. */
static void check_user_space(struct ep_verify *verify, struct ep_finding *ret)
{
	uint32_t io = ep_reasons_of_cause(verify->host->vendor, EXITPROF_CAUSE_IO);
	enum ep_figure figure =
		verify->host->totals ? EP_FIGURE_TOTAL_EXITS : EP_FIGURE_REASON_EXITS;
	uint32_t least, most;
	int err;

	ep_guest_pin(verify->host->cpuid, 0);
	err = count_ports(verify, figure, io, &least, &most);
	if (err == -EPERM)
		return ep_find(ret, EP_SKIP,
			       "only root may use an I/O port, and this is about those that KVM "
			       "hands to the VMM: sudo exitprof verify");
	if (err)
		return ep_find(ret, EP_SKIP, "cannot use an I/O port: %s", strerror(-err));
	if (least < PORTS) {
		ret->cause = verify->uncounted && !least ? "exact" : NULL;
		return ep_find(ret, EP_FAIL,
			       "exits that go to user space are not counted: %d port accesses, "
			       "which KVM hands to the VMM, and %" PRIu32 " exits",
			       PORTS, least);
	}
	if (verify->swapped || !ep_dialect_tells(verify->host->dialect, EP_FIGURE_REASON_CYCLES))
		return;
	count_ports(verify, EP_FIGURE_REASON_CYCLES, io, &least, &most);
	ret->cause = "unset-registers handled";
	if (!most)
		ep_find(ret, EP_FAIL,
			"exits that go to user space are counted without their time: %d port "
			"accesses, 0 cycles",
			PORTS);
}

const struct ep_check ep_checks_counts[] = {
	{ "exact", "N CPUIDs on one vCPU are N exits of the CPUID reason", COUNTING, check_exact },
	{ "total", "the total counts every exit that a reason counts", COUNTING, check_total,
	  "exact lost-updates", true },
	{ "all-vcpus", "every vCPU of the VM gets the same sums",
	  "arch/x86/kvm/cpuid.c: sum over kvm_for_each_vcpu(), or count in struct kvm_arch",
	  check_all_vcpus },
	{ "lost-updates", "CPUIDs on several vCPUs at once are all counted",
	  COUNTING ": use atomic64_inc(), or counters in struct kvm_vcpu_arch that are summed when "
		   "read",
	  check_several },
	{ "user-space", "exits that KVM hands to the VMM are counted and timed, too",
	  "arch/x86/kvm/x86.c, vcpu_enter_guest(): kvm_x86_handle_exit() returns 0 for them; count "
	  "before that is looked at",
	  check_user_space },
	{},
};
