/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scratch_sweep.h - removal of the scratch that processes have left which were killed */
#ifndef EP_CORE_BASE_SCRATCH_SWEEP_H
#define EP_CORE_BASE_SCRATCH_SWEEP_H

/* Removes what others have left in the folder @fd; see scratch.h. */
void ep_scratch_sweep(int fd);

#endif /* EP_CORE_BASE_SCRATCH_SWEEP_H */
