/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * terminal.h - lines that a terminal has room for
 *
 *	ep_terminal_print(stdout, 2, "skip: %s: %s\n", name, reason);
 *
 * On a terminal, a line that is too wide is broken at blanks. Everywhere else (a pipe, a
 * file) text stays as it is, so that programs find a line where they expect it.
 */
#ifndef EP_CLI_TERMINAL_H
#define EP_CLI_TERMINAL_H

#include <stddef.h>
#include <stdio.h>

/*
 * Columns of the terminal that @file leads to: COLUMNS if that is set, else what the
 * terminal reports, else 80. 0 if it is no terminal.
 */
unsigned int ep_terminal_columns(FILE *file);

/* Columns that @length bytes of @text take. */
size_t ep_terminal_width(const char *text, size_t length);

/*
 * How many bytes of @text belong into a line of @columns, and in *@ret_next where the next
 * line begins, behind the blanks at which it was broken. A word that is too wide alone is
 * broken anywhere. @text has no newline.
 */
size_t ep_terminal_fit(const char *text, unsigned int columns, size_t *ret_next);

/*
 * Lines of @text to @file. What is broken goes on behind @indent blanks, or fewer if they
 * leave too little of the line. A word that is wider than a line stays whole.
 */
void ep_terminal_put(FILE *file, unsigned int indent, const char *text);
void ep_terminal_print(FILE *file, unsigned int indent, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As much of @text, which has no newline, as leaves the cursor in the terminal's line. */
void ep_terminal_cut(FILE *file, const char *text);

/*
 * A paragraph to @file. A newline in it, with the blanks behind it, is where a line ends
 * that no terminal shows; on a terminal it is a blank as any other.
 */
void ep_terminal_fill(FILE *file, unsigned int indent, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The help of a command: paragraphs at the left edge, and lines that are indented, whose
 * last column is behind two blanks and may go on in the next lines. Where the terminal is
 * too narrow for that, each is broken anew.
 */
void ep_terminal_put_help(FILE *file, const char *text);

/*
 * The same as ep_terminal_put() for text that is written in pieces:
 *
 *	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
 *	FILE *file = ep_terminal_begin(&text, stdout, 2);
 *
 * What is written to @file comes to stdout when it ends; to what is no terminal, at once.
 */
struct ep_terminal_text {
	FILE *to;
	unsigned int indent;
	FILE *stream;
	char *text;
	size_t size;
};

/* Without memory it is @to itself. */
FILE *ep_terminal_begin(struct ep_terminal_text *text, FILE *to, unsigned int indent);
void ep_terminal_end(struct ep_terminal_text *text);

#endif /* EP_CLI_TERMINAL_H */
