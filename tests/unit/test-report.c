// SPDX-License-Identifier: GPL-3.0-or-later
/* Texts of anybody's in HTML and Markdown, figures over repeats, and the table of advice. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/host/reasons.h"
#include "report/advice.h"
#include "report/facts_files.h"
#include "report/report.h"
#include "report/text.h"
#include "report/write/html.h"
#include "report/write/markdown.h"
#include "result_files.h"
#include "unit.h"

static char *html_of(const struct ep_document *document)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	ep_report_write_html(file, document);
	fclose(file);
	return text;
}

static char *markdown_of(const struct ep_document *document)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	ep_report_write_markdown(file, document, "a b");
	fclose(file);
	return text;
}

static int find_facts(struct ep_facts *ret, const struct ep_loaded *loaded, struct ep_error *err)
{
	int code = ep_facts_find(ret, loaded, err);

	return code ? code : ep_facts_read(ret, loaded, err);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

static const struct ep_report_column columns[] = {
	{ "a", EP_COLUMN_CODE }, { "b", EP_COLUMN_TEXT }, { "c", EP_COLUMN_SHARE }, {}
};

/* Every place that takes a text, with what would be markup there. */
static void fill(struct ep_document *document, const char *text)
{
	ep_document_begin(document, "%s", text);
	ep_document_subtitle(document, "%s", text);
	ep_document_heading(document, 2, "%s", text);
	ep_document_paragraph(document);
	ep_document_text(document, "%s", text);
	ep_document_strong(document, "%s", text);
	ep_document_code(document, "%s", text);
	ep_document_item(document);
	ep_document_text(document, "%s", text);
	ep_document_note(document);
	ep_document_text(document, "%s", text);
	ep_document_blank(document, "%s", text);
	ep_document_listing(document, "%s", text);
	ep_document_facts(document);
	ep_document_row(document, text, text, text);
	ep_document_table(document, text, columns);
	ep_document_row(document, text, text, text);
	ep_document_figure(document, text, strdup("<?xml?><svg width=\"1\"><g id=\"x\"/></svg>"),
			   text);
}

static void html_escapes_everything(void **state)
{
	_cleanup_(ep_document_finish) struct ep_document document = {};
	_cleanup_free_ char *text = NULL;

	fill(&document, "\"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;");
	text = html_of(&document);
	assert_false(document.failed);
	assert_lacks(text, "<script");
	assert_lacks(text, "<img");
	assert_lacks(text, "'x'");
	assert_has(text, "&lt;script&gt;alert(&#39;x&#39;)");
	assert_has(text, "&amp;amp;");
	/* Neither may it reach an attribute. */
	assert_lacks(text, "aria-label=\"\">");
	assert_has(text, "default-src 'none'");
}

static void markdown_escapes_everything(void **state)
{
	_cleanup_(ep_document_finish) struct ep_document document = {};
	_cleanup_free_ char *text = NULL;

	fill(&document, "# <b>*x*</b> | [a](b) ![c](d) `e` ```f @g");
	text = markdown_of(&document);
	assert_false(document.failed);
	assert_lacks(text, "# # ");
	assert_lacks(text, "- # ");
	assert_has(text, "# \\# \\<b\\>\\*x\\*\\</b\\> \\| \\[a\\](b) \\!\\[c\\](d) \\`e\\` "
			 "\\`\\`\\`f \\@g\n");
	/* Code has a fence that is longer than any run of backticks in it. */
	assert_has(text, "```` # <b>*x*</b> | [a](b) ![c](d) `e` ```f @g ````");
	assert_has(text, "\n````\n# <b>");
	/* Cells end at a bar, even in code. */
	assert_has(text, "| ```` # <b>*x*</b> \\| [a]");
	assert_has(text, "](a%20b/1-");
}

static void markdown_begins_no_list(void **state)
{
	static const char *const texts[] = { "1. x", "12) x", "- x", "+ x", "=== x", "# x" };
	static const char *const escaped[] = { "\n1\\. x", "\n12\\) x", "\n\\- x",
					       "\n\\+ x",  "\n\\=== x", "\n\\# x" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(ep_document_finish) struct ep_document document = {};
		_cleanup_free_ char *text = NULL;

		ep_document_begin(&document, "x");
		ep_document_paragraph(&document);
		ep_document_text(&document, "%s", texts[i]);
		text = markdown_of(&document);
		assert_has(text, escaped[i]);
	}
}

