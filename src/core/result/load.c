// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/csv_read.h"
#include "core/base/folder.h"
#include "core/base/grow.h"
#include "core/base/input.h"
#include "core/result/json.h"
#include "core/result/load.h"

static const char *const run_columns[] = {
	"repeat", "duration_ns", "operations_count", "exits_count", "handling_cycles", NULL,
};

enum { RUN_REPEAT, RUN_DURATION, RUN_OPERATIONS, RUN_EXITS, RUN_CYCLES };

/* An empty field is a figure that nobody knows. */
static int parse_known(const char *column, const char *text, uint64_t *ret, bool *ret_known,
		       struct ep_error *err)
{
	*ret_known = text[0];
	return text[0] ? ep_csv_parse_u64(column, text, ret, err) : 0;
}

static int on_run(char *const *fields, void *data, struct ep_error *err)
{
	struct ep_loaded *loaded = data;
	struct ep_loaded_repeat repeat = {};
	uint64_t number;
	int code;

	code = ep_csv_parse_u64("repeat", fields[RUN_REPEAT], &number, err);
	if (!code && number != loaded->repeat_count + 1)
		return ep_error_set(err, -EINVAL, "repeat %zu was to come",
				    loaded->repeat_count + 1);
	if (!code)
		code = ep_csv_parse_u64("duration_ns", fields[RUN_DURATION], &repeat.duration_ns,
					err);
	if (!code)
		code = parse_known("operations_count", fields[RUN_OPERATIONS], &repeat.operations,
				   &repeat.has_operations, err);
	if (!code)
		code = ep_csv_parse_u64("exits_count", fields[RUN_EXITS], &repeat.all.exits, err);
	if (!code)
		code = parse_known("handling_cycles", fields[RUN_CYCLES], &repeat.all.cycles,
				   &repeat.all.has_cycles, err);
	if (!code &&
	    ep_grow((void **)&loaded->repeats, loaded->repeat_count, sizeof(*loaded->repeats)))
		code = ep_error_set(err, -ENOMEM, "out of memory");
	if (!code)
		loaded->repeats[loaded->repeat_count++] = repeat;
	return code;
}

static const char *const exit_columns[] = {
	"repeat", "scope", "reason", "name", "exits_count", "handling_cycles", NULL,
};

enum { EXIT_REPEAT, EXIT_SCOPE, EXIT_REASON, EXIT_NAME, EXIT_EXITS, EXIT_CYCLES };

static int parse_reason(struct ep_loaded_row *row, const char *number, const char *name,
			struct ep_error *err)
{
	uint64_t reason = 0;
	int code = ep_csv_parse_u64("reason", number, &reason, err);

	if (code)
		return code;
	if (reason > UINT32_MAX)
		return ep_error_set(err, -EINVAL, "no exit reason has more than 32 bits");
	if (!name[0] || strlen(name) >= sizeof(row->name))
		return ep_error_set(err, -EINVAL, "name takes 1 to %zu bytes",
				    sizeof(row->name) - 1);
	row->reason = reason;
	strcpy(row->name, name);
	return 0;
}

static int on_exit_row(char *const *fields, void *data, struct ep_error *err)
{
	struct ep_loaded *loaded = data;
	struct ep_loaded_row row = {};
	uint64_t repeat;
	int code;

	if (strcmp(fields[EXIT_SCOPE], "vm")) {
		loaded->has_vcpus = true;
		return 0;
	}
	if (loaded->row_count == EP_LOAD_ROWS_MAX)
		return ep_error_set(err, -E2BIG, "more than %d rows", EP_LOAD_ROWS_MAX);
	code = ep_csv_parse_u64("repeat", fields[EXIT_REPEAT], &repeat, err);
	if (!code && (!repeat || repeat > loaded->repeat_count))
		return ep_error_set(err, -EINVAL, "runs.csv has no such repeat");
	if (!code)
		code = parse_reason(&row, fields[EXIT_REASON], fields[EXIT_NAME], err);
	if (!code)
		code = ep_csv_parse_u64("exits_count", fields[EXIT_EXITS], &row.figure.exits, err);
	if (!code)
		code = parse_known("handling_cycles", fields[EXIT_CYCLES], &row.figure.cycles,
				   &row.figure.has_cycles, err);
	if (!code && ep_grow((void **)&loaded->rows, loaded->row_count, sizeof(*loaded->rows)))
		code = ep_error_set(err, -ENOMEM, "out of memory");
	if (code)
		return code;
	row.repeat = repeat - 1;
	loaded->has_cycles = loaded->has_cycles && row.figure.has_cycles;
	loaded->rows[loaded->row_count++] = row;
	return 0;
}

static int compare_rows(const void *a, const void *b)
{
	const struct ep_loaded_row *x = a, *y = b;

	if (x->reason != y->reason)
		return x->reason < y->reason ? -1 : 1;
	return (x->repeat > y->repeat) - (x->repeat < y->repeat);
}

static int sort_rows(struct ep_loaded *loaded, const char *path, struct ep_error *err)
{
	size_t reasons = 1;

	if (loaded->row_count)
		qsort(loaded->rows, loaded->row_count, sizeof(*loaded->rows), compare_rows);
	for (size_t i = 1; i < loaded->row_count; i++)
		if (!compare_rows(&loaded->rows[i - 1], &loaded->rows[i]))
			return ep_error_set(err, -EINVAL, "'%s' has reason %u twice in repeat %zu",
					    path, loaded->rows[i].reason,
					    loaded->rows[i].repeat + 1);
	for (size_t i = 1; i < loaded->row_count; i++)
		reasons += loaded->rows[i - 1].reason != loaded->rows[i].reason;
	if (reasons > EP_REASONS_MAX)
		return ep_error_set(err, -EINVAL, "'%s' has %zu reasons: no vendor has so many",
				    path, reasons);
	return 0;
}

