/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * comparable.h - may these results be compared, and if not, why?
 *
 *	struct ep_remarks remarks = {};
 *
 *	err = ep_comparable(&remarks, results, 2);
 *	for (size_t i = 0; i < remarks.count; i++)
 *		puts(remarks.list[i].text);
 *	ep_comparable_finish(&remarks);
 */
#ifndef EP_CORE_STATS_COMPARABLE_H
#define EP_CORE_STATS_COMPARABLE_H

#include "core/result/load.h"

#define EP_COMPARABLE_OPTION_MAX 56
#define EP_COMPARABLE_VALUE_MAX	 84

/*
 * @refuse: figures mean different things; else they may only be influenced
 * @option: of the workload, if that is what differs; else ""
 * @text: such as "workload option block: 4096 in 'a', 65536 in 'b'"
 */
struct ep_remark {
	bool refuse;
	char option[EP_COMPARABLE_OPTION_MAX];
	char text[512];
};

/* @refusals: how many of them refuse */
struct ep_remarks {
	struct ep_remark *list;
	size_t count;
	size_t refusals;
};

/*
 * Compares what @results, of both sides, tell of host, guest and workload with the
 * first of them. Of each property only the first that differs is remarked. Returns 0, also with
 * remarks, or -ENOMEM; *@ret is to be finished.
 */
int ep_comparable(struct ep_remarks *ret, const struct ep_loaded *results, size_t count);

/*
 * The same for sides that differ in the workload's option @by, which is the question: the
 * first @before results have to have it alike, the others, too, and otherwise than these.
 * What else differs is remarked as above. @by: NULL for no such option.
 */
int ep_comparable_by(struct ep_remarks *ret, const struct ep_loaded *results, size_t before,
		     size_t count, const char *by);

/* The value of an option of the workload, without control characters; "none". Returns @text. */
const char *ep_comparable_option(const struct ep_loaded *result, const char *name,
				 char text[EP_COMPARABLE_VALUE_MAX]);
void ep_comparable_finish(struct ep_remarks *remarks);

#endif /* EP_CORE_STATS_COMPARABLE_H */
