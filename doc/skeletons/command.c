// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A complete command to copy; CONTRIBUTING.md says where to and what else it takes. A
 * command reads its arguments, has the core do the work, and prints: data on stdout,
 * messages on stderr. This one tells how many exit reasons can be read here.
 */
#include <stdio.h>

#include "cli/command.h"
#include "cli/machine.h"

static const char help[] =
	"Usage: exitprof skeleton [OPTION...]\n"
	"\n"
	"Tells how many exit reasons can be read on this host.\n"
	"\n"
	"Examples:\n"
	"  exitprof skeleton\n"
	"  exitprof skeleton --csv >> hosts.csv\n"
	"\n"
	"Options:\n"
	"      --csv              print vendor and number for programs, without a header\n"
	"  -h, --help             this text\n";

enum { OPTION_CSV = 256 };

static const struct option options[] = {
	{ "csv", no_argument, NULL, OPTION_CSV },
	EP_OPTION_HELP,
	{},
};

static int skeleton(const struct ep_command *command, int argc, char **argv)
{
	struct ep_machine machine;
	int option, status;
	bool csv = false;

	while ((option = ep_command_option(command, argc, argv, &status)) != -1) {
		switch (option) {
		case EP_OPTION_DONE:
			return status;
		case OPTION_CSV:
			csv = true;
			break;
		}
	}
	if (optind != argc)
		return ep_command_misused(command, "skeleton: unexpected '%s'", argv[optind]);

	/* Says what is wrong and what to do about it, unless the host answers. */
	status = ep_machine_require(&machine);
	if (status != EP_STATUS_DONE)
		return status;

	printf(csv ? "%s,%u\n" : "%s host: %u exit reasons\n",
	       ep_reasons_vendor_name(machine.host.vendor), machine.host.count);
	return EP_STATUS_DONE;
}

const struct ep_command ep_command_skeleton = {
	.name = "skeleton",
	.summary = "how many exit reasons can be read here",
	.help = help,
	.options = options,
	.run = skeleton,
};
