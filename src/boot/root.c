// SPDX-License-Identifier: GPL-3.0-or-later
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot/root.h"

#define ROOT	"../.."
#define SERVICE "exitprof-boot.service"
#define MASK	ROOT "/etc/systemd/system/" SERVICE
/* What enables a unit is a link in such a folder. */
#define LINKS ROOT "/{etc,usr/local/lib,usr/lib}/systemd/system/*.{wants,requires,upholds}/" SERVICE

void ep_boot_root_note(struct ep_boot_root *root)
{
	struct stat status;

	if (stat(ROOT, &status))
		return;
	root->device = status.st_dev;
	root->inode = status.st_ino;
}

bool ep_boot_root_switched(struct ep_boot_root *root)
{
	const struct ep_boot_root old = *root;

	ep_boot_root_note(root);
	return root->device != old.device || root->inode != old.inode;
}

/* Neither follows links: absolute ones lead to the root of this process. */
bool ep_boot_root_records(void)
{
	static const char mask[] = "/dev/null";
	char target[sizeof(mask)] = "";
	glob_t links = {};
	bool enabled;

	if (readlink(MASK, target, sizeof(target)) == sizeof(mask) - 1 &&
	    !memcmp(target, mask, sizeof(mask) - 1))
		return false;
	enabled = !glob(LINKS, GLOB_BRACE | GLOB_NOSORT, NULL, &links);
	globfree(&links);
	return enabled;
}
