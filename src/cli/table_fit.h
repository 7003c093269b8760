/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table_fit.h - how a table is laid out in the columns of a terminal
 *
 * Cells of numbers are never broken. The first of these that fits is taken:
 *
 *	two blanks between columns, cells of text broken into lines if need be
 *	one blank between columns
 *	the last column, if it is text, beneath the others
 *	several blocks, one beneath the other, each with the first column
 */
#ifndef EP_CLI_TABLE_FIT_H
#define EP_CLI_TABLE_FIT_H

#include <stdbool.h>
#include <stddef.h>

#define EP_TABLE_COLUMNS_MAX 16

/*
 * @width: of the widest cell or the head
 * @word: of the longest word in these
 * @text: may be broken at blanks
 */
struct ep_fit_column {
	size_t width;
	size_t word;
	bool text;
};

/*
 * @separator: blanks between columns
 * @beneath: 0, or by how much the last column is indented, which is then beneath the
 *	     others and in no block
 * @blocks: how many
 * @begin: first column of each block besides column 0, which all have; block i ends where
 *	   block i + 1 begins, so @begin has one more than there are blocks
 * @width: of every column
 */
struct ep_fit {
	unsigned int separator;
	size_t beneath;
	size_t blocks;
	size_t begin[EP_TABLE_COLUMNS_MAX + 1];
	size_t width[EP_TABLE_COLUMNS_MAX];
};

/* @limit: columns of the terminal, 0 for no limit; @count: at most EP_TABLE_COLUMNS_MAX */
void ep_table_fit(struct ep_fit *fit, const struct ep_fit_column *columns, size_t count,
		  size_t limit);

#endif /* EP_CLI_TABLE_FIT_H */