/* What is no text becomes U+FFFD; what is remains. */
static void texts_are_utf8(void **state)
{
	_cleanup_(ep_document_finish) struct ep_document document = {};
	const struct ep_block *block;

	ep_document_begin(&document, "x");
	ep_document_paragraph(&document);
	ep_document_text(&document, "a\xff"
				    "b\xc0\xaf"
				    "c\xed\xa0\x80"
				    "d\033[1me\nf");
	ep_document_text(&document, "grün 漢 \xf0\x9f\x8c\xb1 \xe2\x80\xae"
				    "x");
	block = &document.blocks[0];
	assert_string_equal(block->spans[0].text, "a\xef\xbf\xbd"
						  "b\xef\xbf\xbd\xef\xbf\xbd"
						  "c\xef\xbf\xbd\xef\xbf\xbd"
						  "\xef\xbf\xbd"
						  "d\xef\xbf\xbd[1me f");
	assert_string_equal(block->spans[1].text, "grün 漢 \xf0\x9f\x8c\xb1 \xef\xbf\xbdx");
}

/* Pictures of a page have names of their own, and symbols are where they are used. */
static void svg_within_a_page(void **state)
{
	static const char svg[] =
		"<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg viewBox=\"0 0 1 "
		"1\"><title>Gnuplot</title>"
		"<defs><circle id='gpPt5' stroke='currentColor'/>"
		"<use xlink:href='#gpPt5' id='gpPt6' fill='currentColor' stroke='none'/></defs>"
		"<use xlink:href='#gpPt6' transform='scale(2)' color='red'/>"
		"<g id=\"q\" fill=\"url(#p)\"><text>a id='p' &lt;</text></g></svg>";
	_cleanup_(ep_document_finish) struct ep_document document = {};
	_cleanup_free_ char *text = NULL;

	ep_document_begin(&document, "x");
	ep_document_figure(&document, "chart", strdup(svg), "caption");
	ep_document_figure(&document, "chart", strdup(svg), "caption");
	text = html_of(&document);
	assert_lacks(text, "<?xml");
	assert_lacks(text, "Gnuplot");
	assert_lacks(text, "currentColor");
	assert_has(text,
		   "<svg role=\"img\" aria-label=\"caption\" viewBox=\"0 0 1 1\"><defs></defs>"
		   "<g transform=\"scale(2)\"><g fill=\"red\" stroke=\"none\">"
		   "<circle stroke='red'/></g></g>"
		   "<g id=\"c0-q\" fill=\"url(#c0-p)\"><text>a id='p' &lt;</text></g></svg>");
	assert_has(text, "<g id=\"c1-q\"");
}

/* Charts that are cut off, or none at all: nothing is read beyond them. */
static void svg_of_any_length(void **state)
{
	static const char svg[] = "<svg><use xlink:href='#gpPt6' color='red'/><use "
				  "xlink:href='#a' id='gpPt6' fill='x'/><use xlink:href='#gpPt6' "
				  "id='gpPt6'/></svg>";

	for (size_t length = 0; length < sizeof(svg); length++) {
		_cleanup_(ep_document_finish) struct ep_document document = {};
		_cleanup_free_ char *text = NULL;

		ep_document_begin(&document, "x");
		ep_document_figure(&document, "chart", strndup(svg, length), "caption");
		text = html_of(&document);
		assert_has(text, "</figure>");
	}
}

static void spread_of_repeats(void **state)
{
	double one[] = { 7 }, five[] = { 5, 1, 4, 2, 3 }, six[] = { 6, 1, 5, 2, 4, 3 };
	double ten[] = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 };
	struct ep_spread spread = ep_spread_of(one, 1);

	assert_true(spread.median == 7 && spread.min == 7 && spread.max == 7);
	assert_false(spread.interval);
	spread = ep_spread_of(five, 5);
	assert_true(spread.median == 3 && spread.min == 1 && spread.max == 5);
	assert_false(spread.interval);
	/* By tables of the sign test: from six on the range, from nine on less. */
	spread = ep_spread_of(six, 6);
	assert_true(spread.median == 3.5 && spread.interval);
	assert_true(spread.low == 1 && spread.high == 6);
	spread = ep_spread_of(ten, 10);
	assert_true(spread.interval && spread.low == 2 && spread.high == 9);
}

static void paging_by_reasons(void **state)
{
	static const char *const npt[] = { "msr", "npf", "invlpg" }, *const shadow[] = { "PF "
											 "excp" };
	static const char *const ept[] = { "INVLPG", "EPT_VIOLATION" }, *const none[] = { "hlt" };

	assert_int_equal(ep_facts_paging(npt, 3), EP_PAGING_NESTED);
	assert_int_equal(ep_facts_paging(ept, 2), EP_PAGING_NESTED);
	assert_int_equal(ep_facts_paging(shadow, 1), EP_PAGING_SHADOW);
	assert_int_equal(ep_facts_paging(none, 1), EP_PAGING_UNKNOWN);
	assert_int_equal(ep_facts_paging(NULL, 0), EP_PAGING_UNKNOWN);
}

