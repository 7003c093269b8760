// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/grow.h"
#include "core/base/utf8.h"
#include "report/document.h"

/* Returns the new element, zeroed, or NULL. */
static void *append(struct ep_document *document, void *list, size_t *count, size_t size)
{
	void **at = list;

	if (ep_grow(at, *count, size)) {
		document->failed = true;
		return NULL;
	}
	return memset((char *)*at + (*count)++ * size, 0, size);
}

/* A copy that is text; newlines remain in @lines. */
static char *clean(struct ep_document *document, const char *text, bool lines)
{
	char *copy = ep_utf8_clean(text, lines ? EP_UTF8_LINES : 0);

	if (!copy)
		document->failed = true;
	return copy;
}

static char *format_text(struct ep_document *document, bool lines, const char *format, va_list args)
{
	_cleanup_free_ char *text = NULL;

	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		document->failed = true;
		return NULL;
	}
	return clean(document, text, lines);
}

static struct ep_block *begin(struct ep_document *document, enum ep_block_kind kind)
{
	struct ep_block *block =
		append(document, &document->blocks, &document->count, sizeof(*block));

	if (block)
		block->kind = kind;
	return block;
}

static void add_span(struct ep_document *document, enum ep_span_kind kind, const char *format,
		     va_list args)
{
	struct ep_block *block = document->count ? &document->blocks[document->count - 1] : NULL;
	struct ep_span *span = NULL;

	if (block)
		span = append(document, &block->spans, &block->span_count, sizeof(*span));
	if (!span)
		return;
	span->kind = kind;
	span->text = format_text(document, false, format, args);
}

void ep_document_begin(struct ep_document *document, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	document->title = format_text(document, false, format, args);
	va_end(args);
}

void ep_document_subtitle(struct ep_document *document, const char *format, ...)
{
	va_list args;

	free(document->subtitle);
	va_start(args, format);
	document->subtitle = format_text(document, false, format, args);
	va_end(args);
}

static void finish_block(struct ep_block *block)
{
	for (size_t i = 0; i < block->span_count; i++)
		free(block->spans[i].text);
	for (size_t i = 0; i < block->cell_count; i++)
		free(block->cells[i]);
	for (size_t i = 0; block->columns && i < block->column_count; i++)
		free(block->columns[i].name);
	free(block->spans);
	free(block->text);
	free(block->columns);
	free(block->cells);
	free(block->chart);
	free(block->svg);
}

void ep_document_finish(struct ep_document *document)
{
	for (size_t i = 0; i < document->count; i++)
		finish_block(&document->blocks[i]);
	free(document->blocks);
	free(document->title);
	free(document->subtitle);
	*document = (struct ep_document){};
}

void ep_document_heading(struct ep_document *document, int level, const char *format, ...)
{
	struct ep_block *block = begin(document, EP_BLOCK_HEADING);
	va_list args;

	if (!block)
		return;
	block->level = level;
	va_start(args, format);
	add_span(document, EP_SPAN_TEXT, format, args);
	va_end(args);
}

void ep_document_paragraph(struct ep_document *document)
{
	begin(document, EP_BLOCK_PARAGRAPH);
}

void ep_document_item(struct ep_document *document)
{
	begin(document, EP_BLOCK_ITEM);
}

void ep_document_step(struct ep_document *document)
{
	begin(document, EP_BLOCK_STEP);
}

void ep_document_note(struct ep_document *document)
{
	begin(document, EP_BLOCK_NOTE);
}

void ep_document_text(struct ep_document *document, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_span(document, EP_SPAN_TEXT, format, args);
	va_end(args);
}

void ep_document_code(struct ep_document *document, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_span(document, EP_SPAN_CODE, format, args);
	va_end(args);
}

void ep_document_strong(struct ep_document *document, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_span(document, EP_SPAN_STRONG, format, args);
	va_end(args);
}

void ep_document_blank(struct ep_document *document, const char *format, ...)
{
	va_list args;

	if (!begin(document, EP_BLOCK_BLANK))
		return;
	va_start(args, format);
	add_span(document, EP_SPAN_TEXT, format, args);
	va_end(args);
}

void ep_document_listing(struct ep_document *document, const char *format, ...)
{
	struct ep_block *block = begin(document, EP_BLOCK_CODE);
	va_list args;

	if (!block)
		return;
	va_start(args, format);
	block->text = format_text(document, true, format, args);
	va_end(args);
}

void ep_document_table(struct ep_document *document, const char *caption,
		       const struct ep_report_column *columns)
{
	struct ep_block *block = begin(document, EP_BLOCK_TABLE);

	if (!block)
		return;
	block->text = clean(document, caption, false);
	while (columns[block->column_count].name)
		block->column_count++;
	block->columns = calloc(block->column_count, sizeof(*block->columns));
	if (!block->columns) {
		block->column_count = 0;
		document->failed = true;
	}
	for (size_t i = 0; i < block->column_count; i++) {
		block->columns[i].kind = columns[i].kind;
		block->columns[i].name = clean(document, columns[i].name, false);
	}
}

void ep_document_facts(struct ep_document *document)
{
	struct ep_block *block = begin(document, EP_BLOCK_FACTS);

	if (block)
		block->column_count = 3;
}

static void add_cell(struct ep_document *document, struct ep_block *block, const char *text)
{
	char **cell = append(document, &block->cells, &block->cell_count, sizeof(*cell));

	if (cell)
		*cell = clean(document, text, false);
}

void ep_document_row(struct ep_document *document, ...)
{
	struct ep_block *block = document->count ? &document->blocks[document->count - 1] : NULL;
	va_list args;

	if (!block)
		return;
	va_start(args, document);
	for (size_t i = 0; i < block->column_count; i++)
		add_cell(document, block, va_arg(args, const char *));
	va_end(args);
}

void ep_document_row_of(struct ep_document *document, const char *first, const char *const *cells,
			size_t count)
{
	struct ep_block *block = document->count ? &document->blocks[document->count - 1] : NULL;

	if (!block)
		return;
	add_cell(document, block, first);
	for (size_t i = 0; i < count; i++)
		add_cell(document, block, cells[i]);
}

void ep_document_figure(struct ep_document *document, const char *chart, char *svg,
			const char *caption)
{
	struct ep_block *block = begin(document, EP_BLOCK_FIGURE);

	if (!block) {
		free(svg);
		return;
	}
	block->svg = svg;
	block->chart = clean(document, chart, false);
	block->text = clean(document, caption, false);
}
