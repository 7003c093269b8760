// SPDX-License-Identifier: GPL-3.0-or-later
/* A shared object that is no workload. */
extern int exitprof_nothing;
int exitprof_nothing;
