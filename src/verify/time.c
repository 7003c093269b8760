// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether cycles are those of handling exits. */
#include <inttypes.h>

#include "core/base/cleanup.h"
#include "core/base/median.h"
#include "verify/guest.h"
#include "verify/verify.h"

#define TIMING                                                                                     \
	"arch/x86/kvm/x86.c, vcpu_enter_guest(): the TSC before and after kvm_x86_handle_exit()"
#define SHARED                                                                                     \
	"what counts exits: a counter that vCPUs share needs atomics, or one may write what is "   \
	"old by then"
#define CPUIDS 200
#define TRIES  15
#define READS  64
#define BATCH  4096
/* Parts of a CPUID's round trip that handling it cannot be less than. */
#define SURELY_LESS 300
#define RATHER_LESS 60
#define SLOW_RATIO  20
#define SLOW_NS	    1000000
#define SLEEPS	    50
/* How long the guest computes, at least, and in trips of a CPUID. */
#define SPIN_NS	   1000000
#define SPIN_TRIPS 50
#define SPINS	   10

/* Cycles that the host counts for a CPUID, and the guest's for the way there and back. */
static void time_cpuid(struct ep_verify *verify, uint64_t *ret_counted, uint64_t *ret_trip)
{
	struct ep_cpuid *cpuid = verify->host->cpuid;
	uint64_t counted[TRIES], trip[TRIES];

	ep_guest_pin(cpuid, 0);
	for (int i = 0; i < TRIES; i++) {
		uint64_t cycles = ep_verify_own_cycles(verify), tsc = ep_guest_tsc(cpuid);

		/* The read is an exit of its own: CPUIDS in all. */
		ep_verify_cpuids(verify, CPUIDS - 1);
		trip[i] = (ep_guest_tsc(cpuid) - tsc) / (CPUIDS - 1);
		cycles = ep_verify_own_cycles(verify) - cycles;
		/* Of 32 bits, or going back. */
		counted[i] = (uint32_t)cycles / CPUIDS;
	}
	*ret_counted = ep_median(counted, TRIES);
	*ret_trip = ep_median(trip, TRIES);
}

static void check_handled(struct ep_verify *verify, struct ep_finding *ret)
{
	uint64_t counted, trip;

	if (verify->swapped)
		return ep_find(ret, EP_SKIP, "the halves are swapped, see halves");
	if (verify->uncounted)
		return ep_find(ret, EP_SKIP, EP_UNCOUNTED);
	time_cpuid(verify, &counted, &trip);
	if (!counted)
		ep_find(ret, EP_FAIL,
			"exits are counted without their time: %d CPUIDs added less than %d cycles",
			CPUIDS, CPUIDS);
	else if (counted * SURELY_LESS < trip)
		ep_find(ret, EP_FAIL,
			"the time is read before the handler has run: %" PRIu64
			" cycles for a CPUID whose round trip takes the guest %" PRIu64,
			counted, trip);
	else if (counted * RATHER_LESS < trip)
		ep_find(ret, EP_WARN,
			"little for a handler: %" PRIu64 " of %" PRIu64
			" cycles of a CPUID's round trip; is the time read before it has run?",
			counted, trip);
	else
		ep_find(ret, EP_PASS, "%" PRIu64 " of %" PRIu64 " cycles of a CPUID's round trip",
			counted, trip);
}

static void check_plausible(struct ep_verify *verify, struct ep_finding *ret)
{
	uint64_t counted, trip;

	if (verify->uncounted)
		return ep_find(ret, EP_SKIP, EP_UNCOUNTED);
	if (verify->swapped)
		return ep_find(ret, EP_SKIP, "the halves are swapped, see halves");
	time_cpuid(verify, &counted, &trip);
	/* Of all exits where the dialect has no others: then others are in it. */
	if (ep_verify_own_figure(verify) == EP_FIGURE_TOTAL_CYCLES)
		trip *= 2;
	if (counted > trip + trip / 4)
		ep_find(ret, EP_FAIL,
			"%" PRIu64 " cycles are counted for a CPUID that takes the guest %" PRIu64
			" in all: time outside of the handler, or twice",
			counted, trip);
}

/* What @figure grows by while the guest computes for *@ret_spun cycles, and two CPUIDs. */
static uint32_t spin(struct ep_verify *verify, enum ep_figure figure, uint64_t *ret_spun)
{
	struct ep_cpuid *cpuid = verify->host->cpuid;
	uint64_t duration_ns = SPIN_TRIPS * verify->trip_ns;
	uint64_t before = ep_host_read(verify->host, figure, verify->own);
	uint64_t tsc = ep_guest_tsc(cpuid);

	ep_guest_spin(cpuid, duration_ns > SPIN_NS ? duration_ns : SPIN_NS);
	*ret_spun = ep_guest_tsc(cpuid) - tsc;
	/* Its cycles are there when the next one is executed. */
	ep_verify_cpuids(verify, 1);
	return ep_host_read(verify->host, figure, verify->own) - before;
}

