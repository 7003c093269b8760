// SPDX-License-Identifier: GPL-3.0-or-later
#include <dlfcn.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/closest_match.h"
#include "core/result/module.h"

#define SUFFIX ".so"

void ep_names_finish(struct ep_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct ep_names){};
}

static int add_name(struct ep_names *names, const char *name, size_t length)
{
	char **list;

	for (size_t i = 0; i < names->count; i++)
		if (strlen(names->list[i]) == length && !strncmp(names->list[i], name, length))
			return 0;
	list = reallocarray(names->list, names->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	names->list = list;
	list[names->count] = strndup(name, length);
	if (!list[names->count])
		return -ENOMEM;
	names->count++;
	return 0;
}

static int add_folder(struct ep_names *names, const char *folder)
{
	_cleanup_closedir_ DIR *dir = opendir(folder);
	const struct dirent *entry;
	int err = 0;

	while (dir && !err && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name), suffix = strlen(SUFFIX);

		if (length > suffix && entry->d_name[0] != '.' &&
		    !strcmp(entry->d_name + length - suffix, SUFFIX))
			err = add_name(names, entry->d_name, length - suffix);
	}
	return err;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ep_module_names(struct ep_names *ret, const char *search)
{
	_cleanup_free_ char *folders = strdup(search);
	_cleanup_(ep_names_finish) struct ep_names names = {};
	char *state, *folder;
	int err = 0;

	if (!folders)
		return -ENOMEM;
	for (folder = strtok_r(folders, ":", &state); folder && !err;
	     folder = strtok_r(NULL, ":", &state))
		err = add_folder(&names, folder);
	if (err)
		return err;
	if (names.count)
		qsort(names.list, names.count, sizeof(*names.list), compare_names);
	*ret = names;
	names = (struct ep_names){};
	return 0;
}

static int find(char **ret, const char *name, const char *search)
{
	_cleanup_free_ char *folders = strdup(search);
	char *state, *folder, *path;

	if (!folders)
		return -ENOMEM;
	for (folder = strtok_r(folders, ":", &state); folder;
	     folder = strtok_r(NULL, ":", &state)) {
		if (asprintf(&path, "%s/%s" SUFFIX, folder, name) < 0)
			return -ENOMEM;
		if (!access(path, F_OK)) {
			*ret = path;
			return 0;
		}
		free(path);
	}
	return -ENOENT;
}

static int not_found(const char *name, const char *search, struct ep_error *err)
{
	_cleanup_(ep_names_finish) struct ep_names names = {};
	const char *nearest;

	ep_error_set(err, -ENOENT, "there is no workload '%s'", name);
	if (ep_module_names(&names, search))
		return -ENOMEM;
	nearest = ep_closest_match(name, (const char *const *)names.list, names.count);
	if (nearest)
		ep_error_hint(err, "did you mean '%s'?", nearest);
	else if (names.count)
		ep_error_hint(err, "see 'exitprof list'");
	else
		ep_error_hint(err,
			      "no workload at all in '%s'; set EXITPROF_WORKLOAD_PATH to the "
			      "folder that has them",
			      search);
	return -ENOENT;
}

static int check(const struct ep_module *module, struct ep_error *err)
{
	const struct exitprof_workload *workload = module->workload;

	if (workload->abi != EXITPROF_WORKLOAD_ABI) {
		ep_error_hint(err, "build it again with this version's exitprof/workload.h");
		return ep_error_set(err, -EPROTO,
				    "workload '%s' was built for version %u of the workload ABI, "
				    "and this is version %u",
				    module->path, workload->abi, EXITPROF_WORKLOAD_ABI);
	}
	if (!workload->name || !workload->summary || !workload->operation || !workload->run)
		return ep_error_set(err, -EPROTO,
				    "workload '%s' lacks a name, summary, operation or run()",
				    module->path);
	return 0;
}

int ep_module_load(struct ep_module *ret, const char *name, const char *search,
		   struct ep_error *err)
{
	_cleanup_(ep_module_unload) struct ep_module module = {};
	int code;

	if (strchr(name, '/')) {
		if (access(name, F_OK))
			return ep_error_set(err, -errno, "cannot open workload '%s': %m", name);
		module.path = strdup(name);
		code = module.path ? 0 : -ENOMEM;
	} else {
		code = find(&module.path, name, search);
		if (code == -ENOENT)
			return not_found(name, search, err);
	}
	if (code)
		return ep_error_set(err, code, "cannot look for workload '%s': %m", name);

	/* Bound now, so that the linker does not do it while we measure. */
	module.handle = dlopen(module.path, RTLD_NOW | RTLD_LOCAL);
	if (!module.handle)
		return ep_error_set(err, -ENOEXEC, "cannot load workload: %s", dlerror());
	module.workload = dlsym(module.handle, EXITPROF_WORKLOAD_SYMBOL);
	if (!module.workload)
		return ep_error_set(err, -EPROTO,
				    "'%s' is not a workload: it does not export "
				    "'" EXITPROF_WORKLOAD_SYMBOL "'",
				    module.path);
	code = check(&module, err);
	if (code)
		return code;
	*ret = module;
	module = (struct ep_module){};
	return 0;
}

void ep_module_unload(struct ep_module *module)
{
	if (module->handle)
		dlclose(module->handle);
	free(module->path);
	*module = (struct ep_module){};
}
