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
#ifndef EP_CLI_TABLE_H
#define EP_CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

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

#endif /* EP_CLI_TABLE_H */
