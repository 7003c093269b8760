/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dialect.h - which leaf tells what, in which registers
 *
 * The leaves were defined anew from semester to semester of the course. A dialect
 * is data: for every figure the leaf to ask, and where the halves of the number
 * are. doc/dialects.md shows all of them.
 *
 *	const struct ep_dialect *dialect = ep_dialect_find("reversed");
 *
 *	exits = ep_dialect_read(dialect, &cpuid, EP_FIGURE_REASON_EXITS, 12);
 */
#ifndef EP_CORE_HOST_DIALECT_H
#define EP_CORE_HOST_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/host/cpuid.h"

/* What a leaf can tell. The latter two are asked for with a reason in ECX. */
enum ep_figure {
	EP_FIGURE_TOTAL_EXITS,
	EP_FIGURE_TOTAL_CYCLES,
	EP_FIGURE_REASON_EXITS,
	EP_FIGURE_REASON_CYCLES,
	EP_FIGURES,
};

/* Also the index into struct ep_cpuid_regs as an array. */
enum ep_register { EP_EAX, EP_EBX, EP_ECX, EP_EDX, EP_REGISTERS };

/* @high: EP_REGISTERS for a number of 32 bits */
struct ep_dialect_answer {
	uint32_t leaf;
	enum ep_register low;
	enum ep_register high;
};

/*
 * @answers: by figure; a leaf of 0 for one that the dialect cannot give. One leaf
 *	may give two figures at once
 */
struct ep_dialect {
	const char *name;
	struct ep_dialect_answer answers[EP_FIGURES];
};

/*
 * "classic", "combined" and "reversed", which all read one number at a time.
 * "exitprof" is no row here: its latch leaf comes beside the classic leaves, see
 * core/counters/latch.h.
 */
#define EP_DIALECTS 3
extern const struct ep_dialect ep_dialects[EP_DIALECTS];

/* What a user may ask for: "auto", "exitprof", and those. */
extern const char *const ep_dialect_names[2 + EP_DIALECTS];

/* Classic, of a host that leaves something else than the high half of counts in EBX. */
extern const struct ep_dialect ep_dialect_classic_32;

/*
 * The totals of @dialect, and nothing by reason: what a host of the course's first assignment
 * answers. Their layout is the same as when reasons come beside them.
 */
const struct ep_dialect *ep_dialect_totals(const struct ep_dialect *dialect);

/* NULL if there is none of that name. */
const struct ep_dialect *ep_dialect_find(const char *name);

/* "EAX" ... */
const char *ep_register_name(enum ep_register which);

/* "exits", "cycles of a reason" ... */
const char *ep_figure_name(enum ep_figure figure);

static inline bool ep_figure_has_reason(enum ep_figure figure)
{
	return figure == EP_FIGURE_REASON_EXITS || figure == EP_FIGURE_REASON_CYCLES;
}

static inline bool ep_dialect_tells(const struct ep_dialect *dialect, enum ep_figure figure)
{
	return dialect->answers[figure].leaf;
}

/* The number in @regs, as @answer has it. */
uint64_t ep_dialect_number(const struct ep_dialect_answer *answer,
			   const struct ep_cpuid_regs *regs);

/*
 * One CPUID. 0 for a reason that the host marks as undefined. Without an exit, 0
 * also for a figure that the dialect cannot give: ask ep_dialect_tells() first.
 */
uint64_t ep_dialect_read(const struct ep_dialect *dialect, struct ep_cpuid *cpuid,
			 enum ep_figure figure, uint32_t reason);

#endif /* EP_CORE_HOST_DIALECT_H */
