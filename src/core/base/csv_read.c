// SPDX-License-Identifier: GPL-3.0-or-later
#include <csv.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/csv_read.h"
#include "core/base/input.h"
#include "core/base/utf8.h"

/* So much of a bad field is quoted in a message. */
#define QUOTED_MAX 40

/*
 * @wanted: for each column of the file, its index in @columns, or -1
 * @width: columns of the file; 0 until the header has been read
 * @fields: of the current row, in the order of @columns
 * @field: how many fields the current row has had
 * @line, @row_line: where we are, and where the current row began
 * @code: of the first failure, after which nothing is looked at
 */
struct reader {
	const char *path;
	const char *const *columns;
	size_t column_count;
	int (*row)(char *const *fields, void *data, struct ep_error *err);
	void *data;
	struct ep_error *err;
	int wanted[EP_CSV_COLUMNS_MAX];
	size_t width;
	char *fields[EP_CSV_COLUMNS_MAX];
	size_t field;
	size_t line;
	size_t row_line;
	int code;
};

static void refuse(struct reader *reader, int code, const char *what)
{
	/* @what may be the error's own text. */
	struct ep_error reason;

	snprintf(reason.message, sizeof(reason.message), "%s", what);
	reader->code = ep_error_set(reader->err, code, "'%s':%zu: %s", reader->path,
				    reader->row_line, reason.message);
}

static void forget_fields(struct reader *reader)
{
	for (size_t i = 0; i < reader->column_count; i++) {
		free(reader->fields[i]);
		reader->fields[i] = NULL;
	}
}

static int find(const struct reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->column_count; i++)
		if (!strcmp(reader->columns[i], name))
			return i;
	return -1;
}

static void on_header_field(struct reader *reader, const char *name)
{
	int wanted = find(reader, name);

	for (size_t i = 0; i < reader->field && wanted >= 0; i++)
		if (reader->wanted[i] == wanted)
			refuse(reader, -EINVAL, "two columns have the same name");
	reader->wanted[reader->field] = wanted;
}

static void on_value(struct reader *reader, const char *text)
{
	int wanted = reader->wanted[reader->field];

	if (wanted < 0)
		return;
	/* Exitprof writes none, and a terminal would obey them. */
	if (!ep_utf8_is_clean(text, 0)) {
		refuse(reader, -EINVAL, "a field has control characters, or is not UTF-8");
		return;
	}
	reader->fields[wanted] = strdup(text);
	if (!reader->fields[wanted])
		reader->code = ep_error_set(reader->err, -ENOMEM, "out of memory");
}

static void on_field(void *text, size_t length, void *data)
{
	struct reader *reader = data;
	const char *field = text ?: "";

	if (reader->code)
		return;
	if (!reader->field)
		reader->row_line = reader->line;
	if (memchr(field, '\0', length))
		refuse(reader, -EINVAL, "there is a NUL byte in it");
	else if (reader->width && reader->field == reader->width)
		refuse(reader, -EINVAL, "more fields than the header has");
	else if (reader->field == EP_CSV_COLUMNS_MAX)
		refuse(reader, -EINVAL, "too many columns");
	else if (reader->width)
		on_value(reader, field);
	else
		on_header_field(reader, field);
	for (size_t i = 0; i < length; i++)
		reader->line += field[i] == '\n';
	reader->field++;
}

static void end_header(struct reader *reader)
{
	struct ep_error missing;

	for (size_t i = 0; i < reader->column_count && !reader->code; i++) {
		bool found = false;

		for (size_t j = 0; j < reader->field; j++)
			found = found || reader->wanted[j] == (int)i;
		if (found)
			continue;
		snprintf(missing.message, sizeof(missing.message), "there is no column '%s'",
			 reader->columns[i]);
		refuse(reader, -EINVAL, missing.message);
	}
	reader->width = reader->field;
}

/* @end: what ended the row, or -1 at the end of the file. */
static void on_row(int end, void *data)
{
	struct reader *reader = data;
	int code;

	/* An empty line, or the second half of CR LF, is no row. */
	if (reader->field && !reader->code) {
		if (!reader->width) {
			end_header(reader);
		} else if (reader->field < reader->width) {
			refuse(reader, -EINVAL, "fewer fields than the header has");
		} else {
			code = reader->row(reader->fields, reader->data, reader->err);
			if (code)
				refuse(reader, code, reader->err ? reader->err->message : "");
		}
		forget_fields(reader);
	}
	reader->field = 0;
	reader->line += end == '\n';
}

