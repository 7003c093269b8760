// SPDX-License-Identifier: GPL-3.0-or-later
#include <csv.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/utf8.h"

void ep_csv_text(FILE *file, const char *text, char end)
{
	_cleanup_free_ char *clean = NULL;
	size_t length;

	if (!ep_utf8_is_clean(text, EP_UTF8_LINES))
		clean = ep_utf8_clean(text, EP_UTF8_LINES);
	text = clean ?: text;
	length = strlen(text);

	/* Readers may drop spaces around a field that is not quoted. */
	if (strpbrk(text, ",\"\r\n") ||
	    (length && (strchr(" \t", text[0]) || strchr(" \t", text[length - 1]))))
		csv_fwrite(file, text, length);
	else
		fputs(text, file);
	putc(end, file);
}

void ep_csv_u64(FILE *file, uint64_t value, char end)
{
	char digits[21];
	size_t i = sizeof(digits);

	/* A series has thousands of them a second, and printf() takes most of its time. */
	digits[--i] = end;
	do
		digits[--i] = '0' + value % 10;
	while (value /= 10);
	fwrite_unlocked(digits + i, 1, sizeof(digits) - i, file);
}

void ep_csv_real(FILE *file, double value, int decimals, char end)
{
	fprintf(file, "%.*f%c", decimals, value, end);
}
