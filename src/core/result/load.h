/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load.h - a result folder that was written earlier, or elsewhere
 *
 * Reads run.json, runs.csv and exits.csv, as doc/csv.md describes them. What cannot
 * be right is refused with file and line; columns and members that are newer than
 * this program are ignored.
 *
 *	_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
 *
 *	err = ep_load(&loaded, "results/a", &error);
 *	figure = ep_load_find(&loaded, 48, 0);	// reason 48 in the first repeat
 */
#ifndef EP_CORE_RESULT_LOAD_H
#define EP_CORE_RESULT_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

#define EP_LOAD_NAME_MAX 64
#define EP_LOAD_ROWS_MAX (1 << 20)

struct json_object;

/* @has_cycles: whether the host told the cycles; @cycles is 0 otherwise. */
struct ep_loaded_figure {
	uint64_t exits;
	uint64_t cycles;
	bool has_cycles;
};

/*
 * @has_operations: whether the workload counts its operations
 * @all: the totals over all reasons
 */
struct ep_loaded_repeat {
	uint64_t duration_ns;
	uint64_t operations;
	bool has_operations;
	struct ep_loaded_figure all;
};

/* One reason in one repeat, counted from 0. */
struct ep_loaded_row {
	uint32_t reason;
	size_t repeat;
	struct ep_loaded_figure figure;
	char name[EP_LOAD_NAME_MAX];
};

/*
 * @run: of run.json: an object
 * @rows: of scope "vm", sorted by reason, then by repeat; a repeat without exits of a
 *	reason need not have a row
 * @has_cycles: no row lacks them
 * @has_vcpus: exits.csv has rows of single vCPUs, too, which are not in @rows
 */
struct ep_loaded {
	char *path;
	struct json_object *run;
	struct ep_loaded_repeat *repeats;
	size_t repeat_count;
	struct ep_loaded_row *rows;
	size_t row_count;
	bool has_cycles;
	bool has_vcpus;
};

/*
 * Reads the folder @path into *@ret, which is to be finished in any case. Returns 0
 * or a negative errno with a message: -EINVAL if the folder is no result or is
 * malformed.
 */
int ep_load(struct ep_loaded *ret, const char *path, struct ep_error *err);
void ep_load_finish(struct ep_loaded *loaded);

/*
 * Of @reason in @repeat; without a row it has no exits, and no cycles where the host
 * tells cycles at all.
 */
struct ep_loaded_figure ep_load_find(const struct ep_loaded *loaded, uint32_t reason,
				     size_t repeat);

/* A member of an object in run.json, NULL if it is null or not there. */
struct json_object *ep_load_member(const struct ep_loaded *loaded, const char *object,
				   const char *member);

/* The same as a text: "" if it is no string. */
const char *ep_load_text(const struct ep_loaded *loaded, const char *object, const char *member);

/*
 * What was measured: the workload's name, or the words of the command, or "record" if it
 * was neither. Without control characters. Returns @ret.
 */
const char *ep_load_name(const struct ep_loaded *loaded, char ret[EP_LOAD_NAME_MAX]);

#endif /* EP_CORE_RESULT_LOAD_H */
