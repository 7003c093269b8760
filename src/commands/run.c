// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "core/result/module.h"
#include "measure/session.h"
#include "measure/workload.h"

#define DEFAULT_DURATION_NS 5000000000

static const char help[] =
	"Usage: exitprof run WORKLOAD [OPTION...]\n"
	"\n"
	"Runs a workload between two snapshots of the host's exit counters and shows what it\n"
	"caused: exits and handling cycles by reason, without the tool's own. Writes CSV, JSON\n"
	"and charts into a new folder.\n"
	"\n"
	"Examples:\n"
	"  exitprof run io-heavy                       for 5 seconds, once\n"
	"  exitprof run io-heavy -d 10s -n 5 -w 1      figures to publish\n"
	"  exitprof run io-heavy --set block=64k --set read=100\n"
	"  exitprof run cpuid-storm --set count=1000   until 1000 are done\n"
	"  exitprof run ./mine.so -o results/mine      a workload of your own\n"
	"  exitprof run io-heavy --details             and which ports, MSRs, pages it used\n"
	"  exitprof run io-heavy --interval 100ms      and how that changed over time\n"
	"  exitprof run busy --json --no-save | jq .summary\n"
	"\n"
	"Options:\n"
	"  -d, --duration TIME    how long each repeat runs: 10s, 500ms, 2m; a bare number is\n"
	"                         seconds, 0 for no limit\n"
	"                         (default: 5s, or no limit if the workload's count is "
	"set)\n" EP_PROFILE_HELP_REPEAT
	"      --set NAME=VALUE   sets an option of the workload; 'exitprof list WORKLOAD'\n"
	"                         shows them\n"
	"  -o, --output DIR       the folder to write: new, or an earlier result to replace\n"
	"                         (default: exitprof-results/WORKLOAD-DATE)\n" EP_PROFILE_HELP "\n"
	"Ctrl-C ends the run and keeps what was measured.\n";

enum { OPTION_SET = 256 };

static const struct option options[] = {
	{ "duration", required_argument, NULL, 'd' },
	{ "set", required_argument, NULL, OPTION_SET },
	EP_PROFILE_OPTIONS,
	EP_OPTION_HELP,
	{},
};

/* @assignments: of --set, @assignment_count of them. */
struct request {
	struct ep_profile profile;
	const char *name;
	const char **assignments;
	size_t assignment_count;
	uint64_t duration_ns;
	bool duration_given;
};

static int parse_duration(const struct ep_command *command, const char *text,
			  struct request *request)
{
	if (ep_value_parse(EXITPROF_OPTION_DURATION, text, &request->duration_ns))
		return ep_command_misused(command, "run: --duration takes %s, not '%s'",
					  ep_value_expected(EXITPROF_OPTION_DURATION), text);
	request->duration_given = true;
	return 0;
}

static int parse_option(const struct ep_command *command, int option, struct request *request)
{
	switch (option) {
	case 'd':
		return parse_duration(command, optarg, request);
	case OPTION_SET:
		request->assignments[request->assignment_count++] = optarg;
		return 0;
	default:
		return ep_profile_option(command, option, &request->profile);
	}
}

/* Returns a status, or -1 to go on. */
static int parse(const struct ep_command *command, int argc, char **argv, struct request *request)
{
	int option, status;

	while ((option = ep_command_option(command, argc, argv, &status)) != -1) {
		if (option == EP_OPTION_DONE)
			return status;
		status = parse_option(command, option, request);
		if (status)
			return status;
	}
	if (optind == argc)
		return ep_command_misused(command, "run: which workload?");
	if (optind + 1 < argc)
		return ep_command_misused(command, "run: one workload at a time, and '%s' is more",
					  argv[optind + 1]);
	status = ep_profile_check(command, &request->profile);
	request->name = argv[optind];
	return status ?: -1;
}

static int configure(const struct request *request, const struct ep_module *module,
		     struct ep_settings *settings, struct ep_error *err)
{
	int code = ep_settings_init(settings, module->workload, err);

	for (size_t i = 0; i < request->assignment_count && !code; i++)
		code = ep_settings_set(settings, request->assignments[i], err);
	return code;
}

static uint64_t choose_duration(const struct request *request, const struct ep_settings *settings)
{
	if (request->duration_given)
		return request->duration_ns;
	return ep_settings_number(settings, "count") ? 0 : DEFAULT_DURATION_NS;
}

/* Everything that can go wrong does so here, before anything is measured. */
static int prepare(const struct request *request, struct ep_module *module,
		   struct ep_settings *settings)
{
	_cleanup_free_ char *search = ep_paths_workloads();
	struct ep_error err = {};
	const char *reason;
	int code;

	if (!search)
		return EP_STATUS_FAILED;
	code = ep_module_load(module, request->name, search, &err);
	if (code) {
		ep_say_error(&err);
		return EP_STATUS_FAILED;
	}
	code = configure(request, module, settings, &err);
	if (code) {
		ep_say_error(&err);
		return code == -ENOMEM || code == -EPROTO ? EP_STATUS_FAILED : EP_STATUS_USAGE;
	}
	reason = module->workload->unavailable ? module->workload->unavailable() : NULL;
	if (reason) {
		ep_say("workload %s does not work here: %s", module->workload->name, reason);
		return EP_STATUS_FAILED;
	}
	return EP_STATUS_DONE;
}

static int run(const struct request *request)
{
	_cleanup_(ep_module_unload) struct ep_module module = {};
	_cleanup_(ep_settings_finish) struct ep_settings settings = {};
	_cleanup_(ep_session_end) struct ep_session session = {};
	struct ep_subject_workload subject;
	int status;

	status = prepare(request, &module, &settings);
	if (!status)
		status = ep_session_place(&session, &request->profile, module.workload->name);
	if (!status)
		status = ep_session_begin(&session);
	if (status)
		return status;
	session.record.settings = &settings;
	session.record.workload = module.workload;
	session.record.workload_path = module.path;
	session.record.duration_ns = choose_duration(request, &settings);
	ep_subject_workload_init(&subject, module.workload, &settings, session.record.duration_ns,
				 request->profile.interval_ns);
	return ep_session_measure(&session, &subject.base) ? EP_STATUS_FAILED : EP_STATUS_DONE;
}

static int run_command(const struct ep_command *command, int argc, char **argv)
{
	_cleanup_free_ const char **assignments = calloc(argc, sizeof(*assignments));
	struct request request = { .profile = EP_PROFILE_INIT, .assignments = assignments };
	int status;

	if (!assignments)
		return EP_STATUS_FAILED;
	status = parse(command, argc, argv, &request);
	return status < 0 ? run(&request) : status;
}

const struct ep_command ep_command_run = {
	.name = "run",
	.summary = "run a workload and show the exits it causes",
	.help = help,
	.options = options,
	.arguments = EP_ARGUMENTS_WORKLOAD,
	.run = run_command,
};