static int parse(struct reader *reader, const char *text, size_t length)
{
	struct csv_parser parser;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_REPALL_NL))
		return ep_error_set(reader->err, -ENOMEM, "out of memory");
	if (csv_parse(&parser, text, length, on_field, on_row, reader) != length ||
	    csv_fini(&parser, on_field, on_row, reader)) {
		/* Fields that came before it may be fine, and a failure of theirs comes first. */
		reader->row_line = reader->line;
		if (!reader->code && csv_error(&parser) == CSV_ENOMEM)
			reader->code = ep_error_set(reader->err, -ENOMEM, "out of memory");
		else if (!reader->code)
			refuse(reader, -EINVAL, "a quote is not closed or out of place");
	}
	csv_free(&parser);
	forget_fields(reader);
	return reader->code;
}

/* Spreadsheets put a byte order mark before what they save as UTF-8. */
static const char *skip_mark(const char *text, size_t *length)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t skipped = *length >= 3 && !memcmp(text, mark, 3) ? 3 : 0;

	*length -= skipped;
	return text + skipped;
}

static bool is_utf16(const char *text, size_t length)
{
	return length >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));
}

/* What the first line has in place of commas, or 0: no column of ours has that in its name. */
static char other_separator(const char *text, size_t length)
{
	char found = 0;

	for (size_t i = 0; i < length && text[i] != '\n'; i++) {
		if (text[i] == ',')
			return 0;
		if (!found && text[i] && strchr(";\t|", text[i]))
			found = text[i];
	}
	return found;
}

static int refuse_separator(struct reader *reader, char separator)
{
	char text[80];

	snprintf(text, sizeof(text), "its columns are separated by %s, not by ','",
		 separator == ';'   ? "';'"
		 : separator == '|' ? "'|'"
				    : "tabs");
	if (reader->err)
		ep_error_hint(reader->err, "save it again as CSV, with ',' between columns and "
					   "'.' in numbers");
	refuse(reader, -EINVAL, text);
	return reader->code;
}

static int parse_text(struct reader *reader, const char *text, size_t length)
{
	char separator;

	if (is_utf16(text, length)) {
		if (reader->err)
			ep_error_hint(reader->err, "save it again as CSV in UTF-8");
		refuse(reader, -EINVAL, "it is UTF-16, not UTF-8");
		return reader->code;
	}
	text = skip_mark(text, &length);
	separator = other_separator(text, length);
	return separator ? refuse_separator(reader, separator) : parse(reader, text, length);
}

int ep_csv_read(const char *path, const char *const *columns,
		int (*row)(char *const *fields, void *data, struct ep_error *err), void *data,
		struct ep_error *err)
{
	struct reader reader = {
		.path = path,
		.columns = columns,
		.row = row,
		.data = data,
		.err = err,
		.line = 1,
		.row_line = 1,
	};
	_cleanup_free_ char *text = NULL;
	size_t length;
	int code;

	while (columns[reader.column_count])
		reader.column_count++;
	code = ep_input_read(path, EP_CSV_BYTES_MAX, &text, &length, err);
	if (!code)
		code = parse_text(&reader, text, length);
	if (!code && !reader.width)
		return ep_error_set(err, -EINVAL, "'%s':1: there is no header", path);
	return code;
}

/* The start of @text, safe to be shown on a terminal. */
static const char *quotable(const char *text, char quoted[QUOTED_MAX + 1])
{
	size_t length = 0;

	for (; text[length] && length < QUOTED_MAX; length++)
		quoted[length] = text[length] >= ' ' && text[length] <= '~' ? text[length] : '?';
	quoted[length] = '\0';
	return quoted;
}

int ep_csv_parse_u64(const char *column, const char *text, uint64_t *ret, struct ep_error *err)
{
	char quoted[QUOTED_MAX + 1];
	uint64_t value = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *at - '0', &value))
			return ep_error_set(err, -EINVAL, "%s is too large: %s", column,
					    quotable(text, quoted));
	if (at == text || *at)
		return ep_error_set(err, -EINVAL, "%s is no number: '%s'", column,
				    quotable(text, quoted));
	*ret = value;
	return 0;
}
