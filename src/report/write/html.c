// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "report/write/escape.h"
#include "report/write/html.h"
#include "report/write/style.h"
#include "report/write/svg.h"

static void write_spans(FILE *file, const struct ep_block *block)
{
	static const char *const tags[] = {
		[EP_SPAN_CODE] = "code",
		[EP_SPAN_STRONG] = "strong",
	};

	for (size_t i = 0; i < block->span_count; i++) {
		const struct ep_span *span = &block->spans[i];

		if (span->kind != EP_SPAN_TEXT)
			fprintf(file, "<%s>", tags[span->kind]);
		ep_report_escape(file, span->text);
		if (span->kind != EP_SPAN_TEXT)
			fprintf(file, "</%s>", tags[span->kind]);
	}
}

/* Bytes of a word that may be broken on paper, of text and of a name. */
#define LONG_WORD 14
#define LONG_NAME 18
/* Columns of a table that needs smaller letters there. */
#define MANY_COLUMNS 8

static const char *const classes[] = {
	[EP_COLUMN_TEXT] = "",
	[EP_COLUMN_CODE] = "name",
	[EP_COLUMN_NUMBER] = "number",
	[EP_COLUMN_SHARE] = "number share",
};

static bool has_long_word(enum ep_column_kind kind, const char *text)
{
	size_t limit = kind == EP_COLUMN_CODE ? LONG_NAME : LONG_WORD;

	while (text && *text) {
		size_t length = strcspn(text, " ");

		if (length > limit)
			return true;
		text += length + strspn(text + length, " ");
	}
	return false;
}

static void write_class(FILE *file, enum ep_column_kind kind, bool is_long)
{
	if (classes[kind][0] || is_long)
		fprintf(file, " class=\"%s%s%s\"", classes[kind],
			classes[kind][0] && is_long ? " " : "", is_long ? "long" : "");
}

static void write_cell(FILE *file, enum ep_column_kind kind, const char *text)
{
	double share = kind == EP_COLUMN_SHARE && text ? strtod(text, NULL) : 0;

	fputs("<td", file);
	write_class(file, kind, kind < EP_COLUMN_NUMBER && has_long_word(kind, text));
	/* A bar behind the number. */
	if (kind == EP_COLUMN_SHARE)
		fprintf(file, " style=\"background-size:%.1f%% 64%%\"",
			share >= 0 && share <= 100 ? share : 0);
	fputs(kind == EP_COLUMN_CODE ? "><code>" : ">", file);
	ep_report_escape(file, text);
	fputs(kind == EP_COLUMN_CODE ? "</code></td>" : "</td>", file);
}

static void write_table(FILE *file, const struct ep_block *block, size_t number)
{
	bool caption = block->text && block->text[0];

	/* Beside the table, so that it stays where it is when the table is moved. */
	if (caption) {
		fprintf(file, "<p class=\"caption\" id=\"t%zu\">", number);
		ep_report_escape(file, block->text);
		fputs("</p>\n", file);
	}
	fputs("<div class=\"scroll\" tabindex=\"0\"><table", file);
	if (block->column_count > MANY_COLUMNS)
		fputs(" class=\"many\"", file);
	if (caption)
		fprintf(file, " aria-labelledby=\"t%zu\"", number);
	fputs(">\n<thead><tr>", file);
	for (size_t i = 0; i < block->column_count; i++) {
		bool right = block->columns[i].kind >= EP_COLUMN_NUMBER;
		const char *name = block->columns[i].name;

		fputs("<th scope=\"col\"", file);
		write_class(file, right ? EP_COLUMN_NUMBER : EP_COLUMN_TEXT,
			    has_long_word(EP_COLUMN_TEXT, name));
		putc('>', file);
		ep_report_escape(file, name);
		fputs("</th>", file);
	}
	fputs("</tr></thead>\n<tbody>\n", file);
	for (size_t i = 0; i + block->column_count <= block->cell_count; i += block->column_count) {
		bool total = block->cells[i] && !strcmp(block->cells[i], "total");

		fputs(total ? "<tr class=\"total\">" : "<tr>", file);
		for (size_t j = 0; j < block->column_count; j++)
			write_cell(file, block->columns[j].kind, block->cells[i + j]);
		fputs("</tr>\n", file);
	}
	fputs("</tbody></table></div>\n", file);
}

