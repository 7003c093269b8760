// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/value.h"
#include "core/counters/plausible.h"
#include "core/counters/snapshot.h"
#include "core/result/json.h"
#include "core/result/result.h"
#include "core/result/summary.h"
#include "plot/chart.h"
#include "print/summary.h"

static const char help[] =
	"Usage: exitprof snapshot [OPTION...]\n"
	"\n"
	"Shows all exits of this virtual machine since it was created, by reason, without\n"
	"those that reading them costs.\n"
	"\n"
	"Examples:\n"
	"  exitprof snapshot\n"
	"  exitprof snapshot --csv > now.csv\n"
	"  exitprof snapshot -o life && exitprof compare earlier-vm/life life\n";

struct request {
	const char *output;
	bool full;
	const char *dialect;
	enum ep_output_format format;
};

static const struct ep_option options[] = {
	{ "output", 'o', "DIR",
	  "also write a result for 'exitprof compare': the life of this VM so far, as one "
	  "operation",
	  EP_TEXT(output) },
	{ "full", 0, NULL,
	  "also away cycles and how long exits took, where the host has the latch leaf; takes "
	  "some hundred exits",
	  EP_SWITCH(full) },
	EP_OPTION_DIALECT(dialect),
	EP_OPTION_CSV(format, "print the columns of summary.csv"),
	EP_OPTION_JSON(format, "print the same as JSON, with the host and the total"),
	{},
};

/* What compare is told it compares. */
static const struct exitprof_workload life = {
	.name = EP_RESULT_LIFE,
	.operation = "VM since it was created",
};

static const struct ep_settings no_settings = { .workload = &life };

static int save(const char *output, struct ep_record *record, const struct ep_summary *summary)
{
	_cleanup_(ep_folder_discard) struct ep_folder folder = {};
	struct ep_error err = {};
	int code = ep_folder_place(&folder, output, ep_chart_is_file, &err);

	if (!code)
		code = ep_folder_begin(&folder, &err);
	if (!code)
		code = ep_result_write(&folder, record, summary, &err);
	if (!code)
		code = ep_folder_publish(&folder, &err);
	if (code)
		ep_say_error(&err);
	else
		ep_say_moved(&folder);
	return code;
}

/* As if the VM's whole life were one repeat: what is subtracted is known alike. */
static int summarize(struct ep_summary *ret, const struct ep_reader *reader,
		     const struct ep_snapshot *now, const char *output, struct ep_error *err)
{
	_cleanup_(ep_record_finish) struct ep_record record = {
		.host = reader->host,
		.workload = &life,
		.settings = &no_settings,
		.cycles_per_own = reader->cycles_per_own,
		.away_per_own = reader->away_per_own,
		.started = time(NULL),
		.wanted = 1,
	};
	struct ep_snapshot start = {
		.consistent = true,
		.generation = now->generation,
	};
	struct ep_repeat *repeat = ep_record_add(&record);
	int code;

	if (!repeat)
		return -ENOMEM;
	start.timed = now->timed;
	start.full = now->full;
	if (reader->full) {
		record.histogram = calloc(EXITPROF_ROWS_MAX, sizeof(*record.histogram));
		if (!record.histogram)
			return -ENOMEM;
		ep_delta_add_histogram(record.histogram, reader, &start, now);
	}
	code = ep_delta_compute(&repeat->delta, reader, &start, now);
	if (!code)
		code = ep_plausible_life(&repeat->delta, err);
	if (!code)
		code = ep_summary_compute(ret, &record);
	if (code || !output)
		return code;
	ep_guest_identify(&record.guest);
	repeat->duration_ns = ep_clock_now();
	repeat->outcome.operations = 1;
	return save(output, &record, ret) ? -EIO : 0;
}

static void print_table(const struct ep_summary *summary, const struct ep_snapshot *now,
			const struct ep_host *host)
{
	char cost[EP_VALUE_TEXT_MAX], own[EP_VALUE_TEXT_MAX];

	ep_print_summary(stdout, summary, false);
	if (now->full) {
		putchar('\n');
		ep_print_times(stdout, summary);
	}
	if (host->totals)
		ep_terminal_print(stdout, 2,
				  "\nthe host answers totals only: nothing is known by reason\n");
	else if (!now->timed)
		ep_terminal_print(stdout, 2,
				  "\n-: the host's dialect has the cycles of all reasons together "
				  "only\n");
	ep_terminal_print(
		stdout, 2,
		"\nthis snapshot cost %s exits; %s of exitprof's own are subtracted above\n",
		ep_value_group(now->cost, cost), ep_value_group(now->total.own_exits, own));
	if (now->unlisted && !host->totals)
		ep_terminal_print(stdout, 2,
				  "%" PRIu64 " exits in the total are of reasons that the host "
				  "does not list\n",
				  now->unlisted);
	if (!now->consistent)
		ep_terminal_print(stdout, 2,
				  "not of one instant: the guest never was quiet long enough in %u "
				  "tries; sums may be a few exits off\n",
				  now->passes);
}

static void print_json(const struct ep_summary *summary, const struct ep_snapshot *now,
		       const struct ep_host *host)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "host", ep_result_json_host(host));
	json_object_object_add(json, "consistent", json_object_new_boolean(now->consistent));
	json_object_object_add(json, "exits_count", json_object_new_uint64(summary->total.exits));
	json_object_object_add(json, "handling_cycles",
			       json_object_new_uint64(summary->total.cycles));
	json_object_object_add(json, "own_exits_count",
			       json_object_new_uint64(now->total.own_exits));
	json_object_object_add(json, "snapshot_exits_count", json_object_new_uint64(now->cost));
	json_object_object_add(json, "summary", ep_result_json_summary(summary));
	ep_output_json(json);
}

static int snapshot(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	struct ep_machine machine;
	struct ep_reader reader;
	struct ep_snapshot now;
	struct ep_summary summary;
	struct ep_error err = {};
	int status, code;

	status = ep_machine_require(&machine);
	if (!status)
		status = ep_machine_speak(&machine, request->dialect);
	if (status)
		return status;
	ep_reader_init(&reader, &machine.host, request->full);
	if (ep_snapshot_take(&reader, &now)) {
		ep_say("cannot read exit counters: the host's latch leaf does not answer any more");
		ep_say_hint("run it again; 'exitprof doctor' shows what the host answers now");
		return EP_STATUS_FAILED;
	}
	code = summarize(&summary, &reader, &now, request->output, &err);
	if (code == -ESTALE) {
		ep_say("cannot use the exit counters: no VM lives to see numbers like theirs");
		ep_say_hint("'exitprof verify' tells what is wrong with this host");
		return EP_STATUS_FAILED;
	}
	if (code == -ERANGE)
		ep_say_error(&err);
	if (code == -EIO || code == -ERANGE)
		return EP_STATUS_FAILED;
	if (code) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	if (request->format == EP_OUTPUT_TABLE)
		print_table(&summary, &now, &machine.host);
	else if (request->format == EP_OUTPUT_CSV)
		ep_result_write_summary(stdout, &summary);
	else
		print_json(&summary, &now, &machine.host);
	return EP_STATUS_DONE;
}

const struct ep_command ep_command_snapshot = {
	.name = "snapshot",
	.summary = "all exits of this VM so far",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.run = snapshot,
};
