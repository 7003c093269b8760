// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/host/guest.h"

void ep_guest_identify(struct ep_guest *ret)
{
	struct utsname name;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	uname(&name);
	*ret = (struct ep_guest){ .cpus = cpus > 0 ? cpus : 1 };
	snprintf(ret->kernel, sizeof(ret->kernel), "%s", name.release);
}
