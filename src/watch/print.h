/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * print.h - the table of `exitprof watch` once, as plain text: what stays of a screen
 *
 *	ep_watch_print(stdout, &watch, &view, interval_ns, 80, true);
 */
#ifndef EP_WATCH_PRINT_H
#define EP_WATCH_PRINT_H

#include <stdio.h>

#include "watch/model.h"

/* All lines, in @width columns; @blocks: sparklines are blocks. Returns 0 or -ENOMEM. */
int ep_watch_print(FILE *file, const struct ep_watch *watch, const struct ep_watch_view *view,
		   uint64_t interval_ns, int width, bool blocks);

#endif /* EP_WATCH_PRINT_H */
