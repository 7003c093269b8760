/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systemd.h - what systemd knows about a boot, and the journal's line about it */
#ifndef EP_BOOT_SYSTEMD_H
#define EP_BOOT_SYSTEMD_H

#include <sys/types.h>

#include "core/boot/boot.h"

/*
 * A `systemctl` that ends when the boot is finished.
 *
 * @pid: 0 is none
 * @output: a pipe with what it prints, which hangs up when it ends; -1 is none
 */
struct ep_boot_waiting {
	pid_t pid;
	int output;
};

/* Returns 0 or a negative errno. */
int ep_boot_wait_begin(struct ep_boot_waiting *waiting);

/*
 * Whether the boot is finished: 1, or 0 if not yet; -ECONNREFUSED if systemd does not tell, as
 * long as it does not listen, and then it is no more. @block: until it is, or a signal comes, for
 * which 0 is returned.
 */
int ep_boot_wait(struct ep_boot_waiting *waiting, bool block);
void ep_boot_wait_end(struct ep_boot_waiting *waiting);

/* Fills in systemd's timestamps, and the units that it has started. */
void ep_boot_read_timestamps(struct ep_boot *boot);
void ep_boot_read_units(struct ep_boot *boot);

/* One line with a MESSAGE_ID, which systemd/exitprof.catalog explains. Lost without a journal. */
void ep_boot_tell_journal(const struct ep_boot *boot, const char *path);

#endif /* EP_BOOT_SYSTEMD_H */
