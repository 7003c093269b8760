// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include <exitprof/abi.h>

#include "core/base/cleanup.h"
#include "core/host/dialect.h"

#define NO_HIGH EP_REGISTERS

/*
 * In the order of the course: Spring 2020 and from Fall 2021 on, Fall 2020 and Spring
 * 2021, Fall 2022. It defines counts as EAX alone; our host gives the high half, too.
 */
const struct ep_dialect ep_dialects[EP_DIALECTS] = {
	{
		.name = "classic",
		.answers = {
			[EP_FIGURE_TOTAL_EXITS] = { EXITPROF_LEAF_TOTAL_EXITS, EP_EAX, EP_EBX },
			[EP_FIGURE_TOTAL_CYCLES] = { EXITPROF_LEAF_TOTAL_CYCLES, EP_ECX, EP_EBX },
			[EP_FIGURE_REASON_EXITS] = { EXITPROF_LEAF_REASON_EXITS, EP_EAX, EP_EBX },
			[EP_FIGURE_REASON_CYCLES] = { EXITPROF_LEAF_REASON_CYCLES, EP_ECX, EP_EBX },
		},
	},
	{
		.name = "combined",
		.answers = {
			[EP_FIGURE_TOTAL_EXITS] = { 0x4fffffff, EP_EAX, NO_HIGH },
			[EP_FIGURE_TOTAL_CYCLES] = { 0x4fffffff, EP_ECX, EP_EBX },
			[EP_FIGURE_REASON_EXITS] = { 0x4ffffffe, EP_EAX, NO_HIGH },
		},
	},
	{
		.name = "reversed",
		.answers = {
			[EP_FIGURE_TOTAL_EXITS] = { 0x4ffffffc, EP_EAX, NO_HIGH },
			[EP_FIGURE_TOTAL_CYCLES] = { 0x4ffffffd, EP_ECX, EP_EBX },
			[EP_FIGURE_REASON_EXITS] = { 0x4ffffffe, EP_EAX, NO_HIGH },
			[EP_FIGURE_REASON_CYCLES] = { 0x4fffffff, EP_ECX, EP_EBX },
		},
	},
};

const char *const ep_dialect_names[] = { "auto", "exitprof", "classic", "combined", "reversed" };

const struct ep_dialect ep_dialect_classic_32 = {
	.name = "classic",
	.answers = {
		[EP_FIGURE_TOTAL_EXITS] = { EXITPROF_LEAF_TOTAL_EXITS, EP_EAX, NO_HIGH },
		[EP_FIGURE_TOTAL_CYCLES] = { EXITPROF_LEAF_TOTAL_CYCLES, EP_ECX, EP_EBX },
		[EP_FIGURE_REASON_EXITS] = { EXITPROF_LEAF_REASON_EXITS, EP_EAX, NO_HIGH },
		[EP_FIGURE_REASON_CYCLES] = { EXITPROF_LEAF_REASON_CYCLES, EP_ECX, EP_EBX },
	},
};

static const struct ep_dialect totals[EP_DIALECTS] = {
	{
		.name = "classic",
		.answers = {
			[EP_FIGURE_TOTAL_EXITS] = { EXITPROF_LEAF_TOTAL_EXITS, EP_EAX, EP_EBX },
			[EP_FIGURE_TOTAL_CYCLES] = { EXITPROF_LEAF_TOTAL_CYCLES, EP_ECX, EP_EBX },
		},
	},
	{
		.name = "combined",
		.answers = {
			[EP_FIGURE_TOTAL_EXITS] = { 0x4fffffff, EP_EAX, NO_HIGH },
			[EP_FIGURE_TOTAL_CYCLES] = { 0x4fffffff, EP_ECX, EP_EBX },
		},
	},
	{
		.name = "reversed",
		.answers = {
			[EP_FIGURE_TOTAL_EXITS] = { 0x4ffffffc, EP_EAX, NO_HIGH },
			[EP_FIGURE_TOTAL_CYCLES] = { 0x4ffffffd, EP_ECX, EP_EBX },
		},
	},
};

static const struct ep_dialect totals_classic_32 = {
	.name = "classic",
	.answers = {
		[EP_FIGURE_TOTAL_EXITS] = { EXITPROF_LEAF_TOTAL_EXITS, EP_EAX, NO_HIGH },
		[EP_FIGURE_TOTAL_CYCLES] = { EXITPROF_LEAF_TOTAL_CYCLES, EP_ECX, EP_EBX },
	},
};

const struct ep_dialect *ep_dialect_totals(const struct ep_dialect *dialect)
{
	return dialect == &ep_dialect_classic_32 ? &totals_classic_32
						 : &totals[dialect - ep_dialects];
}

const struct ep_dialect *ep_dialect_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ep_dialects); i++)
		if (!strcmp(ep_dialects[i].name, name))
			return &ep_dialects[i];
	return NULL;
}

const char *ep_register_name(enum ep_register which)
{
	static const char names[][4] = { "EAX", "EBX", "ECX", "EDX" };

	return names[which];
}

const char *ep_figure_name(enum ep_figure figure)
{
	static const char *const names[] = {
		[EP_FIGURE_TOTAL_EXITS] = "total exits",
		[EP_FIGURE_TOTAL_CYCLES] = "total cycles",
		[EP_FIGURE_REASON_EXITS] = "exits of a reason",
		[EP_FIGURE_REASON_CYCLES] = "cycles of a reason",
	};

	return names[figure];
}

uint64_t ep_dialect_number(const struct ep_dialect_answer *answer, const struct ep_cpuid_regs *regs)
{
	const uint32_t words[] = { regs->eax, regs->ebx, regs->ecx, regs->edx };
	uint64_t high = answer->high == NO_HIGH ? 0 : words[answer->high];

	return high << 32 | words[answer->low];
}

uint64_t ep_dialect_read(const struct ep_dialect *dialect, struct ep_cpuid *cpuid,
			 enum ep_figure figure, uint32_t reason)
{
	const struct ep_dialect_answer *answer = &dialect->answers[figure];
	struct ep_cpuid_regs regs;

	if (!answer->leaf)
		return 0;
	regs = ep_cpuid_query(cpuid, answer->leaf, reason);
	if (ep_figure_has_reason(figure) && regs.edx == EXITPROF_UNDEFINED)
		return 0;
	return ep_dialect_number(answer, &regs);
}
