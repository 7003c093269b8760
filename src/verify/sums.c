// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Whether the totals are the sums over all reasons.
 *
 * Nothing has to hold still for that. Counters only grow, so that a sum whose parts are read
 * one after another lies between the totals before and after them: what other exits between
 * the reads can explain is known exactly, and no other difference is excused.
 */
#include <inttypes.h>

#include "verify/guest.h"
#include "verify/verify.h"

#define COUNTING                                                                                   \
	"arch/x86/kvm/x86.c, vcpu_enter_guest(); vmx/vmx.c, __vmx_handle_exit(); svm/svm.c, "      \
	"svm_invoke_exit_handler()"
#define CPUIDS 1000
#define SLEEPS 40
#define TRIES  10

/* A total, and what its parts are. */
struct sum {
	enum ep_figure total;
	enum ep_figure part;
	const char *unit;
};

static const struct sum of_exits = { EP_FIGURE_TOTAL_EXITS, EP_FIGURE_REASON_EXITS, "exits" };
static const struct sum of_cycles = { EP_FIGURE_TOTAL_CYCLES, EP_FIGURE_REASON_CYCLES, "cycles" };

/* Numbers modulo 2^32, as counters of 32 bits wrap around one by one. */
struct pass {
	uint32_t before;
	uint32_t parts;
	uint32_t after;
};

/* Our own CPUIDs are known exactly in exits, but not in cycles. */
static uint32_t read_net(struct ep_verify *verify, enum ep_figure figure, uint32_t reason)
{
	uint64_t value = ep_host_read(verify->host, figure, reason);
	bool own = figure == EP_FIGURE_TOTAL_EXITS ||
		   (figure == EP_FIGURE_REASON_EXITS && reason == verify->own);

	return value - (own ? verify->host->cpuid->executed : 0);
}

static void read_pass(struct ep_verify *verify, const struct sum *sum, const bool *active,
		      struct pass *ret)
{
	const struct ep_host *host = verify->host;

	*ret = (struct pass){ .before = read_net(verify, sum->total, 0) };
	for (uint32_t i = 0; i < host->count; i++)
		if (active[i])
			ret->parts += read_net(verify, sum->part, host->reasons[i]);
	ret->after = read_net(verify, sum->total, 0);
}

/* Few reads between the totals are rarely interrupted: reasons that are 0 are left out. */
static void find_active(struct ep_verify *verify, const struct sum *sum, bool *active)
{
	const struct ep_host *host = verify->host;

	for (uint32_t i = 0; i < host->count; i++)
		active[i] = active[i] || ep_host_read(host, sum->part, host->reasons[i]);
}

/*
 * One attempt. @total, @parts: what they grew by; @uncertain: by how much exits between the
 * reads may have changed the difference. @explained: they do explain it
 */
struct attempt {
	uint32_t total;
	uint32_t parts;
	uint32_t uncertain;
	bool explained;
};

static struct attempt attempt(struct ep_verify *verify, const struct sum *sum, bool *active)
{
	struct pass first, second;
	uint32_t least, most;
	struct attempt ret;

	find_active(verify, sum, active);
	read_pass(verify, sum, active, &first);
	ep_verify_cpuids(verify, CPUIDS);
	ep_guest_sleep(verify->host->cpuid, SLEEPS);
	read_pass(verify, sum, active, &second);

	least = second.before - first.after;
	most = second.after - first.before;
	ret = (struct attempt){
		.total = most,
		.parts = second.parts - first.parts,
		.uncertain = most - least,
	};
	/* Less than our own CPUIDs explains nothing. */
	if (ret.uncertain > INT32_MAX)
		ret.uncertain = 0;
	ret.explained = ret.parts - least <= ret.uncertain;
	return ret;
}

/* @tolerance: a difference of less is none, in parts of what the total grew by; 0 for none */
static void check(struct ep_verify *verify, const struct sum *sum, uint32_t tolerance,
		  struct ep_finding *ret)
{
	bool active[EP_REASONS_MAX] = {};
	bool explained = false;
	struct attempt last;

	if (verify->uncounted)
		return ep_find(ret, EP_SKIP, EP_UNCOUNTED);
	ep_guest_pin(verify->host->cpuid, 0);
	for (int i = 0; i < TRIES; i++) {
		last = attempt(verify, sum, active);
		if (last.explained &&
		    (tolerance ? last.uncertain <= last.total / tolerance : !last.uncertain))
			return;
		explained |= last.explained;
	}
	if (explained)
		ep_find(ret, EP_SKIP,
			"the guest is not quiet enough: while all reasons are read, the total "
			"grows by up to %" PRIu32 " %s",
			last.uncertain, sum->unit);
	else
		ep_find(ret, EP_FAIL,
			"the total grew by %" PRId32 " %s, all reasons together by %" PRId32
			"; exits between the reads explain %" PRIu32 " at most",
			(int32_t)last.total, sum->unit, (int32_t)last.parts, last.uncertain);
}

static void check_exits(struct ep_verify *verify, struct ep_finding *ret)
{
	check(verify, &of_exits, 0, ret);
}

static void check_cycles(struct ep_verify *verify, struct ep_finding *ret)
{
	if (!ep_dialect_tells(verify->host->dialect, EP_FIGURE_REASON_CYCLES))
		return ep_find(ret, EP_SKIP, "the dialect has no cycles by reason");
	if (verify->swapped)
		return ep_find(ret, EP_SKIP, "the halves are swapped, see halves");
	/* Our own CPUIDs between the reads are part of what is uncertain. */
	check(verify, &of_cycles, 4, ret);
}

const struct ep_check ep_checks_sums[] = {
	{ "sums", "the total is the sum over all reasons",
	  COUNTING ": both must be counted in the same place, for each exit", check_exits,
	  "exact enabled total lost-updates", true },
	{ "sums-of-cycles", "the total of the cycles is the sum over all reasons",
	  COUNTING ": both must be added to in the same place; each reason has cycles of its own",
	  check_cycles, "unset-registers enabled lost-updates monotonic sums", true },
	{},
};
