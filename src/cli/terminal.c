// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/value.h"

#define DEFAULT_COLUMNS 80
/* What an indentation leaves of a line. */
#define TEXT_LEAST 20

unsigned int ep_terminal_columns(FILE *file)
{
	const char *wanted = getenv("COLUMNS");
	struct winsize size = {};
	uint64_t columns;

	if (!isatty(fileno(file)))
		return 0;
	if (wanted && !ep_value_parse(EXITPROF_OPTION_COUNT, wanted, &columns) && columns &&
	    columns <= INT16_MAX)
		return columns;
	/* A serial console reports none. */
	if (ioctl(fileno(file), TIOCGWINSZ, &size) || !size.ws_col)
		return DEFAULT_COLUMNS;
	return size.ws_col;
}

/* Bytes of the first character of @text, and the columns that it takes. */
static size_t measure(const char *text, size_t length, size_t *ret_columns)
{
	mbstate_t state = {};
	wchar_t character;
	size_t bytes = mbrtowc(&character, text, length, &state);
	int columns;

	if (bytes == 0 || bytes == (size_t)-1 || bytes == (size_t)-2) {
		/* libsmartcols shows \xNN for what is no character. */
		*ret_columns = 4;
		return 1;
	}
	columns = wcwidth(character);
	*ret_columns = columns < 0 ? 0 : columns;
	return bytes;
}

size_t ep_terminal_width(const char *text, size_t length)
{
	size_t all = 0, columns;

	for (size_t at = 0; at < length; all += columns)
		at += measure(text + at, length - at, &columns);
	return all;
}

size_t ep_terminal_fit(const char *text, unsigned int columns, size_t *ret_next)
{
	size_t length = strlen(text), at = 0, used = 0, end = 0;

	while (at < length) {
		size_t wide, bytes = measure(text + at, length - at, &wide);

		if (text[at] == ' ' && (at == 0 || text[at - 1] != ' '))
			end = at;
		/* A blank may be beyond the edge: nothing is seen of it. */
		if (used + wide > columns && text[at] != ' ')
			break;
		at += bytes;
		used += wide;
	}
	if (at == length) {
		*ret_next = length;
		return length;
	}
	/* One character at least, or it would never end. */
	if (!end)
		end = at ?: 1;
	*ret_next = end + strspn(text + end, " ");
	return end;
}

/* @line without its newline; its own blanks at the beginning are kept. */
static void put_line(FILE *file, unsigned int indent, unsigned int columns, char *line)
{
	unsigned int begin = strspn(line, " "), used = begin;
	char *text = line + begin;

	if (indent + TEXT_LEAST > columns)
		indent = columns > 2 * TEXT_LEAST ? columns - TEXT_LEAST : columns / 2;
	do {
		size_t room = columns > used ? columns - used : 1, next;
		size_t length = ep_terminal_fit(text, room, &next);

		/* The terminal breaks a path that is too long, too, but copies it whole. */
		if (text[length] && text[length] != ' ') {
			length += strcspn(text + length, " ");
			next = length + strspn(text + length, " ");
		}
		fprintf(file, "%*s%.*s\n", used, "", (int)length, text);
		text += next;
		used = indent;
	} while (*text);
}

void ep_terminal_put(FILE *file, unsigned int indent, const char *text)
{
	unsigned int columns = ep_terminal_columns(file);

	if (!columns) {
		fputs(text, file);
		return;
	}
	while (*text) {
		size_t length = strcspn(text, "\n");
		_cleanup_free_ char *line = strndup(text, length);

		if (line && text[length])
			put_line(file, indent, columns, line);
		else
			fprintf(file, "%.*s", (int)(length + !!text[length]), text);
		text += length + !!text[length];
	}
}

/* For free(); NULL without memory. */
static char *format_text(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void ep_terminal_print(FILE *file, unsigned int indent, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (text)
		ep_terminal_put(file, indent, text);
}

void ep_terminal_cut(FILE *file, const char *text)
{
	size_t columns = ep_terminal_columns(file), length = strlen(text), at = 0, used = 0, wide;

	while (at < length) {
		size_t bytes = measure(text + at, length - at, &wide);

		if (columns && used + wide >= columns)
			break;
		at += bytes;
		used += wide;
	}
	fwrite(text, 1, at, file);
}

/* All newlines but the last one. */
static void join_lines(char *text)
{
	char *to = text;

	while (*text) {
		if (*text == '\n' && text[1]) {
			*to++ = ' ';
			text++;
			text += strspn(text, " ");
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

void ep_terminal_fill(FILE *file, unsigned int indent, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (text && ep_terminal_columns(file))
		join_lines(text);
	if (text)
		ep_terminal_put(file, indent, text);
}

FILE *ep_terminal_begin(struct ep_terminal_text *text, FILE *to, unsigned int indent)
{
	*text = (struct ep_terminal_text){ .to = to, .indent = indent };
	if (ep_terminal_columns(to))
		text->stream = open_memstream(&text->text, &text->size);
	return text->stream ?: to;
}

void ep_terminal_end(struct ep_terminal_text *text)
{
	if (!text->stream)
		return;
	if (!fclose(text->stream))
		ep_terminal_put(text->to, text->indent, text->text);
	free(text->text);
	text->stream = NULL;
}

/* Where the last column of a line of help begins: behind two blanks, else at its text. */
static size_t last_column(const char *line, size_t length)
{
	size_t begin = strspn(line, " "), at = begin;

	while (begin && at + 1 < length && (line[at] != ' ' || line[at + 1] != ' '))
		at++;
	if (!begin || at + 1 >= length)
		return begin;
	return at + strspn(line + at, " ");
}

static size_t widest_line(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > most)
			most = length;
		text += length + !!text[length];
	}
	return most;
}

void ep_terminal_put_help(FILE *file, const char *text)
{
	unsigned int columns = ep_terminal_columns(file);
	bool refill = columns && widest_line(text) > columns;

	while (*text) {
		size_t length = strcspn(text, "\n"), indent = last_column(text, length);
		_cleanup_free_ char *line = refill ? malloc(strlen(text) + 1) : NULL;
		/* An example without a remark does not go on. */
		bool goes_on = text[0] != ' ' || indent > strspn(text, " ");

		if (!line) {
			fputs(text, file);
			return;
		}
		memcpy(line, text, length);
		text += length + !!text[length];
		/* Lines that begin where the last column does go on with it. */
		while (goes_on && length && *text && *text != '\n' && strspn(text, " ") == indent &&
		       last_column(text, strcspn(text, "\n")) == indent) {
			size_t more = strcspn(text, "\n");

			line[length++] = ' ';
			memcpy(line + length, text + indent, more - indent);
			length += more - indent;
			text += more + !!text[more];
		}
		line[length] = '\0';
		put_line(file, indent, columns, line);
	}
}
