/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table.h - aligned tables on stdout, by libsmartcols
 *
 * On a terminal they fit its width, see table_fit.h; elsewhere a row is a line.
 *
 *	static const struct ep_column columns[] = { { "reason" }, { "count", true }, {} };
 *	struct ep_table *table = ep_table_create(columns);
 *
 *	ep_table_add(table, "HLT", "42");
 *	ep_table_print(table);
 *	ep_table_destroy(table);
 */
#ifndef EP_TABLE_H
#define EP_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/result/record.h"

/* @right: aligned at its right, as numbers are; what is not is text, and may be broken */
struct ep_column {
	const char *name;
	bool right;
};

struct ep_table;

/*
 * @columns end with a name of NULL, and are at most EP_TABLE_COLUMNS_MAX of table_fit.h;
 * their names are not copied. NULL if out of memory, which the rest accepts.
 */
struct ep_table *ep_table_create(const struct ep_column *columns);

/* One text a column. */
void ep_table_add(struct ep_table *table, ...);
void ep_table_print(struct ep_table *table);
void ep_table_print_to(struct ep_table *table, FILE *file);
void ep_table_destroy(struct ep_table *table);
void ep_table_cleanup(struct ep_table **table);

/*
 * The reasons of @summary with a total; @rates: with exits per second. Those that
 * most repeats did not have are left out.
 */
void ep_table_print_summary(FILE *file, const struct ep_summary *summary, bool rates);

/*
 * What most of the exits of each reason were about, in the order of @summary; a
 * reason's first few only.
 */
void ep_table_print_details(FILE *file, const struct ep_summary *summary,
			    const struct ep_details *details, const struct ep_host *host);

/* How long one exit of each took, where the summary has that. */
void ep_table_print_times(FILE *file, const struct ep_summary *summary);

/* Each vCPU of @record, which has them: totals, and which reasons most of them were. */
void ep_table_print_vcpus(FILE *file, const struct ep_record *record);

#endif /* EP_TABLE_H */
