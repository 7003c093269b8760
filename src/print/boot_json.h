/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot_json.h - what `exitprof boot report --json` prints */
#ifndef EP_PRINT_BOOT_JSON_H
#define EP_PRINT_BOOT_JSON_H

#include "core/boot/boot.h"

/*
 * All that was recorded, with phases, the rate's figures and the busiest moments. Returns a status
 * of cli/message.h.
 */
int ep_print_boot_json(const struct ep_boot *boot);

#endif /* EP_PRINT_BOOT_JSON_H */
