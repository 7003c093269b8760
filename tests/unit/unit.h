/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit.h - what cmocka.h wants to have seen, in the order in which it wants it */
#ifndef EP_TEST_UNIT_H
#define EP_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Of meson: the program did not run, and its output says why. */
#define UNIT_SKIP 77

#endif /* EP_TEST_UNIT_H */
