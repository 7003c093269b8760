/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpu.h - what CPUID tells of this machine. Every call costs exits: not in run(). */
#ifndef EXITPROF_WORKLOAD_CPU_H
#define EXITPROF_WORKLOAD_CPU_H

#include <stdbool.h>

/* Whether a hypervisor says that it is there. */
bool ep_cpu_virtual(void);

/* Whether one of them is KVM, maybe beside an imitation of Hyper-V. */
bool ep_cpu_kvm(void);

/* Whether the processor calls its hypervisor by VMMCALL: AMD and Hygon. */
bool ep_cpu_vmmcall(void);

#endif /* EXITPROF_WORKLOAD_CPU_H */