/* Interrupts come meanwhile, but not each time for half of it. */
static void check_guest_time(struct ep_verify *verify, struct ep_finding *ret)
{
	const enum ep_figure figures[] = { EP_FIGURE_TOTAL_CYCLES, ep_verify_own_figure(verify) };

	if (verify->swapped)
		return ep_find(ret, EP_SKIP, "the halves are swapped, see halves");
	if (verify->uncounted)
		return ep_find(ret, EP_SKIP, EP_UNCOUNTED);
	ep_guest_pin(verify->host->cpuid, 0);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		uint32_t grown = 0;
		uint64_t spun = 0;
		int tries = 0;

		do {
			grown = spin(verify, figures[i], &spun);
		} while (grown > spun / 2 && ++tries < SPINS);
		if (tries == SPINS)
			return ep_find(ret, EP_FAIL,
				       "time in the guest is counted: it computed for %" PRIu64
				       " cycles, in which nothing exits but interrupts, and the %s "
				       "grew by %" PRIu32,
				       spun, ep_figure_name(figures[i]), grown);
	}
}

/* From all vCPUs, in turn. */
static void check_monotonic(struct ep_verify *verify, struct ep_finding *ret)
{
	static const enum ep_figure figures[] = { EP_FIGURE_TOTAL_EXITS, EP_FIGURE_TOTAL_CYCLES,
						  EP_FIGURE_REASON_EXITS, EP_FIGURE_REASON_CYCLES };
	uint64_t before[EP_FIGURES] = {};

	for (unsigned int i = 0; i < READS; i++) {
		if (i % 8 == 0)
			ep_guest_pin(verify->host->cpuid,
				     verify->one_vcpu ? 0 : i / 8 % verify->cpus);
		for (size_t j = 0; j < ARRAY_SIZE(figures); j++) {
			bool cycles = figures[j] == EP_FIGURE_TOTAL_CYCLES ||
				      figures[j] == EP_FIGURE_REASON_CYCLES;
			uint64_t now = ep_host_read(verify->host, figures[j], verify->own);

			if (cycles && verify->swapped)
				continue;
			/* 32 bits that wrap around are another check's business. */
			if (now < before[j] && !(before[j] <= UINT32_MAX &&
						 (uint32_t)(now - before[j]) <= INT32_MAX)) {
				/* No clock is in a count. */
				ret->look = cycles ? NULL : SHARED;
				return ep_find(ret, EP_FAIL,
					       "the %s went back, from %" PRIu64 " to %" PRIu64,
					       ep_figure_name(figures[j]), before[j], now);
			}
			before[j] = now;
		}
	}
}

static uint64_t read_total_cycles(struct ep_verify *verify)
{
	return ep_host_read(verify->host, EP_FIGURE_TOTAL_CYCLES, 0);
}

/* By 2^32, and not just gone back: that is another check's business. */
static bool wrapped(uint64_t before, uint64_t after)
{
	return after < before && before - after > INT32_MAX;
}

static void check_wrap(struct ep_verify *verify, struct ep_finding *ret)
{
	uint64_t before = read_total_cycles(verify), now, counted, trip, needed;

	if (verify->swapped)
		return ep_find(ret, EP_SKIP, "the halves are swapped, see halves");
	if (wrapped(verify->first_cycles, before) && !verify->one_vcpu)
		return ep_find(ret, EP_FAIL,
			       "the total is kept in 32 bits: it was %" PRIu64
			       " when this began, and is %" PRIu64 " now",
			       verify->first_cycles, before);
	if (before > UINT32_MAX)
		return ep_find(ret, EP_PASS, "the total is beyond 2^32 cycles");
	time_cpuid(verify, &counted, &trip);
	now = read_total_cycles(verify);
	if (!counted)
		return ep_find(ret, EP_SKIP, "no cycles are counted, see handled");
	needed = ((UINT64_C(1) << 32) - before) / counted + BATCH;
	if (needed * verify->trip_ns > verify->patience_ns)
		return ep_find(ret, EP_SKIP,
			       "to take the total beyond 2^32 cycles would need %" PRIu64
			       " CPUIDs, %.0f s: --patience 60s",
			       needed, needed * verify->trip_ns / 1e9);
	for (uint64_t i = 0; i < 2 * needed && now <= UINT32_MAX; i += BATCH) {
		if (wrapped(before, now))
			return ep_find(ret, EP_FAIL,
				       "the total is kept in 32 bits: after %" PRIu64
				       " comes %" PRIu64,
				       before, now);
		ep_verify_cpuids(verify, BATCH);
		before = now;
		now = read_total_cycles(verify);
	}
	if (now > UINT32_MAX)
		ep_find(ret, EP_PASS, "the total has gone beyond 2^32 cycles");
	else
		ep_find(ret, EP_SKIP, "the total did not come to 2^32 cycles");
}

