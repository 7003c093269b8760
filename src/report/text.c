// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/reasons.h"
#include "report/advice.h"
#include "report/text.h"

/* Leading are those that make up most of exits or cycles; of more nobody reads. */
#define LEADING_MAX    5
#define LEADING_ENOUGH 0.85
#define LEADING_LEAST  0.03

const char *ep_text_figure(double figure, char text[EP_VALUE_TEXT_MAX])
{
	int decimals = 0;

	if (figure >= 999.5 && figure < 0x1p63)
		return ep_value_group(figure + 0.5, text);
	if (figure == floor(figure) && figure < 1000) {
		snprintf(text, EP_VALUE_TEXT_MAX, "%.0f", figure);
		return text;
	}
	for (double at = figure; at > 0 && at < 99.95 && decimals < 6; at *= 10)
		decimals++;
	snprintf(text, EP_VALUE_TEXT_MAX, "%.*f", decimals, fmin(figure, 1e20));
	return text;
}

const char *ep_text_whole(double figure, char text[EP_VALUE_TEXT_MAX])
{
	return ep_text_figure(figure >= 9.5 ? floor(figure + 0.5) : figure, text);
}

const char *ep_text_share(double share, char text[EP_VALUE_TEXT_MAX])
{
	if (share > 0 && share < 0.0005)
		strcpy(text, "<0.1%");
	else
		snprintf(text, EP_VALUE_TEXT_MAX, "%.1f%%", fmin(share, 1e6) * 100);
	return text;
}

const char *ep_text_seconds(double ns, char text[EP_VALUE_TEXT_MAX])
{
	snprintf(text, EP_VALUE_TEXT_MAX, "%.3f s", ns / 1e9);
	return text;
}

const char *ep_text_known(bool known, double figure, char text[EP_VALUE_TEXT_MAX])
{
	return known ? ep_text_figure(figure, text) : strcpy(text, "-");
}

const char *ep_text_paging(enum ep_paging paging, const char *vendor)
{
	bool vmx = !strcmp(vendor, "VMX");

	switch (paging) {
	case EP_PAGING_NESTED:
		return vmx ? "nested (EPT)" : "nested (NPT)";
	case EP_PAGING_SHADOW:
		return vmx ? "shadow (ept=0)" : "shadow (npt=0)";
	default:
		return "not known";
	}
}

static const struct ep_reason *find_reason(const char *name, const char *vendor)
{
	const struct ep_reasons *known =
		ep_reasons_of(strcmp(vendor, "VMX") ? EP_VENDOR_SVM : EP_VENDOR_VMX);

	for (size_t i = 0; i < known->count; i++)
		if (!strcmp(known->list[i].name, name))
			return &known->list[i];
	return NULL;
}

static void write_sources(struct ep_document *document, const struct ep_advice *advice,
			  const char *vendor)
{
	bool vmx = !strcmp(vendor, "VMX");
	const char *section = vmx ? advice->sdm : advice->apm;

	if (section)
		ep_document_text(document, " (%s, “%s”",
				 vmx ? "Intel SDM vol. 3" : "AMD APM vol. 2", section);
	else if (advice->kernel)
		ep_document_text(document, " (");
	if (advice->kernel) {
		ep_document_text(document, "%sLinux, ", section ? "; " : "");
		ep_document_code(document, "%s", advice->kernel);
	}
	if (section || advice->kernel)
		ep_document_text(document, ")");
}

static void write_advice(struct ep_document *document, const struct ep_report_share *share,
			 const char *vendor)
{
	const struct ep_advice *advice = ep_advice_find(share->name);
	const struct ep_reason *reason = find_reason(share->name, vendor);
	char text[EP_VALUE_TEXT_MAX];

	ep_document_heading(document, 3, "%s", "");
	ep_document_code(document, "%s", share->name);
	ep_document_text(document, ": %s of the exits", ep_text_share(share->exits_share, text));
	if (share->timed)
		ep_document_text(document, ", %s of the handling cycles",
				 ep_text_share(share->cycles_share, text));
	ep_document_paragraph(document);
	if (!advice) {
		ep_document_text(document, "%s.", reason ? reason->meaning : "not in the tables");
		return;
	}
	ep_document_text(document, "%s", advice->cause);
	write_sources(document, advice, vendor);
	ep_document_paragraph(document);
	ep_document_strong(document, "What usually reduces it:");
	ep_document_text(document, " %s", advice->reduce);
}

/* Adds the largest by exits or by cycles, until they are enough. */
static void choose(const struct ep_report_share *shares, size_t count, bool by_cycles, bool *chosen,
		   size_t *chosen_count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		if (chosen[i])
			sum += by_cycles ? shares[i].cycles_share : shares[i].exits_share;
	while (sum < LEADING_ENOUGH && *chosen_count < LEADING_MAX) {
		const struct ep_report_share *best = NULL;
		double largest = LEADING_LEAST;

		for (size_t i = 0; i < count; i++) {
			double share = by_cycles ? shares[i].cycles_share : shares[i].exits_share;

			if (chosen[i] || !(share > largest))
				continue;
			largest = share;
			best = &shares[i];
		}
		if (!best)
			return;
		chosen[best - shares] = true;
		(*chosen_count)++;
		sum += largest;
	}
}

