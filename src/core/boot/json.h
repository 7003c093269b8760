/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.h - a boot as boot.json, which doc/boot.md describes */
#ifndef EP_CORE_BOOT_JSON_H
#define EP_CORE_BOOT_JSON_H

#include "core/boot/boot.h"

struct json_object;

/* Raised when a member of boot.json changes its meaning. No such file is larger. */
#define EP_BOOT_FORMAT	 1
#define EP_BOOT_JSON_MAX (64 << 20)

/* Owned by the caller. NULL: no memory. */
struct json_object *ep_boot_json(const struct ep_boot *boot);

/*
 * Returns 0, -ENOMEM, -EPROTO if that is of a newer format, or -EINVAL if it is no boot, or one
 * whose samples are not in order. Timestamps that cannot be of this record become unknown: those
 * after its last sample, and what was before systemd if that had begun anew under the same kernel.
 * Texts have no control characters. To be finished in any case.
 */
int ep_boot_parse(struct ep_boot *boot, struct json_object *json);

#endif /* EP_CORE_BOOT_JSON_H */
