// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether every exit is counted, once, and for everybody. */
#include <inttypes.h>

#include "core/cleanup.h"
#include "core/delta.h"
#include "verify.h"
#include "verify_guest.h"

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
#define SLEEPS	    20
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
		if (counted < CPUIDS || counted >= WRAP_PLENTY)
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
		if (counted < all && all - counted > lost)
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

/* Two snapshots around some exits of several kinds. */
static int take_both(struct ep_verify *verify, struct ep_reader *reader, struct ep_snapshot *before,
		     struct ep_snapshot *after)
{
	ep_guest_pin(verify->host->cpuid, 0);
	ep_reader_init(reader, verify->host, false);
	if (ep_snapshot_take(reader, before))
		return -ENODEV;
	ep_verify_cpuids(verify, CPUIDS);
	ep_guest_sleep(verify->host->cpuid, SLEEPS);
	if (ep_snapshot_take(reader, after))
		return -ENODEV;
	return 0;
}

static void check_sums(struct ep_verify *verify, struct ep_finding *ret)
{
	_cleanup_free_ struct ep_snapshot *before = calloc(2, sizeof(*before));
	struct ep_snapshot *after = before + 1;
	struct ep_reader reader;
	int32_t more = 0;

	if (!before || take_both(verify, &reader, before, after))
		return ep_find(ret, EP_SKIP, "out of memory");
	for (uint32_t i = 0; i < after->count; i++)
		more -= grown(before->rows[i].exits, after->rows[i].exits) -
			(after->rows[i].own_exits - before->rows[i].own_exits);
	more += grown(before->total.exits, after->total.exits) -
		(after->total.own_exits - before->total.own_exits);
	if (more)
		/* Between the reads of a guest that is never quiet, exits happen. */
		ep_find(ret, before->consistent && after->consistent ? EP_FAIL : EP_SKIP,
			before->consistent && after->consistent
				? "the total grew by %" PRId32 " exits %s than all reasons together"
				: "the guest is not quiet enough: the total grew by %" PRId32
				  " exits %s than all reasons together",
			more < 0 ? -more : more, more < 0 ? "less" : "more");
}

static void check_cycle_sums(struct ep_verify *verify, struct ep_finding *ret)
{
	_cleanup_free_ struct ep_snapshot *before = calloc(2, sizeof(*before));
	struct ep_snapshot *after = before + 1;
	uint64_t total, allowed, sum = 0;
	struct ep_reader reader;

	if (!ep_dialect_tells(verify->host->dialect, EP_FIGURE_REASON_CYCLES))
		return ep_find(ret, EP_SKIP, "the dialect has no cycles by reason");
	if (verify->swapped)
		return ep_find(ret, EP_SKIP, "the halves are swapped, see halves");
	if (!before || take_both(verify, &reader, before, after))
		return ep_find(ret, EP_SKIP, "out of memory");
	for (uint32_t i = 0; i < after->count; i++)
		sum += after->rows[i].cycles - before->rows[i].cycles;
	total = after->total.cycles - before->total.cycles;
	/* Our own CPUIDs go on between the reads; other exits do so in a busy guest. */
	allowed = total / 20 + 400 * reader.cycles_per_own;
	if (total + allowed < sum || sum + allowed < total)
		ep_find(ret, before->consistent && after->consistent ? EP_FAIL : EP_SKIP,
			"the total grew by %" PRIu64 " cycles, all reasons together by %" PRIu64,
			total, sum);
}

const struct ep_check ep_checks_counts[] = {
	{ "exact", "N CPUIDs on one vCPU are N exits of the CPUID reason", COUNTING, check_exact },
	{ "total", "the total counts every exit that a reason counts", COUNTING, check_total },
	{ "all-vcpus", "every vCPU of the VM gets the same sums",
	  "arch/x86/kvm/cpuid.c: sum over kvm_for_each_vcpu(), or count in struct kvm_arch",
	  check_all_vcpus },
	{ "lost-updates", "CPUIDs on several vCPUs at once are all counted",
	  COUNTING ": use atomic64_inc(), or counters in struct kvm_vcpu_arch that are summed when "
		   "read",
	  check_several },
	{ "sums", "the total is the sum over all reasons",
	  COUNTING ": both must be counted in the same place, for each exit", check_sums },
	{ "sums-of-cycles", "the total of the cycles is the sum over all reasons",
	  COUNTING ": both must be added to in the same place", check_cycle_sums },
	{},
};
