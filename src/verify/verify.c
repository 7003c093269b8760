// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "verify/verify.h"

const char *ep_check_verdict_name(enum ep_check_verdict verdict)
{
	static const char *const names[] = {
		[EP_PASS] = "pass",
		[EP_FAIL] = "fail",
		[EP_WARN] = "warning",
		[EP_SKIP] = "skip",
	};

	return names[verdict];
}

void ep_find(struct ep_finding *ret, enum ep_check_verdict verdict, const char *format, ...)
{
	va_list args;

	ret->verdict = verdict;
	va_start(args, format);
	vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

const char *ep_regs_text(const struct ep_cpuid_regs *regs, char *text)
{
	snprintf(text, EP_REGS_TEXT_MAX,
		 "eax=%08" PRIx32 " ebx=%08" PRIx32 " ecx=%08" PRIx32 " edx=%08" PRIx32, regs->eax,
		 regs->ebx, regs->ecx, regs->edx);
	return text;
}

struct ep_cpuid_regs ep_verify_ask(struct ep_verify *verify, enum ep_figure figure, uint32_t reason)
{
	return ep_cpuid_query(verify->host->cpuid, verify->host->dialect->answers[figure].leaf,
			      reason);
}

uint64_t ep_verify_own_exits(struct ep_verify *verify)
{
	enum ep_figure figure =
		verify->host->totals ? EP_FIGURE_TOTAL_EXITS : EP_FIGURE_REASON_EXITS;

	return ep_host_read(verify->host, figure, verify->own);
}

enum ep_figure ep_verify_own_figure(const struct ep_verify *verify)
{
	return ep_dialect_tells(verify->host->dialect, EP_FIGURE_REASON_CYCLES)
		       ? EP_FIGURE_REASON_CYCLES
		       : EP_FIGURE_TOTAL_CYCLES;
}

uint64_t ep_verify_own_cycles(struct ep_verify *verify)
{
	return ep_host_read(verify->host, ep_verify_own_figure(verify), verify->own);
}

void ep_verify_cpuids(struct ep_verify *verify, unsigned int count)
{
	while (count--)
		ep_cpuid_query(verify->host->cpuid, 0, 0);
}
