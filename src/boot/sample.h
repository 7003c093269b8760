/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sample.h - samples of a boot, in memory, until somebody says that it has ended
 *
 *	const struct ep_boot_end end = { .ended = stopped };
 *
 *	status = ep_boot_sample(&boot, &host, &sampling, &end);
 */
#ifndef EP_BOOT_SAMPLE_H
#define EP_BOOT_SAMPLE_H

#include "core/boot/boot.h"

#define EP_BOOT_INTERVAL_NS 100000000
#define EP_BOOT_LIMIT_NS    600000000000
/* Of samples in memory: a boot of ten minutes takes a tenth of it. */
#define EP_BOOT_MEMORY_MAX (16u << 20)

/* @limit_ns: after which sampling ends in any case */
struct ep_boot_sampling {
	uint64_t interval_ns;
	uint64_t limit_ns;
};

/* Who and when this boot is. */
void ep_boot_identify(struct ep_boot *boot, const struct ep_host *host);

/*
 * @ended: called after each sample: why sampling is to end, such as "stopped", or NULL. The
 *	last sample is of a moment before that
 * @file: hangs up once @ended() has something new to say, so that the sample ends early; may
 *	be NULL or point to -1, and may change in @ended()
 * @user: for @ended
 */
struct ep_boot_end {
	const char *(*ended)(void *user);
	const int *file;
	void *user;
};

/*
 * Samples until @end says so, or the limits do. Signals, see cli/stop.h, end a sample early.
 * Returns 0 or a negative errno; -ESTALE if the VM was restored meanwhile.
 */
int ep_boot_sample(struct ep_boot *boot, struct ep_host *host,
		   const struct ep_boot_sampling *sampling, const struct ep_boot_end *end);

#endif /* EP_BOOT_SAMPLE_H */
