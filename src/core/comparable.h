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
#ifndef EP_COMPARABLE_H
#define EP_COMPARABLE_H

#include "load.h"

/*
 * @refuse: figures mean different things; else they may only be influenced
 * @text: such as "workload option block: 4096 in 'a', 65536 in 'b'"
 */
struct ep_remark {
	bool refuse;
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
void ep_comparable_finish(struct ep_remarks *remarks);

#endif /* EP_COMPARABLE_H */
