// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"

#define LEAF_HYPERVISOR 0x40000000
/* In the range of hypervisors, and of nobody. */
#define LEAF_NEIGHBOUR	0x4ffffff0
#define LEAF_EXTENDED	0x80000000
#define LEAF_BRAND	0x80000002
#define LEAF_BRAND_LAST 0x80000004
#define ECX_HYPERVISOR	(1u << 31)
/* Reads that a host must count, and how often one that marks nothing is tried. */
#define OWN_READS   8
#define EXACT_TRIES 10
/* So many exits, in steps of 2^32, no VM lives to see. */
#define HIGH_PLAUSIBLE 0x10000

static void identify_cpu(struct ep_host *host)
{
	struct ep_cpuid_regs regs = ep_cpuid_query(host->cpuid, 0, 0);
	const uint32_t vendor[] = { regs.ebx, regs.edx, regs.ecx };
	size_t skip;

	memcpy(host->cpu_vendor, vendor, sizeof(vendor));
	if (!strcmp(host->cpu_vendor, "AuthenticAMD") || !strcmp(host->cpu_vendor, "HygonGenuine"))
		host->vendor = EP_VENDOR_SVM;
	else
		host->vendor = EP_VENDOR_VMX;

	host->in_vm = ep_cpuid_query(host->cpuid, 1, 0).ecx & ECX_HYPERVISOR;
	if (host->in_vm) {
		regs = ep_cpuid_query(host->cpuid, LEAF_HYPERVISOR, 0);
		memcpy(host->hypervisor, &regs.ebx, 3 * sizeof(uint32_t));
	}

	if (ep_cpuid_query(host->cpuid, LEAF_EXTENDED, 0).eax < LEAF_BRAND_LAST)
		return;
	for (uint32_t i = 0; i < 3; i++) {
		regs = ep_cpuid_query(host->cpuid, LEAF_BRAND + i, 0);
		memcpy(host->cpu_model + i * sizeof(regs), &regs, sizeof(regs));
	}
	skip = strspn(host->cpu_model, " ");
	memmove(host->cpu_model, host->cpu_model + skip, sizeof(host->cpu_model) - skip);
}

static void add_reason(struct ep_host *host, uint32_t number)
{
	if (number == ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_CPUID))
		host->cpuid_row = host->count;
	host->reasons[host->count++] = number;
}

static void list_handled(struct ep_host *host, uint32_t slots)
{
	struct ep_cpuid_regs regs;
	uint32_t words[4], slot, subleaf;

	if (slots > EP_REASONS_MAX)
		slots = EP_REASONS_MAX;
	for (slot = 0; slot < slots; slot++) {
		if (slot % EXITPROF_SLOTS_PER_SUBLEAF == 0) {
			subleaf = EXITPROF_DISCOVERY_HANDLED + slot / EXITPROF_SLOTS_PER_SUBLEAF;
			regs = ep_cpuid_query(host->cpuid, EXITPROF_LEAF_DISCOVERY, subleaf);
			memcpy(words, &regs, sizeof(words));
		}
		if (words[slot % EXITPROF_SLOTS_PER_SUBLEAF / 32] & (1u << slot % 32))
			add_reason(host, ep_reasons_from_slot(host->vendor, slot));
	}
}

static void list_defined(struct ep_host *host)
{
	const struct ep_reasons *reasons = ep_reasons_of(host->vendor);

	for (size_t i = 0; i < reasons->count; i++)
		add_reason(host, reasons->list[i].number);
}

