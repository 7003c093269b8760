// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/stop.h"
#include "core/base/cleanup.h"
#include "core/counters/snapshot.h"
#include "core/result/result.h"
#include "core/result/summary.h"
#include "measure/session.h"
#include "plot/chart.h"
#include "plot/draw.h"
#include "print/run.h"

#define SERIES_FILE "series.csv"

static char *default_output(const char *name)
{
	char date[sizeof("20260101T000000")];
	time_t now = time(NULL);
	struct tm local;
	char *path;

	localtime_r(&now, &local);
	strftime(date, sizeof(date), "%Y%m%dT%H%M%S", &local);
	return asprintf(&path, "exitprof-results/%s-%s", name, date) < 0 ? NULL : path;
}

int ep_session_place(struct ep_session *session, const struct ep_profile *profile, const char *name)
{
	_cleanup_free_ char *output = NULL;
	struct ep_error err = {};

	session->profile = profile;
	if (profile->no_save)
		return EP_STATUS_DONE;
	output = profile->output ? strdup(profile->output) : default_output(name);
	if (!output)
		ep_error_set(&err, -ENOMEM, "out of memory");
	else if (!ep_folder_place(&session->folder, output, ep_chart_is_file, &err))
		return EP_STATUS_DONE;
	ep_say_error(&err);
	return EP_STATUS_FAILED;
}

static void begin_repeat(void *user, uint64_t repeat)
{
	struct ep_series_csv *csv = user;

	csv->repeat = repeat;
}

/* The series is written while it goes on, so the folder is there from the beginning. */
static int begin_series(struct ep_session *session)
{
	const struct ep_profile *profile = session->profile;
	struct ep_error err = {};

	if (!profile->interval_ns)
		return EP_STATUS_DONE;
	session->csv.host = &session->machine.host;
	session->csv.vcpus = session->scopes.count;
	if (ep_series_init(&session->series.series, &session->scopes, profile->interval_ns)) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	if (ep_folder_begin(&session->folder, &err) ||
	    ep_folder_create(&session->folder, SERIES_FILE, &session->csv.file, &err)) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	ep_series_csv_begin(&session->csv);
	session->series.begin = begin_repeat;
	session->series.series.sample = ep_series_csv_sample;
	session->series.series.user = &session->csv;
	return EP_STATUS_DONE;
}

static int begin_reader(struct ep_session *session)
{
	struct ep_record *record = &session->record;
	int code;

	ep_reader_init(&session->reader, &session->machine.host, true);
	code = ep_scopes_init(&session->scopes, &session->reader, session->profile->vcpus);
	if (code == -EOPNOTSUPP) {
		ep_say("the host does not tell its vCPUs apart");
		ep_say_hint("%s", ep_machine_full_hint(&session->machine));
		return EP_STATUS_NO_HOST;
	}
	if (session->reader.full)
		record->histogram = calloc(EXITPROF_ROWS_MAX, sizeof(*record->histogram));
	if (code || (session->reader.full && !record->histogram)) {
		ep_say("out of memory");
		return EP_STATUS_FAILED;
	}
	return EP_STATUS_DONE;
}

int ep_session_begin(struct ep_session *session)
{
	const struct ep_profile *profile = session->profile;
	struct ep_record *record = &session->record;
	int status, code;

	status = ep_machine_require(&session->machine);
	if (!status)
		status = ep_machine_speak(&session->machine, profile->dialect);
	if (!status && profile->details)
		status = ep_machine_require_details(&session->machine);
	if (status)
		return status;
	code = ep_stop_init();
	if (code) {
		errno = -code;
		ep_say("cannot make a timer: %m");
		return EP_STATUS_FAILED;
	}
	status = begin_reader(session);
	if (!status)
		status = begin_series(session);
	if (status)
		return status;

	record->host = &session->machine.host;
	record->details = profile->details;
	record->vcpus = session->scopes.count;
	record->cycles_per_own = session->reader.cycles_per_own;
	record->away_per_own = session->reader.away_per_own;
	record->wanted = profile->repeats;
	record->warmups = profile->warmups;
	ep_guest_identify(&record->guest);
	return EP_STATUS_DONE;
}

static int save(struct ep_session *session, const struct ep_summary *summary, struct ep_error *err)
{
	struct ep_folder *folder = &session->folder;
	int code = 0;

	if (session->csv.file) {
		FILE *file = session->csv.file;

		session->csv.file = NULL;
		code = ep_folder_close(folder, SERIES_FILE, file, err);
	} else {
		code = ep_folder_begin(folder, err);
	}
	if (!code)
		code = ep_result_write(folder, &session->record, summary, err);
	if (!code)
		code = ep_folder_publish(folder, err);
	return code;
}

static void draw(const char *path)
{
	struct ep_error err = {};

	if (!ep_chart_available(&err))
		ep_say_hint("for charts, %s", err.hint);
	else if (ep_chart_draw(path, NULL, &err))
		ep_say_error(&err);
}

static int conclude(struct ep_session *session)
{
	const struct ep_profile *profile = session->profile;
	const char *path = session->folder.path;
	struct ep_summary summary;
	struct ep_error err = {};
	int code = 0;

	if (ep_summary_compute(&summary, &session->record)) {
		ep_say("out of memory");
		return -ENOMEM;
	}
	/* First to the disk, then to a terminal that may be gone. */
	if (path)
		code = save(session, &summary, &err);
	path = code ? NULL : session->folder.path;
	ep_print_run(&session->record, &summary, profile->format, path);
	if (code)
		ep_say_error(&err);
	ep_say_moved(&session->folder);
	/* It is saved: a signal may end us now, and the charts are left out. */
	if (!code)
		ep_stop_reset();
	if (path && !profile->no_plot)
		draw(path);
	return code;
}

int ep_session_measure(struct ep_session *session, struct ep_subject *subject)
{
	struct ep_record *record = &session->record;
	struct ep_error err = {};
	int code, saved;

	code = ep_measure(record, &session->scopes, subject,
			  session->profile->interval_ns ? &session->series : NULL, &err);
	if (code)
		ep_say_error(&err);
	if (code && !record->count)
		return code;
	saved = conclude(session);
	return code ?: saved;
}

/* The series of a measurement that failed, on a full disk for one, is the user's to have. */
static void keep_series(struct ep_session *session)
{
	_cleanup_free_ char *path = NULL;

	if (ep_scratch_is_worth(&session->folder.scratch))
		path = ep_scratch_keep_as(&session->folder.scratch, ".partial-");
	if (path)
		ep_say_hint("what was recorded until then is in '%s'", path);
}

void ep_session_end(struct ep_session *session)
{
	ep_cleanup_fclose(&session->csv.file);
	keep_series(session);
	ep_folder_discard(&session->folder);
	if (session->profile && session->profile->interval_ns)
		ep_series_finish(&session->series.series);
	ep_scopes_finish(&session->scopes);
	ep_record_finish(&session->record);
}
