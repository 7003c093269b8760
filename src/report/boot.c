// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "boot/busy.h"
#include "core/base/cleanup.h"
#include "core/boot/phases.h"
#include "core/boot/rate.h"
#include "report/boot.h"

static int most_first(const void *a, const void *b)
{
	const struct ep_report_share *x = a, *y = b;

	if (x->exits != y->exits)
		return x->exits < y->exits ? 1 : -1;
	return strcmp(x->name, y->name);
}

struct ep_report_share *ep_report_boot_shares(const struct ep_boot *boot, size_t *ret_count)
{
	struct ep_report_share *shares = calloc(boot->reasons + 1, sizeof(*shares));
	struct ep_boot_figure figures[EP_REASONS_MAX] = {}, all = {};

	*ret_count = 0;
	if (!shares)
		return NULL;
	ep_boot_sum_reasons(boot, !boot->before_known, figures);
	for (size_t i = 0; i < boot->reasons; i++) {
		all.exits += figures[i].exits;
		all.cycles += figures[i].cycles;
	}
	for (size_t i = 0; i < boot->reasons; i++)
		if (figures[i].exits)
			shares[(*ret_count)++] = (struct ep_report_share){
				.name = boot->names[i],
				.exits = figures[i].exits,
				.exits_share = (double)figures[i].exits / all.exits,
				.timed = true,
				.cycles = figures[i].cycles,
				.cycles_share =
					all.cycles ? (double)figures[i].cycles / all.cycles : 0,
			};
	qsort(shares, *ret_count, sizeof(*shares), most_first);
	return shares;
}

static double end_ns(const struct ep_boot *boot)
{
	return boot->samples[boot->count - 1].now_ns;
}

void ep_report_boot_facts(struct ep_document *document, const struct ep_boot *boot)
{
	char a[EP_VALUE_TEXT_MAX], remark[128];
	double exits = ep_boot_total(boot).exits,
	       sampled_ns = end_ns(boot) - boot->samples[0].now_ns;
	double sampled = boot->before_known ? exits - boot->samples[0].exits : exits;

	ep_document_facts(document);
	ep_document_row(document, boot->before_known ? "Exits of the boot" : "Exits, at least",
			ep_text_figure(exits, a),
			boot->before_known
				? "since the VM was created"
				: "since the first sample; the VM had been booted before");
	snprintf(remark, sizeof(remark), "since the kernel started; %.60s", boot->ended);
	ep_document_row(document, "Time", ep_text_seconds(end_ns(boot), a), remark);
	if (sampled_ns > 0)
		ep_document_row(document, "Exits per second",
				ep_text_figure(sampled * 1e9 / sampled_ns, a),
				"while it was sampled");
	if (exits > 0)
		ep_document_row(document, "Handling cycles per exit",
				ep_text_figure(ep_boot_total(boot).cycles / exits, a),
				"the host's TSC");
}

void ep_report_boot_total(struct ep_document *document, const struct ep_boot *boot)
{
	char a[EP_VALUE_TEXT_MAX], b[EP_VALUE_TEXT_MAX], c[EP_VALUE_TEXT_MAX];
	double exits = ep_boot_total(boot).exits, before = boot->samples[0].exits;

	ep_document_item(document);
	ep_document_text(document, "This boot of Linux %s took ", boot->kernel);
	ep_document_strong(document, "%s%s exits", boot->before_known ? "" : "at least ",
			   ep_text_figure(exits, a));
	ep_document_text(document, " until it was %s, %s after the kernel's start.", boot->ended,
			 ep_text_seconds(end_ns(boot), b));
	if (!boot->before_known)
		ep_document_text(document,
				 " What came before the first sample is not known: the VM "
				 "had been booted before, and its counters go on.");
	else if (exits > 0)
		ep_document_text(document,
				 " %s of them (%s) came before the first sample at %.2f s: "
				 "firmware, "
				 "boot loader, kernel and what of the initrd was over by then.",
				 ep_text_figure(before, b), ep_text_share(before / exits, c),
				 boot->samples[0].now_ns / 1e9);
}

