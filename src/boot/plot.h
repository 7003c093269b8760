/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plot.h - what `exitprof boot plot` draws */
#ifndef EP_BOOT_PLOT_H
#define EP_BOOT_PLOT_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/boot/boot.h"

/* Every chart that is made of EP_SCRIPT_BOOT, into @folder. Returns a status. */
int ep_boot_plot(const struct ep_boot *boot, const char *folder);

/* The chart of that name, made of EP_SCRIPT_BOOT, as SVG for free(). Returns 0 or a negative errno.
 */
int ep_boot_render(const struct ep_boot *boot, const char *chart, char **ret, struct ep_error *err);

/* Every chart that is made of EP_SCRIPT_BOOTS, of several boots by the @names given. */
int ep_boot_plot_several(const struct ep_boot *boots, const char *const *names, size_t count,
			 const char *folder);

#endif /* EP_BOOT_PLOT_H */
