// SPDX-License-Identifier: GPL-3.0-or-later
#include "rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/syscall.h>
#include <unistd.h>

bool ep_rights_has(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[capability / 32].effective >> capability % 32 & 1;
}

static bool locked_down(void)
{
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "";
	bool locked;

	if (!file)
		return false;
	locked = fgets(line, sizeof(line), file) && !strstr(line, "[none]");
	fclose(file);
	return locked;
}

const char *ep_rights_raw_io(void)
{
	if (!ep_rights_has(CAP_SYS_RAWIO))
		return "it needs root, or CAP_SYS_RAWIO";
	if (locked_down())
		return "this kernel is locked down: see /sys/kernel/security/lockdown";
	return NULL;
}

const char *ep_rights_ports(void)
{
	/* No ports at all: a call that is never granted. */
	if (ioperm(0, 0, 0) < 0 && errno == ENOSYS)
		return "this kernel lets nobody use ports: it has no ioperm()";
	return ep_rights_raw_io();
}
