// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "watch/print.h"
#include "watch/text.h"

#define WIDTH_BRIEF 60

static void print_titles(FILE *file, const struct ep_watch_layout *layout,
			 const struct ep_watch *watch, const struct ep_watch_view *view)
{
	char reach[EP_WATCH_NUMBER_MAX];

	for (int i = 0; i < EP_WATCH_COLUMNS; i++)
		if (layout->width[i])
			fprintf(file, i == EP_WATCH_NAME ? "%-*s" : " %*s", layout->width[i],
				ep_watch_title(i, view));
	if (layout->spark)
		fprintf(file, " %.*s%s", layout->spark, layout->spark >= 9 ? "last " : "",
			ep_watch_reach(watch, reach));
	putc('\n', file);
}

static void print_line(FILE *file, const struct ep_watch_layout *layout,
		       const struct ep_watch *watch, const struct ep_watch_line *line, bool blocks)
{
	double history[EP_WATCH_BINS];
	char cell[EP_WATCH_CELL_MAX];

	for (int i = 0; i < EP_WATCH_COLUMNS; i++)
		if (layout->width[i])
			fprintf(file, i == EP_WATCH_NAME ? "%-*s" : " %*s", layout->width[i],
				ep_watch_cell(line, i, layout->width[i], cell));
	if (layout->spark) {
		ep_watch_history(watch, line, layout->spark, history);
		fprintf(file, " %s", ep_watch_spark(history, layout->spark, blocks, cell));
	}
	putc('\n', file);
}

int ep_watch_print(FILE *file, const struct ep_watch *watch, const struct ep_watch_view *view,
		   uint64_t interval_ns, int width, bool blocks)
{
	_cleanup_free_ struct ep_watch_table *table = malloc(sizeof(*table));
	bool brief = width < WIDTH_BRIEF;
	char text[EP_WATCH_SENTENCE_MAX];
	struct ep_watch_layout layout;

	if (!table)
		return -ENOMEM;
	ep_watch_list(watch, view, table);
	ep_watch_layout_fit(&layout, table, view, width);
	fprintf(file, "%s\n", ep_watch_heading(watch, interval_ns, brief, text));
	fprintf(file, "%s\n\n", ep_watch_sums(watch, view, brief, text));
	print_titles(file, &layout, watch, view);
	for (uint32_t i = 0; i < table->count; i++)
		print_line(file, &layout, watch, &table->lines[i], blocks);
	print_line(file, &layout, watch, &table->total, blocks);
	return 0;
}
