// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/value.h"
#include "core/counters/series.h"
#include "core/counters/snapshot.h"
#include "watch/lines.h"
#include "watch/print.h"
#include "watch/screen.h"
#include "watch/text.h"

#define NSEC_PER_SEC	UINT64_C(1000000000)
#define INTERVAL_NS_MIN 10000000
#define INTERVAL_NS_MAX (3600 * NSEC_PER_SEC)
#define MESSAGE_NS	(30 * NSEC_PER_SEC)

static const char help[] =
	"Usage: exitprof watch [OPTION...]\n"
	"\n"
	"Shows the exits of this virtual machine as they happen: rates by reason, what they\n"
	"cost, and the last minute of each. Its own reading is not in the figures. Where\n"
	"nothing can be drawn, it appends a line for each interval.\n"
	"\n"
	"Examples:\n"
	"  exitprof watch\n"
	"  exitprof watch --sort cycles -i 500ms\n"
	"  exitprof watch -n 10 | cat\n"
	"  exitprof watch -d 1m --csv > minute.csv\n";

static const char notes[] =
	"Keys: h help, q quit, space pause, s < > sort, r reverse, v [ ] vCPUs, a away cycles\n";

/* @duration_ns, @count: 0 is no limit */
struct request {
	uint64_t interval_ns;
	uint64_t duration_ns;
	uint64_t count;
	const char *dialect;
	enum ep_output_format format;
	struct ep_watch_view view;
};

static const struct ep_option options[] = {
	{ "interval", 'i', "TIME", "between two looks, 10ms to 1h",
	  EP_DURATION(interval_ns, INTERVAL_NS_MIN, INTERVAL_NS_MAX), .initial = "1s" },
	{ "duration", 'd', "TIME", "end after that time", EP_DURATION(duration_ns, 0, UINT64_MAX) },
	{ "count", 'n', "N", "end after so many intervals", EP_COUNT(count, 1, UINT64_MAX) },
	{ "sort", 0, "COLUMN",
	  "column to sort by: name, exits, min, mean, cycles, each (cycles per exit) or away",
	  EP_CHOICE(view.sort, ep_watch_column_names), .initial = "exits" },
	{ "away", 0, NULL, "away cycles, too, where the host has them; twice the exits",
	  EP_SWITCH(view.away) },
	{ "per-vcpu", 0, NULL, "a line for each vCPU, where the host tells them apart",
	  EP_SWITCH(view.vcpus) },
	EP_OPTION_DIALECT(dialect),
	EP_OPTION_CSV(format, "print a row for each reason and interval"),
	EP_OPTION_JSON(format, "print a line of JSON for each interval"),
	{},
};

/*
 * @scopes: what is read now: the VM, with vCPUs or without
 * @drawing: on a terminal, else @lines are printed
 * @end_ns: when the last sample is due
 * @message_ns: when status.message has been seen long enough
 * @over: it has ended by itself, since it was to be no longer
 * @signals: becomes readable when the process is to end
 * @waiting: the mask of signals while it waits
 */
struct session {
	const struct request *request;
	struct ep_machine machine;
	struct ep_reader reader;
	struct ep_scopes scopes;
	struct ep_series series;
	struct ep_watch watch;
	struct ep_watch_view view;
	struct ep_watch_status status;
	struct ep_watch_lines lines;
	bool drawing;
	uint64_t end_ns;
	uint64_t message_ns;
	uint64_t samples;
	bool over;
	int signals;
	sigset_t waiting;
};

static void tell(struct session *session, const char *text)
{
	if (!session->drawing) {
		ep_say_warning("%s", text);
		return;
	}
	snprintf(session->status.message, sizeof(session->status.message), "%s", text);
	session->message_ns = ep_clock_now() + MESSAGE_NS;
}

static bool wants_vcpus(const struct ep_watch_view *view)
{
	return view->vcpus || view->scope;
}

static void learn(struct session *session, const struct ep_sample *sample)
{
	struct ep_watch *watch = &session->watch;

	session->status.cost = sample->delta->vm.own_exits;
	ep_watch_advance(watch, sample->now_ns, sample->duration_ns);
	ep_watch_add(watch, 0, &sample->delta->vm);
	for (uint32_t i = 0; i < session->scopes.count; i++)
		ep_watch_add(watch, i + 1, &sample->delta->vcpus[i]);
}

