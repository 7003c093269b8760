// SPDX-License-Identifier: GPL-3.0-or-later
/* What may be shown and stored of texts that others have written. */
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/utf8.h"
#include "unit.h"

#define R "\xef\xbf\xbd"

static void expect(const char *text, unsigned int keep, const char *clean)
{
	_cleanup_free_ char *got = ep_utf8_clean(text, keep);

	assert_non_null(got);
	assert_string_equal(got, clean);
	assert_int_equal(ep_utf8_is_clean(text, keep), !strcmp(text, clean));
	/* What is clean stays as it is. */
	assert_true(ep_utf8_is_clean(got, keep));
}

static void test_text_stays(void **state)
{
	expect("", 0, "");
	expect("io-heavy, 3 s \xc2\xb7 caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7", 0,
	       "io-heavy, 3 s \xc2\xb7 caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7");
}

static void test_bytes_that_are_no_text(void **state)
{
	expect("a\xff\x62", 0, "a" R "b");
	expect("a\xff\x62", EP_UTF8_C0, "a" R "b");
	/* Cut off, overlong, a surrogate, above the last one. */
	expect("\xe2\x82", 0, R R);
	expect("\xc0\xaf", 0, R R);
	expect("\xed\xa0\x80", EP_UTF8_C0, R R R);
	expect("\xf4\x90\x80\x80", 0, R R R R);
}

static void test_what_a_terminal_obeys(void **state)
{
	/* ESC and BEL, DEL, CSI of one byte of Latin 1, direction, line separator */
	expect("\033]0;x\007", 0, R "]0;x" R);
	expect("\x7f", 0, R);
	expect("\xc2\x9b"
	       "31m",
	       0, R "31m");
	expect("a\xe2\x80\xae"
	       "b\xe2\x81\xa6",
	       0, "a" R "b" R);
	expect("\xe2\x80\xa8", 0, R);
	expect("\033\n\xc2\x9b", EP_UTF8_C0, "\033\n" R);
}

static void test_lines(void **state)
{
	expect("a\n\tb\r", EP_UTF8_LINES, "a\n\tb" R);
	expect("a\n\tb", 0, "a  b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_stays),
		cmocka_unit_test(test_bytes_that_are_no_text),
		cmocka_unit_test(test_what_a_terminal_obeys),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
