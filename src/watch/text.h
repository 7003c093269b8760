/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text.h - the table of `exitprof watch` as text: which columns fit, cells, sparklines
 *
 *	struct ep_watch_layout layout;
 *	char cell[EP_WATCH_CELL_MAX];
 *
 *	ep_watch_layout_fit(&layout, &table, &view, 80);
 *	for (int i = 0; i < EP_WATCH_COLUMNS; i++)
 *		if (layout.width[i])
 *			ep_watch_cell(&table.lines[0], i, layout.width[i], cell);
 */
#ifndef EP_WATCH_TEXT_H
#define EP_WATCH_TEXT_H

#include <sys/types.h>

#include "watch/model.h"

/* Bytes of a cell or a sparkline: as many columns as bins, in UTF-8. */
#define EP_WATCH_CELL_MAX (3 * EP_WATCH_BINS + 1)

/* Bytes of a number, and of a line of words. */
#define EP_WATCH_NUMBER_MAX   32
#define EP_WATCH_SENTENCE_MAX 256

/*
 * @width: by column, 0 if it is not shown; columns are a space apart
 * @spark: width of the sparkline behind them, 0 if there is no room
 */
struct ep_watch_layout {
	int width[EP_WATCH_COLUMNS];
	int spark;
};

/* What suits @width, of a table with these names: more columns or a longer sparkline. */
void ep_watch_layout_fit(struct ep_watch_layout *layout, const struct ep_watch_table *table,
			 const struct ep_watch_view *view, int width);

/* The column's heading, such as "exits/s". */
const char *ep_watch_title(enum ep_watch_column column, const struct ep_watch_view *view);

/* What columns are called on a command line. */
extern const char *const ep_watch_column_names[EP_WATCH_COLUMNS];

/* The text of one cell, at most @width long: cut off, or in thousands, if need be. */
const char *ep_watch_cell(const struct ep_watch_line *line, enum ep_watch_column column, int width,
			  char text[EP_WATCH_CELL_MAX]);

/* @value in at most @width characters: "-", "0.4", "1,234" or "12.3M". */
const char *ep_watch_number(double value, int width, char text[EP_WATCH_NUMBER_MAX]);

/*
 * @values of ep_watch_history(), the highest as a whole block; or by punctuation,
 * unless @blocks. Unknown is a space.
 */
const char *ep_watch_spark(const double *values, int width, bool blocks,
			   char text[EP_WATCH_CELL_MAX]);

/* "exitprof watch: SVM, 2 vCPUs, every 1s"; @brief: as short as may be. */
const char *ep_watch_heading(const struct ep_watch *watch, uint64_t interval_ns, bool brief,
			     char text[EP_WATCH_SENTENCE_MAX]);

/* "2,362 exits/s, handling 4.3% of the vCPUs' time", of all that @view shows. */
const char *ep_watch_sums(const struct ep_watch *watch, const struct ep_watch_view *view,
			  bool brief, char text[EP_WATCH_SENTENCE_MAX]);

/* How far back the model's bins go: "60 s" or "5 min". */
const char *ep_watch_reach(const struct ep_watch *watch, char text[EP_WATCH_NUMBER_MAX]);

/*
 * Whether a terminal with that device number is the machine's own console: a serial line, or
 * another of which each character is an exit or more. Numbers as of the kernel's
 * Documentation/admin-guide/devices.txt.
 */
bool ep_watch_is_console(dev_t device);

#endif /* EP_WATCH_TEXT_H */
