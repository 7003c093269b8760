// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/base/partial.h"
#include "core/base/value.h"
#include "measure/session.h"
#include "print/run.h"

static const char help[] =
	"Usage: exitprof record [OPTION...]\n"
	"\n"
	"Records the exits of this virtual machine over time: for each interval, how many of\n"
	"each reason there were and what they cost, without the tool's own. Ends after a\n"
	"duration or with Ctrl-C.\n"
	"\n"
	"Examples:\n"
	"  exitprof record                         CSV on standard output, until Ctrl-C\n"
	"  exitprof record -i 10ms -d 1m -o boot.csv\n"
	"  exitprof record -d 30s -o results/idle  a folder with charts\n"
	"  exitprof record --per-vcpu --json | jq 'select(.scope == \"vcpu1\")'\n";

static const char notes[] =
	"A file is NAME.partial until it is complete; what a killed recording had written is\n"
	"there.\n";

struct request {
	struct ep_profile profile;
	uint64_t duration_ns;
};

static const struct ep_option options[] = {
	{ "interval", 'i', "TIME", "how long each sample is; 1ms at least",
	  EP_DURATION(profile.interval_ns, EP_SERIES_INTERVAL_MIN_NS, UINT64_MAX),
	  .initial = "100ms" },
	{ "duration", 'd', "TIME",
	  "when to end: 10s, 2m; a bare number is seconds (default: with Ctrl-C)",
	  EP_DURATION(duration_ns, 0, UINT64_MAX) },
	{ "output", 'o', "PATH",
	  "where samples go: NAME.csv or NAME.jsonl is a file, - standard output, anything else a "
	  "result folder as "
	  "'exitprof run' writes it",
	  EP_TEXT(profile.output), .initial = "-" },
	EP_PROFILE_VCPUS,
	EP_OPTION_DIALECT(profile.dialect),
	EP_PROFILE_NO_PLOT,
	EP_OPTION_JSON(profile.format, "JSON Lines, one object a row, instead of CSV"),
	{},
};

/* Where rows go that are not part of a result. */
struct stream {
	struct ep_session session;
	struct ep_partial partial;
	struct ep_series_csv csv;
};

static bool ends_with(const char *text, const char *ending)
{
	size_t length = strlen(text), part = strlen(ending);

	return length > part && !strcmp(text + length - part, ending);
}

static bool is_stdout(const char *output)
{
	return !strcmp(output, "-");
}

static bool is_file(const char *output)
{
	return ends_with(output, ".csv") || ends_with(output, ".jsonl");
}

static int wait_for_end(struct ep_subject *subject, struct ep_repeat *repeat,
			struct ep_series *series, struct ep_error *err)
{
	int code = ep_measure_wait(series, -1, true);

	return code ? ep_error_set(err, code, "cannot record any more: %m") : 0;
}

static int record_folder(const struct request *request)
{
	_cleanup_(ep_session_end) struct ep_session session = {};
	struct ep_subject subject = {
		.run = wait_for_end,
		.silent = true,
		.endless = !request->duration_ns,
	};
	int status;

	status = ep_session_place(&session, &request->profile, "record");
	if (!status)
		status = ep_session_begin(&session);
	if (status)
		return status;
	session.record.duration_ns = request->duration_ns;
	return ep_session_measure(&session, &subject) ? EP_STATUS_FAILED : EP_STATUS_DONE;
}

static int open_stream(struct stream *stream, const struct request *request)
{
	const char *output = request->profile.output;
	struct ep_error err = {};

	stream->csv = (struct ep_series_csv){
		.file = stdout,
		.host = &stream->session.machine.host,
		.vcpus = stream->session.scopes.count,
		.repeat = 1,
		.json = request->profile.format == EP_OUTPUT_JSON,
	};
	if (is_stdout(output))
		return EP_STATUS_DONE;
	if (ep_partial_begin(&stream->partial, output, &err)) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	if (stream->partial.earlier)
		ep_say_warning("'%s' of a recording that was killed is now '%s'",
			       stream->partial.temporary, stream->partial.earlier);
	stream->csv.file = stream->partial.file;
	return EP_STATUS_DONE;
}

static void say_samples(const struct ep_series *series)
{
	char samples[EP_VALUE_TEXT_MAX], missed[EP_VALUE_TEXT_MAX], interval[EP_VALUE_TEXT_MAX];

	ep_value_format(EXITPROF_OPTION_DURATION, series->interval_ns, interval);
	fprintf(stderr, "recorded: %s samples, one every %s; %s ticks missed\n",
		ep_value_group(series->samples, samples), interval,
		ep_value_group(series->missed, missed));
	ep_print_own_cpu(stderr, &(struct ep_record_series){ .samples = series->samples,
							     .own_cpu_ns = series->own_cpu_ns,
							     .duration_ns = series->last_ns -
									    series->begun_ns });
	if (series->restarts)
		ep_say_warning("the host's counters started anew %s times; what came in those "
			       "samples is unknown",
			       ep_value_group(series->restarts, samples));
}

static int close_stream(struct stream *stream, int code)
{
	struct ep_error err = {};

	if (code == -ENODEV) {
		ep_say("cannot read exit counters: the host's latch leaf did not answer any more");
		ep_say_hint("run it again; 'exitprof doctor' shows what the host answers now");
	}
	if (!stream->partial.file)
		return code == -ENODEV ? EP_STATUS_FAILED : EP_STATUS_DONE;
	/* What could not be written says so here. */
	if (ep_partial_publish(&stream->partial, &err)) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	return code ? EP_STATUS_FAILED : EP_STATUS_DONE;
}

static int stream_series(struct stream *stream, const struct request *request)
{
	struct ep_series series;
	int code, status;

	if (ep_series_init(&series, &stream->session.scopes, request->profile.interval_ns)) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	series.sample = ep_series_csv_sample;
	series.user = &stream->csv;
	ep_series_csv_begin(&stream->csv);
	code = ep_series_begin(&series, NULL);
	ep_stop_arm(request->duration_ns);
	if (!code)
		code = ep_measure_wait(&series, -1, true);
	if (!code)
		code = ep_series_end(&series, NULL);
	ep_stop_disarm();
	/* First to the disk, then to a terminal that may be gone. */
	status = close_stream(stream, code);
	say_samples(&series);
	ep_series_finish(&series);
	return status;
}

static void finish(struct stream *stream)
{
	ep_partial_finish(&stream->partial);
	ep_session_end(&stream->session);
}

static int record_stream(const struct request *request)
{
	_cleanup_(finish) struct stream stream = {};
	struct ep_profile profile = request->profile;
	int status;

	/* The series is this function's own, and there is no folder. */
	profile.interval_ns = 0;
	profile.no_save = true;
	status = ep_session_place(&stream.session, &profile, "record");
	if (!status)
		status = ep_session_begin(&stream.session);
	if (!status)
		status = open_stream(&stream, request);
	return status ?: stream_series(&stream, request);
}

static int record(const struct ep_command *command, void *data, int argc, char **argv)
{
	struct request *request = data;
	int status = ep_profile_check(command, &request->profile);

	if (status)
		return status;
	request->profile.repeats = 1;
	if (is_stdout(request->profile.output) || is_file(request->profile.output))
		return record_stream(request);
	return record_folder(request);
}

const struct ep_command ep_command_record = {
	.name = "record",
	.summary = "record the exits of this VM over time",
	.help = help,
	.notes = notes,
	.options = options,
	.request_size = sizeof(struct request),
	.run = record,
};