static void write_facts(FILE *file, const struct ep_block *block)
{
	static const char *const names[] = { "label", "value", "remark" };

	/* Full rows look best. */
	fprintf(file, "<div class=\"facts%s\">\n", block->cell_count / 3 % 3 ? "" : " thirds");
	for (size_t i = 0; i + 3 <= block->cell_count; i += 3) {
		fputs("<div>", file);
		for (size_t j = 0; j < 3; j++) {
			if (!block->cells[i + j] || !block->cells[i + j][0])
				continue;
			fprintf(file, "<p class=\"%s\">", names[j]);
			ep_report_escape(file, block->cells[i + j]);
			fputs("</p>", file);
		}
		fputs("</div>\n", file);
	}
	fputs("</div>\n", file);
}

static void write_figure(FILE *file, const struct ep_block *block, size_t number)
{
	fputs("<figure><div class=\"scroll\" tabindex=\"0\">", file);
	if (block->svg)
		ep_report_write_svg(file, block->svg, block->text, number);
	fputs("</div>\n<figcaption>", file);
	ep_report_escape(file, block->text);
	fputs("</figcaption></figure>\n", file);
}

static void write_blank(FILE *file, const struct ep_block *block)
{
	/* It can be written to in a browser, which saves and prints it. */
	fputs("<div class=\"blank\"><p class=\"what\"><strong>To be written by you:</strong> ",
	      file);
	write_spans(file, block);
	fputs("</p><div class=\"room\" contenteditable=\"true\" role=\"textbox\" "
	      "aria-multiline=\"true\" aria-label=\"your text\"></div></div>\n",
	      file);
}

static void write_wrapped(FILE *file, const struct ep_block *block, const char *open,
			  const char *close)
{
	fputs(open, file);
	write_spans(file, block);
	fputs(close, file);
}

static void write_block(FILE *file, const struct ep_block *block, size_t number)
{
	switch (block->kind) {
	case EP_BLOCK_HEADING:
		fprintf(file, "<h%d>", block->level);
		write_spans(file, block);
		fprintf(file, "</h%d>\n", block->level);
		break;
	case EP_BLOCK_PARAGRAPH:
		write_wrapped(file, block, "<p>", "</p>\n");
		break;
	case EP_BLOCK_ITEM:
	case EP_BLOCK_STEP:
		write_wrapped(file, block, "<li>", "</li>\n");
		break;
	case EP_BLOCK_NOTE:
		write_wrapped(file, block, "<div class=\"note\">", "</div>\n");
		break;
	case EP_BLOCK_BLANK:
		write_blank(file, block);
		break;
	case EP_BLOCK_CODE:
		fputs("<pre tabindex=\"0\"><code>", file);
		ep_report_escape(file, block->text);
		fputs("</code></pre>\n", file);
		break;
	case EP_BLOCK_FIGURE:
		write_figure(file, block, number);
		break;
	case EP_BLOCK_TABLE:
		write_table(file, block, number);
		break;
	case EP_BLOCK_FACTS:
		write_facts(file, block);
		break;
	}
}

/* The tag of the list that the block is in, the same for all of its kind, or NULL. */
static const char *list_of(const struct ep_block *block)
{
	static const char unordered[] = "ul", ordered[] = "ol";

	return block->kind == EP_BLOCK_ITEM   ? unordered
	       : block->kind == EP_BLOCK_STEP ? ordered
					      : NULL;
}

void ep_report_write_html(FILE *file, const struct ep_document *document)
{
	const char *list = NULL;

	/* What nobody may add to it: the page loads nothing and runs nothing. */
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; img-src data:\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"generator\" content=\"exitprof " EXITPROF_VERSION "\">\n<title>",
	      file);
	ep_report_escape(file, document->title);
	fprintf(file, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>",
		ep_report_style);
	ep_report_escape(file, document->title);
	fputs("</h1>\n<p class=\"subtitle\">", file);
	ep_report_escape(file, document->subtitle);
	fputs("</p>\n</header>\n<main>\n", file);
	for (size_t i = 0; i < document->count; i++) {
		const struct ep_block *block = &document->blocks[i];
		const char *here = list_of(block);

		if (list && list != here)
			fprintf(file, "</%s>\n", list);
		if (here && list != here)
			fprintf(file, "<%s>\n", here);
		list = here;
		write_block(file, block, i);
	}
	if (list)
		fprintf(file, "</%s>\n", list);
	fputs("</main>\n<footer>Made by exitprof " EXITPROF_VERSION
	      ".</footer>\n</body>\n</html>\n",
	      file);
}
