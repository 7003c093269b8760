// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A complete command to copy; CONTRIBUTING.md says where to and what else it takes. A
 * command has a table of options, has the core do the work, and prints: data on stdout,
 * messages on stderr. This one tells how many exit reasons can be read here.
 */
#include <stdio.h>

#include "cli/command.h"
#include "cli/machine.h"

static const char help[] = "Usage: exitprof skeleton [OPTION...]\n"
			   "\n"
			   "Tells how many exit reasons can be read on this host.\n"
			   "\n"
			   "Examples:\n"
			   "  exitprof skeleton\n"
			   "  exitprof skeleton --csv >> hosts.csv\n";

/* What the options fill. */
struct request {
	const char *dialect;
	enum ep_output_format format;
};

static const struct ep_option options[] = {
	EP_OPTION_DIALECT(dialect),
	EP_OPTION_CSV(format, "print vendor and number for programs, without a header"),
	{},
};

static int skeleton(const struct ep_command *command, void *data, int argc, char **argv)
{
	const struct request *request = data;
	struct ep_machine machine;
	int status;

	/* Says what is wrong and what to do about it, unless the host answers. */
	status = ep_machine_require(&machine);
	if (!status)
		status = ep_machine_speak(&machine, request->dialect);
	if (status)
		return status;

	printf(request->format == EP_OUTPUT_CSV ? "%s,%u\n" : "%s host: %u exit reasons\n",
	       ep_reasons_vendor_name(machine.host.vendor), machine.host.count);
	return EP_STATUS_DONE;
}

const struct ep_command ep_command_skeleton = {
	.name = "skeleton",
	.summary = "how many exit reasons can be read here",
	.help = help,
	.options = options,
	.request_size = sizeof(struct request),
	.run = skeleton,
};
