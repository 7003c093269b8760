/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * screen.h - `exitprof watch` on a terminal, by ncurses
 *
 * While it is open, the terminal is as ncurses wants it; it is given back by
 * ep_watch_screen_close(), by a signal that is a crash, and when the user stops
 * the process (Ctrl-Z).
 *
 *	if (ep_watch_screen_open())
 *		...	// print lines instead
 *	ep_watch_screen_draw(&watch, &view, &status);
 *	while ((key = ep_watch_screen_key()) >= 0)
 *		...
 *	ep_watch_screen_close();
 */
#ifndef EP_WATCH_SCREEN_H
#define EP_WATCH_SCREEN_H

#include "watch/model.h"

/* Of ep_watch_screen_key(): nothing was typed, but draw again. */
#define EP_WATCH_KEY_REDRAW 12

/*
 * @interval_ns: between two samples
 * @cost: exits that reading took for this sample
 * @message: what the user should know now, or ""
 */
struct ep_watch_status {
	uint64_t interval_ns;
	uint64_t cost;
	char message[128];
};

/* Whether standard input and output are a terminal that can be drawn on. */
bool ep_watch_screen_possible(void);

/* Returns 0, or -ENOTTY if ncurses knows no such terminal. */
int ep_watch_screen_open(void);

/* Its columns, and whether sparklines are blocks there. */
int ep_watch_screen_width(void);
bool ep_watch_screen_blocks(void);

/* Does nothing if it is not open. Returns whether nothing of what was drawn is left. */
bool ep_watch_screen_close(void);

void ep_watch_screen_draw(const struct ep_watch *watch, const struct ep_watch_view *view,
			  const struct ep_watch_status *status);

/* What was typed, as ep_watch_press() takes it; -1 if nothing. Never waits. */
int ep_watch_screen_key(void);

#endif /* EP_WATCH_SCREEN_H */
