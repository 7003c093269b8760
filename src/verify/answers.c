// SPDX-License-Identifier: GPL-3.0-or-later
/* What the leaves answer, register by register. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "verify/guest.h"
#include "verify/verify.h"

#define CPUID_C "arch/x86/kvm/cpuid.c, kvm_emulate_cpuid() or kvm_cpuid()"

/* The end of a list of reasons. */
#define END 0xdeadbeef

/* The same of both vendors. Every edition of the manuals, and every KVM, agrees on them. */
struct reasons {
	uint32_t vmx[16];
	uint32_t svm[16];
};

static const struct reasons undefined = {
	{ 35, 38, 42, 300, 0x10000, END },
	{ 0xc0, 0xff, 0x300, 0x410, 0x10000, END },
};
/* In the order of the danger that reading so far beyond a table is for the host. */
static const struct reasons beyond = {
	{ 86, 100, 128, 255, 256, 512, 1024, 0xffffffff, 0x10000, 0x80000000, 0x7fffffff, END },
	{ 0xa8, 0xff, 0x100, 0x200, 0x3ff, 0x404, 0x500, 0xffffff00, 0x10000, 0x80000000,
	  0x7fffffff, END },
};
/* I/O SMI, other SMI, GETSEC, RSM; accesses to CR1 and CR5. */
static const struct reasons not_enabled = { { 5, 6, 11, 17, END }, { 0x1, 0x5, 0x11, 0x15, END } };
/* Exceptions, interrupts, CPUID, HLT, hypercall, MOV CR, I/O, MSR, EPT or NPF. */
static const struct reasons enabled = {
	{ 0, 1, 10, 12, 18, 28, 30, 31, 32, 48, END },
	{ 0x4e, 0x60, 0x72, 0x78, 0x7b, 0x7c, 0x81, 0x400, END },
};

static const uint32_t *of(const struct ep_verify *verify, const struct reasons *reasons)
{
	return verify->host->vendor == EP_VENDOR_SVM ? reasons->svm : reasons->vmx;
}

static uint32_t leaf_of(const struct ep_verify *verify, enum ep_figure figure)
{
	return verify->host->dialect->answers[figure].leaf;
}

static bool asks_reason(const struct ep_verify *verify, enum ep_figure figure)
{
	return ep_figure_has_reason(figure) && leaf_of(verify, figure);
}

static void name_reason(const struct ep_verify *verify, uint32_t reason, char *ret, size_t size)
{
	const struct ep_reason *found = ep_reasons_find(verify->host->vendor, reason);

	if (found)
		snprintf(ret, size, "%#" PRIx32 " (%s)", reason, found->name);
	else
		snprintf(ret, size, "%#" PRIx32, reason);
}

static void say(const struct ep_verify *verify, struct ep_finding *ret, enum ep_figure figure,
		uint32_t reason, const struct ep_cpuid_regs *regs, const char *fault)
{
	char name[64], text[EP_REGS_TEXT_MAX];

	name_reason(verify, reason, name, sizeof(name));
	ep_find(ret, EP_FAIL, "%s: leaf %#" PRIx32 " with ECX = %s answers %s", fault,
		leaf_of(verify, figure), name, ep_regs_text(regs, text));
}

/*
 * An answer about a reason that there is not, by registers: @echoed hold what the guest had
 * there, as nobody has written them; @foreign, of EAX, EBX and ECX, hold something else.
 */
struct absent {
	struct ep_cpuid_regs regs;
	bool echoed[EP_REGISTERS];
	bool any_echoed;
	bool foreign;
};

/* Garbage in EBX and EDX; EAX and ECX are the question. */
static struct absent ask_absent(struct ep_verify *verify, enum ep_figure figure, uint32_t reason)
{
	const uint32_t in[] = { leaf_of(verify, figure), 0x5eed5eed, reason, 0xa5a5a5a5 };
	struct absent ret = { .regs = { in[0], in[1], in[2], in[3] } };
	uint32_t out[EP_REGISTERS];

	ep_cpuid_execute(verify->host->cpuid, &ret.regs);
	memcpy(out, &ret.regs, sizeof(out));
	for (int i = 0; i < EP_REGISTERS; i++) {
		ret.echoed[i] = out[i] && out[i] == in[i];
		ret.any_echoed |= ret.echoed[i];
		ret.foreign |= i != EP_EDX && out[i] && !ret.echoed[i];
	}
	return ret;
}

