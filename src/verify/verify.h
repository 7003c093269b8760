/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify.h - whether a host keeps the leaf contract: one check, one function, one row
 *
 * A check looks at one rule of the contract (doc/abi.md, doc/dialects.md), and its
 * finding names the fault in the words of the course. A new check is a function
 * and a row in the table of its group.
 *
 *	for (size_t i = 0; group->checks[i].name; i++)
 *		group->checks[i].run(&verify, &finding);
 */
#ifndef EP_VERIFY_VERIFY_H
#define EP_VERIFY_VERIFY_H

#include <stdbool.h>

#include "core/host/host.h"

/* @EP_WARN: nothing that the contract forbids, but surely not meant so */
enum ep_check_verdict { EP_PASS, EP_FAIL, EP_WARN, EP_SKIP, EP_CHECK_VERDICTS };

#define EP_FINDING_MAX 240

/* Why checks are skipped that need more than totals, or CPUIDs to be counted. */
#define EP_TOTALS    "the host answers totals only"
#define EP_UNCOUNTED "CPUIDs are not counted, see exact"

/*
 * @text: what was seen; for a skip, why
 * @cause: in place of the check's own @after, or NULL
 * @look: where in KVM to look if the check's own word for that is wrong here, or NULL
 */
struct ep_finding {
	enum ep_check_verdict verdict;
	const char *cause;
	const char *look;
	char text[EP_FINDING_MAX];
};

/*
 * What the checks share.
 *
 * @host: to be read by single numbers, in host->dialect
 * @exitprof: it has the discovery leaf
 * @offers_latch: and the latch leaf
 * @peer: the user says that another VM of this host executes CPUIDs
 * @patience_ns: how long one check may go on provoking something
 * @own: the reason of CPUID
 * @cpus: those that we may use, at least 1
 * @trip_ns: a CPUID and back, by the guest's clock
 * @first_cycles: the total of the cycles when all began
 * @uncounted, @total_wrong, @one_vcpu, @swapped: faults that have been found already, and which are
 *	not to be found again under another name
 */
struct ep_verify {
	struct ep_host *host;
	bool exitprof;
	bool offers_latch;
	bool peer;
	uint64_t patience_ns;
	uint32_t own;
	unsigned int cpus;
	uint64_t trip_ns;
	uint64_t first_cycles;
	bool uncounted;
	bool total_wrong;
	bool one_vcpu;
	bool swapped;
};

/*
 * @rule: what a right host does
 * @look: where in KVM to look, if it does not
 * @by_reason: it is about what leaves answer with a reason in ECX
 * @after: checks whose failure explains that of this one, unless the finding names another
 *	cause: names separated by blanks, the likeliest first; NULL for none
 */
struct ep_check {
	const char *name;
	const char *rule;
	const char *look;
	void (*run)(struct ep_verify *verify, struct ep_finding *ret);
	const char *after;
	bool by_reason;
};

/* Each ends with a row without a name. */
extern const struct ep_check ep_checks_answers[];
extern const struct ep_check ep_checks_counts[];
extern const struct ep_check ep_checks_sums[];
extern const struct ep_check ep_checks_time[];
extern const struct ep_check ep_checks_scope[];
extern const struct ep_check ep_checks_exitprof[];

/* "pass", "fail", "warning", "skip" */
const char *ep_check_verdict_name(enum ep_check_verdict verdict);

/* Fills *@ret, which is a pass without words before. */
void ep_find(struct ep_finding *ret, enum ep_check_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The registers as text: "eax=00000000 ebx=..." Returns @text. */
#define EP_REGS_TEXT_MAX 64
const char *ep_regs_text(const struct ep_cpuid_regs *regs, char *text);

static inline bool ep_regs_zero(const struct ep_cpuid_regs *regs)
{
	return !(regs->eax | regs->ebx | regs->ecx | regs->edx);
}

static inline bool ep_regs_undefined(const struct ep_cpuid_regs *regs)
{
	return !(regs->eax | regs->ebx | regs->ecx) && regs->edx == EXITPROF_UNDEFINED;
}

/* The leaf that tells @figure, asked about @reason. */
struct ep_cpuid_regs ep_verify_ask(struct ep_verify *verify, enum ep_figure figure,
				   uint32_t reason);

/* Of which there are cycles of our own CPUIDs: the total where the dialect has no others. */
enum ep_figure ep_verify_own_figure(const struct ep_verify *verify);

/* Exits or cycles of our own CPUIDs, or of all exits where the dialect has no others. */
uint64_t ep_verify_own_exits(struct ep_verify *verify);
uint64_t ep_verify_own_cycles(struct ep_verify *verify);

/* CPUIDs of leaf 0, which no patch touches. */
void ep_verify_cpuids(struct ep_verify *verify, unsigned int count);

#endif /* EP_VERIFY_VERIFY_H */
