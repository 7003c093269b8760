// SPDX-License-Identifier: GPL-3.0-or-later
/* Numbers as users type them, option assignments, and the nearest word. */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/closest_match.h"
#include "core/base/value.h"
#include "core/result/settings.h"
#include "unit.h"

#define UNTOUCHED 0xdeadbeef

static const struct {
	enum exitprof_option_type type;
	const char *text;
	int code;
	uint64_t value;
} values[] = {
	{ EXITPROF_OPTION_COUNT, "0", 0, 0 },
	{ EXITPROF_OPTION_COUNT, "1000", 0, 1000 },
	{ EXITPROF_OPTION_COUNT, "10k", 0, 10000 },
	{ EXITPROF_OPTION_COUNT, "10K", 0, 10000 },
	{ EXITPROF_OPTION_COUNT, "1e6", 0, 1000000 },
	{ EXITPROF_OPTION_COUNT, "1.5M", 0, 1500000 },
	{ EXITPROF_OPTION_COUNT, "010", 0, 10 },
	{ EXITPROF_OPTION_COUNT, "0x4fffffff", 0, 0x4fffffff },
	{ EXITPROF_OPTION_COUNT, "18446744073709551615", 0, UINT64_MAX },
	{ EXITPROF_OPTION_COUNT, "18446744073709551616", -ERANGE },
	{ EXITPROF_OPTION_COUNT, "18446744073709551615k", -ERANGE },
	{ EXITPROF_OPTION_COUNT, "1e30", -ERANGE },
	{ EXITPROF_OPTION_COUNT, "1.5", -EINVAL },
	{ EXITPROF_OPTION_COUNT, "", -EINVAL },
	{ EXITPROF_OPTION_COUNT, "-1", -EINVAL },
	{ EXITPROF_OPTION_COUNT, "+1", -EINVAL },
	{ EXITPROF_OPTION_COUNT, " 1", -EINVAL },
	{ EXITPROF_OPTION_COUNT, "1 ", -EINVAL },
	{ EXITPROF_OPTION_COUNT, "inf", -EINVAL },
	{ EXITPROF_OPTION_COUNT, "1x", -EINVAL },
	{ EXITPROF_OPTION_SIZE, "4k", 0, 4096 },
	{ EXITPROF_OPTION_SIZE, "64M", 0, 64 << 20 },
	{ EXITPROF_OPTION_SIZE, "1G", 0, 1 << 30 },
	{ EXITPROF_OPTION_SIZE, "0.5G", 0, 1 << 29 },
	{ EXITPROF_OPTION_SIZE, "512", 0, 512 },
	{ EXITPROF_OPTION_SIZE, "4kB", -EINVAL },
	{ EXITPROF_OPTION_PERCENT, "70", 0, 70 },
	{ EXITPROF_OPTION_PERCENT, "70%", 0, 70 },
	{ EXITPROF_OPTION_PERCENT, "101", -ERANGE },
	{ EXITPROF_OPTION_DURATION, "5s", 0, 5000000000 },
	{ EXITPROF_OPTION_DURATION, "1.5s", 0, 1500000000 },
	{ EXITPROF_OPTION_DURATION, "10ms", 0, 10000000 },
	{ EXITPROF_OPTION_DURATION, "20us", 0, 20000 },
	{ EXITPROF_OPTION_DURATION, "1m", 0, 60000000000 },
	{ EXITPROF_OPTION_DURATION, "0", 0, 0 },
	{ EXITPROF_OPTION_DURATION, "5", 0, 5000000000 },
	{ EXITPROF_OPTION_DURATION, "0.25", 0, 250000000 },
	{ EXITPROF_OPTION_DURATION, "99999999999", -ERANGE },
	{ EXITPROF_OPTION_DURATION, "5S", -EINVAL },
	{ EXITPROF_OPTION_DURATION, "-5s", -EINVAL },
};

static void test_parse(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		uint64_t value = UNTOUCHED;
		int code = ep_value_parse(values[i].type, values[i].text, &value);

		if (code != values[i].code || value != (code ? UNTOUCHED : values[i].value))
			fail_msg("'%s': %d, %lu", values[i].text, code, value);
	}
}

static void test_format_is_read_again(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char text[EP_VALUE_TEXT_MAX];
		uint64_t value = UNTOUCHED;

		if (values[i].code)
			continue;
		ep_value_format(values[i].type, values[i].value, text);
		assert_int_equal(ep_value_parse(values[i].type, text, &value), 0);
		assert_int_equal(value, values[i].value);
	}
}

