// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "measure/command.h"
#include "measure/session.h"

/* As env(1) has it: exitprof's own failure, when the command might have been run. */
#define STATUS_OWN_FAILURE 125

static const char help[] =
	"Usage: exitprof exec [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Runs a command between two snapshots of the host's exit counters and shows what the\n"
	"whole virtual machine caused meanwhile: exits and handling cycles by reason, without\n"
	"the tool's own. Writes CSV, JSON and charts into a new folder.\n"
	"\n"
	"Examples:\n"
	"  exitprof exec -- make -j4\n"
	"  exitprof exec -n 5 -w 1 -- fio job.fio       figures to publish\n"
	"  exitprof exec --per-vcpu -- make -j2\n"
	"  exitprof exec --interval 100ms -- ./boot.sh  and how that changed over time\n"
	"  exitprof exec -o results/mine -- sh -c 'a | b'\n";

static const char notes[] =
	"Standard input and output are the command's, and the table goes to standard error.\n"
	"Exit status: the command's, 128 and a signal's number if that ended it; 125 if\n"
	"exitprof failed itself, 126 if the command cannot be executed, 127 if there is none;\n"
	"with nothing run, 2 wrong usage, 4 the host is not patched.\n";

struct request {
	struct ep_profile profile;
};

static const struct ep_option options[] = {
	EP_PROFILE_OPTIONS,
	{},
};

/* The command's name without folder, as part of a file's. */
static char *name_of(const char *command)
{
	const char *slash = strrchr(command, '/');
	char *name = strdup(slash && slash[1] ? slash + 1 : command);

	for (char *c = name; c && *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
			*c = '_';
	return name;
}

static int execute(const struct ep_profile *profile, char *const *argv)
{
	_cleanup_(ep_session_end) struct ep_session session = {};
	_cleanup_free_ char *name = name_of(argv[0]);
	struct ep_subject_command subject;
	int status, code;

	if (!name)
		return STATUS_OWN_FAILURE;
	status = ep_session_place(&session, profile, name);
	if (!status)
		status = ep_session_begin(&session);
	if (status)
		return status == EP_STATUS_FAILED ? STATUS_OWN_FAILURE : status;
	session.record.command = argv;
	ep_subject_command_init(&subject, argv);
	code = ep_session_measure(&session, &subject.base);
	return !subject.status && code ? STATUS_OWN_FAILURE : subject.status;
}

static int exec_command(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;

	if (!argc)
		return ep_command_misused(command, "which command?");
	return ep_profile_check(command, &request->profile) ?: execute(&request->profile, argv);
}

const struct ep_command ep_command_exec = {
	.name = "exec",
	.summary = "run any command and show the exits meanwhile",
	.help = help,
	.notes = notes,
	.options = options,
	.request_size = sizeof(struct request),
	.arguments = EP_ARGUMENTS_PROGRAM,
	.run = exec_command,
};
