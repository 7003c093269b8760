/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * document.h - a report as headings, paragraphs, tables and figures, before it is
 * HTML, Markdown or PDF
 *
 * Texts may come from files that anybody has written: they are kept as valid UTF-8
 * without control characters, and it is the writers that escape them. What fails
 * for want of memory is remembered in the document; look once, at the end.
 *
 *	_cleanup_(ep_document_finish) struct ep_document document = {};
 *
 *	ep_document_begin(&document, "Exits of %s", name);
 *	ep_document_heading(&document, 2, "What the numbers say");
 *	ep_document_paragraph(&document);
 *	ep_document_text(&document, "Most frequent was ");
 *	ep_document_code(&document, "%s", reason);
 *	ep_document_table(&document, "Exits by reason", columns);
 *	ep_document_row(&document, reason, "1,234");
 *	if (document.failed)
 *		return -ENOMEM;
 *	ep_report_write_html(file, &document);
 */
#ifndef EP_REPORT_DOCUMENT_H
#define EP_REPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

enum ep_block_kind {
	EP_BLOCK_HEADING,
	EP_BLOCK_PARAGRAPH,
	EP_BLOCK_ITEM,
	EP_BLOCK_STEP,
	EP_BLOCK_NOTE,
	EP_BLOCK_BLANK,
	EP_BLOCK_CODE,
	EP_BLOCK_FIGURE,
	EP_BLOCK_TABLE,
	EP_BLOCK_FACTS,
};

enum ep_span_kind {
	EP_SPAN_TEXT,
	EP_SPAN_CODE,
	EP_SPAN_STRONG,
};

/* A piece of a paragraph. */
struct ep_span {
	enum ep_span_kind kind;
	char *text;
};

/* What a column holds: words, names of a kind that a program prints, numbers. */
enum ep_column_kind {
	EP_COLUMN_TEXT,
	EP_COLUMN_CODE,
	EP_COLUMN_NUMBER,
	EP_COLUMN_SHARE,
};

/* A list of them ends with a NULL name. */
struct ep_report_column {
	const char *name;
	enum ep_column_kind kind;
};

/*
 * @level: of a heading: 2 or 3; the document's title is level 1
 * @spans: of a heading, paragraph, item (of a list), step (of a numbered one), note (what the
 *	reader must know not to be misled), blank (what a person is to write there)
 * @text: of code; of a table or figure its caption
 * @columns, @cells: of a table, row by row; facts are rows of label, value and remark
 * @chart, @svg: of a figure: the script's name, and the picture
 */
struct ep_block {
	enum ep_block_kind kind;
	int level;
	struct ep_span *spans;
	size_t span_count;
	char *text;
	struct ep_block_column {
		char *name;
		enum ep_column_kind kind;
	} * columns;
	size_t column_count;
	char **cells;
	size_t cell_count;
	char *chart;
	char *svg;
};

struct ep_document {
	char *title;
	char *subtitle;
	struct ep_block *blocks;
	size_t count;
	bool failed;
};

void ep_document_begin(struct ep_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ep_document_subtitle(struct ep_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ep_document_finish(struct ep_document *document);

void ep_document_heading(struct ep_document *document, int level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* These begin a block, whose text follows by the three functions below. */
void ep_document_paragraph(struct ep_document *document);
void ep_document_item(struct ep_document *document);
void ep_document_step(struct ep_document *document);
void ep_document_note(struct ep_document *document);

void ep_document_text(struct ep_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ep_document_code(struct ep_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ep_document_strong(struct ep_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Room for a person, who is told there what to write. */
void ep_document_blank(struct ep_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Lines as they are: a command, what a program printed. */
void ep_document_listing(struct ep_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Rows follow by ep_document_row(), with a text for each column, "-" for what is not known. */
void ep_document_table(struct ep_document *document, const char *caption,
		       const struct ep_report_column *columns);
void ep_document_row(struct ep_document *document, ...);
/* The same with the first cell and @count others. */
void ep_document_row_of(struct ep_document *document, const char *first, const char *const *cells,
			size_t count);

/* Key figures; rows follow likewise: label, value, remark. */
void ep_document_facts(struct ep_document *document);

/* @svg: what gnuplot has drawn; it is released by the document. */
void ep_document_figure(struct ep_document *document, const char *chart, char *svg,
			const char *caption);

#endif /* EP_REPORT_DOCUMENT_H */