void ep_report_advice(struct ep_document *document, const struct ep_report_share *shares,
		      size_t count, const char *vendor)
{
	_cleanup_free_ bool *chosen = calloc(count + 1, sizeof(*chosen));
	size_t chosen_count = 0;

	if (!chosen) {
		document->failed = true;
		return;
	}
	choose(shares, count, false, chosen, &chosen_count);
	choose(shares, count, true, chosen, &chosen_count);
	if (!chosen_count)
		return;
	ep_document_heading(document, 2, "The leading reasons");
	ep_document_paragraph(document);
	ep_document_text(document, "What they mean, what they usually come from and what usually "
				   "makes them rarer. This is general knowledge, not a finding of "
				   "this measurement.");
	for (size_t i = 0; i < count; i++)
		if (chosen[i])
			write_advice(document, &shares[i], vendor);
}

static const struct ep_report_share *largest_by_cycles(const struct ep_report_share *shares,
						       size_t count)
{
	const struct ep_report_share *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (shares[i].timed && (!best || shares[i].cycles_share > best->cycles_share))
			best = &shares[i];
	return best && best->cycles_share > 0 ? best : NULL;
}

void ep_report_extremes(struct ep_document *document, const struct ep_report_share *shares,
			size_t count)
{
	const struct ep_report_share *cycles = largest_by_cycles(shares, count);
	char exits[EP_VALUE_TEXT_MAX], share[EP_VALUE_TEXT_MAX];
	size_t least = count;

	ep_document_item(document);
	if (!count) {
		ep_document_text(document, "No exit was counted.");
		return;
	}
	while (least > 1 && shares[least - 1].exits <= 0)
		least--;
	ep_document_text(document, "Most frequent: ");
	ep_document_code(document, "%s", shares[0].name);
	ep_document_text(document, ", %s exits, %s of all.", ep_text_figure(shares[0].exits, exits),
			 ep_text_share(shares[0].exits_share, share));
	if (least > 1) {
		ep_document_text(document, " Least frequent of those that occurred: ");
		ep_document_code(document, "%s", shares[least - 1].name);
		ep_document_text(document, ", %s %s.",
				 ep_text_figure(shares[least - 1].exits, exits),
				 shares[least - 1].exits == 1 ? "exit" : "exits");
	}
	if (!cycles)
		return;
	ep_document_item(document);
	ep_document_text(document, "Largest share of the handling cycles: ");
	ep_document_code(document, "%s", cycles->name);
	ep_document_text(document, ", %s", ep_text_share(cycles->cycles_share, share));
	if (cycles == &shares[0])
		ep_document_text(document, "; it is the most frequent one, too.");
	else
		ep_document_text(document,
				 ", with %s of the exits: one of them takes longer than most.",
				 ep_text_share(cycles->exits_share, share));
}

static bool is(const struct ep_report_source *source, const char *object, const char *member,
	       bool wanted)
{
	struct json_object *value = ep_load_member(&source->loaded, object, member);

	return json_object_is_type(value, json_type_boolean) &&
	       !!json_object_get_boolean(value) == wanted;
}

static void write_note(struct ep_document *document, const char *text)
{
	ep_document_note(document);
	ep_document_text(document, "%s", text);
}

void ep_report_warnings(struct ep_document *document, const struct ep_report_source *source)
{
	if (is(source, "host", "simulated", true))
		write_note(document,
			   "The host was simulated, for tests of exitprof itself: nothing "
			   "here was measured.");
	else if (ep_source_emulated(source))
		write_note(document,
			   "The machine was emulated. Counts are those of a real KVM, but "
			   "cycles and seconds are the emulator's: compare them with each "
			   "other, never with hardware.");
	if (source->is_boot ? !source->boot.consistent : is(source, "run", "consistent", false))
		write_note(document, "Not every reading is of one instant: sums may be a few exits "
				     "off.");
	if (!source->is_boot && is(source, "run", "interrupted", true))
		write_note(document, "The run was interrupted: its last repeat is short.");
}

char *ep_text_quote(const char *word)
{
	const char *at = word;
	char *ret = NULL;
	size_t size;
	FILE *file;

	while (*at && (isalnum((unsigned char)*at) || strchr("-_./=:,%@+", *at)))
		at++;
	if (*word && !*at)
		return strdup(word);
	file = open_memstream(&ret, &size);
	if (!file)
		return NULL;
	putc('\'', file);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", file);
		else
			putc(*word, file);
	putc('\'', file);
	return fclose(file) ? NULL : ret;
}
