// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>

#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "core/result/summary.h"
#include "print/summary.h"

#define DETAILS_SHOWN 5
#define REASONS_SHOWN 3

static void add_summary_row(struct ep_table *table, const struct ep_summary_row *row, bool rates)
{
	char exits[EP_VALUE_TEXT_MAX], rate[EP_VALUE_TEXT_MAX], cycles[EP_VALUE_TEXT_MAX] = "-";
	char per_exit[EP_VALUE_TEXT_MAX] = "-", share[EP_VALUE_TEXT_MAX] = "-";

	ep_value_group(row->exits, exits);
	ep_value_group((uint64_t)(row->exits_per_second + 0.5), rate);
	if (row->timed) {
		ep_value_group(row->cycles, cycles);
		ep_value_group((uint64_t)(row->cycles_per_exit + 0.5), per_exit);
		snprintf(share, sizeof(share), "%.1f%%", row->cycles_share * 100);
	}
	if (rates)
		ep_table_add(table, row->name, exits, rate, cycles, share, per_exit);
	else
		ep_table_add(table, row->name, exits, cycles, share, per_exit);
}

void ep_print_summary(FILE *file, const struct ep_summary *summary, bool rates)
{
	static const struct ep_column with_rates[] = {
		{ "reason" },
		{ "exits", true },
		{ "per second", true },
		{ "cycles", true },
		{ "share", true },
		{ "cycles/exit", true },
		{},
	};
	static const struct ep_column without[] = {
		{ "reason" },	   { "exits", true },	    { "cycles", true },
		{ "share", true }, { "cycles/exit", true }, {},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table =
		ep_table_create(rates ? with_rates : without);

	for (uint32_t i = 0; i < summary->count; i++)
		if (summary->rows[i].exits)
			add_summary_row(table, &summary->rows[i], rates);
	add_summary_row(table, &summary->total, rates);
	ep_table_print_to(table, file);
}

static void add_times_row(struct ep_table *table, const struct ep_summary_row *row)
{
	char p50[EP_VALUE_TEXT_MAX], p90[EP_VALUE_TEXT_MAX], p99[EP_VALUE_TEXT_MAX];
	char max[EP_VALUE_TEXT_MAX], away[EP_VALUE_TEXT_MAX];

	bool known = row->max;

	ep_table_add(table, row->name, known ? ep_value_group(row->p50, p50) : "-",
		     known ? ep_value_group(row->p90, p90) : "-",
		     known ? ep_value_group(row->p99, p99) : "-",
		     known ? ep_value_group(row->max, max) : "-",
		     row->exits ? ep_value_group(row->away / row->exits, away) : "-");
}

void ep_print_times(FILE *file, const struct ep_summary *summary)
{
	static const struct ep_column columns[] = {
		{ "cycles of one exit" },
		{ "p50", true },
		{ "p90", true },
		{ "p99", true },
		{ "max", true },
		{ "away/exit", true },
		{},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);

	for (uint32_t i = 0; i < summary->count; i++)
		if (summary->rows[i].exits)
			add_times_row(table, &summary->rows[i]);
	add_times_row(table, &summary->total);
	ep_table_print_to(table, file);
	ep_terminal_fill(file, 2,
			 "p50: 50 of 100 exits took at most so many handling cycles, rounded up to "
			 "a power of\ntwo; away/exit: mean cycles until the guest ran again\n");
}

static int compare_events(const void *a, const void *b)
{
	const struct ep_detail *x = *(const struct ep_detail *const *)a;
	const struct ep_detail *y = *(const struct ep_detail *const *)b;

	if (x->events != y->events)
		return x->events < y->events ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

static void add_detail(struct ep_table *table, const char *reason, const struct ep_detail *detail)
{
	const char *direction = ep_detail_direction(detail->key);
	char events[EP_VALUE_TEXT_MAX], what[EP_VALUE_TEXT_MAX], value[EP_VALUE_TEXT_MAX];

	snprintf(what, sizeof(what), "%s%s%s", ep_detail_kind(detail->key), direction[0] ? " " : "",
		 direction);
	snprintf(value, sizeof(value), "0x%" PRIx64, ep_detail_value(detail->key));
	ep_table_add(table, reason, what, value, ep_detail_value_name(detail->key),
		     ep_value_group(detail->events, events));
}

/* @row: index of the reason in the host's list, or that list's length for the rest. */
static void add_details(struct ep_table *table, const struct ep_details *details,
			const struct ep_host *host, uint32_t row)
{
	_cleanup_free_ const struct ep_detail **found = calloc(details->count, sizeof(*found));
	const char *reason =
		row < host->count ? ep_reasons_name(host->vendor, host->reasons[row]) : "other";
	char more[64];
	size_t count = 0;

	for (size_t i = 0; found && i < details->count; i++)
		if (ep_detail_row(host, details->list[i].key) == row)
			found[count++] = &details->list[i];
	if (!count)
		return;
	qsort(found, count, sizeof(*found), compare_events);
	for (size_t i = 0; i < count && i < DETAILS_SHOWN; i++)
		add_detail(table, i ? "" : reason, found[i]);
	if (count > DETAILS_SHOWN) {
		snprintf(more, sizeof(more), "and %zu more", count - DETAILS_SHOWN);
		ep_table_add(table, "", more, "", "", "");
	}
}

void ep_print_details(FILE *file, const struct ep_summary *summary,
		      const struct ep_details *details, const struct ep_host *host)
{
	static const struct ep_column columns[] = {
		{ "reason" }, { "about" }, { "value" }, { "" }, { "times", true }, {},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);

	for (uint32_t i = 0; i < summary->count; i++)
		for (uint32_t row = 0; row < host->count; row++)
			if (host->reasons[row] == summary->rows[i].reason)
				add_details(table, details, host, row);
	add_details(table, details, host, host->count);
	ep_table_print_to(table, file);
}

/* "msr 52%, npf 31%, hlt 9%": the first few, by their exits. */
static void list_reasons(const struct ep_summary *summary, char *ret, size_t size)
{
	size_t length = 0;

	ret[0] = '\0';
	for (uint32_t i = 0; i < summary->count && i < REASONS_SHOWN && length < size; i++) {
		const struct ep_summary_row *row = &summary->rows[i];

		if (!row->exits || !summary->total.exits)
			break;
		length += snprintf(ret + length, size - length, "%s%s %.0f%%", i ? ", " : "",
				   row->name, 100.0 * row->exits / summary->total.exits);
	}
}

void ep_print_vcpus(FILE *file, const struct ep_record *record)
{
	static const struct ep_column columns[] = {
		{ "vCPU" },
		{ "exits", true },
		{ "per second", true },
		{ "cycles", true },
		{ "out of the guest", true },
		{ "mostly" },
		{},
	};
	_cleanup_(ep_table_cleanup) struct ep_table *table = ep_table_create(columns);

	for (uint32_t i = 0; i < record->vcpus; i++) {
		char exits[EP_VALUE_TEXT_MAX], rate[EP_VALUE_TEXT_MAX], cycles[EP_VALUE_TEXT_MAX];
		char number[16], away[16] = "-", reasons[128];
		_cleanup_(ep_record_finish) struct ep_record vcpu = {};
		struct ep_summary summary;
		double share;

		if (ep_record_of_vcpu(&vcpu, record, i) || ep_summary_compute(&summary, &vcpu))
			return;
		/* The share is of all vCPUs' time. */
		if (ep_record_away_share(&vcpu, &share))
			snprintf(away, sizeof(away), "%.1f%%", 100 * share * record->host->vcpus);
		snprintf(number, sizeof(number), "%" PRIu32, i);
		list_reasons(&summary, reasons, sizeof(reasons));
		ep_table_add(table, number, ep_value_group(summary.total.exits, exits),
			     ep_value_group((uint64_t)(summary.total.exits_per_second + 0.5), rate),
			     ep_value_group(summary.total.cycles, cycles), away, reasons);
	}
	ep_table_print_to(table, file);
}
