// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "report/write/markdown.h"

#define WIDTH_MAX 48

/* What would be markup anywhere. At the beginning of a block there is more, see begin(). */
static bool is_markup(char c)
{
	return strchr("\\`*_[]<>&|~$!@^", c);
}

static void escape(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (is_markup(*text))
			putc('\\', file);
		putc(*text, file);
	}
}

/* "1." and "-" and the like would begin a list there, "#" a heading. */
static void begin(FILE *file, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits && (text[digits] == '.' || text[digits] == ')')) {
		fprintf(file, "%.*s\\%c", (int)digits, text, text[digits]);
		escape(file, text + digits + 1);
		return;
	}
	if (strchr("#+-=:", *text) && *text)
		putc('\\', file);
	escape(file, text);
}

/* The longest run of backticks. */
static int ticks(const char *text)
{
	int longest = 0, run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void repeat(FILE *file, char c, int times)
{
	for (; times > 0; times--)
		putc(c, file);
}

/* Within fences of more backticks than it has itself. */
static void code(FILE *file, const char *text, bool table)
{
	int fence = ticks(text) + 1;

	if (!text[0])
		return;
	repeat(file, '`', fence);
	if (fence > 1)
		putc(' ', file);
	for (; *text; text++) {
		/* Tables are split before anything else is looked at. */
		if (table && *text == '|')
			putc('\\', file);
		putc(*text, file);
	}
	if (fence > 1)
		putc(' ', file);
	repeat(file, '`', fence);
}

static void write_spans(FILE *file, const struct ep_block *block)
{
	for (size_t i = 0; i < block->span_count; i++) {
		const struct ep_span *span = &block->spans[i];
		const char *text = span->text ?: "";

		if (span->kind == EP_SPAN_CODE) {
			code(file, text, false);
		} else if (span->kind == EP_SPAN_STRONG) {
			fputs("**", file);
			escape(file, text);
			fputs("**", file);
		} else if (!i) {
			begin(file, text);
		} else {
			escape(file, text);
		}
	}
}

/* Columns of characters: continuation bytes of UTF-8 take none. */
static int width(const char *text)
{
	int columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

static char *cell_text(enum ep_column_kind kind, const char *text)
{
	char *ret = NULL;
	size_t size;
	FILE *file = open_memstream(&ret, &size);

	if (!file)
		return NULL;
	if (kind == EP_COLUMN_CODE)
		code(file, text ?: "", true);
	else
		escape(file, text ?: "");
	return fclose(file) ? NULL : ret;
}

static void write_row(FILE *file, const struct ep_block *block, const int *widths,
		      char *const *cells, bool head)
{
	for (size_t j = 0; j < block->column_count; j++) {
		bool right = block->columns[j].kind >= EP_COLUMN_NUMBER;
		_cleanup_free_ char *text =
			cell_text(head ? EP_COLUMN_TEXT : block->columns[j].kind,
				  head ? block->columns[j].name : cells[j]);
		int padding = widths[j] - width(text ?: "");

		fputs("| ", file);
		repeat(file, ' ', right ? padding : 0);
		fputs(text ?: "", file);
		repeat(file, ' ', right || padding < 0 ? 1 : padding + 1);
	}
	fputs("|\n", file);
}

static void write_table(FILE *file, const struct ep_block *block)
{
	_cleanup_free_ int *widths = calloc(block->column_count + 1, sizeof(*widths));

	if (!widths)
		return;
	for (size_t j = 0; j < block->column_count; j++) {
		widths[j] = width(block->columns[j].name) > 3 ? width(block->columns[j].name) : 3;
		for (size_t i = j; i < block->cell_count; i += block->column_count) {
			_cleanup_free_ char *text =
				cell_text(block->columns[j].kind, block->cells[i]);
			int here = width(text ?: "");

			if (here > widths[j])
				widths[j] = here < WIDTH_MAX ? here : WIDTH_MAX;
		}
	}
	if (block->text && block->text[0]) {
		begin(file, block->text);
		fputs(":\n\n", file);
	}
	write_row(file, block, widths, NULL, true);
	for (size_t j = 0; j < block->column_count; j++) {
		bool right = block->columns[j].kind >= EP_COLUMN_NUMBER;

		fputs("| ", file);
		repeat(file, '-', widths[j] - right);
		fputs(right ? ": " : " ", file);
	}
	fputs("|\n", file);
	for (size_t i = 0; i + block->column_count <= block->cell_count; i += block->column_count)
		write_row(file, block, widths, &block->cells[i], false);
}

static void write_facts(FILE *file, const struct ep_block *block)
{
	for (size_t i = 0; i + 3 <= block->cell_count; i += 3) {
		fputs("- ", file);
		begin(file, block->cells[i] ?: "");
		fputs(": **", file);
		escape(file, block->cells[i + 1] ?: "");
		fputs("**", file);
		if (block->cells[i + 2] && block->cells[i + 2][0]) {
			fputs(", ", file);
			escape(file, block->cells[i + 2]);
		}
		putc('\n', file);
	}
}

static void write_listing(FILE *file, const char *text)
{
	int fence = ticks(text) >= 3 ? ticks(text) + 1 : 3;
	size_t length = strlen(text);

	repeat(file, '`', fence);
	fprintf(file, "\n%s%s", text, length && text[length - 1] == '\n' ? "" : "\n");
	repeat(file, '`', fence);
	putc('\n', file);
}

char *ep_report_image(const struct ep_document *document, size_t index)
{
	char *name, *at;
	size_t number = 0;

	for (size_t i = 0; i <= index; i++)
		number += document->blocks[i].kind == EP_BLOCK_FIGURE;
	if (asprintf(&name, "%zu-%s.svg", number, document->blocks[index].chart ?: "chart") < 0)
		return NULL;
	for (at = name; *at; at++)
		*at = isalnum((unsigned char)*at) || strchr("-.", *at) ? *at : '_';
	return name;
}

/* A path as the destination of a link: what is special is percent-encoded. */
static void write_path(FILE *file, const char *path)
{
	for (; *path; path++) {
		if (isalnum((unsigned char)*path) || strchr("-._~/", *path))
			putc(*path, file);
		else
			fprintf(file, "%%%02X", (unsigned char)*path);
	}
}

static void write_figure(FILE *file, const struct ep_document *document, size_t index,
			 const char *images)
{
	const struct ep_block *block = &document->blocks[index];
	_cleanup_free_ char *name = ep_report_image(document, index);

	if (!name)
		return;
	fputs("![", file);
	escape(file, block->text ?: "");
	fputs("](", file);
	write_path(file, images);
	putc('/', file);
	write_path(file, name);
	fputs(")\n\n", file);
	begin(file, block->text ?: "");
	putc('\n', file);
}

static void write_block(FILE *file, const struct ep_document *document, size_t index,
			const char *images)
{
	const struct ep_block *block = &document->blocks[index];

	switch (block->kind) {
	case EP_BLOCK_HEADING:
		repeat(file, '#', block->level);
		putc(' ', file);
		write_spans(file, block);
		putc('\n', file);
		break;
	case EP_BLOCK_PARAGRAPH:
		write_spans(file, block);
		putc('\n', file);
		break;
	case EP_BLOCK_ITEM:
		fputs("- ", file);
		write_spans(file, block);
		putc('\n', file);
		break;
	case EP_BLOCK_STEP:
		/* Markdown counts by itself. */
		fputs("1. ", file);
		write_spans(file, block);
		putc('\n', file);
		break;
	case EP_BLOCK_NOTE:
		fputs("> **Note:** ", file);
		write_spans(file, block);
		putc('\n', file);
		break;
	case EP_BLOCK_BLANK:
		fputs("> ✍ **To be written by you:** ", file);
		write_spans(file, block);
		fputs("\n\n...\n", file);
		break;
	case EP_BLOCK_CODE:
		write_listing(file, block->text ?: "");
		break;
	case EP_BLOCK_FIGURE:
		write_figure(file, document, index, images);
		break;
	case EP_BLOCK_TABLE:
		write_table(file, block);
		break;
	case EP_BLOCK_FACTS:
		write_facts(file, block);
		break;
	}
}

void ep_report_write_markdown(FILE *file, const struct ep_document *document, const char *images)
{
	fputs("# ", file);
	begin(file, document->title ?: "");
	fputs("\n\n", file);
	if (document->subtitle) {
		begin(file, document->subtitle);
		fputs("\n\n", file);
	}
	for (size_t i = 0; i < document->count; i++) {
		write_block(file, document, i, images);
		/* Items of a list stay together. */
		if (i + 1 < document->count &&
		    (document->blocks[i].kind != document->blocks[i + 1].kind ||
		     (document->blocks[i].kind != EP_BLOCK_ITEM &&
		      document->blocks[i].kind != EP_BLOCK_STEP)))
			putc('\n', file);
	}
	fputs("\n---\n\nMade by exitprof " EXITPROF_VERSION ".\n", file);
}
