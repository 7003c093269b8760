// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "cli/paths.h"
#include "core/base/cleanup.h"
#include "core/base/program.h"

/*
 * The folder that this program lies in, and the source that it was built from, if it runs
 * from where it was built: meson leaves a file there that is not installed. For free().
 */
static bool find_build(char **ret_folder, char **ret_source)
{
	_cleanup_free_ char *folder = realpath("/proc/self/exe", NULL), *mark = NULL, *line = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	char *slash = folder ? strrchr(folder, '/') : NULL;
	size_t size = 0;

	if (!slash)
		return false;
	*slash = '\0';
	if (asprintf(&mark, "%s/source-root", folder) < 0) {
		mark = NULL;
		return false;
	}
	file = fopen(mark, "re");
	if (!file || getline(&line, &size, file) <= 0)
		return false;
	line[strcspn(line, "\n")] = '\0';
	*ret_folder = folder;
	*ret_source = line;
	folder = line = NULL;
	return true;
}

/* NULL if it is not there. For free(). */
static char *find_in(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	if (!access(path, X_OK))
		return path;
	free(path);
	return NULL;
}

/* The loader puts the path that the launcher gave it there; /proc/self/exe is the loader's. */
char *ep_paths_portable(const char *name)
{
	static const char place[] = "/libexec/exitprof/exitprof";
	const char *path = (const char *)getauxval(AT_EXECFN);
	size_t length = path ? strlen(path) : 0, suffix = strlen(place);
	_cleanup_free_ char *folder = NULL;

	if (length <= suffix || strcmp(path + length - suffix, place))
		return NULL;
	folder = strndup(path, length - suffix);
	return folder ? find_in(folder, name) : NULL;
}

/* In the source that this program was built from, if it runs from there. */
static char *find_in_source(const char *name)
{
	_cleanup_free_ char *folder = NULL, *source = NULL;

	return find_build(&folder, &source) ? find_in(source, name) : NULL;
}

static char *find_built_workloads(void)
{
	_cleanup_free_ char *folder = NULL, *source = NULL;
	char *slash;

	/* BUILD/src/exitprof, BUILD/workloads */
	if (!find_build(&folder, &source))
		return NULL;
	slash = strrchr(folder, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return find_in(folder, "workloads");
}

char *ep_paths_workloads(void)
{
	const char *path = getenv("EXITPROF_WORKLOAD_PATH");
	_cleanup_free_ char *portable = ep_paths_portable("lib/exitprof/workloads");
	char *search;

	if (!path || !path[0])
		return portable ? strdup(portable)
				: find_built_workloads() ?: strdup(EXITPROF_WORKLOADDIR);
	return asprintf(&search, "%s:%s", path, portable ?: EXITPROF_WORKLOADDIR) < 0 ? NULL
										      : search;
}

const char *ep_paths_plots(void)
{
	const char *path = getenv("EXITPROF_PLOT_PATH");
	static char *own;

	if (path && path[0])
		return path;
	if (!own)
		own = ep_paths_portable("share/exitprof/plots") ?: find_in_source("plots");
	return own ?: EXITPROF_PLOTDIR;
}

char *ep_paths_lab(void)
{
	char *path = find_in_source("host-patch/lab/exitprof-lab");

	if (path || !ep_program_exists("exitprof-lab"))
		return path;
	return strdup("exitprof-lab");
}