static int on_sample(void *user, const struct ep_sample *sample)
{
	struct session *session = user;
	struct ep_watch *watch = &session->watch;

	session->samples++;
	if (!sample->delta) {
		ep_watch_forget(watch);
		tell(session,
		     sample->impossible
			     ? "the host counted what cannot be: see 'exitprof verify'"
			     : "the counters started anew: the VM was restored or migrated");
	} else {
		learn(session, sample);
	}
	if (!session->drawing)
		ep_watch_lines_add(&session->lines, watch, &session->view, sample);
	return 0;
}

static void stop_reading(struct session *session)
{
	ep_series_finish(&session->series);
	ep_scopes_finish(&session->scopes);
}

/* Reads what the view shows, from now on. What has happened before is not looked at. */
static int start_reading(struct session *session)
{
	int err;

	stop_reading(session);
	session->reader.full = session->view.away && session->reader.latch;
	err = ep_scopes_init(&session->scopes, &session->reader, wants_vcpus(&session->view));
	if (!err)
		err = ep_series_init(&session->series, &session->scopes,
				     session->request->interval_ns);
	session->series.sample = on_sample;
	session->series.user = session;
	return err ? err : ep_series_begin(&session->series, NULL);
}

static bool reads_otherwise(const struct session *session)
{
	return session->reader.full != (session->view.away && session->reader.latch) ||
	       !session->scopes.count == wants_vcpus(&session->view);
}

static void draw(struct session *session)
{
	if (!session->drawing)
		return;
	if (session->status.message[0] && ep_clock_now() >= session->message_ns)
		session->status.message[0] = '\0';
	ep_watch_screen_draw(&session->watch, &session->view, &session->status);
}

/* Does what was typed. Returns whether to go on. */
static bool obey(struct session *session, int *ret_err)
{
	struct ep_watch_view *view = &session->view;
	enum ep_watch_action action;
	bool redraw = false;
	int key;

	while (!*ret_err && (key = ep_watch_screen_key()) >= 0) {
		action = key == EP_WATCH_KEY_REDRAW ? EP_WATCH_REDRAW
						    : ep_watch_press(&session->watch, view, key);
		if (action == EP_WATCH_QUIT)
			return false;
		if (action == EP_WATCH_NO_VCPUS)
			tell(session, "this host does not tell vCPUs apart");
		if (key == 'a' && view->away && !session->reader.latch) {
			view->away = false;
			tell(session, "this host has no away cycles");
		}
		if (action == EP_WATCH_TOGGLE_PAUSE && !view->paused)
			*ret_err = start_reading(session);
		if (action == EP_WATCH_READ_OTHERWISE && !view->paused && reads_otherwise(session))
			*ret_err = start_reading(session);
		redraw |= action != EP_WATCH_IGNORE;
	}
	if (redraw)
		draw(session);
	return !*ret_err;
}

