/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value.h - numbers as users type and read them
 *
 *	ep_value_parse(EXITPROF_OPTION_SIZE, "64M", &bytes);
 *	ep_value_parse(EXITPROF_OPTION_DURATION, "1.5s", &ns);
 */
#ifndef EP_CORE_BASE_VALUE_H
#define EP_CORE_BASE_VALUE_H

#include <stdint.h>

#include <exitprof/workload.h>

#define EP_VALUE_TEXT_MAX  32
#define EP_VALUE_RANGE_MAX (2 * EP_VALUE_TEXT_MAX + 8)

/*
 * Reads a number of any type but EXITPROF_OPTION_STRING, as exitprof/workload.h describes
 * the types. Fractions are fine where they come out as whole units. Returns 0,
 * -EINVAL if it is no such number, or -ERANGE if it fits no 64 bits or exceeds
 * 100 %; *@ret is left alone on failure.
 */
int ep_value_parse(enum exitprof_option_type type, const char *text, uint64_t *ret);

/* The same, and -ERANGE for a number outside @min to @max. */
int ep_value_parse_within(enum exitprof_option_type type, const char *text, uint64_t min,
			  uint64_t max, uint64_t *ret);

/* What to type for @type, for a message: "a size such as 4k, 64M or 1G". */
const char *ep_value_expected(enum exitprof_option_type type);

/*
 * The shortest text that ep_value_parse() reads as @value. Returns @text, which
 * must have EP_VALUE_TEXT_MAX bytes.
 */
const char *ep_value_format(enum exitprof_option_type type, uint64_t value, char *text);

/*
 * "1 to 100000", or "1ms or more" if @max is UINT64_MAX. Returns @text, which must have
 * EP_VALUE_RANGE_MAX bytes.
 */
const char *ep_value_range(enum exitprof_option_type type, uint64_t min, uint64_t max, char *text);

/* 1234567 as "1,234,567", for reading only. Returns @text, as above. */
const char *ep_value_group(uint64_t value, char *text);

#endif /* EP_CORE_BASE_VALUE_H */
