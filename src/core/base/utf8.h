/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf8.h - text of others, made fit to be shown or stored
 *
 * Names of files, words of commands and whatever a file has that anybody may have
 * written: bytes that are no UTF-8 make JSON, SVG and HTML invalid; control characters
 * and those that turn the direction of text lie to whoever reads a terminal.
 *
 *	_cleanup_free_ char *shown = ep_utf8_clean(path, 0);
 */
#ifndef EP_CORE_BASE_UTF8_H
#define EP_CORE_BASE_UTF8_H

#include <stdbool.h>
#include <stdio.h>

enum ep_utf8_keep {
	/* Newlines and tabs, which otherwise become spaces. */
	EP_UTF8_LINES = 1 << 0,
	/* Those below U+0020, which JSON escapes. */
	EP_UTF8_C0 = 1 << 1,
};

/*
 * A copy of @text, for free(), in which U+FFFD stands for each byte that is not of a
 * character of UTF-8 (RFC 3629), and for each control character (C0, DEL, C1), override
 * or isolate of direction (U+202A to U+202E, U+2066 to U+2069), line or paragraph
 * separator (U+2028, U+2029) and noncharacter, but for what @keep, of enum
 * ep_utf8_keep, says. NULL without memory.
 */
char *ep_utf8_clean(const char *text, unsigned int keep);

/* Writes what ep_utf8_clean(@text, 0) gives to @file. */
void ep_utf8_put(FILE *file, const char *text);

/* Whether ep_utf8_clean(@text, @keep) would be the same. */
bool ep_utf8_is_clean(const char *text, unsigned int keep);

#endif /* EP_CORE_BASE_UTF8_H */
