// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "boot/busy.h"
#include "cli/message.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/value.h"
#include "core/boot/phases.h"
#include "core/boot/rate.h"
#include "print/boot.h"

struct reason {
	uint32_t row;
	struct ep_boot_figure figure;
};

static int most_first(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	if (x->figure.exits != y->figure.exits)
		return x->figure.exits < y->figure.exits ? 1 : -1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Those that have exits, most first; @ret has EP_REASONS_MAX. */
static uint32_t sort_reasons(const struct ep_boot *boot, struct reason *ret)
{
	struct ep_boot_figure figures[EP_REASONS_MAX] = {};
	uint32_t count = 0;

	ep_boot_sum_reasons(boot, !boot->before_known, figures);
	for (uint32_t i = 0; i < boot->reasons; i++)
		if (figures[i].exits)
			ret[count++] = (struct reason){ i, figures[i] };
	qsort(ret, count, sizeof(*ret), most_first);
	return count;
}

/* As systemd-analyze has them; - is not known. */
static void print_times(FILE *file, const struct ep_boot *boot)
{
	uint64_t kernel = ep_boot_kernel_end(boot);
	uint64_t userspace = boot->userspace_ns;
	const struct {
		const char *name;
		uint64_t begin, end;
	} times[] = {
		{ "firmware", boot->loader_ns, boot->firmware_ns },
		{ "loader", 0, boot->loader_ns },
		{ "kernel", 0, kernel },
		{ "initrd", kernel, kernel && kernel != userspace ? userspace : 0 },
		{ "userspace", userspace, userspace ? boot->finish_ns : 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		fprintf(file, "%s%s ", i ? ", " : "", times[i].name);
		if (times[i].end > times[i].begin)
			fprintf(file, "%.2f s", (times[i].end - times[i].begin) / 1e9);
		else
			putc('-', file);
	}
	fputs("\n\n", file);
}

static void print_phases(const struct ep_boot *boot, const struct ep_boot_phases *phases)
{
	static const struct ep_column columns[] = {
		{ "phase" },
		{ "from s", true },
		{ "to s", true },
		{ "exits", true },
		{ "per second", true },
		{ "cycles", true },
		{},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);

	for (size_t i = 0; i < phases->count; i++) {
		const struct ep_boot_phase *phase = &phases->list[i];
		char from[32] = "-", to[32], exits[EP_VALUE_TEXT_MAX] = "-";
		char rate[EP_VALUE_TEXT_MAX] = "-", cycles[EP_VALUE_TEXT_MAX] = "-";
		double seconds = (phase->to_ns - phase->from_ns) / 1e9;

		if (i)
			snprintf(from, sizeof(from), "%.2f", phase->from_ns / 1e9);
		else if (phase->known)
			strcpy(from, "VM created");
		snprintf(to, sizeof(to), "%.2f", phase->to_ns / 1e9);
		if (phase->known) {
			ep_value_group(phase->exits, exits);
			ep_value_group(phase->cycles, cycles);
		}
		/* When the VM was created is not known. */
		if (i && seconds > 0)
			ep_value_group((uint64_t)(phase->exits / seconds + 0.5), rate);
		ep_table_add(table, phase->name, from, to, exits, rate, cycles);
	}
	ep_table_print(table);
	if (!boot->before_known)
		puts("-: this VM has been booted before, and its counters go on");
}

/* Exits by phase beside each other, where there is more than one. */
static void print_reasons(const struct ep_boot *boot, const struct ep_boot_phases *phases,
			  const struct reason *reasons, uint32_t count)
{
	static const struct ep_column columns[] = {
		{ "reason" },	    { "exits", true },	   { "share", true },  { "before", true },
		{ "initrd", true }, { "userspace", true }, { "cycles", true }, {},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);
	uint64_t all = ep_boot_total(boot).exits;

	for (uint32_t i = 0; i < count; i++) {
		const struct reason *reason = &reasons[i];
		char exits[EP_VALUE_TEXT_MAX], cycles[EP_VALUE_TEXT_MAX], share[16];
		char before[EP_VALUE_TEXT_MAX] = "-", initrd[EP_VALUE_TEXT_MAX] = "-";
		char userspace[EP_VALUE_TEXT_MAX];
		uint64_t rest = 0;

		for (size_t p = 0; p < phases->count; p++) {
			uint64_t part = phases->list[p].reasons[reason->row].exits;

			if (!p && phases->list[p].known)
				ep_value_group(part, before);
			else if (p && !strcmp(phases->list[p].name, "initrd"))
				ep_value_group(part, initrd);
			else if (p)
				rest += part;
		}
		snprintf(share, sizeof(share), "%.2f%%",
			 all ? reason->figure.exits * 100.0 / all : 0);
		ep_table_add(table, boot->names[reason->row],
			     ep_value_group(reason->figure.exits, exits), share, before, initrd,
			     ep_value_group(rest, userspace),
			     ep_value_group(reason->figure.cycles, cycles));
	}
	ep_table_print(table);
}

static void print_drift(FILE *file, const struct ep_boot_rate *rate)
{
	fprintf(file,
		"drift: exits against time depart by %.1f%% of them from a straight line (below\n"
		"%.0f%% is none)",
		rate->departure * 100, EP_BOOT_STABLE * 100);
	if (rate->tested)
		fprintf(file,
			"; as much in %.1f%% of random orders of its %zu intervals\n(p = %.2g)",
			rate->p * 100, rate->intervals, rate->p);
	putc('\n', file);
	if (rate->whole_known)
		fprintf(file, "drift over the whole boot, from the kernel's start on: %.1f%%\n",
			rate->whole * 100);
}

static void print_bursts(FILE *file, const struct ep_boot *boot, const struct ep_boot_rate *rate)
{
	char peak[EP_VALUE_TEXT_MAX], mean[EP_VALUE_TEXT_MAX];

	if (!rate->busiest)
		return;
	fprintf(file,
		"bursts: at most %s exits/s in a sample of %.0f ms, %.1f times the mean of %s\n"
		"(from %.0f times on is one)\n",
		ep_value_group((uint64_t)(rate->peak + 0.5), peak),
		boot->samples[rate->busiest].duration_ns / 1e6, ep_boot_peak_ratio(rate),
		ep_value_group((uint64_t)(rate->mean + 0.5), mean), EP_BOOT_BURST);
}

/* The highest rate of a sample beside the mean, for each phase that has one. */
static void print_peaks(const struct ep_boot *boot, const struct ep_boot_phases *phases)
{
	static const struct ep_column columns[] = {
		{ "phase" },
		{ "mean/s", true },
		{ "peak/s", true },
		{ "peak/mean", true },
		{ "at s", true },
		{ "sample ms", true },
		{},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);

	for (size_t i = 0; i < phases->count; i++) {
		const struct ep_boot_phase *phase = &phases->list[i];
		double ratio = ep_boot_phase_peak_ratio(phase);
		char mean[EP_VALUE_TEXT_MAX], peak[EP_VALUE_TEXT_MAX], times[32], at[32], width[32];

		if (!(ratio > 0))
			continue;
		snprintf(times, sizeof(times), "%.1f", ratio);
		snprintf(at, sizeof(at), "%.2f", boot->samples[phase->busiest].now_ns / 1e9);
		snprintf(width, sizeof(width), "%.0f",
			 boot->samples[phase->busiest].duration_ns / 1e6);
		ep_table_add(table, phase->name,
			     ep_value_group((uint64_t)(phase->peak / ratio + 0.5), mean),
			     ep_value_group((uint64_t)(phase->peak + 0.5), peak), times, at, width);
	}
	ep_table_print(table);
}

static void print_figures(const struct ep_boot *boot, const struct ep_boot_rate *rate)
{
	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
	FILE *file = ep_terminal_begin(&text, stdout, 2);

	fprintf(file, "from %.2f s to %.2f s the rate %s\n", boot->samples[0].now_ns / 1e9,
		boot->samples[boot->count - 1].now_ns / 1e9, ep_boot_rate_words(rate));
	print_drift(file, rate);
	print_bursts(file, boot, rate);
}

static void print_rate(const struct ep_boot *boot, const struct ep_boot_phases *phases)
{
	struct ep_boot_rate rate;

	if (boot->count < 2)
		return;
	ep_boot_rate(&rate, boot);
	print_figures(boot, &rate);
	if (rate.busiest)
		print_peaks(boot, phases);
}

static void print_busiest(const struct ep_boot *boot, const struct ep_boot_phases *phases)
{
	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
	FILE *file = ep_terminal_begin(&text, stdout, 4);
	struct ep_boot_busy busy[EP_BOOT_BUSIEST];
	size_t count = ep_boot_busy(boot, busy);

	if (count)
		fputs("busiest moments, by phase, and units that started then (coincidence in "
		      "time, not cause):\n",
		      file);
	for (size_t i = 0; i < count; i++) {
		char value[EP_VALUE_TEXT_MAX];

		fprintf(file, "  %.2f s, %s: %s exits/s", busy[i].sample->now_ns / 1e9,
			ep_boot_phase_of(phases, busy[i].sample)->name,
			ep_value_group((uint64_t)(busy[i].rate + 0.5), value));
		for (size_t j = 0; j < busy[i].count; j++)
			fprintf(file, "%s%s", j ? ", " : "  ", boot->units[busy[i].units[j]].name);
		putc('\n', file);
	}
}

static void print_head(const struct ep_boot *boot)
{
	_cleanup_(ep_terminal_end) struct ep_terminal_text text;
	FILE *file = ep_terminal_begin(&text, stdout, 2);
	char exits[EP_VALUE_TEXT_MAX];

	fprintf(file, "boot of %s, Linux %s: %s%s exits in %.2f s, %s\n", boot->started,
		boot->kernel, boot->before_known ? "" : "at least ",
		ep_value_group(ep_boot_total(boot).exits, exits),
		boot->samples[boot->count - 1].now_ns / 1e9, boot->ended);
	print_times(file, boot);
}

int ep_print_boot(const struct ep_boot *boot)
{
	_cleanup_free_ struct ep_boot_phases *phases = ep_boot_phases(boot);
	struct reason reasons[EP_REASONS_MAX];
	uint32_t count = sort_reasons(boot, reasons);
	char own[EP_VALUE_TEXT_MAX];

	if (!phases) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	print_head(boot);
	print_phases(boot, phases);
	putchar('\n');
	print_reasons(boot, phases, reasons, count);
	putchar('\n');
	if (count)
		ep_terminal_print(stdout, 2, "most frequent: %s; least frequent: %s\n",
				  boot->names[reasons[0].row], boot->names[reasons[count - 1].row]);
	print_rate(boot, phases);
	print_busiest(boot, phases);
	ep_terminal_print(stdout, 2,
			  "subtracted: %s exits of exitprof's own reading, in %zu samples\n",
			  ep_value_group(boot->own_exits, own), boot->count);
	if (!boot->consistent)
		ep_terminal_print(stdout, 2,
				  "not every sample is of one instant: sums may be a few exits "
				  "off\n");
	return EP_STATUS_DONE;
}

int ep_print_boot_csv(const struct ep_boot *boot)
{
	puts("time_ns,duration_ns,name,exits_count,handling_cycles");
	for (size_t i = !boot->before_known; i < boot->count; i++) {
		const struct ep_boot_sample *sample = &boot->samples[i];

		for (size_t j = 0; j < sample->count; j++) {
			const struct ep_boot_entry *entry = &boot->entries[sample->first + j];

			ep_csv_u64(stdout, sample->now_ns, ',');
			if (sample->duration_ns)
				ep_csv_u64(stdout, sample->duration_ns, ',');
			else
				putchar(',');
			ep_csv_text(stdout, boot->names[entry->row], ',');
			ep_csv_u64(stdout, entry->exits, ',');
			ep_csv_u64(stdout, entry->cycles, '\n');
		}
	}
	return EP_STATUS_DONE;
}

int ep_print_boot_phases_csv(const struct ep_boot *boot)
{
	_cleanup_free_ struct ep_boot_phases *phases = ep_boot_phases(boot);

	if (!phases) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	puts("phase,from_ns,to_ns,name,exits_count,handling_cycles");
	for (size_t i = 0; i < phases->count; i++) {
		const struct ep_boot_phase *phase = &phases->list[i];

		for (uint32_t row = 0; row < boot->reasons; row++) {
			if (!phase->reasons[row].exits && !phase->reasons[row].cycles)
				continue;
			ep_csv_text(stdout, phase->name, ',');
			/* It begins when the VM is created. */
			if (i)
				ep_csv_u64(stdout, phase->from_ns, ',');
			else
				putchar(',');
			ep_csv_u64(stdout, phase->to_ns, ',');
			ep_csv_text(stdout, boot->names[row], ',');
			ep_csv_u64(stdout, phase->reasons[row].exits, ',');
			ep_csv_u64(stdout, phase->reasons[row].cycles, '\n');
		}
	}
	return EP_STATUS_DONE;
}
