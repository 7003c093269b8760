/* SPDX-License-Identifier: GPL-3.0-or-later */
/* busy.h - the busiest moments of a boot, and what started then */
#ifndef EP_BOOT_BUSY_H
#define EP_BOOT_BUSY_H

#include "core/boot/boot.h"

#define EP_BOOT_BUSIEST	    3
#define EP_BOOT_UNITS_SHOWN 4

/*
 * @sample: in which most exits came per second, @rate
 * @units: numbers of units that systemd started from one sample before it to its end,
 *	the latest ones, @count of them: a coincidence in time
 */
struct ep_boot_busy {
	const struct ep_boot_sample *sample;
	double rate;
	size_t units[EP_BOOT_UNITS_SHOWN];
	size_t count;
};

/* Returns how many; busiest first. */
size_t ep_boot_busy(const struct ep_boot *boot, struct ep_boot_busy ret[EP_BOOT_BUSIEST]);

#endif /* EP_BOOT_BUSY_H */
