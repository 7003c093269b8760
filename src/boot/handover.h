/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handover.h - from the sampler, which begins early, to whoever keeps the boot
 *
 * The sampler holds a lock on the file "lock" in a folder below /run for as long as it
 * lives, and writes "samples.json" beside it before it ends, on SIGTERM. It needs nothing but
 * that folder, as its working folder: when it was started in the initrd, all other paths
 * are gone once the root has been switched.
 *
 *	pid = ep_boot_sampler(EP_BOOT_RUN);
 *	if (pid)
 *		err = ep_boot_take_over(&boot, EP_BOOT_RUN);
 */
#ifndef EP_BOOT_HANDOVER_H
#define EP_BOOT_HANDOVER_H

#include <sys/types.h>

#include "core/boot/boot.h"

#define EP_BOOT_RUN "/run/exitprof"

/*
 * The sampler's side: makes @folder and stays there; locks, -EAGAIN if there is another
 * one; writes.
 */
int ep_boot_sampler_enter(const char *folder);
int ep_boot_sampler_lock(void);
int ep_boot_sampler_end(const struct ep_boot *boot);

/* The sampler that works in @folder now; 0 if there is none. */
pid_t ep_boot_sampler(const char *folder);

/* Whether one has been there, and may have left its samples. */
bool ep_boot_sampled(const char *folder);

/*
 * Ends the sampler in @folder, if there is one, and reads what it has left, which must be
 * of this boot. Returns 0, or -ENOENT if there is nothing that can be read, or -ETIMEDOUT
 * if it does not end. @boot is to be finished in any case.
 */
int ep_boot_take_over(struct ep_boot *boot, const char *folder);

/* Removes what the sampler has left there. */
void ep_boot_forget(const char *folder);

#endif /* EP_BOOT_HANDOVER_H */
