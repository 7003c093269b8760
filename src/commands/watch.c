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
	"  exitprof watch -d 1m --csv > minute.csv\n"
	"\n"
	"Options:\n"
	"  -i, --interval TIME    between two looks, 10ms to 1h (default: 1s)\n"
	"  -d, --duration TIME    end after that time\n"
	"  -n, --count N          end after so many intervals\n"
	"      --sort COLUMN      name, exits, min, mean, cycles, each (cycles per exit) or\n"
	"                         away (default: exits)\n"
	"      --away             away cycles, too, where the host has them; twice the exits\n"
	"      --per-vcpu         a line for each vCPU, where the host tells them apart\n"
	"      --dialect NAME     which of the host's leaves are read: exitprof, classic,\n"
	"                         combined, reversed, or auto, which takes the best that there\n"
	"                         are (default)\n"
	"      --csv              print a row for each reason and interval\n"
	"      --json             print a line of JSON for each interval\n"
	"  -h, --help             this text\n"
	"\n"
	"Keys: h help, q quit, space pause, s < > sort, r reverse, v [ ] vCPUs, a away cycles\n";

enum { OPTION_SORT = 256, OPTION_AWAY, OPTION_PER_VCPU, OPTION_DIALECT, OPTION_CSV, OPTION_JSON };

static const struct option options[] = {
	{ "interval", required_argument, NULL, 'i' },
	{ "duration", required_argument, NULL, 'd' },
	{ "count", required_argument, NULL, 'n' },
	{ "sort", required_argument, NULL, OPTION_SORT },
	{ "away", no_argument, NULL, OPTION_AWAY },
	{ "per-vcpu", no_argument, NULL, OPTION_PER_VCPU },
	{ "dialect", required_argument, NULL, OPTION_DIALECT },
	{ "csv", no_argument, NULL, OPTION_CSV },
	{ "json", no_argument, NULL, OPTION_JSON },
	EP_OPTION_HELP,
	{},
};

/* @duration_ns, @count: 0 is no limit */
struct settings {
	uint64_t interval_ns;
	uint64_t duration_ns;
	uint64_t count;
	const char *dialect;
	enum ep_output_format format;
	struct ep_watch_view view;
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
	const struct settings *settings;
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
				     session->settings->interval_ns);
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
	const struct settings *settings = session->settings;
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
		session->over = (settings->count && session->samples >= settings->count) ||
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
	const struct settings *settings = session->settings;
	struct ep_host *host = &session->machine.host;
	uint32_t vcpus;
	int err;

	/* Calibrated with all fields, so that away cycles can be read later. */
	ep_reader_init(&session->reader, host, true);
	session->reader.histogram = false;
	vcpus = session->reader.latch ? host->vcpus : 0;
	session->status.interval_ns = settings->interval_ns;
	session->signals = catch_signals(&session->waiting);
	if (session->signals < 0)
		return -errno;
	err = ep_watch_init(&session->watch, host, 1 + vcpus, settings->interval_ns,
			    ep_clock_now());
	if (!err)
		err = start_reading(session);
	if (err)
		return err;
	if (settings->duration_ns)
		session->end_ns = session->series.begun_ns + settings->duration_ns;
	if (settings->format == EP_OUTPUT_TABLE && ep_watch_screen_possible()) {
		session->drawing = !ep_watch_screen_open();
		if (session->drawing)
			return 0;
		ep_say_warning("the terminal '%s' is not known here: lines are printed",
			       getenv("TERM"));
	}
	return ep_watch_lines_begin(&session->lines, settings->format, session->scopes.count);
}

/* Nobody was asked whether they had seen the last table: it stays. */
static void leave_screen(struct session *session)
{
	int width = ep_watch_screen_width();
	bool blocks = ep_watch_screen_blocks();

	if (ep_watch_screen_close() && session->over)
		ep_watch_print(stdout, &session->watch, &session->view,
			       session->settings->interval_ns, width, blocks);
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

static int show(const struct settings *settings)
{
	struct session session = {
		.settings = settings,
		.view = settings->view,
		.signals = -1,
	};
	int status, err;

	status = ep_machine_require(&session.machine);
	if (!status)
		status = ep_machine_speak(&session.machine, settings->dialect);
	if (status)
		return status;
	err = begin(&session);
	if (!err)
		err = loop(&session);
	finish(&session);
	return explain(&session, err);
}

static int parse_time(const struct ep_command *command, const char *option, uint64_t *ret)
{
	if (!ep_value_parse(EXITPROF_OPTION_DURATION, optarg, ret))
		return EP_STATUS_DONE;
	return ep_command_misused(command, "watch: --%s takes %s, not '%s'", option,
				  ep_value_expected(EXITPROF_OPTION_DURATION), optarg);
}

static int parse(const struct ep_command *command, int option, struct settings *settings)
{
	int status = EP_STATUS_DONE;

	switch (option) {
	case 'i':
		status = parse_time(command, "interval", &settings->interval_ns);
		if (!status && (settings->interval_ns < INTERVAL_NS_MIN ||
				settings->interval_ns > INTERVAL_NS_MAX))
			return ep_command_misused(
				command, "watch: --interval takes 10ms to 1h, not '%s'", optarg);
		return status;
	case 'd':
		return parse_time(command, "duration", &settings->duration_ns);
	case 'n':
		if (ep_value_parse(EXITPROF_OPTION_COUNT, optarg, &settings->count) ||
		    !settings->count)
			return ep_command_misused(command, "watch: --count takes %s, not '%s'",
						  ep_value_expected(EXITPROF_OPTION_COUNT), optarg);
		return EP_STATUS_DONE;
	case OPTION_SORT:
		settings->view.sort = ep_watch_column_find(optarg);
		if (settings->view.sort == EP_WATCH_COLUMNS)
			return ep_command_misused(command,
						  "watch: --sort takes one of %s, not '%s'",
						  ep_watch_column_names(), optarg);
		settings->view.away |= settings->view.sort == EP_WATCH_AWAY;
		return EP_STATUS_DONE;
	case OPTION_AWAY:
		settings->view.away = true;
		return EP_STATUS_DONE;
	case OPTION_PER_VCPU:
		settings->view.vcpus = true;
		return EP_STATUS_DONE;
	case OPTION_DIALECT:
		settings->dialect = optarg;
		if (!ep_machine_dialect(optarg))
			return ep_command_misused(command, "watch: no dialect '%s'", optarg);
		return EP_STATUS_DONE;
	default:
		settings->format = option == OPTION_CSV ? EP_OUTPUT_CSV : EP_OUTPUT_JSON;
		return EP_STATUS_DONE;
	}
}

static int watch(const struct ep_command *command, int argc, char **argv)
{
	struct settings settings = {
		.interval_ns = NSEC_PER_SEC,
		.dialect = "auto",
		.view.sort = EP_WATCH_RATE,
	};
	int option, status;

	while ((option = ep_command_option(command, argc, argv, &status)) != -1) {
		if (option != EP_OPTION_DONE)
			status = parse(command, option, &settings);
		if (option == EP_OPTION_DONE || status)
			return status;
	}
	if (optind != argc)
		return ep_command_misused(command, "watch: unexpected '%s'", argv[optind]);
	return show(&settings);
}

const struct ep_command ep_command_watch = {
	.name = "watch",
	.summary = "exits as they happen: a live table",
	.help = help,
	.options = options,
	.run = watch,
};