static void find_undefined(struct ep_verify *verify, struct ep_finding *ret, enum ep_figure figure,
			   uint32_t reason)
{
	struct absent answer = ask_absent(verify, figure, reason);
	const struct ep_cpuid_regs *regs = &answer.regs;

	if (ep_regs_undefined(regs))
		return;
	if (answer.foreign)
		ret->cause = "out-of-bounds";
	else if (answer.any_echoed && (answer.echoed[EP_EDX] || regs->edx == EXITPROF_UNDEFINED))
		ret->cause = "unset-registers";
	say(verify, ret, figure, reason, regs,
	    ep_regs_zero(regs) ? "taken for one that is not enabled" : "not marked as undefined");
}

static void check_undefined(struct ep_verify *verify, struct ep_finding *ret)
{
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		if (!asks_reason(verify, figure))
			continue;
		for (const uint32_t *reason = of(verify, &undefined); *reason != END; reason++) {
			find_undefined(verify, ret, figure, *reason);
			if (ret->verdict == EP_FAIL)
				return;
		}
	}
}

/* A register that nobody has written is no word of a table. */
static void check_bounds(struct ep_verify *verify, struct ep_finding *ret)
{
	for (const uint32_t *reason = of(verify, &beyond); *reason != END; reason++) {
		for (int figure = 0; figure < EP_FIGURES; figure++) {
			struct absent answer;

			if (!asks_reason(verify, figure))
				continue;
			answer = ask_absent(verify, figure, *reason);
			if (answer.foreign)
				return say(verify, ret, figure, *reason, &answer.regs,
					   "a table is read out of bounds");
		}
	}
}

/* The first of the host's own word, where it gives it. */
static bool is_not_enabled(const struct ep_verify *verify, uint32_t reason)
{
	return !verify->host->lists_handled || !ep_host_handles(verify->host, reason);
}

static void check_not_enabled(struct ep_verify *verify, struct ep_finding *ret)
{
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		for (const uint32_t *reason = of(verify, &not_enabled); *reason != END; reason++) {
			struct absent answer;

			if (!asks_reason(verify, figure) || !is_not_enabled(verify, *reason))
				continue;
			answer = ask_absent(verify, figure, *reason);
			if (answer.regs.edx == EXITPROF_UNDEFINED)
				return say(verify, ret, figure, *reason, &answer.regs,
					   "'not enabled in KVM' and 'not defined' are confused");
			if (answer.foreign)
				return say(verify, ret, figure, *reason, &answer.regs,
					   "it cannot have happened");
		}
	}
}

static void check_enabled(struct ep_verify *verify, struct ep_finding *ret)
{
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		for (const uint32_t *reason = of(verify, &enabled); *reason != END; reason++) {
			struct ep_cpuid_regs regs;

			if (!asks_reason(verify, figure))
				continue;
			regs = ep_verify_ask(verify, figure, *reason);
			if (regs.edx == EXITPROF_UNDEFINED)
				return say(verify, ret, figure, *reason, &regs,
					   "a reason that KVM handles is marked as undefined");
		}
	}
}

/* Which registers the leaf of @figure answers in; a leaf may give two figures. */
static void used_registers(const struct ep_verify *verify, uint32_t leaf, bool ret[EP_REGISTERS])
{
	memset(ret, 0, EP_REGISTERS * sizeof(*ret));
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		const struct ep_dialect_answer *answer = &verify->host->dialect->answers[figure];

		if (answer->leaf != leaf)
			continue;
		ret[answer->low] = true;
		if (answer->high < EP_REGISTERS)
			ret[answer->high] = true;
	}
}

/* Three reads with other garbage in the registers each. */
#define READS 3

static const char *describe(const uint32_t in[READS], const uint32_t out[READS])
{
	if (!memcmp(in, out, READS * sizeof(*in)))
		return "what the guest had there: it is not written";
	if (out[0] != out[1] || out[1] != out[2])
		return "something else each time: a variable that is not initialised";
	return "which is not part of the answer";
}