static void say_bursts(struct ep_document *document, const struct ep_boot *boot,
		       const struct ep_boot_rate *rate)
{
	char a[EP_VALUE_TEXT_MAX], b[EP_VALUE_TEXT_MAX];
	const struct ep_boot_sample *sample = &boot->samples[rate->busiest];

	if (!rate->busiest)
		return;
	ep_document_text(document,
			 " Bursts: the busiest sample, of %.0f ms at %.2f s, had %s exits per "
			 "second, %.1f times the mean of %s (from %.0f times on "
			 "is called a burst, which is a choice, too).",
			 sample->duration_ns / 1e6, sample->now_ns / 1e9,
			 ep_text_whole(rate->peak, a), ep_boot_peak_ratio(rate),
			 ep_text_whole(rate->mean, b), EP_BOOT_BURST);
}

void ep_report_boot_stability(struct ep_document *document, const struct ep_boot *boot)
{
	char a[EP_VALUE_TEXT_MAX];
	struct ep_boot_rate rate;

	ep_document_item(document);
	if (boot->count < 2) {
		ep_document_text(document,
				 "Whether the rate was stable is not known: there are too "
				 "few samples.");
		return;
	}
	ep_boot_rate(&rate, boot);
	ep_document_text(document, "From the first sample at %.2f s to the end at %.2f s the rate ",
			 boot->samples[0].now_ns / 1e9, end_ns(boot) / 1e9);
	ep_document_strong(document, "%s", ep_boot_rate_words(&rate));
	ep_document_text(document,
			 ". Drift: exits against time depart by %s of them from a straight line "
			 "(below %.0f%% is called none, which is a choice)",
			 ep_text_share(rate.departure, a), EP_BOOT_STABLE * 100);
	if (rate.tested)
		ep_document_text(document,
				 "; %s of random orders of its %zu intervals depart as much "
				 "(p = %.2g)",
				 ep_text_share(rate.p, a), rate.intervals, rate.p);
	ep_document_text(document, ".");
	if (rate.whole_known)
		ep_document_text(document,
				 " Over the whole boot, from the kernel's start on, they depart by "
				 "%s.",
				 ep_text_share(rate.whole, a));
	say_bursts(document, boot, &rate);
}

static void say_busiest(struct ep_document *document, const struct ep_boot *boot,
			const struct ep_boot_phases *phases)
{
	struct ep_boot_busy busy[EP_BOOT_BUSIEST];
	size_t count = ep_boot_busy(boot, busy);
	char text[EP_VALUE_TEXT_MAX];

	if (!count)
		return;
	ep_document_item(document);
	ep_document_text(document, "Busiest moments, by phase, and units that started then "
				   "(coincidence in time, not cause): ");
	for (size_t i = 0; i < count; i++) {
		ep_document_text(document, "%s%.2f s (%s), %s exits per second", i ? "; " : "",
				 busy[i].sample->now_ns / 1e9,
				 ep_boot_phase_of(phases, busy[i].sample)->name,
				 ep_text_whole(busy[i].rate, text));
		for (size_t j = 0; j < busy[i].count; j++) {
			ep_document_text(document, j ? ", " : ": ");
			ep_document_code(document, "%s", boot->units[busy[i].units[j]].name);
		}
	}
	ep_document_text(document, ".");
}

void ep_report_boot_findings(struct ep_document *document, const struct ep_boot *boot)
{
	size_t count;
	_cleanup_free_ struct ep_report_share *shares = ep_report_boot_shares(boot, &count);
	_cleanup_free_ struct ep_boot_phases *phases = ep_boot_phases(boot);

	if (!shares || !phases) {
		document->failed = true;
		return;
	}
	ep_report_boot_total(document, boot);
	ep_report_boot_stability(document, boot);
	ep_report_extremes(document, shares, count);
	say_busiest(document, boot, phases);
}

