/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete_workload.h - workloads and their options, for struct ep_command's complete() */
#ifndef EP_CLI_COMPLETE_WORKLOAD_H
#define EP_CLI_COMPLETE_WORKLOAD_H

#include <stdbool.h>

#include "cli/complete.h"

/* Offers the names of all workloads, and files where a path is typed. Returns true. */
bool ep_complete_workloads(const struct ep_completion *completion);

/* Offers NAME= for each option of the workload that has been typed. Returns true. */
bool ep_complete_settings(const struct ep_completion *completion);

#endif /* EP_CLI_COMPLETE_WORKLOAD_H */
