// SPDX-License-Identifier: GPL-3.0-or-later
#include "measure/profile.h"

static int exclude(const struct ep_command *command, const char *one, const char *other)
{
	return ep_command_misused(command, "%s and %s exclude each other", one, other);
}

int ep_profile_check(const struct ep_command *command, const struct ep_profile *profile)
{
	const struct ep_dialect *dialect = ep_dialect_find(profile->dialect);

	if (profile->output && !profile->output[0])
		return ep_command_misused(command, "--output takes a folder");
	if (dialect && (profile->details || profile->vcpus))
		return ep_command_misused(command, "--%s and --dialect %s exclude each other",
					  profile->details ? "details" : "per-vcpu", dialect->name);
	if (profile->output && profile->no_save)
		return exclude(command, "--output", "--no-save");
	if (profile->interval_ns && profile->no_save)
		return exclude(command, "--interval", "--no-save");
	return EP_STATUS_DONE;
}