static bool find_stray(struct ep_verify *verify, struct ep_finding *ret, enum ep_figure figure)
{
	static const uint32_t garbage[READS] = { 0x5eed5eed, 0xa5a5a5a5, 0x12345678 };
	uint32_t leaf = leaf_of(verify, figure), in[EP_REGISTERS][READS], out[EP_REGISTERS][READS];
	bool used[EP_REGISTERS];

	for (int i = 0; i < READS; i++) {
		struct ep_cpuid_regs regs = { leaf, garbage[i], garbage[i], ~garbage[i] };
		uint32_t words[EP_REGISTERS];

		if (ep_figure_has_reason(figure))
			regs.ecx = verify->own;
		memcpy(words, &regs, sizeof(words));
		for (int j = 0; j < EP_REGISTERS; j++)
			in[j][i] = words[j];
		ep_cpuid_execute(verify->host->cpuid, &regs);
		memcpy(words, &regs, sizeof(words));
		for (int j = 0; j < EP_REGISTERS; j++)
			out[j][i] = words[j];
	}
	used_registers(verify, leaf, used);
	for (int j = 0; j < EP_REGISTERS; j++) {
		if (used[j] || !(out[j][0] | out[j][1] | out[j][2]))
			continue;
		ep_find(ret, EP_FAIL, "%s of leaf %#" PRIx32 " holds %#" PRIx32 ", %s",
			ep_register_name(j), leaf, out[j][0], describe(in[j], out[j]));
		return true;
	}
	return false;
}

/* On the way of a reason that there is not, too. */
static bool find_echo(struct ep_verify *verify, struct ep_finding *ret, enum ep_figure figure,
		      uint32_t reason, const char *what)
{
	struct absent answer = ask_absent(verify, figure, reason);
	const uint32_t out[] = { answer.regs.eax, answer.regs.ebx, answer.regs.ecx,
				 answer.regs.edx };

	for (int i = 0; i < EP_REGISTERS; i++) {
		if (!answer.echoed[i])
			continue;
		ep_find(ret, EP_FAIL,
			"%s of leaf %#" PRIx32 " with a reason that is not %s holds %#" PRIx32
			", what the guest had there: it is not written",
			ep_register_name(i), leaf_of(verify, figure), what, out[i]);
		return true;
	}
	return false;
}

static bool find_stray_anywhere(struct ep_verify *verify, struct ep_finding *ret,
				enum ep_figure figure)
{
	uint32_t absent = *of(verify, &undefined), unhandled = *of(verify, &not_enabled);
	enum ep_register echoed;

	if (find_stray(verify, ret, figure))
		return true;
	if (ep_host_echoes(verify->host, figure, &echoed)) {
		ep_find(ret, EP_FAIL,
			"%s of leaf %#" PRIx32
			", part of the %s, holds what the guest had there: it "
			"is not written",
			ep_register_name(echoed), leaf_of(verify, figure), ep_figure_name(figure));
		return true;
	}
	if (!ep_figure_has_reason(figure))
		return false;
	return find_echo(verify, ret, figure, absent, "defined") ||
	       (is_not_enabled(verify, unhandled) &&
		find_echo(verify, ret, figure, unhandled, "enabled"));
}

static void check_unset(struct ep_verify *verify, struct ep_finding *ret)
{
	for (int figure = 0; figure < EP_FIGURES; figure++)
		if (leaf_of(verify, figure) && find_stray_anywhere(verify, ret, figure))
			return;
}

static void check_upper(struct ep_verify *verify, struct ep_finding *ret)
{
	static const char names[][4] = { "RAX", "RBX", "RCX", "RDX" };

	if (sizeof(void *) < 8)
		return ep_find(ret, EP_SKIP, "this is not a 64-bit program");
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		const uint64_t garbage = UINT64_C(0xfeedface) << 32;
		uint64_t regs[] = { garbage | leaf_of(verify, figure), garbage,
				    garbage | verify->own, garbage };

		if (!leaf_of(verify, figure))
			continue;
		ep_guest_cpuid64(verify->host->cpuid, regs);
		for (int i = 0; i < EP_REGISTERS; i++)
			if (regs[i] >> 32)
				return ep_find(ret, EP_FAIL,
					       "%s of leaf %#" PRIx32 " is %#" PRIx64
					       ": CPUID must clear the upper half",
					       names[i], leaf_of(verify, figure), regs[i]);
	}
}

/* A leaf that is not asked about a reason must not look at ECX. */
static void check_subleaf(struct ep_verify *verify, struct ep_finding *ret)
{
	for (int figure = 0; figure < EP_FIGURES; figure++) {
		const struct ep_dialect_answer *answer = &verify->host->dialect->answers[figure];
		const uint32_t subleaves[] = { 0, *of(verify, &undefined), UINT32_MAX, 0 };
		uint32_t before = 0;

		if (!answer->leaf || ep_figure_has_reason(figure))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(subleaves); i++) {
			struct ep_cpuid_regs regs = ep_verify_ask(verify, figure, subleaves[i]);
			uint32_t low = ep_dialect_number(answer, &regs);

			/* Half of 2^32 ahead is behind. */
			if (regs.edx == EXITPROF_UNDEFINED || (i && low - before > INT32_MAX))
				return say(verify, ret, figure, subleaves[i], &regs,
					   "it must not depend on ECX");
			before = low;
		}
	}
}

