/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rights.h - what this process may do, looked at without trying it */
#ifndef EXITPROF_WORKLOAD_RIGHTS_H
#define EXITPROF_WORKLOAD_RIGHTS_H

#include <stdbool.h>

/* Whether the effective set holds @capability, one of <linux/capability.h>. */
bool ep_rights_has(unsigned int capability);

/*
 * NULL if MSRs and physical memory may be used, else why not: no CAP_SYS_RAWIO, or a
 * kernel that is locked down.
 */
const char *ep_rights_raw_io(void);

/* The same for I/O ports, which some kernels are built without. */
const char *ep_rights_ports(void);

#endif /* EXITPROF_WORKLOAD_RIGHTS_H */