static void add_phase(struct ep_document *document, const struct ep_boot_phase *phase, bool first)
{
	double seconds = (phase->to_ns - phase->from_ns) / 1e9;
	double ratio = ep_boot_phase_peak_ratio(phase);
	char from[32] = "-", to[32], exits[EP_VALUE_TEXT_MAX], rate[EP_VALUE_TEXT_MAX];
	char cycles[EP_VALUE_TEXT_MAX], peak[EP_VALUE_TEXT_MAX], times[32] = "-";

	if (!first)
		snprintf(from, sizeof(from), "%.2f", phase->from_ns / 1e9);
	else if (phase->known)
		strcpy(from, "VM created");
	snprintf(to, sizeof(to), "%.2f", phase->to_ns / 1e9);
	if (ratio > 0)
		snprintf(times, sizeof(times), "%.1f", ratio);
	/* When the VM was created is not known. */
	ep_document_row(document, phase->name, from, to,
			ep_text_known(phase->known, phase->exits, exits),
			!first && seconds > 0 ? ep_text_whole(phase->exits / seconds, rate) : "-",
			ratio > 0 ? ep_text_whole(phase->peak, peak) : "-", times,
			ep_text_known(phase->known, phase->cycles, cycles));
}

void ep_report_boot_phases(struct ep_document *document, const struct ep_boot *boot)
{
	static const struct ep_report_column columns[] = {
		{ "Phase", EP_COLUMN_TEXT },
		{ "From, s", EP_COLUMN_NUMBER },
		{ "To, s", EP_COLUMN_NUMBER },
		{ "Exits", EP_COLUMN_NUMBER },
		{ "Per second", EP_COLUMN_NUMBER },
		{ "Peak", EP_COLUMN_NUMBER },
		{ "Peak / mean", EP_COLUMN_NUMBER },
		{ "Handling cycles", EP_COLUMN_NUMBER },
		{},
	};
	_cleanup_free_ struct ep_boot_phases *phases = ep_boot_phases(boot);

	if (!phases) {
		document->failed = true;
		return;
	}
	ep_document_table(document,
			  "Exits by phase; seconds since the kernel started; peak: exits per "
			  "second "
			  "of the busiest sample",
			  columns);
	for (size_t i = 0; i < phases->count; i++)
		add_phase(document, &phases->list[i], !i);
}

void ep_report_boot_reasons(struct ep_document *document, const struct ep_boot *boot)
{
	static const struct ep_report_column columns[] = {
		{ "Reason", EP_COLUMN_CODE },
		{ "Exits", EP_COLUMN_NUMBER },
		{ "Share", EP_COLUMN_SHARE },
		{ "Handling cycles", EP_COLUMN_NUMBER },
		{ "Share", EP_COLUMN_SHARE },
		{ "Cycles per exit", EP_COLUMN_NUMBER },
		{},
	};
	size_t count;
	_cleanup_free_ struct ep_report_share *shares = ep_report_boot_shares(boot, &count);
	char a[EP_VALUE_TEXT_MAX], b[EP_VALUE_TEXT_MAX], c[EP_VALUE_TEXT_MAX];
	char d[EP_VALUE_TEXT_MAX], e[EP_VALUE_TEXT_MAX];
	double exits = ep_boot_total(boot).exits, cycles = ep_boot_total(boot).cycles;

	if (!shares) {
		document->failed = true;
		return;
	}
	ep_document_table(document,
			  boot->before_known ? "Exits by reason, since the VM was created"
					     : "Exits by reason, since the first sample",
			  columns);
	for (size_t i = 0; i < count; i++)
		ep_document_row(document, shares[i].name, ep_text_figure(shares[i].exits, a),
				ep_text_share(shares[i].exits_share, b),
				ep_text_figure(shares[i].cycles, c),
				ep_text_share(shares[i].cycles_share, d),
				ep_text_figure(shares[i].cycles / shares[i].exits, e));
	ep_document_row(document, "total", ep_text_figure(exits, a), ep_text_share(exits > 0, b),
			ep_text_figure(cycles, c), ep_text_share(cycles > 0, d),
			ep_text_known(exits > 0, exits > 0 ? cycles / exits : 0, e));
}

void ep_report_boot_method(struct ep_document *document, const struct ep_boot *boot)
{
	char text[EP_VALUE_TEXT_MAX];

	ep_document_paragraph(document);
	ep_document_text(
		document,
		"KVM counts the exits from the moment at which the VM is created; a service "
		"reads the counters in the guest by CPUID, %zu times. The reading is exits, "
		"too: %s of them, which are subtracted. The phases are systemd's.",
		boot->count, ep_text_figure(boot->own_exits, text));
}
