// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "cli/complete_workload.h"
#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/result/module.h"

bool ep_complete_workloads(const struct ep_completion *completion)
{
	_cleanup_free_ char *search = ep_paths_workloads();
	_cleanup_(ep_names_finish) struct ep_names names = {};

	if (!search || ep_module_names(&names, search))
		return true;
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_(ep_module_unload) struct ep_module module = {};

		/* Only what is offered is loaded. */
		if (!strncmp(names.list[i], completion->text, strlen(completion->text)) &&
		    !ep_module_load(&module, names.list[i], search, NULL))
			ep_complete_offer(completion, names.list[i], module.workload->summary);
	}
	/* One of the user's own is a path. */
	if (strchr(completion->text, '/') || completion->text[0] == '.')
		puts(":files");
	return true;
}

bool ep_complete_settings(const struct ep_completion *completion)
{
	_cleanup_free_ char *search = ep_paths_workloads();
	_cleanup_(ep_module_unload) struct ep_module module = {};

	if (!search || !completion->argument ||
	    ep_module_load(&module, completion->argument, search, NULL))
		return true;
	for (const struct exitprof_option *option = module.workload->options;
	     option && option->name; option++) {
		char word[64];

		snprintf(word, sizeof(word), "%s=", option->name);
		ep_complete_offer(completion, word, option->help);
	}
	return true;
}
