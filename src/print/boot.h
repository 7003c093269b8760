/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot.h - what `exitprof boot report` prints */
#ifndef EP_PRINT_BOOT_H
#define EP_PRINT_BOOT_H

#include "core/boot/boot.h"

/* Each returns a status of cli/message.h. */
int ep_print_boot(const struct ep_boot *boot);

/* One row for each sample and reason; the first sample's are missing if unknown. */
int ep_print_boot_csv(const struct ep_boot *boot);

/* One row for each phase and reason. */
int ep_print_boot_phases_csv(const struct ep_boot *boot);

#endif /* EP_PRINT_BOOT_H */
