/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * root.h - whether anybody in the real root will keep what is sampled in the initrd
 *
 * An initrd may be older than the decision not to record boots any more. /run moves along when
 * the root is switched, so from the sampler's working folder below it "../.." is the root that
 * systemd has, whatever the sampler's own is.
 *
 *	ep_boot_root_note(&root);
 *	...
 *	if (ep_boot_root_switched(&root) && !ep_boot_root_records())
 *		end
 */
#ifndef EP_BOOT_ROOT_H
#define EP_BOOT_ROOT_H

#include <stdbool.h>
#include <sys/types.h>

struct ep_boot_root {
	dev_t device;
	ino_t inode;
};

/* Which root there is, in the folder that ep_boot_sampler_enter() has entered. */
void ep_boot_root_note(struct ep_boot_root *root);

/* True once for each switch. */
bool ep_boot_root_switched(struct ep_boot_root *root);

/*
 * Whether exitprof-boot.service is enabled there and not masked, as 'systemctl is-enabled'
 * would say: systemd.unit(5) names the folders.
 */
bool ep_boot_root_records(void);

#endif /* EP_BOOT_ROOT_H */
