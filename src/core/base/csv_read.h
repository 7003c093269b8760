/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv_read.h - rows of a CSV file with a header, columns by name
 *
 * The file may have been edited by anybody: what is not RFC 4180 is refused with file and line, a
 * header with another separator or in UTF-16 with the next step, too. A byte order mark of UTF-8 is
 * skipped, and so are columns that nobody asked for. Columns may be in any order.
 *
 *	static const char *const columns[] = { "repeat", "exits_count", NULL };
 *
 *	static int on_row(char *const *fields, void *data, struct ep_error *err)
 *	{
 *		return ep_csv_parse_u64(columns[1], fields[1], &count, err);
 *	}
 *	...
 *	code = ep_csv_read("results/a/runs.csv", columns, on_row, data, &error);
 */
#ifndef EP_CORE_BASE_CSV_READ_H
#define EP_CORE_BASE_CSV_READ_H

#include <stdint.h>

#include "core/base/error.h"

#define EP_CSV_BYTES_MAX   (64 << 20)
#define EP_CSV_COLUMNS_MAX 256

/*
 * Calls @row with the texts of @columns, a list that ends with NULL, for each row.
 * A field is never NULL; it is "" where the file has nothing. @row returns 0 or a
 * negative errno and a message, to which the place is added. Returns 0 or a negative
 * errno; -EINVAL if the file is malformed or lacks a column.
 */
int ep_csv_read(const char *path, const char *const *columns,
		int (*row)(char *const *fields, void *data, struct ep_error *err), void *data,
		struct ep_error *err);

/*
 * Digits only, of 64 bits. Returns 0, or -EINVAL with a message that names @column.
 */
int ep_csv_parse_u64(const char *column, const char *text, uint64_t *ret, struct ep_error *err);

#endif /* EP_CORE_BASE_CSV_READ_H */
