/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * model.h - what `exitprof watch` knows: rates of now and of the last minute
 *
 * No drawing, no clock, no leaves: deltas go in, lines of a table come out.
 *
 * Time is divided into bins of a second, or of an interval if that is longer. Of
 * the last 60 the exits are kept. A bin that nothing was measured in, because the
 * user paused or the counters started anew, is a gap and not 0.
 *
 *	struct ep_watch watch;
 *	struct ep_watch_table *table = malloc(sizeof(*table));
 *
 *	ep_watch_init(&watch, &host, 1, interval_ns, now_ns);
 *	ep_watch_advance(&watch, now_ns, duration_ns);
 *	ep_watch_add(&watch, 0, &delta);
 *	ep_watch_list(&watch, &view, table);
 *	ep_watch_fold(&view, table, 17);
 *	ep_watch_finish(&watch);
 */
#ifndef EP_WATCH_MODEL_H
#define EP_WATCH_MODEL_H

#include "core/counters/delta.h"

#define EP_WATCH_BINS	   60
#define EP_WATCH_LINES_MAX (EP_REASONS_MAX + 1)

/* The columns of the table, in their order; each can be sorted by. */
enum ep_watch_column {
	EP_WATCH_NAME,
	EP_WATCH_RATE,
	EP_WATCH_MIN,
	EP_WATCH_MEAN,
	EP_WATCH_SHARE,
	EP_WATCH_EACH,
	EP_WATCH_AWAY,
	EP_WATCH_COLUMNS,
};

/* Net of the reader's own; NAN is unknown. */
struct ep_watch_amount {
	double exits;
	double cycles;
	double away;
};

/*
 * One thing over time: a reason, the rest of them, or all, of the VM or a vCPU.
 * @last: in the last interval
 * @exits: by bin, a ring
 */
struct ep_watch_item {
	struct ep_watch_amount last;
	double exits[EP_WATCH_BINS];
};

/*
 * The VM, or a vCPU.
 * @last_ns: how long the last interval was; 0 if nothing is known of now
 * @known_ns: of each bin, how much was measured; 0 is a gap
 * @items: the host's reasons, those it does not list, and all
 */
struct ep_watch_scope {
	double last_ns;
	double known_ns[EP_WATCH_BINS];
	struct ep_watch_item *items;
};

/*
 * @host: borrowed; names the reasons
 * @scopes: the VM and, if it is not the only one, each vCPU; @scope_count of them
 * @newest, @spread: the bin that the last sample ended in, and how many it covers
 */
struct ep_watch {
	const struct ep_host *host;
	uint32_t scope_count;
	struct ep_watch_scope *scopes;
	uint64_t bin_ns;
	uint64_t start_ns;
	uint64_t newest;
	uint32_t spread;
	double duration_ns;
};

/*
 * What the user has chosen to see.
 * @sort, @reverse: the largest first, names by the alphabet, unless reversed
 * @vcpus: a line for each vCPU instead of each reason
 * @scope: whose reasons: 0 is the VM, 1 is vCPU 0
 * @away: away cycles are wanted
 */
struct ep_watch_view {
	enum ep_watch_column sort;
	bool reverse;
	bool vcpus;
	uint32_t scope;
	bool away;
	bool paused;
	bool help;
};

/*
 * @value: by column, without EP_WATCH_NAME: exits per second now, least and mean
 *	in the last minute, handling cycles as a share of all, per exit, and away
 *	cycles as a share of all; NAN is unknown
 * @item: borrowed from the model, or from the table for what is folded; @scope: whose
 */
struct ep_watch_line {
	char name[32];
	double value[EP_WATCH_COLUMNS];
	const struct ep_watch_item *item;
	const struct ep_watch_scope *scope;
};

struct ep_watch_table {
	struct ep_watch_line lines[EP_WATCH_LINES_MAX];
	uint32_t count;
	struct ep_watch_line total;
	struct ep_watch_item other;
};

/*
 * EP_WATCH_READ_OTHERWISE: what is shown may need other fields or scopes than before;
 * EP_WATCH_NO_VCPUS: they are wanted, but there are none
 */
enum ep_watch_action {
	EP_WATCH_IGNORE,
	EP_WATCH_REDRAW,
	EP_WATCH_TOGGLE_PAUSE,
	EP_WATCH_READ_OTHERWISE,
	EP_WATCH_NO_VCPUS,
	EP_WATCH_QUIT,
};

/* Returns 0 or -ENOMEM. @now_ns: of the first snapshot, by any clock. */
int ep_watch_init(struct ep_watch *watch, const struct ep_host *host, uint32_t scopes,
		  uint64_t interval_ns, uint64_t now_ns);
void ep_watch_finish(struct ep_watch *watch);

/*
 * A sample of @duration_ns ends now; ep_watch_add() for each scope that was read
 * follows. One that is longer than a bin counts in all that it covers, evenly.
 */
void ep_watch_advance(struct ep_watch *watch, uint64_t now_ns, uint64_t duration_ns);
void ep_watch_add(struct ep_watch *watch, uint32_t scope, const struct ep_delta *delta);

/* Nothing is known of now: the counters started anew, or nobody read them. */
void ep_watch_forget(struct ep_watch *watch);

/* All exits of @scope. */
const struct ep_watch_item *ep_watch_total(const struct ep_watch *watch, uint32_t scope);

/* Part of the scope's vCPU time that @cycles of the last interval are; NAN if unknown. */
double ep_watch_time_share(const struct ep_watch *watch, uint32_t scope, double cycles);

/* Sorted lines of all that had exits in the last minute, and the total. */
void ep_watch_list(const struct ep_watch *watch, const struct ep_watch_view *view,
		   struct ep_watch_table *table);

/* Makes it @limit lines, the last of which is the sum of those that find no room. */
void ep_watch_fold(const struct ep_watch_view *view, struct ep_watch_table *table, uint32_t limit);

/*
 * Exits per second of the last minute in @width columns, the newest last; NAN
 * where nothing is known. Columns keep their contents as time goes by: they move
 * as a whole.
 */
void ep_watch_history(const struct ep_watch *watch, const struct ep_watch_line *line, int width,
		      double *ret);

/* What a key, a character, does to the view. */
enum ep_watch_action ep_watch_press(const struct ep_watch *watch, struct ep_watch_view *view,
				    int key);

#endif /* EP_WATCH_MODEL_H */
