/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reasons_table.h - how the rows of reasons_vmx.c and reasons_svm.c are written:
 * the name is the kernel's, or for MANUAL the mnemonic of the vendor's manual
 */
#ifndef EP_CORE_HOST_REASONS_TABLE_H
#define EP_CORE_HOST_REASONS_TABLE_H

#include "core/host/reasons.h"

#define KERNEL(number, name, meaning)                                                              \
	{                                                                                          \
		number, 1, name, meaning                                                           \
	}
#define MANUAL(number, name, meaning)                                                              \
	{                                                                                          \
		number, 0, name, meaning                                                           \
	}

#endif /* EP_CORE_HOST_REASONS_TABLE_H */
