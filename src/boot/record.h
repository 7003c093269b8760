/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record.h - what exitprof-boot.service does: keep a boot once it is finished */
#ifndef EP_BOOT_RECORD_H
#define EP_BOOT_RECORD_H

#include "boot/sample.h"

/*
 * @folder: where boots are kept
 * @run: where a sampler may be at work, see handover.h
 * @sampling: of its own, if there is none
 * @keep: how many boots stay there
 */
struct ep_boot_settings {
	const char *folder;
	const char *run;
	struct ep_boot_sampling sampling;
	uint64_t keep;
};

/* Returns a status; without a patched host 0, after one line. */
int ep_boot_record(const struct ep_boot_settings *settings);

#endif /* EP_BOOT_RECORD_H */
