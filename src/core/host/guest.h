/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guest.h - the virtual machine that we are in */
#ifndef EP_CORE_HOST_GUEST_H
#define EP_CORE_HOST_GUEST_H

/* @kernel: its release; @cpus: those online */
struct ep_guest {
	char kernel[65];
	unsigned int cpus;
};

void ep_guest_identify(struct ep_guest *ret);

#endif /* EP_CORE_HOST_GUEST_H */
