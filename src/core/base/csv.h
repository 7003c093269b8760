/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv.h - rows of comma-separated values as RFC 4180 has them
 *
 * Fields are quoted, by libcsv, only where they must be; lines end with a newline alone. Text is
 * UTF-8 without control characters, see utf8.h. Errors stick to the FILE: look at ferror() once,
 * at the end.
 *
 *	ep_csv_text(file, "DE excp", ',');
 *	ep_csv_u64(file, 42, '\n');
 */
#ifndef EP_CORE_BASE_CSV_H
#define EP_CORE_BASE_CSV_H

#include <stdint.h>
#include <stdio.h>

/* @end: what follows the field, ',' or '\n' */
void ep_csv_text(FILE *file, const char *text, char end);
void ep_csv_u64(FILE *file, uint64_t value, char end);
void ep_csv_real(FILE *file, double value, int decimals, char end);

#endif /* EP_CORE_BASE_CSV_H */