static int discover(struct ep_host *host)
{
	struct ep_cpuid_regs regs;
	uint32_t features;

	regs = ep_cpuid_query(host->cpuid, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_SIGNATURE);
	if (regs.ebx != EXITPROF_SIGNATURE_EBX || regs.ecx != EXITPROF_SIGNATURE_ECX ||
	    regs.edx != EXITPROF_SIGNATURE_EDX)
		return -ENODEV;
	host->abi = regs.eax;
	if (host->abi != EXITPROF_ABI_VERSION)
		return -EPROTO;

	regs = ep_cpuid_query(host->cpuid, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_HOST);
	if (regs.eax != EXITPROF_VENDOR_VMX && regs.eax != EXITPROF_VENDOR_SVM)
		return -EPROTO;
	host->vendor = regs.eax;
	host->level = regs.ecx;
	features = regs.ebx;

	regs = ep_cpuid_query(host->cpuid, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_VM);
	host->vcpus = regs.ebx;
	host->tsc_khz = regs.ecx;
	host->generation = regs.edx;
	host->discovery = true;
	host->lists_handled = features & EXITPROF_FEATURE_HANDLED;
	host->offers_latch = features & EXITPROF_FEATURE_LATCH;
	/* Without the list, its rows could not be told apart. */
	host->latch = host->lists_handled && host->offers_latch;
	host->details = host->lists_handled && features & EXITPROF_FEATURE_DETAILS;
	if (host->lists_handled)
		list_handled(host, regs.eax);
	else
		list_defined(host);

	/* Without a row for CPUID, own exits could not be taken out. */
	if (!(features & EXITPROF_FEATURE_CLASSIC) || host->cpuid_row == EP_REASONS_MAX)
		return -EPROTO;
	if (host->count >= EXITPROF_ROWS_MAX)
		host->latch = false;
	return 0;
}

static bool marked_undefined(struct ep_host *host, uint32_t leaf, uint32_t reason)
{
	struct ep_cpuid_regs regs = ep_cpuid_query(host->cpuid, leaf, reason);

	return !regs.eax && !regs.ebx && !regs.ecx && regs.edx == EXITPROF_UNDEFINED;
}

/* Whether exactly the leaves that @dialect asks with a reason mark an undefined one. */
static bool marks_as(struct ep_host *host, const struct ep_dialect *dialect)
{
	uint32_t own = ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_CPUID);
	uint32_t undefined = ep_reasons_undefined(host->vendor);

	for (uint32_t leaf = EXITPROF_LEAF_REASON_CYCLES; leaf <= EXITPROF_LEAF_TOTAL_EXITS;
	     leaf++) {
		bool must = leaf == dialect->answers[EP_FIGURE_REASON_EXITS].leaf ||
			    leaf == dialect->answers[EP_FIGURE_REASON_CYCLES].leaf;

		if (marked_undefined(host, leaf, undefined) != must)
			return false;
	}
	return !marked_undefined(host, dialect->answers[EP_FIGURE_REASON_EXITS].leaf, own);
}

static uint32_t read_low(struct ep_host *host, const struct ep_dialect *dialect,
			 enum ep_figure figure)
{
	uint32_t own = ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_CPUID);

	return ep_dialect_read(dialect, host->cpuid, figure, own);
}

static bool plausible(uint32_t grown)
{
	return grown > 0 && grown < INT32_MAX;
}

/* Our own reads must show up in what they read; *@ret_exact: and nothing else. */
static bool counts_own_reads(struct ep_host *host, const struct ep_dialect *dialect,
			     bool *ret_exact)
{
	uint32_t total, own;

	total = read_low(host, dialect, EP_FIGURE_TOTAL_EXITS);
	own = read_low(host, dialect, EP_FIGURE_REASON_EXITS);
	for (int i = 1; i < OWN_READS; i++)
		read_low(host, dialect, EP_FIGURE_REASON_EXITS);
	own = read_low(host, dialect, EP_FIGURE_REASON_EXITS) - own;
	total = read_low(host, dialect, EP_FIGURE_TOTAL_EXITS) - total;
	*ret_exact = own == OWN_READS && total >= OWN_READS + 2;
	return plausible(own) && plausible(total);
}

/* Another thread's CPUIDs may come between, but not each time. */
static bool counts_exactly(struct ep_host *host, const struct ep_dialect *dialect)
{
	bool exact;

	for (int i = 0; i < EXACT_TRIES; i++)
		if (!counts_own_reads(host, dialect, &exact) || exact)
			return exact;
	return false;
}

