/* SPDX-License-Identifier: GPL-3.0-or-later */
/* paths.h - where things are on this machine */
#ifndef EP_CLI_PATHS_H
#define EP_CLI_PATHS_H

/*
 * @name in the portable folder, see debian/portable/, if this program runs from there and it is
 * there. For free().
 */
char *ep_paths_portable(const char *name);

/*
 * EXITPROF_WORKLOAD_PATH and the installed folder, separated by colons. In place of the latter:
 * the portable folder's, if this program runs from there; that of the build, if it runs from
 * there and the variable is not set. For free().
 */
char *ep_paths_workloads(void);

/*
 * EXITPROF_PLOT_PATH, else the portable folder's or, if run from the build folder, the source's,
 * else the installed one.
 */
const char *ep_paths_plots(void);

/*
 * How exitprof-lab is called on this machine: its path in the source, if run from the
 * build folder, else its name if it is in PATH. NULL if it is not here. For free().
 */
char *ep_paths_lab(void);

#endif /* EP_CLI_PATHS_H */