struct json_object *ep_load_member(const struct ep_loaded *loaded, const char *object,
				   const char *member)
{
	struct json_object *inner, *value;

	if (!json_object_object_get_ex(loaded->run, object, &inner) ||
	    !json_object_object_get_ex(inner, member, &value))
		return NULL;
	return value;
}

const char *ep_load_text(const struct ep_loaded *loaded, const char *object, const char *member)
{
	struct json_object *value = ep_load_member(loaded, object, member);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

/* As many words of a command as there is room for. */
static void join_words(struct json_object *words, char ret[EP_LOAD_NAME_MAX])
{
	size_t length = 0;

	for (size_t i = 0; i < json_object_array_length(words) && length < EP_LOAD_NAME_MAX; i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(words, i));

		length += snprintf(ret + length, EP_LOAD_NAME_MAX - length, "%s%s", i ? " " : "",
				   word ?: "");
	}
}

const char *ep_load_name(const struct ep_loaded *loaded, char ret[EP_LOAD_NAME_MAX])
{
	struct json_object *command;

	snprintf(ret, EP_LOAD_NAME_MAX, "%s", ep_load_text(loaded, "workload", "name"));
	if (!ret[0] && json_object_object_get_ex(loaded->run, "command", &command) &&
	    json_object_is_type(command, json_type_array))
		join_words(command, ret);
	if (!ret[0])
		strcpy(ret, "record");
	/* Of a command's words, which are text by now, but may have several lines. */
	for (char *at = ret; *at; at++)
		*at = *at == '\n' || *at == '\t' ? ' ' : *at;
	return ret;
}

static int check_run(const struct ep_loaded *loaded, const char *path, struct ep_error *err)
{
	struct json_object *format, *repeats = ep_load_member(loaded, "run", "repeats_count");
	int64_t version = 0;

	if (json_object_object_get_ex(loaded->run, "format", &format) &&
	    json_object_is_type(format, json_type_int))
		version = json_object_get_int64(format);
	if (version > EP_RESULT_FORMAT) {
		ep_error_hint(err, "use the exitprof that wrote it, or a newer one");
		return ep_error_set(err, -EINVAL, "'%s' is of format %" PRId64 ", and %d is known",
				    path, version, EP_RESULT_FORMAT);
	}
	if (version != EP_RESULT_FORMAT || !ep_load_text(loaded, "host", "vendor")[0] ||
	    !json_object_is_type(repeats, json_type_int)) {
		ep_error_hint(err, "give a folder that 'exitprof run' has written");
		return ep_error_set(err, -EINVAL, "'%s' is not what 'exitprof run' writes", path);
	}
	if (json_object_get_uint64(repeats) != loaded->repeat_count)
		return ep_error_set(err, -EINVAL,
				    "'%s' tells of %" PRIu64
				    " repeats, and runs.csv beside it has %zu",
				    path, json_object_get_uint64(repeats), loaded->repeat_count);
	if (!loaded->repeat_count)
		return ep_error_set(err, -EINVAL, "'%s' tells of no repeat", path);
	return 0;
}

static int load_files(struct ep_loaded *ret, const char *run, const char *runs, const char *exits,
		      struct ep_error *err)
{
	int code = ep_input_json(run, &ret->run, err);

	if (code && err && !err->hint[0])
		ep_error_hint(err, "give a folder that 'exitprof run' has written");
	if (!code)
		code = ep_csv_read(runs, run_columns, on_run, ret, err);
	if (!code)
		code = check_run(ret, run, err);
	if (!code)
		code = ep_csv_read(exits, exit_columns, on_exit_row, ret, err);
	return code ? code : sort_rows(ret, exits, err);
}

int ep_load(struct ep_loaded *ret, const char *path, struct ep_error *err)
{
	_cleanup_free_ char *run = NULL, *runs = NULL, *exits = NULL;

	*ret = (struct ep_loaded){ .path = strdup(path), .has_cycles = true };
	if (!ret->path || asprintf(&run, "%s/" EP_FOLDER_MARK, path) < 0 ||
	    asprintf(&runs, "%s/runs.csv", path) < 0 || asprintf(&exits, "%s/exits.csv", path) < 0)
		return ep_error_set(err, -ENOMEM, "out of memory");
	return load_files(ret, run, runs, exits, err);
}

void ep_load_finish(struct ep_loaded *loaded)
{
	json_object_put(loaded->run);
	free(loaded->path);
	free(loaded->repeats);
	free(loaded->rows);
	*loaded = (struct ep_loaded){};
}

struct ep_loaded_figure ep_load_find(const struct ep_loaded *loaded, uint32_t reason, size_t repeat)
{
	const struct ep_loaded_row key = { .reason = reason, .repeat = repeat }, *row = NULL;

	if (loaded->row_count)
		row = bsearch(&key, loaded->rows, loaded->row_count, sizeof(*row), compare_rows);
	if (row)
		return row->figure;
	return (struct ep_loaded_figure){ .has_cycles = loaded->has_cycles };
}
