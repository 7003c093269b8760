/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings.h - the values of a workload's options for one run
 *
 *	_cleanup_(ep_settings_finish) struct ep_settings settings = {};
 *
 *	err = ep_settings_init(&settings, workload, &error);
 *	err = ep_settings_set(&settings, "size=64M", &error);
 */
#ifndef EP_CORE_RESULT_SETTINGS_H
#define EP_CORE_RESULT_SETTINGS_H

#include <stddef.h>

#include <exitprof/workload.h>

#include "core/base/error.h"

/* @values: in the order of the workload's options, @count of them. */
struct ep_settings {
	const struct exitprof_workload *workload;
	union exitprof_value *values;
	size_t count;
};

/*
 * All options at their defaults. Returns 0, -ENOMEM, or -EPROTO if a default of
 * the workload's own is not valid. *@settings must be zeroed and can be finished
 * whatever is returned.
 */
int ep_settings_init(struct ep_settings *settings, const struct exitprof_workload *workload,
		     struct ep_error *err);

/*
 * @assignment: "NAME=VALUE". Returns 0, -ENOMEM, -ENOENT for an unknown option
 * (with the nearest name in the hint), -EINVAL or -ERANGE for a value that does
 * not fit; the option is unchanged then.
 */
int ep_settings_set(struct ep_settings *settings, const char *assignment, struct ep_error *err);

/* The value of the number option @name, or 0 if there is none of that name. */
uint64_t ep_settings_number(const struct ep_settings *settings, const char *name);

void ep_settings_finish(struct ep_settings *settings);

#endif /* EP_CORE_RESULT_SETTINGS_H */
