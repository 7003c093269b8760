// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/value.h"

struct unit {
	const char *suffix;
	uint64_t factor;
};

/*
 * Largest first; the one that stands for 1 ends what a value is shown in. A bare
 * number is a duration in seconds, as for sleep(1).
 */
static const struct unit count_units[] = {
	{ "G", 1000000000 },
	{ "M", 1000000 },
	{ "k", 1000 },
	{ "", 1 },
};

static const struct unit size_units[] = {
	{ "T", 1ull << 40 }, { "G", 1ull << 30 }, { "M", 1ull << 20 },
	{ "k", 1ull << 10 }, { "", 1 },
};

static const struct unit percent_units[] = {
	{ "%", 1 },
	{ "", 1 },
};

static const struct unit duration_units[] = {
	{ "h", 3600000000000 }, { "m", 60000000000 }, { "s", 1000000000 }, { "ms", 1000000 },
	{ "us", 1000 },		{ "ns", 1 },	      { "", 1000000000 },
};

static const struct {
	const struct unit *units;
	size_t count;
	const char *expected;
} types[] = {
	[EXITPROF_OPTION_COUNT] = { count_units, 4, "a count such as 1000, 10k or 1e6" },
	[EXITPROF_OPTION_SIZE] = { size_units, 5, "a size such as 4k, 64M or 1G" },
	[EXITPROF_OPTION_PERCENT] = { percent_units, 2, "a percentage such as 70 or 70%" },
	[EXITPROF_OPTION_DURATION] = { duration_units, 7,
				       "a duration such as 10s, 500ms, 20us or 1m" },
	[EXITPROF_OPTION_STRING] = { NULL, 0, "a text" },
};

const char *ep_value_expected(enum exitprof_option_type type)
{
	return types[type].expected;
}

static int find_factor(enum exitprof_option_type type, const char *suffix, uint64_t *ret)
{
	/* 1K is as good as 1k, where no other unit has that letter. */
	bool any_case = type != EXITPROF_OPTION_DURATION;

	for (size_t i = 0; i < types[type].count; i++) {
		const struct unit *unit = &types[type].units[i];

		if (any_case ? strcasecmp(unit->suffix, suffix) : strcmp(unit->suffix, suffix))
			continue;
		*ret = unit->factor;
		return 0;
	}
	return -EINVAL;
}

/* Digits only: exact, which a floating-point number need not be. */
static int parse_whole(enum exitprof_option_type type, const char *text, uint64_t *ret)
{
	uint64_t number, factor;
	char *end;

	errno = 0;
	number = strtoull(text, &end, !strncasecmp(text, "0x", 2) ? 16 : 10);
	if (errno)
		return -errno;
	if (find_factor(type, end, &factor))
		return -EINVAL;
	return __builtin_mul_overflow(number, factor, ret) ? -ERANGE : 0;
}

static int parse_fraction(enum exitprof_option_type type, const char *text, uint64_t *ret)
{
	long double number;
	uint64_t factor;
	char *end;

	number = strtold(text, &end);
	if (find_factor(type, end, &factor))
		return -EINVAL;
	number *= factor;
	if (!(number < 0x1p64l))
		return -ERANGE;
	*ret = number;
	return *ret == number ? 0 : -EINVAL;
}

int ep_value_parse(enum exitprof_option_type type, const char *text, uint64_t *ret)
{
	uint64_t value;
	int err;

	/* strtoull() takes signs and spaces, strtold() even "inf". */
	if (!isdigit((unsigned char)text[0]) && text[0] != '.')
		return -EINVAL;
	err = parse_whole(type, text, &value);
	if (err == -EINVAL)
		err = parse_fraction(type, text, &value);
	if (err)
		return err;
	if (type == EXITPROF_OPTION_PERCENT && value > 100)
		return -ERANGE;
	*ret = value;
	return 0;
}

int ep_value_parse_within(enum exitprof_option_type type, const char *text, uint64_t min,
			  uint64_t max, uint64_t *ret)
{
	uint64_t value;
	int err = ep_value_parse(type, text, &value);

	if (err)
		return err;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

const char *ep_value_format(enum exitprof_option_type type, uint64_t value, char *text)
{
	const struct unit *unit = types[type].units;

	if (!value || type == EXITPROF_OPTION_PERCENT) {
		snprintf(text, EP_VALUE_TEXT_MAX, "%" PRIu64 "%s", value,
			 type == EXITPROF_OPTION_PERCENT ? "%" : "");
		return text;
	}
	while (value % unit->factor)
		unit++;
	snprintf(text, EP_VALUE_TEXT_MAX, "%" PRIu64 "%s", value / unit->factor, unit->suffix);
	return text;
}

const char *ep_value_range(enum exitprof_option_type type, uint64_t min, uint64_t max, char *text)
{
	char least[EP_VALUE_TEXT_MAX], most[EP_VALUE_TEXT_MAX];

	if (type == EXITPROF_OPTION_PERCENT && max > 100)
		max = 100;
	ep_value_format(type, min, least);
	if (max == UINT64_MAX)
		snprintf(text, EP_VALUE_RANGE_MAX, "%s or more", least);
	else
		snprintf(text, EP_VALUE_RANGE_MAX, "%s to %s", least,
			 ep_value_format(type, max, most));
	return text;
}

const char *ep_value_group(uint64_t value, char *text)
{
	char digits[EP_VALUE_TEXT_MAX], *to = text;
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, value);

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}