static void facts_of_a_result(void **state)
{
	_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
	_cleanup_(ep_facts_finish) struct ep_facts facts = {};
	struct result_files files;
	struct ep_error err = {};

	result_files_init(&files);
	assert_int_equal(ep_load(&loaded, files.path, &err), 0);
	assert_int_equal(find_facts(&facts, &loaded, &err), 0);
	assert_int_equal(facts.count, 2);
	assert_string_equal(facts.reasons[0].name, "io");
	assert_true(facts.reasons[0].exits.median == 31 && facts.reasons[0].exits.max == 42);
	assert_true(facts.total.exits.median == 46);
	assert_true(facts.per_operation.median == 3.05);
	assert_int_equal(facts.series.repeats, 0);
	assert_int_equal(facts.outlier, 0);
	result_files_finish(&files);
}

/* A repeat without a detail has 0 of it; what only a minority has is left out. */
static void details_are_medians(void **state)
{
	static const char details[] =
		"repeat,scope,reason,name,kind,direction,value,value_name,events_count\n"
		"1,vm,123,io,port,write,0x80,,11\n"
		"1,vcpu0,123,io,port,write,0x80,,11\n"
		"2,vm,123,io,port,write,0x80,,30\n"
		"1,vm,123,io,port,read,0x60,,5\n"
		"1,vm,,other,msr,read,0x10,,1\n"
		"1,vm,,other,msr,read,0x10,,2\n"
		"2,vm,,other,msr,read,0x10,,4\n";
	_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
	_cleanup_(ep_facts_finish) struct ep_facts facts = {};
	char path[sizeof(struct result_files) + 16];
	struct result_files files;
	struct ep_error err = {};

	result_files_init(&files);
	result_files_write(&files, "details.csv", details);
	assert_int_equal(ep_load(&loaded, files.path, &err), 0);
	assert_int_equal(find_facts(&facts, &loaded, &err), 0);
	assert_int_equal(facts.detail_count, 3);
	/* Of 11 and 30, of 3 and 4, of 5 and none. */
	assert_int_equal(facts.details[0].events, 21);
	assert_int_equal(facts.details[1].events, 4);
	assert_string_equal(facts.details[1].name, "other");
	assert_int_equal(facts.details[2].events, 3);
	ep_facts_finish(&facts);
	result_files_write(&files, "details.csv",
			   "repeat,scope,name,kind,direction,value,value_name,events_count\n"
			   "3,vm,io,port,read,0x60,,5\n");
	assert_int_equal(find_facts(&facts, &loaded, &err), -EINVAL);
	assert_non_null(strstr(err.message, "details.csv':2: runs.csv has no such repeat"));
	snprintf(path, sizeof(path), "%s/details.csv", files.path);
	unlink(path);
	result_files_finish(&files);
}

