// SPDX-License-Identifier: GPL-3.0-or-later
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "cli/table_fit.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/utf8.h"

/*
 * @cells: a row after the other, room for @allocated rows
 */
struct ep_table {
	size_t count;
	struct ep_column columns[EP_TABLE_COLUMNS_MAX];
	char **cells;
	size_t rows, allocated;
};

struct ep_table *ep_table_create(const struct ep_column *columns)
{
	struct ep_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	for (; columns[table->count].name && table->count < EP_TABLE_COLUMNS_MAX; table->count++)
		table->columns[table->count] = columns[table->count];
	return table;
}

void ep_table_add(struct ep_table *table, ...)
{
	va_list args;

	if (!table)
		return;
	if (table->rows == table->allocated) {
		size_t more = table->allocated * 2 ?: 16;
		char **cells = reallocarray(table->cells, more * table->count, sizeof(*cells));

		if (!cells)
			return;
		table->cells = cells;
		table->allocated = more;
	}
	va_start(args, table);
	for (size_t i = 0; i < table->count; i++)
		table->cells[table->rows * table->count + i] =
			ep_utf8_clean(va_arg(args, const char *), 0);
	va_end(args);
	table->rows++;
}

void ep_table_print(struct ep_table *table)
{
	ep_table_print_to(table, stdout);
}

/* Without memory a cell is empty. */
static const char *cell(const struct ep_table *table, size_t row, size_t column)
{
	return table->cells[row * table->count + column] ?: "";
}

static void measure_text(struct ep_fit_column *column, const char *text)
{
	size_t width = ep_terminal_width(text, strlen(text));

	if (width > column->width)
		column->width = width;
	while (*text) {
		size_t length = strcspn(text, " ");

		width = ep_terminal_width(text, length);
		if (width > column->word)
			column->word = width;
		text += length;
		text += strspn(text, " ");
	}
}

static void measure_table(const struct ep_table *table, struct ep_fit_column *ret)
{
	for (size_t i = 0; i < table->count; i++) {
		ret[i] = (struct ep_fit_column){ .text = !table->columns[i].right };
		measure_text(&ret[i], table->columns[i].name);
		for (size_t row = 0; row < table->rows; row++)
			measure_text(&ret[i], cell(table, row, i));
	}
}

/* The next line of @*text, of at most @width columns; @*text goes on behind it. */
static void set_line(struct libscols_line *line, size_t column, const char **text, size_t width)
{
	size_t next, length = ep_terminal_fit(*text, width, &next);
	_cleanup_free_ char *part = strndup(*text, length);

	scols_line_set_data(line, column, part);
	*text += next;
}

/* One row as so many lines as its cells take in the columns of a block; how many. */
static size_t add_lines(struct libscols_table *scols, const struct ep_fit *fit, size_t block,
			const char *const cells[EP_TABLE_COLUMNS_MAX])
{
	size_t begin = fit->begin[block], count = fit->begin[block + 1] - begin + 1, lines = 0;
	const char *rest[EP_TABLE_COLUMNS_MAX];
	bool more = true;

	for (size_t i = 0; i < count; i++)
		rest[i] = cells[i ? begin + i - 1 : 0];
	for (; more; lines++) {
		struct libscols_line *line = scols_table_new_line(scols, NULL);

		if (!line)
			break;
		more = false;
		for (size_t i = 0; i < count; i++) {
			set_line(line, i, &rest[i], fit->width[i ? begin + i - 1 : 0]);
			more |= rest[i][0];
		}
	}
	return lines;
}

/* The head is a row like the others, since it may be broken, too. */
static void get_row(const struct ep_table *table, size_t row,
		    const char *ret_cells[EP_TABLE_COLUMNS_MAX])
{
	for (size_t i = 0; i < table->count; i++)
		ret_cells[i] = row ? cell(table, row - 1, i) : table->columns[i].name;
}

static struct libscols_table *create_block(const struct ep_table *table, const struct ep_fit *fit,
					   size_t block)
{
	struct libscols_table *scols = scols_new_table();
	size_t begin = fit->begin[block];

	if (!scols)
		return NULL;
	scols_table_set_column_separator(scols, fit->separator == 1 ? " " : "  ");
	scols_table_enable_maxout(scols, 0);
	scols_table_enable_noheadings(scols, 1);
	/* What does not fit has been broken already. */
	scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER);
	for (size_t i = begin - 1; i < fit->begin[block + 1]; i++) {
		const struct ep_column *column = &table->columns[i < begin ? 0 : i];

		scols_table_new_column(scols, column->name, 0, column->right ? SCOLS_FL_RIGHT : 0);
	}
	return scols;
}

static void print_beneath(FILE *file, const struct ep_fit *fit, size_t column, const char *text)
{
	while (*text) {
		size_t next, length = ep_terminal_fit(text, fit->width[column], &next);

		fprintf(file, "%*s%.*s\n", (int)fit->beneath, "", (int)length, text);
		text += next;
	}
}

static void print_block(FILE *file, const struct ep_table *table, const struct ep_fit *fit,
			size_t block)
{
	_cleanup_free_ size_t *lines = calloc(table->rows + 1, sizeof(*lines));
	struct libscols_table *scols = create_block(table, fit, block);
	_cleanup_free_ char *text = NULL;
	const char *cells[EP_TABLE_COLUMNS_MAX];
	char *at;

	for (size_t row = 0; lines && scols && row <= table->rows; row++) {
		get_row(table, row, cells);
		lines[row] = add_lines(scols, fit, block, cells);
	}
	if (lines && scols && !scols_print_table_to_string(scols, &text) && text) {
		at = text;
		for (size_t row = 0; row <= table->rows; row++) {
			for (; lines[row] && *at; lines[row]--) {
				size_t length = strcspn(at, "\n");

				fprintf(file, "%.*s\n", (int)length, at);
				at += length + !!at[length];
			}
			get_row(table, row, cells);
			if (fit->beneath)
				print_beneath(file, fit, table->count - 1, cells[table->count - 1]);
		}
	}
	scols_unref_table(scols);
}

void ep_table_print_to(struct ep_table *table, FILE *file)
{
	struct ep_fit_column columns[EP_TABLE_COLUMNS_MAX];
	struct ep_fit fit;

	if (!table || !table->rows)
		return;
	measure_table(table, columns);
	ep_table_fit(&fit, columns, table->count, ep_terminal_columns(file));
	for (size_t i = 0; i < fit.blocks; i++) {
		if (i)
			putc('\n', file);
		print_block(file, table, &fit, i);
	}
}

void ep_table_destroy(struct ep_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->rows * table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

void ep_table_cleanup(struct ep_table **table)
{
	ep_table_destroy(*table);
}
