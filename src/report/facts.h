/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts.h - what a report says of a result, as numbers: medians over the repeats,
 * how far they spread, whether the rate was stable
 *
 *	_cleanup_(ep_facts_finish) struct ep_facts facts = {};
 *
 *	err = ep_facts_find(&facts, &loaded, &error);
 *	printf("%s\n", facts.reasons[0].name);
 */
#ifndef EP_REPORT_FACTS_H
#define EP_REPORT_FACTS_H

#include "core/result/load.h"

/*
 * Of the values of all repeats. @interval: whether @low and @high, between which the
 * median lies with 95 %, are known, which takes six. They are values of repeats, by rank
 * (the sign test's interval), without assumptions on the distribution.
 */
struct ep_spread {
	size_t count;
	double median;
	double min;
	double max;
	bool interval;
	double low;
	double high;
};

/*
 * Figures are medians over the repeats. @timed: whether cycles are known
 * @exits_share, @cycles_share: of all reasons, 0 to 1
 * @cycles_per_exit: 0 without exits
 */
struct ep_facts_reason {
	uint32_t reason;
	const char *name;
	struct ep_spread exits;
	double exits_per_second;
	double exits_share;
	bool timed;
	struct ep_spread cycles;
	double cycles_share;
	double cycles_per_exit;
};

/* What is known of one exit's length, from summary.csv; empty texts are not known. */
struct ep_facts_time {
	char name[EP_LOAD_NAME_MAX];
	bool known;
	uint64_t p50_cycles;
	uint64_t p90_cycles;
	uint64_t p99_cycles;
	uint64_t max_cycles;
	bool away_known;
	double away_per_exit;
};

/* What exits were about, from details.csv; @events: the median, a repeat without it having 0 */
struct ep_facts_detail {
	char name[EP_LOAD_NAME_MAX];
	char kind[16];
	char direction[16];
	char value[24];
	char value_name[EP_LOAD_NAME_MAX];
	uint64_t events;
};

/*
 * How exits are spread over the time of the repeats, by their samples.
 *
 * @repeats: that have samples enough; without any, nothing else is known
 * @stable: repeats with neither drift nor bursts, as core/boot/rate.h has them
 * @drifting, @bursty: repeats that depart by EP_BOOT_STABLE or more, and those whose fastest
 *	sample has EP_BOOT_BURST times the mean or more
 * @departure, @peak_ratio: the largest of them
 * @slowest, @fastest: exits per second of a sample
 * @width_s: the longest sample: shorter than half of it none is compared
 */
struct ep_facts_series {
	size_t repeats;
	size_t stable;
	size_t drifting;
	size_t bursty;
	size_t samples;
	double departure;
	double peak_ratio;
	double slowest;
	double fastest;
	double width_s;
};

enum ep_paging {
	EP_PAGING_UNKNOWN,
	EP_PAGING_NESTED,
	EP_PAGING_SHADOW,
};

/*
 * @reasons: most exits first, equal ones by number
 * @operations: 0 if none are counted
 * @per_operation: exits per operation, @cycles_per_operation likewise
 * @outlier: the number, from 1, of a repeat whose exits per second stand apart, or 0
 */
struct ep_facts {
	struct ep_facts_reason *reasons;
	size_t count;
	struct ep_facts_reason total;
	struct ep_spread duration_ns;
	struct ep_spread operations;
	struct ep_spread exits_per_second;
	struct ep_spread per_operation;
	struct ep_spread cycles_per_operation;
	size_t outlier;
	enum ep_paging paging;
	struct ep_facts_series series;
	struct ep_facts_time *times;
	size_t time_count;
	struct ep_facts_detail *details;
	size_t detail_count;
};

/*
 * What exits.csv and runs.csv say; facts_files.h reads the others. *@ret is to be finished in any
 * case, and before @loaded. Returns 0 or a negative errno with a message.
 */
int ep_facts_find(struct ep_facts *ret, const struct ep_loaded *loaded, struct ep_error *err);
void ep_facts_finish(struct ep_facts *facts);

/* Sorts @values, at least one. */
struct ep_spread ep_spread_of(double *values, size_t count);

/* The same of whole numbers: the median is one too, as ep_median() has it. */
struct ep_spread ep_spread_of_counts(double *values, size_t count);

/*
 * How the guest's memory was mapped, by the reasons that one way alone has: EPT_VIOLATION or npf
 * against page faults and INVLPG. @names: of @count reasons that were counted.
 */
enum ep_paging ep_facts_paging(const char *const *names, size_t count);

#endif /* EP_REPORT_FACTS_H */
