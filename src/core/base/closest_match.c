// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/base/closest_match.h"

#define WORD_MAX 64

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, one row of the matrix at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t length = strlen(b), row[WORD_MAX + 1], diagonal, above;

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			above = row[j];
			row[j] = min(min(above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length];
}

const char *ep_closest_match(const char *word, const char *const *candidates, size_t count)
{
	const char *best = NULL;
	size_t length = strlen(word), best_distance = length / 3 + 2;

	if (length > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d;

		if (strlen(candidates[i]) > WORD_MAX)
			continue;
		/* "io" for "io-heavy": what has been typed is the beginning. */
		d = length > 1 && !strncmp(word, candidates[i], length)
			    ? 1
			    : distance(word, candidates[i]);
		if (d < best_distance) {
			best = candidates[i];
			best_distance = d;
		}
	}
	return best;
}