/* Until @deadline_ns, a key or a signal. Returns whether to go on. */
static bool wait_for(struct session *session, uint64_t deadline_ns, int *ret_err)
{
	struct pollfd files[] = {
		{ .fd = session->signals, .events = POLLIN },
		{ .fd = session->drawing ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int ready = ep_clock_sleep(deadline_ns, files, ARRAY_SIZE(files), &session->waiting);

	/* Interrupted when the window has another size: a key of ncurses tells. */
	if (ready < 0 && ready != -EINTR)
		return false;
	if (files[0].revents)
		return false;
	if (files[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return false;
	return !session->drawing || obey(session, ret_err);
}

/* When to stop waiting for keys. A pause is looked at now and then, for the clock's sake. */
static uint64_t due(const struct session *session)
{
	uint64_t next = session->view.paused ? ep_clock_now() + NSEC_PER_SEC
					     : ep_series_due(&session->series);

	return session->end_ns && session->end_ns < next ? session->end_ns : next;
}

static int loop(struct session *session)
{
	const struct request *request = session->request;
	int err = 0;

	draw(session);
	while (true) {
		uint64_t now;

		if (!wait_for(session, due(session), &err))
			return err;
		now = ep_clock_now();
		if (now < due(session))
			continue;
		if (!session->view.paused)
			err = ep_series_tick(&session->series);
		if (err)
			return err;
		draw(session);
		session->over = (request->count && session->samples >= request->count) ||
				(session->end_ns && now >= session->end_ns);
		if (session->over || ferror(stdout))
			return 0;
	}
}

/* As files: none comes between a look at a flag and a wait. */
static int catch_signals(sigset_t *ret_waiting)
{
	sigset_t set, stop;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Of ncurses, which gives the terminal back: not in the middle of a drawing. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigprocmask(SIG_BLOCK, &stop, ret_waiting);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Returns 0 or a negative errno, -EOPNOTSUPP if the host does not tell vCPUs apart. */
static int begin(struct session *session)
{
	const struct request *request = session->request;
	struct ep_host *host = &session->machine.host;
	uint32_t vcpus;
	int err;

	/* Calibrated with all fields, so that away cycles can be read later. */
	ep_reader_init(&session->reader, host, true);
	session->reader.histogram = false;
	vcpus = session->reader.latch ? host->vcpus : 0;
	session->status.interval_ns = request->interval_ns;
	session->signals = catch_signals(&session->waiting);
	if (session->signals < 0)
		return -errno;
	err = ep_watch_init(&session->watch, host, 1 + vcpus, request->interval_ns, ep_clock_now());
	if (!err)
		err = start_reading(session);
	if (err)
		return err;
	if (request->duration_ns)
		session->end_ns = session->series.begun_ns + request->duration_ns;
	if (request->format == EP_OUTPUT_TABLE && ep_watch_screen_possible()) {
		session->drawing = !ep_watch_screen_open();
		if (session->drawing)
			return 0;
		ep_say_warning("the terminal '%s' is not known here: lines are printed",
			       getenv("TERM"));
	}
	return ep_watch_lines_begin(&session->lines, request->format, session->scopes.count);
}

/* Nobody was asked whether they had seen the last table: it stays. */
static void leave_screen(struct session *session)
{
	int width = ep_watch_screen_width();
	bool blocks = ep_watch_screen_blocks();

	if (ep_watch_screen_close() && session->over)
		ep_watch_print(stdout, &session->watch, &session->view,
			       session->request->interval_ns, width, blocks);
}

static void finish(struct session *session)
{
	if (session->drawing)
		leave_screen(session);
	ep_watch_lines_finish(&session->lines);
	stop_reading(session);
	ep_watch_finish(&session->watch);
	ep_cleanup_close(&session->signals);
}

static int explain(const struct session *session, int err)
{
	switch (err) {
	case 0:
		return EP_STATUS_DONE;
	case -EOPNOTSUPP:
		ep_say("the host does not tell vCPUs apart");
		ep_say_hint("%s", ep_machine_full_hint(&session->machine));
		return EP_STATUS_NO_HOST;
	case -ENODEV:
		ep_say("cannot read exit counters: the host's latch leaf does not answer any more");
		ep_say_hint("run it again; 'exitprof doctor' shows what the host answers now");
		return EP_STATUS_FAILED;
	default:
		errno = -err;
		ep_say("cannot watch: %m");
		return EP_STATUS_FAILED;
	}
}

static int watch(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	struct session session = {
		.request = request,
		.view = request->view,
		.signals = -1,
	};
	int status, err;

	session.view.away |= session.view.sort == EP_WATCH_AWAY;
	status = ep_machine_require(&session.machine);
	if (!status)
		status = ep_machine_speak(&session.machine, request->dialect);
	if (status)
		return status;
	err = begin(&session);
	if (!err)
		err = loop(&session);
	finish(&session);
	return explain(&session, err);
}

const struct ep_command ep_command_watch = {
	.name = "watch",
	.summary = "exits as they happen: a live table",
	.help = help,
	.notes = notes,
	.options = options,
	.request_size = sizeof(struct request),
	.run = watch,
};