static void test_format(void **state)
{
	char text[EP_VALUE_TEXT_MAX];

	assert_string_equal(ep_value_format(EXITPROF_OPTION_SIZE, 4096, text), "4k");
	assert_string_equal(ep_value_format(EXITPROF_OPTION_SIZE, 4097, text), "4097");
	assert_string_equal(ep_value_format(EXITPROF_OPTION_PERCENT, 0, text), "0%");
	assert_string_equal(ep_value_format(EXITPROF_OPTION_DURATION, 1500000000, text), "1500ms");
	assert_string_equal(ep_value_group(0, text), "0");
	assert_string_equal(ep_value_group(999, text), "999");
	assert_string_equal(ep_value_group(1000, text), "1,000");
	assert_string_equal(ep_value_group(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static const struct exitprof_option options[] = {
	{ "count", EXITPROF_OPTION_COUNT, "10", 1, 100, "how many" },
	{ "file", EXITPROF_OPTION_STRING, "/tmp", 0, 0, "where" },
	{ "read", EXITPROF_OPTION_PERCENT, "50%", 0, UINT64_MAX, "share" },
	{},
};

static const struct exitprof_workload workload = { .name = "mine", .options = options };

static void test_settings(void **state)
{
	_cleanup_(ep_settings_finish) struct ep_settings settings = {};
	struct ep_error err = {};

	assert_int_equal(ep_settings_init(&settings, &workload, &err), 0);
	assert_int_equal(settings.values[0].u64, 10);
	assert_string_equal(settings.values[1].str, "/tmp");
	assert_int_equal(settings.values[2].u64, 50);

	assert_int_equal(ep_settings_set(&settings, "count=20", &err), 0);
	assert_int_equal(ep_settings_set(&settings, "file=a=b", &err), 0);
	assert_int_equal(ep_settings_number(&settings, "count"), 20);
	assert_string_equal(settings.values[1].str, "a=b");
	assert_int_equal(ep_settings_number(&settings, "file"), 0);
	assert_int_equal(ep_settings_number(&settings, "none"), 0);

	assert_int_equal(ep_settings_set(&settings, "count=101", &err), -ERANGE);
	assert_string_equal(err.message, "option 'count' takes 1 to 100, not '101'");
	assert_int_equal(ep_settings_set(&settings, "read=101", &err), -ERANGE);
	assert_string_equal(err.message, "option 'read' takes 0% to 100%, not '101'");
	assert_int_equal(ep_settings_set(&settings, "count=0", &err), -ERANGE);
	assert_int_equal(ep_settings_set(&settings, "count=x", &err), -EINVAL);
	assert_int_equal(ep_settings_set(&settings, "count", &err), -EINVAL);
	assert_int_equal(ep_settings_set(&settings, "=1", &err), -EINVAL);
	assert_int_equal(ep_settings_set(&settings, "cuont=1", &err), -ENOENT);
	assert_string_equal(err.hint, "did you mean 'count'?");
	assert_int_equal(ep_settings_number(&settings, "count"), 20);
}

static void test_wrong_default(void **state)
{
	_cleanup_(ep_settings_finish) struct ep_settings settings = {};
	static const struct exitprof_option wrong[] = {
		{ "file", EXITPROF_OPTION_STRING, "x", 0, 0, "" },
		{ "count", EXITPROF_OPTION_COUNT, "200", 1, 100, "" },
		{},
	};
	static const struct exitprof_workload broken = { .name = "broken", .options = wrong };
	struct ep_error err = {};

	assert_int_equal(ep_settings_init(&settings, &broken, &err), -EPROTO);
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "busy", "cpuid-storm", "idle", "io-heavy" };

	assert_string_equal(ep_closest_match("io-heavu", words, 4), "io-heavy");
	assert_string_equal(ep_closest_match("ioheavy", words, 4), "io-heavy");
	assert_string_equal(ep_closest_match("cpuid", words, 4), "cpuid-storm");
	assert_string_equal(ep_closest_match("bsuy", words, 4), "busy");
	assert_null(ep_closest_match("network", words, 4));
	assert_null(ep_closest_match("", words, 4));
	assert_null(ep_closest_match("x", words, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	      cmocka_unit_test(test_format_is_read_again),
		cmocka_unit_test(test_format),	      cmocka_unit_test(test_settings),
		cmocka_unit_test(test_wrong_default), cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
