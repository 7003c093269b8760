/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bars.h - a column of a result's summary.csv as bars of characters, one a reason */
#ifndef EP_PRINT_BARS_H
#define EP_PRINT_BARS_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/error.h"

/* Whether there are bars of that column: exits_count, handling_cycles or cycles_per_exit. */
bool ep_bars_can(const char *column);

/*
 * Prints the bars of @column, for which ep_bars_can(), of the result folder @path to @file, the
 * largest first; small ones are put together. @title: a line below the heading, or "". As wide as
 * the terminal, or 80 columns elsewhere. Returns 0, or a negative errno with a message.
 *
 *	ep_print_bars(stdout, "results/a", "exits_count", "nap, SVM, Linux 6.1", &err);
 */
int ep_print_bars(FILE *file, const char *path, const char *column, const char *title,
		  struct ep_error *err);

#endif /* EP_PRINT_BARS_H */
