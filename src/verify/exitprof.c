// SPDX-License-Identifier: GPL-3.0-or-later
/* The leaves that only the dialect exitprof has. */
#include <inttypes.h>

#include "verify/guest.h"
#include "verify/verify.h"

#define LEAVES "kvm_exitprof_cpuid() in arch/x86/kvm/exitprof_cpuid.c"

static struct ep_cpuid_regs query(struct ep_verify *verify, uint32_t leaf, uint32_t subleaf)
{
	return ep_cpuid_query(verify->host->cpuid, leaf, subleaf);
}

static struct ep_cpuid_regs latch(struct ep_verify *verify, uint32_t operation)
{
	return query(verify, EXITPROF_LEAF_LATCH, operation);
}

static bool absent(struct ep_verify *verify, bool offered, struct ep_finding *ret)
{
	if (!offered)
		ep_find(ret, EP_SKIP, "the host's dialect is %s", verify->host->dialect->name);
	return !offered;
}

static void check_discovery(struct ep_verify *verify, struct ep_finding *ret)
{
	static const uint32_t unlisted[] = { 3, 4, 0xff, 0x1ff, 0x10000, 0xffffffff };
	char text[EP_REGS_TEXT_MAX];
	struct ep_cpuid_regs regs;

	if (absent(verify, verify->exitprof, ret))
		return;
	for (size_t i = 0; i < sizeof(unlisted) / sizeof(unlisted[0]); i++) {
		regs = query(verify, EXITPROF_LEAF_DISCOVERY, unlisted[i]);
		if (!ep_regs_zero(&regs))
			return ep_find(ret, EP_FAIL, "subleaf %#" PRIx32 ", not listed, answers %s",
				       unlisted[i], ep_regs_text(&regs, text));
	}
	regs = query(verify, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_HOST);
	if (regs.edx)
		return ep_find(ret, EP_FAIL, "subleaf 1 answers %s: EDX must be 0",
			       ep_regs_text(&regs, text));
	regs = query(verify, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_VM);
	if (regs.ebx < verify->cpus)
		ep_find(ret, EP_FAIL, "the host knows %" PRIu32 " vCPUs, and the guest has %u",
			regs.ebx, verify->cpus);
}

/* A row that is in the bitmap, with a histogram that adds up to its count. */
static bool row_is_right(struct ep_verify *verify, uint32_t row, bool listed, uint64_t *ret_exits,
			 struct ep_finding *ret)
{
	struct ep_cpuid_regs count = latch(verify, EXITPROF_LATCH_ROW | row);
	struct ep_cpuid_regs away =
		latch(verify, EXITPROF_LATCH_ROW | EXITPROF_FIELD_AWAY << 16 | row);
	uint64_t exits = (uint64_t)count.ebx << 32 | count.eax, sum = 0;
	uint64_t handling = (uint64_t)count.edx << 32 | count.ecx;

	*ret_exits = exits;
	if (!!exits != listed)
		ep_find(ret, EP_FAIL,
			"row %" PRIu32 " has %" PRIu64 " exits, and the bitmap says %s", row, exits,
			listed ? "it has some" : "none");
	if (((uint64_t)away.ebx << 32 | away.eax) < handling)
		ep_find(ret, EP_FAIL, "row %" PRIu32 " was away for less than it was handled", row);
	for (uint32_t i = 0; i < EXITPROF_BUCKETS / 2 && listed; i++) {
		struct ep_cpuid_regs pair = latch(
			verify, EXITPROF_LATCH_ROW | (EXITPROF_FIELD_HISTOGRAM + i) << 16 | row);

		sum += ((uint64_t)pair.ebx << 32 | pair.eax) +
		       ((uint64_t)pair.edx << 32 | pair.ecx);
	}
	if (listed && sum != exits)
		ep_find(ret, EP_FAIL,
			"the histogram of row %" PRIu32 " adds up to %" PRIu64 ", not to %" PRIu64,
			row, sum, exits);
	return ret->verdict == EP_PASS;
}

static void check_table(struct ep_verify *verify, struct ep_finding *ret)
{
	struct ep_cpuid_regs table, bitmap;
	uint64_t exits, sum = 0, before, after;
	uint32_t words[3];

	if (absent(verify, verify->offers_latch, ret))
		return;
	ep_guest_pin(verify->host->cpuid, 0);
	before = ep_host_read(verify->host, EP_FIGURE_TOTAL_EXITS, 0);
	table = latch(verify, EXITPROF_LATCH | EXITPROF_SCOPE_VM);
	after = ep_host_read(verify->host, EP_FIGURE_TOTAL_EXITS, 0);
	bitmap = latch(verify, EXITPROF_LATCH_BITMAP);
	words[0] = bitmap.eax;
	words[1] = bitmap.ebx;
	words[2] = bitmap.ecx;
	if (!table.eax)
		return ep_find(ret, EP_SKIP, "the host has no table to give");
	if (bitmap.edx != table.eax)
		return ep_find(ret, EP_FAIL,
			       "latched table %" PRIu32 ", and the bitmap is of %" PRIu32,
			       table.eax, bitmap.edx);
	for (uint32_t row = 0; row < table.ecx && row < EXITPROF_ROWS_MAX; row++) {
		if (!row_is_right(verify, row, words[row / 32] & 1u << row % 32, &exits, ret))
			return;
		sum += exits;
	}
	/* The second total has the CPUID that latched, and itself. */
	if (sum < before || sum + 2 > after)
		ep_find(ret, EP_FAIL,
			"the table has %" PRIu64 " exits, between totals of %" PRIu64
			" and %" PRIu64,
			sum, before, after);
}

static void check_latch_edges(struct ep_verify *verify, struct ep_finding *ret)
{
	static const uint32_t operations[] = {
		EXITPROF_LATCH_ROW | 0x5f,
		EXITPROF_LATCH_ROW | 0xffff,
		EXITPROF_LATCH_ROW | 34 << 16,
		EXITPROF_LATCH_ROW | 0xff << 16,
		0x05000000,
		0xff000000,
		0x00001000 /* no such vCPU: takes the table away, so it comes last */,
	};
	char text[EP_REGS_TEXT_MAX];

	if (absent(verify, verify->offers_latch, ret))
		return;
	ep_guest_pin(verify->host->cpuid, 0);
	latch(verify, EXITPROF_LATCH | EXITPROF_SCOPE_VM);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		struct ep_cpuid_regs regs = latch(verify, operations[i]);

		if (!ep_regs_zero(&regs))
			return ep_find(ret, EP_FAIL, "operation %#" PRIx32 " answers %s",
				       operations[i], ep_regs_text(&regs, text));
	}
}

const struct ep_check ep_checks_exitprof[] = {
	{ "discovery", "subleaves of the discovery leaf that are not listed answer 0",
	  "discover() below " LEAVES, check_discovery },
	{ "latch", "a latched table belongs together, and agrees with the total",
	  "latch() below " LEAVES, check_table, "total lost-updates sums" },
	{ "latch-edges", "a row, field or operation that is not there answers 0",
	  "latch_leaf() below " LEAVES, check_latch_edges },
	{},
};