static uint64_t time_leaf(struct ep_verify *verify, uint32_t leaf, uint32_t subleaf)
{
	uint64_t cycles[READS];

	for (int i = 0; i < READS; i++) {
		uint64_t tsc = ep_guest_tsc(verify->host->cpuid);

		ep_cpuid_query(verify->host->cpuid, leaf, subleaf);
		cycles[i] = ep_guest_tsc(verify->host->cpuid) - tsc;
	}
	return ep_median(cycles, READS);
}

static void check_cost(struct ep_verify *verify, struct ep_finding *ret)
{
	enum ep_figure figure =
		verify->host->totals ? EP_FIGURE_TOTAL_EXITS : EP_FIGURE_REASON_EXITS;
	uint32_t leaf = verify->host->dialect->answers[figure].leaf;
	uint64_t ours = time_leaf(verify, leaf, verify->own), plain = time_leaf(verify, 0, 0);

	if (verify->trip_ns > SLOW_NS)
		ep_find(ret, EP_WARN,
			"any CPUID takes %.1f ms: something slow, such as printk, runs at each "
			"exit",
			verify->trip_ns / 1e6);
	else if (ours > SLOW_RATIO * plain)
		ep_find(ret, EP_WARN,
			"the leaf takes %" PRIu64 " cycles, any other CPUID %" PRIu64
			": something slow, such as printk, runs there",
			ours, plain);
	else
		ep_find(ret, EP_PASS, "%" PRIu64 " cycles; any other CPUID %" PRIu64, ours, plain);
}

/* Each short sleep arms the timer, by writing the MSR TSC_DEADLINE. */
static void check_fastpath(struct ep_verify *verify, struct ep_finding *ret)
{
	struct ep_host *host = verify->host;
	uint32_t reason = host->vendor == EP_VENDOR_SVM ? 0x7c : 32;
	uint64_t exits, cycles;
	char device[64];

	if (!ep_guest_has_deadline(host->cpuid, device, sizeof(device)))
		return ep_find(ret, EP_SKIP,
			       "the guest's timer is %s, and only lapic-deadline writes the MSR "
			       "that KVM handles in the fastpath",
			       device[0] ? device : "unknown");
	ep_guest_pin(host->cpuid, 0);
	exits = ep_host_read(host, EP_FIGURE_REASON_EXITS, reason);
	cycles = ep_host_read(host, EP_FIGURE_REASON_CYCLES, reason);
	ep_guest_sleep(host->cpuid, SLEEPS);
	exits = ep_host_read(host, EP_FIGURE_REASON_EXITS, reason) - exits;
	cycles = ep_host_read(host, EP_FIGURE_REASON_CYCLES, reason) - cycles;
	ret->cause = verify->uncounted && !exits ? "exact"
		     : exits < SLEEPS		 ? NULL
						 : "unset-registers handled";
	if (exits < SLEEPS)
		ep_find(ret, EP_FAIL,
			"exits handled in the fastpath are not counted: %d sleeps write the MSR "
			"TSC_DEADLINE at least as often, and %" PRIu64 " exits of reason %" PRIu32
			" are counted",
			SLEEPS, exits, reason);
	else if (ep_host_tells(host, EP_FIGURE_REASON_CYCLES) && !cycles)
		ep_find(ret, EP_FAIL,
			"exits handled in the fastpath are counted without their time: %" PRIu64
			" of reason %" PRIu32 ", 0 cycles",
			exits, reason);
	else
		ep_find(ret, EP_PASS,
			"%d sleeps, %" PRIu64
			" MSR writes; in the fastpath if the host's CPU and KVM have it",
			SLEEPS, exits);
}

const struct ep_check ep_checks_time[] = {
	{ "handled", "cycles are counted until the exit has been handled", TIMING, check_handled,
	  "unset-registers" },
	{ "plausible", "a CPUID is not handled for longer than it takes", TIMING, check_plausible },
	{ "guest-time", "cycles do not grow while the guest computes",
	  TIMING ", and not before kvm_x86_vcpu_run()", check_guest_time },
	{ "monotonic", "counts and cycles never go back",
	  TIMING "; a vCPU may be moved to a CPU whose TSC is behind", check_monotonic,
	  "lost-updates" },
	{ "wrap", "the total of the cycles has 64 bits",
	  "the type of the counter: u64 or atomic64_t, and ebx = cycles >> 32", check_wrap },
	{ "cost", "reading a leaf costs hardly more than any other CPUID",
	  "arch/x86/kvm/cpuid.c and what counts exits: no printk, no locks", check_cost },
	{ "fastpath", "exits that are handled without the handler are counted and timed, too",
	  "arch/x86/kvm/x86.c, vcpu_enter_guest(): in the loop around kvm_x86_vcpu_run(), "
	  "EXIT_FASTPATH_REENTER_GUEST enters again without kvm_x86_handle_exit()",
	  check_fastpath, .by_reason = true },
	{},
};
