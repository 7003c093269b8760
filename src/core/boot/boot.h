/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * boot.h - the exits of one boot, as a series of samples in memory
 *
 * A boot is kept as a folder NAME/, in which boot.json holds all of this, see
 * doc/boot.md. Counters count since the VM was created, so the first snapshot tells
 * what came before it: firmware, boot loader, kernel. It tells that only if this is
 * the VM's first boot: the generation of the host's counters is another one in
 * each VM, and the same one in an earlier boot means that this VM has been rebooted.
 *
 *	_cleanup_(ep_boot_finish) struct ep_boot boot = {};
 *
 *	ep_boot_add(&boot, now_ns, duration_ns, 0, &host, &delta);
 */
#ifndef EP_CORE_BOOT_BOOT_H
#define EP_CORE_BOOT_BOOT_H

#include "core/counters/delta.h"

/* @row: in the order of ep_boot.names */
struct ep_boot_entry {
	uint32_t row;
	uint64_t exits;
	uint64_t cycles;
};

/*
 * @now_ns: CLOCK_MONOTONIC at its end; @duration_ns: since the one before
 * @missed: ticks without a sample of their own
 * @first, @count: its entries, those that are not 0
 */
struct ep_boot_sample {
	uint64_t now_ns;
	uint64_t duration_ns;
	uint64_t missed;
	size_t first;
	size_t count;
	uint64_t exits;
	uint64_t cycles;
};

/* A unit that systemd started during the boot. */
struct ep_boot_unit {
	char *name;
	uint64_t start_ns;
	uint64_t active_ns;
};

/*
 * @samples: the first one is what came before sampling began, with no duration
 * @names: of the reasons that entries refer to
 * @before_known: the first sample belongs to this boot alone
 * @in_initrd: sampling began in the initrd
 * @userspace_ns, @units_loaded_ns, @finish_ns: systemd's timestamps, 0 if unknown; likewise
 *	@firmware_ns and @loader_ns, which are before the kernel's start, and @initrd_ns
 * @soft_reboots: how often systemd had begun anew under the same kernel
 * @ended: "finished", "stopped", "time limit" or "memory limit"
 * @own_exits: subtracted, exitprof's own
 */
struct ep_boot {
	char id[40];
	char kernel[65];
	char started[32];
	char ended[16];
	uint64_t generation;
	bool generation_known;
	bool before_known;
	bool in_initrd;
	bool consistent;
	uint64_t firmware_ns;
	uint64_t loader_ns;
	uint64_t initrd_ns;
	uint64_t userspace_ns;
	uint64_t units_loaded_ns;
	uint64_t finish_ns;
	uint64_t soft_reboots;
	uint64_t interval_ns;
	uint64_t own_exits;
	char *names[EP_REASONS_MAX];
	uint32_t reasons;
	struct ep_boot_sample *samples;
	size_t count;
	struct ep_boot_entry *entries;
	size_t entry_count;
	struct ep_boot_unit *units;
	size_t unit_count;
};

/* The parts of a zeroed or a loaded one. */
void ep_boot_finish(struct ep_boot *boot);

/* The room that samples and entries take, in bytes. */
size_t ep_boot_size(const struct ep_boot *boot);

/* Return 0 or -ENOMEM. */
int ep_boot_add(struct ep_boot *boot, uint64_t now_ns, uint64_t duration_ns, uint64_t missed,
		const struct ep_host *host, const struct ep_delta *delta);
int ep_boot_add_unit(struct ep_boot *boot, const char *name, uint64_t start_ns, uint64_t active_ns);

/* The parts that they consist of. An entry is of the last sample, and may be -EINVAL. */
int ep_boot_add_sample(struct ep_boot *boot, const struct ep_boot_sample *sample);
int ep_boot_add_entry(struct ep_boot *boot, const char *name, uint64_t exits, uint64_t cycles);

/* The exits and cycles of samples; the first one's only if they are this boot's alone. */
struct ep_boot_figure {
	uint64_t exits;
	uint64_t cycles;
};
struct ep_boot_figure ep_boot_total(const struct ep_boot *boot);

/* Of the samples from number @first on, by row; @ret has room for EP_REASONS_MAX, zeroed. */
void ep_boot_sum_reasons(const struct ep_boot *boot, size_t first, struct ep_boot_figure *ret);

/* When that unit was active, 0 if it was not. */
uint64_t ep_boot_unit_active(const struct ep_boot *boot, const char *name);

#endif /* EP_CORE_BOOT_BOOT_H */