static void check_others(struct ep_verify *verify, struct ep_finding *ret)
{
	struct ep_cpuid *cpuid = verify->host->cpuid;
	struct ep_cpuid_regs first = ep_cpuid_query(cpuid, 0, 0);
	struct ep_cpuid_regs again = ep_cpuid_query(cpuid, 0, 0);
	struct ep_cpuid_regs family = ep_cpuid_query(cpuid, 1, 0);
	struct ep_cpuid_regs extended = ep_cpuid_query(cpuid, 0x80000000, 0);
	char text[EP_REGS_TEXT_MAX];

	if (memcmp(&first, &again, sizeof(first)) || !first.ebx || !first.ecx || !first.edx)
		ep_find(ret, EP_FAIL, "leaf 0, the vendor's name, answers %s",
			ep_regs_text(&again, text));
	else if (!family.ecx && !family.edx)
		ep_find(ret, EP_FAIL, "leaf 1, the features, answers %s",
			ep_regs_text(&family, text));
	else if (extended.eax < 0x80000000)
		ep_find(ret, EP_FAIL, "leaf 0x80000000 answers %s", ep_regs_text(&extended, text));
}

#define HALVES_READS 64

/* The two halves of the cycles of our own CPUIDs. */
static void read_halves(struct ep_verify *verify, uint32_t *ret_low, uint32_t *ret_high)
{
	enum ep_figure figure = ep_verify_own_figure(verify);
	struct ep_cpuid_regs regs = ep_verify_ask(verify, figure, verify->own);
	uint64_t value = ep_dialect_number(&verify->host->dialect->answers[figure], &regs);

	*ret_low = value;
	*ret_high = value >> 32;
}

static void check_halves(struct ep_verify *verify, struct ep_finding *ret)
{
	unsigned int low_moves = 0, high_moves = 0;
	uint32_t low, high, before_low, before_high;

	read_halves(verify, &before_low, &before_high);
	for (int i = 0; i < HALVES_READS; i++) {
		read_halves(verify, &low, &high);
		low_moves += low != before_low;
		high_moves += high != before_high;
		before_low = low;
		before_high = high;
	}
	verify->swapped = !low_moves && high_moves > HALVES_READS / 2;
	if (verify->swapped)
		ep_find(ret, EP_FAIL,
			"high and low half are swapped: EBX changes with each CPUID, ECX (%#" PRIx32
			") never does",
			low);
}

const struct ep_check ep_checks_answers[] = {
	{ "undefined-reason",
	  "a reason that the manual does not define answers EDX = 0xffffffff, and 0 besides",
	  "the test of ECX in " CPUID_C, check_undefined, .by_reason = true },
	{ "out-of-bounds", "a reason beyond the table is undefined, and not what lies behind it",
	  "the test of ECX, as unsigned, before the table is read in " CPUID_C, check_bounds,
	  .by_reason = true },
	{ "not-enabled", "a reason that KVM has no handler for answers 0 in all four registers",
	  "kvm_vmx_exit_handlers[] in vmx/vmx.c, svm_exit_handlers[] in svm/svm.c: NULL is 'not "
	  "enabled'",
	  check_not_enabled, .by_reason = true },
	{ "enabled", "a reason that KVM handles is not marked as undefined",
	  "the list of defined reasons in " CPUID_C, check_enabled, .by_reason = true },
	{ "unset-registers", "registers that are not part of the answer are 0",
	  CPUID_C ": all of eax, ebx, ecx and edx must be set on each path before "
		  "kvm_rax_write() and the like",
	  check_unset },
	{ "upper-halves", "CPUID clears bits 63 to 32 of all four registers",
	  CPUID_C ": kvm_rax_write() takes 64 bits; give it a u32", check_upper },
	{ "subleaf", "a leaf without a reason does not look at ECX", "the test of ECX in " CPUID_C,
	  check_subleaf, "unset-registers" },
	{ "other-leaves", "all other leaves answer as ever",
	  CPUID_C ": what is not ours must go on to the code of before", check_others },
	{ "halves", "EBX is the high half of cycles, ECX the low half",
	  "arch/x86/kvm/cpuid.c: ebx = cycles >> 32, ecx = (u32)cycles", check_halves },
	{},
};
