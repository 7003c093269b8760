// SPDX-License-Identifier: GPL-3.0-or-later
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/utf8.h"

/* What stands for a byte that is no text. */
#define REPLACEMENT "\xef\xbf\xbd"

/* How many bytes at @text are one character, 0 if they are none; *@ret is its code. */
static size_t decode(const unsigned char *text, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = text[0] < 0x80	 ? 1
			: text[0] < 0xc2 ? 0
			: text[0] < 0xe0 ? 2
			: text[0] < 0xf0 ? 3
			: text[0] < 0xf5 ? 4
					 : 0;
	uint32_t code = length > 1 ? text[0] & (0x7f >> length) : text[0];

	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (!length || code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*ret = code;
	return length;
}

static bool is_control(uint32_t code)
{
	return code < ' ' || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || (code & 0xfffe) == 0xfffe ||
	       (code >= 0xfdd0 && code <= 0xfdef);
}

/* How many bytes at @text may stay as they are. */
static size_t fit(const char *text, unsigned int keep)
{
	uint32_t code;
	size_t length = decode((const unsigned char *)text, &code);

	if (!length || (code < ' ' && keep & EP_UTF8_C0))
		return length;
	if (code == '\n' || code == '\t')
		return keep & EP_UTF8_LINES ? length : 0;
	return is_control(code) ? 0 : length;
}

bool ep_utf8_is_clean(const char *text, unsigned int keep)
{
	while (*text) {
		size_t length = fit(text, keep);

		if (!length)
			return false;
		text += length;
	}
	return true;
}

/* All of a character that is replaced, or a byte that is of none. */
static size_t bad_length(const char *text)
{
	uint32_t code;

	return decode((const unsigned char *)text, &code) ?: 1;
}

char *ep_utf8_clean(const char *text, unsigned int keep)
{
	char *copy = malloc(strlen(text) * (sizeof(REPLACEMENT) - 1) + 1), *to = copy;

	if (!copy)
		return NULL;
	while (*text) {
		size_t length = fit(text, keep);

		if (length)
			to = mempcpy(to, text, length);
		else if (*text == '\n' || *text == '\t')
			*to++ = ' ';
		else
			to = mempcpy(to, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		text += length ?: bad_length(text);
	}
	*to = '\0';
	return copy;
}

void ep_utf8_put(FILE *file, const char *text)
{
	char *clean = ep_utf8_clean(text, 0);

	if (clean)
		fputs(clean, file);
	free(clean);
}
