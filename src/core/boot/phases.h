/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phases.h - a boot by phase: what came before sampling, the initrd, userspace
 *
 * A phase begins and ends by systemd's timestamps, within a sample as a rule: the
 * sample is divided between the two in proportion to time. Phases add up to the boot.
 *
 *	_cleanup_free_ struct ep_boot_phases *phases = ep_boot_phases(&boot);
 *
 *	for (size_t i = 0; i < phases->count; i++)
 *		puts(phases->list[i].name);
 */
#ifndef EP_CORE_BOOT_PHASES_H
#define EP_CORE_BOOT_PHASES_H

#include "core/boot/boot.h"

#define EP_BOOT_PHASES_MAX 7

/*
 * @name: the first one is "before the first sample": firmware, boot loader, kernel and
 *	what of the initrd and userspace came before it. Then "initrd", if sampling
 *	began there, "until units are loaded", before which systemd starts none, "until
 *	sysinit.target", "until basic.target", "until the end"
 * @from_ns, @to_ns: since the kernel's start; the first one begins when the VM is
 *	created, which is before, and @from_ns is 0
 * @known: else exits, cycles and reasons are 0 and say nothing
 * @peak: exits per second of its busiest sample, @busiest its number, as rate.h has them. A
 *	sample is of the phase that its middle is in; a short phase may have none, and both are 0
 * @reasons: by row of the boot
 */
struct ep_boot_phase {
	const char *name;
	uint64_t from_ns;
	uint64_t to_ns;
	bool known;
	uint64_t exits;
	uint64_t cycles;
	double peak;
	size_t busiest;
	struct ep_boot_figure reasons[EP_REASONS_MAX];
};

struct ep_boot_phases {
	struct ep_boot_phase list[EP_BOOT_PHASES_MAX];
	size_t count;
};

/* The one that the middle of @sample is in. */
const struct ep_boot_phase *ep_boot_phase_of(const struct ep_boot_phases *phases,
					     const struct ep_boot_sample *sample);

/* How many times the mean of the phase its peak was, 0 if that is not known. */
double ep_boot_phase_peak_ratio(const struct ep_boot_phase *phase);

/* For free(). NULL: no memory. */
struct ep_boot_phases *ep_boot_phases(const struct ep_boot *boot);

/*
 * When the kernel ended: when the initrd's systemd, or else the sampler in the initrd or else
 * systemd, began. 0 if unknown.
 */
uint64_t ep_boot_kernel_end(const struct ep_boot *boot);

#endif /* EP_CORE_BOOT_PHASES_H */
