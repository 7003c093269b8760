// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/complete_workload.h"
#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "core/result/module.h"
#include "measure/session.h"
#include "measure/workload.h"

#define DEFAULT_DURATION_NS 5000000000
#define NO_DURATION	    UINT64_MAX

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
	"  exitprof run busy --json --no-save | jq .summary\n";

static const char notes[] = "Ctrl-C ends the run and keeps what was measured.\n";

/* @assignments: of --set */
struct request {
	struct ep_profile profile;
	struct ep_option_list assignments;
	uint64_t duration_ns;
};

static const struct ep_option options[] = {
	{ "duration", 'd', "TIME",
	  "how long each repeat runs: 10s, 500ms, 2m; a bare number is seconds, 0 for no limit "
	  "(default: 5s, or no limit if the workload's count is set)",
	  EP_DURATION(duration_ns, 0, UINT64_MAX), .unset = NO_DURATION },
	{ "set", 0, "NAME=VALUE",
	  "sets an option of the workload; 'exitprof list WORKLOAD' shows them",
	  EP_LIST(assignments) },
	EP_PROFILE_OPTIONS,
	{},
};

static int configure(const struct request *request, const struct ep_module *module,
		     struct ep_settings *settings, struct ep_error *err)
{
	int code = ep_settings_init(settings, module->workload, err);

	for (size_t i = 0; i < request->assignments.count && !code; i++)
		code = ep_settings_set(settings, request->assignments.list[i], err);
	return code;
}

static uint64_t choose_duration(const struct request *request, const struct ep_settings *settings)
{
	if (request->duration_ns != NO_DURATION)
		return request->duration_ns;
	return ep_settings_number(settings, "count") ? 0 : DEFAULT_DURATION_NS;
}

/* Everything that can go wrong does so here, before anything is measured. */
static int prepare(const struct request *request, const char *name, struct ep_module *module,
		   struct ep_settings *settings)
{
	_cleanup_free_ char *search = ep_paths_workloads();
	struct ep_error err = {};
	const char *reason;
	int code;

	if (!search)
		return EP_STATUS_FAILED;
	code = ep_module_load(module, name, search, &err);
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

static int run(const struct request *request, const char *name)
{
	_cleanup_(ep_module_unload) struct ep_module module = {};
	_cleanup_(ep_settings_finish) struct ep_settings settings = {};
	_cleanup_(ep_session_end) struct ep_session session = {};
	struct ep_subject_workload subject;
	int status;

	status = prepare(request, name, &module, &settings);
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

static int run_command(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;

	if (!argc)
		return ep_command_misused(command, "which workload?");
	if (argc > 1)
		return ep_command_misused(command, "one workload at a time, and '%s' is more",
					  argv[1]);
	return ep_profile_check(command, &request->profile) ?: run(request, argv[0]);
}

static bool complete(const struct ep_completion *completion, const char *option)
{
	if (!option)
		return ep_complete_workloads(completion);
	return !strcmp(option, "set") && ep_complete_settings(completion);
}

const struct ep_command ep_command_run = {
	.name = "run",
	.summary = "run a workload and show the exits it causes",
	.help = help,
	.notes = notes,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_NAMES,
	.complete = complete,
	.run = run_command,
};