/* Neither drift nor a sample of three times the mean is stable; short samples are not compared. */
static void series_has_bursts(void **state)
{
	/* 40 samples of 100 exits, but for one in the middle; the first @low of them have 10. */
	static const struct {
		unsigned int low, busy;
		size_t stable, drifting, bursty;
		double ratio;
	} cases[] = {
		{ 0, 100, 1, 0, 0, 1 },
		{ 0, 290, 1, 0, 0, 290 * 40 / 4190.0 },
		{ 0, 450, 0, 0, 1, 450 * 40 / 4350.0 },
		{ 18, 100, 0, 1, 0, 100 * 40 / 2380.0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(ep_load_finish) struct ep_loaded loaded = {};
		_cleanup_(ep_facts_finish) struct ep_facts facts = {};
		char text[4096] = "repeat,interval_ns,scope,reason,name,exits_count\n";
		char path[sizeof(struct result_files) + 16];
		struct result_files files;
		struct ep_error err = {};

		result_files_init(&files);
		for (size_t j = 0; j < 40; j++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 "1,100000000,vm,,total,%u\n",
				 j == 20	    ? cases[i].busy
				 : j < cases[i].low ? 10
						    : 100);
		result_files_write(&files, "series.csv", text);
		assert_int_equal(ep_load(&loaded, files.path, &err), 0);
		assert_int_equal(find_facts(&facts, &loaded, &err), 0);
		assert_int_equal(facts.series.repeats, 1);
		assert_int_equal(facts.series.stable, cases[i].stable);
		assert_int_equal(facts.series.drifting, cases[i].drifting);
		assert_int_equal(facts.series.bursty, cases[i].bursty);
		assert_true(facts.series.peak_ratio > cases[i].ratio - 1e-9 &&
			    facts.series.peak_ratio < cases[i].ratio + 1e-9);
		assert_true(facts.series.width_s > 0.0999 && facts.series.width_s < 0.1001);
		snprintf(path, sizeof(path), "%s/series.csv", files.path);
		unlink(path);
		result_files_finish(&files);
	}
}

/* As the terminal's table has it: whole, a half rounded up. */
static void medians_of_counts_are_whole(void **state)
{
	double even[] = { 36, 35 }, odd[] = { 7, 1, 5 };

	assert_true(ep_spread_of_counts(even, 2).median == 36);
	assert_true(ep_spread_of_counts(odd, 3).median == 5);
}

/* What the end of an interrupt and the trigger mode cost, both of the x2APIC. */
static void advice_of_msrs(void **state)
{
	assert_has(ep_advice_find("MSR_WRITE")->cause, "0x80b");
	assert_has(ep_advice_find("MSR_WRITE")->reduce, "EOI");
	assert_has(ep_advice_find("msr")->cause, "TMR (0x818 to 0x81f)");
	assert_has(ep_advice_find("MSR_READ")->cause, "TMR (0x818 to 0x81f)");
}

static void figures_in_words(void **state)
{
	static const struct {
		double figure;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 5, "5" },
		{ 1.25, "1.25" },
		{ 20.04, "20.0" },
		{ 999, "999" },
		{ 999.9, "1,000" },
		{ 1234567, "1,234,567" },
		{ 0.00123, "0.00123" },
	};
	char text[EP_VALUE_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(ep_text_figure(cases[i].figure, text), cases[i].text);
	assert_string_equal(ep_text_share(0.4687, text), "46.9%");
	assert_string_equal(ep_text_share(0.0001, text), "<0.1%");
	assert_string_equal(ep_text_share(0, text), "0.0%");
}

static void words_of_a_shell(void **state)
{
	static const char *const words[][2] = {
		{ "fio", "fio" }, { "a b", "'a b'" },	{ "it's", "'it'\\''s'" },
		{ "", "''" },	  { "$(x)", "'$(x)'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_free_ char *quoted = ep_text_quote(words[i][0]);

		assert_string_equal(quoted, words[i][1]);
	}
}

static bool is_reason_of(const char *name, enum ep_vendor vendor)
{
	const struct ep_reasons *known = ep_reasons_of(vendor);

	for (size_t i = 0; i < known->count; i++)
		if (!strcmp(known->list[i].name, name))
			return true;
	return false;
}

/* Each name is a reason, stands once, and its vendor's manual is named. */
static void advice_is_of_reasons(void **state)
{
	for (size_t i = 0; i < ep_advice_count; i++) {
		const struct ep_advice *advice = &ep_advice_list[i];

		assert_non_null(advice->names[0]);
		assert_true(advice->cause[strlen(advice->cause) - 1] == '.');
		assert_true(advice->reduce[strlen(advice->reduce) - 1] == '.');
		for (size_t j = 0; j < EP_ADVICE_NAMES_MAX && advice->names[j]; j++) {
			const char *name = advice->names[j];
			bool vmx = is_reason_of(name, EP_VENDOR_VMX);
			bool svm = is_reason_of(name, EP_VENDOR_SVM);

			if (!vmx && !svm)
				fail_msg("there is no reason '%s'", name);
			if ((vmx && !advice->sdm) || (svm && !advice->apm))
				fail_msg("'%s' names no section of the manual", name);
			if (ep_advice_find(name) != advice)
				fail_msg("'%s' is there twice", name);
		}
	}
	assert_null(ep_advice_find("no such reason"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_escapes_everything),
		cmocka_unit_test(markdown_escapes_everything),
		cmocka_unit_test(markdown_begins_no_list),
		cmocka_unit_test(texts_are_utf8),
		cmocka_unit_test(svg_within_a_page),
		cmocka_unit_test(svg_of_any_length),
		cmocka_unit_test(spread_of_repeats),
		cmocka_unit_test(paging_by_reasons),
		cmocka_unit_test(facts_of_a_result),
		cmocka_unit_test(details_are_medians),
		cmocka_unit_test(series_has_bursts),
		cmocka_unit_test(medians_of_counts_are_whole),
		cmocka_unit_test(advice_of_msrs),
		cmocka_unit_test(figures_in_words),
		cmocka_unit_test(words_of_a_shell),
		cmocka_unit_test(advice_is_of_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