/* The course leaves EBX of a count open: what is there may be anything. */
static bool has_high_half(struct ep_host *host)
{
	static const uint32_t garbage[] = { 0, 0x5eed5eed };
	uint32_t high[2];

	for (int i = 0; i < 2; i++) {
		struct ep_cpuid_regs regs = { EXITPROF_LEAF_TOTAL_EXITS, garbage[i], 0,
					      garbage[i] };

		ep_cpuid_execute(host->cpuid, &regs);
		high[i] = regs.ebx;
	}
	return high[0] == high[1] && high[0] < HIGH_PLAUSIBLE;
}

static bool answers_as_neighbour(struct ep_host *host, uint32_t leaf, uint32_t subleaf)
{
	struct ep_cpuid_regs regs = ep_cpuid_query(host->cpuid, leaf, subleaf);
	struct ep_cpuid_regs other = ep_cpuid_query(host->cpuid, LEAF_NEIGHBOUR, subleaf);

	return !memcmp(&regs, &other, sizeof(regs));
}

/* The total of the exits, to the last one; *@ret_timed: that of the cycles grows as well. */
static bool counts_total(struct ep_host *host, const struct ep_dialect *dialect, bool *ret_timed)
{
	for (int i = 0; i < EXACT_TRIES; i++) {
		uint32_t cycles = read_low(host, dialect, EP_FIGURE_TOTAL_CYCLES);
		uint32_t exits = read_low(host, dialect, EP_FIGURE_TOTAL_EXITS);

		for (int j = 1; j < OWN_READS; j++)
			read_low(host, dialect, EP_FIGURE_TOTAL_EXITS);
		exits = read_low(host, dialect, EP_FIGURE_TOTAL_EXITS) - exits;
		cycles = read_low(host, dialect, EP_FIGURE_TOTAL_CYCLES) - cycles;
		*ret_timed = plausible(cycles);
		if (exits == OWN_READS)
			return true;
	}
	return false;
}

static bool has_no_reasons(struct ep_host *host, const struct ep_dialect *dialect)
{
	uint32_t own = ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_CPUID);

	for (int figure = 0; figure < EP_FIGURES; figure++)
		if (ep_figure_has_reason(figure) && ep_dialect_tells(dialect, figure) &&
		    !answers_as_neighbour(host, dialect->answers[figure].leaf, own))
			return false;
	return true;
}

static int settle_totals(struct ep_host *host, const struct ep_dialect *dialect)
{
	if (dialect == &ep_dialects[0] && !has_high_half(host))
		dialect = &ep_dialect_classic_32;
	host->dialect = ep_dialect_totals(dialect);
	host->totals = true;
	host->cpuid_row = 0;
	return 0;
}

static int probe_totals(struct ep_host *host)
{
	for (size_t i = 0; i < EP_DIALECTS; i++) {
		bool timed;

		if (!counts_total(host, &ep_dialects[i], &timed))
			continue;
		if (timed && has_no_reasons(host, &ep_dialects[i]))
			return settle_totals(host, &ep_dialects[i]);
		if (!host->suspect)
			host->suspect = &ep_dialects[i];
	}
	return -ENODEV;
}

static int settle(struct ep_host *host, const struct ep_dialect *dialect)
{
	host->dialect = dialect;
	if (dialect == &ep_dialects[0] && !has_high_half(host))
		host->dialect = &ep_dialect_classic_32;
	list_defined(host);
	return 0;
}

static int probe(struct ep_host *host)
{
	bool exact;

	for (size_t i = 0; i < EP_DIALECTS; i++) {
		host->marks = marks_as(host, &ep_dialects[i]) &&
			      counts_own_reads(host, &ep_dialects[i], &exact);
		if (host->marks)
			return settle(host, &ep_dialects[i]);
	}
	for (size_t i = 0; i < EP_DIALECTS; i++)
		if (counts_exactly(host, &ep_dialects[i]))
			return settle(host, &ep_dialects[i]);
	host->marks = true;
	return probe_totals(host);
}

