/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * module.h - workloads as shared objects
 *
 *	struct ep_module module = {};
 *
 *	if (ep_module_load(&module, "io-heavy", "/usr/lib/exitprof/workloads", &err) < 0)
 *		...
 */
#ifndef EP_CORE_RESULT_MODULE_H
#define EP_CORE_RESULT_MODULE_H

#include <stddef.h>

#include <exitprof/workload.h>

#include "core/base/error.h"

/* Zeroed is an empty one. @workload lives as long as the module is loaded. */
struct ep_module {
	void *handle;
	char *path;
	const struct exitprof_workload *workload;
};

/*
 * @name: a workload's name, looked for in the folders of @search (separated by
 * colons), or a path if it contains a slash. Returns 0; -ENOENT if there is none,
 * with the nearest name in the hint; -EPROTO for another ABI version or a
 * malformed one; -ENOEXEC if the file cannot be loaded.
 */
int ep_module_load(struct ep_module *ret, const char *name, const char *search,
		   struct ep_error *err);

/* Leaves *@module empty; an empty one is fine. */
void ep_module_unload(struct ep_module *module);

struct ep_names {
	char **list;
	size_t count;
};

/* The names in the folders of @search, sorted, each once. Returns 0 or -ENOMEM. */
int ep_module_names(struct ep_names *ret, const char *search);
void ep_names_finish(struct ep_names *names);

#endif /* EP_CORE_RESULT_MODULE_H */
