// SPDX-License-Identifier: GPL-3.0-or-later
/* What is written as CSV is read again, by libcsv in its strict mode, as it was. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "unit.h"

static const char *const nasty[] = {
	"",	      "HLT",	     "DE excp", "a,b",	  "\"",	     "say \"hi\"",
	"two\nlines", "cr lf\n\n",   " lead",	"trail ", "\ttab\t", ",",
	"\"\"",	      "caf\xc3\xa9", "#",	"-1",	  ";",	     "'",
};

struct reading {
	size_t fields;
	size_t rows;
};

static void on_field(void *text, size_t length, void *data)
{
	struct reading *reading = data;
	const char *expected = nasty[reading->fields % ARRAY_SIZE(nasty)];

	assert_int_equal(length, strlen(expected));
	assert_memory_equal(text, expected, length);
	reading->fields++;
}

static void on_row(int end, void *data)
{
	struct reading *reading = data;

	reading->rows++;
}

static void test_round_trip(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct reading reading = {};
	struct csv_parser parser;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	for (int row = 0; row < 3; row++)
		for (size_t i = 0; i < ARRAY_SIZE(nasty); i++)
			ep_csv_text(file, nasty[i], i + 1 < ARRAY_SIZE(nasty) ? ',' : '\n');
	fclose(file);

	assert_int_equal(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI), 0);
	assert_int_equal(csv_parse(&parser, text, length, on_field, on_row, &reading), length);
	assert_int_equal(csv_fini(&parser, on_field, on_row, &reading), 0);
	csv_free(&parser);
	assert_int_equal(reading.rows, 3);
	assert_int_equal(reading.fields, 3 * ARRAY_SIZE(nasty));
}

static void test_plain(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	ep_csv_text(file, "DE excp", ',');
	ep_csv_u64(file, UINT64_MAX, ',');
	ep_csv_real(file, 0.5, 3, '\n');
	fclose(file);
	assert_string_equal(text, "DE excp,18446744073709551615,0.500\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
