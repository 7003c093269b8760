/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FUZZ_FAILURES_H
#define FUZZ_FAILURES_H

/*
 * Creates vCPUs, latches, and switches the accounting on while allocations of the
 * kernel fail, @count times each. Needs a kernel with fault injection.
 */
void failures(unsigned long count);

#endif
