/* SPDX-License-Identifier: GPL-3.0-or-later */
/* closest_match.h - the word that a user who mistyped one probably meant */
#ifndef EP_CORE_BASE_CLOSEST_MATCH_H
#define EP_CORE_BASE_CLOSEST_MATCH_H

#include <stddef.h>

/*
 * The one of @candidates that needs the fewest insertions, deletions and
 * replacements of characters to become @word, or NULL if none is near enough to
 * suggest. The result is one of @candidates.
 */
const char *ep_closest_match(const char *word, const char *const *candidates, size_t count);

#endif /* EP_CORE_BASE_CLOSEST_MATCH_H */