int ep_host_recognise(struct ep_host *host, struct ep_cpuid *cpuid)
{
	int err;

	*host = (struct ep_host){ .cpuid = cpuid, .cpuid_row = EP_REASONS_MAX };
	host->dialect = &ep_dialects[0];
	host->marks = true;
	identify_cpu(host);
	err = discover(host);
	if (err == -ENODEV)
		err = probe(host);
	host->patched = !err;
	return err;
}

int ep_host_speak(struct ep_host *host, const char *name)
{
	if (!strcmp(name, "auto"))
		return 0;
	if (!strcmp(name, "exitprof"))
		return host->latch ? 0 : -ENODEV;
	if (!ep_dialect_find(name))
		return -EINVAL;
	if (strcmp(host->dialect->name, name))
		return -ENODEV;
	host->latch = false;
	return 0;
}

int ep_host_assume(struct ep_host *host, const struct ep_dialect *dialect)
{
	uint32_t own = ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_CPUID);
	bool answers = false;

	for (int figure = 0; figure < EP_FIGURES; figure++) {
		uint32_t leaf = dialect->answers[figure].leaf;

		answers |= leaf && !answers_as_neighbour(host, leaf, own);
	}
	if (!answers)
		return -ENODEV;
	host->patched = true;
	host->discovery = host->lists_handled = false;
	host->latch = host->offers_latch = host->details = false;
	host->marks = host->totals = false;
	host->count = 0;
	return settle(host, dialect);
}

const char *ep_host_dialect(const struct ep_host *host)
{
	return host->latch ? "exitprof" : host->dialect->name;
}

bool ep_host_echoes(const struct ep_host *host, enum ep_figure figure, enum ep_register *ret)
{
	const struct ep_dialect_answer *answer = &host->dialect->answers[figure];
	uint32_t own = ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_CPUID);
	uint32_t io = ep_reasons_of_cause(host->vendor, EXITPROF_CAUSE_IO);
	const struct ep_cpuid_regs questions[] = {
		{ answer->leaf, 0x5eed5eed, own, 0x12345678 },
		{ answer->leaf, 0xa5a5a5a5, io, 0x76543210 },
	};
	bool echoed[EP_REGISTERS + 1] = { true, true, true, true, false };

	if (!answer->leaf)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		struct ep_cpuid_regs regs = questions[i];
		uint32_t in[EP_REGISTERS], out[EP_REGISTERS];

		memcpy(in, &regs, sizeof(in));
		ep_cpuid_execute(host->cpuid, &regs);
		memcpy(out, &regs, sizeof(out));
		for (int j = 0; j < EP_REGISTERS; j++)
			echoed[j] = echoed[j] && in[j] == out[j];
	}
	*ret = echoed[answer->low] ? answer->low : answer->high;
	return echoed[answer->low] || echoed[answer->high];
}

bool ep_host_tells(const struct ep_host *host, enum ep_figure figure)
{
	return host->latch || ep_dialect_tells(host->dialect, figure);
}

uint64_t ep_host_read(const struct ep_host *host, enum ep_figure figure, uint32_t reason)
{
	return ep_dialect_read(host->dialect, host->cpuid, figure, reason);
}

bool ep_host_handles(const struct ep_host *host, uint32_t reason)
{
	if (!host->lists_handled)
		return true;
	for (uint32_t i = 0; i < host->count; i++)
		if (host->reasons[i] == reason)
			return true;
	return false;
}

uint32_t ep_host_vcpus(const struct ep_host *host)
{
	if (!host->discovery)
		return 0;
	return ep_cpuid_query(host->cpuid, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_VM).ebx;
}

uint32_t ep_host_generation(const struct ep_host *host)
{
	if (!host->discovery)
		return 0;
	return ep_cpuid_query(host->cpuid, EXITPROF_LEAF_DISCOVERY, EXITPROF_DISCOVERY_VM).edx;
}
