/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * error.h - a failure in words, for a caller that prints
 *
 * The core never prints. Where a number is not enough, it fills an ep_error:
 * what went wrong, and the next step for the user.
 *
 *	return ep_error_set(err, -ENOENT, "there is no workload '%s'", name);
 */
#ifndef EP_CORE_BASE_ERROR_H
#define EP_CORE_BASE_ERROR_H

#include <stdarg.h>

/* Zeroed is "no failure". Both texts are cut off when they are longer. */
struct ep_error {
	char message[1024];
	char hint[1024];
};

/* Returns @code, a negative errno. `%m` is the text of @code. @err may be NULL. */
int ep_error_set(struct ep_error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ep_error_hint(struct ep_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ep_error_vhint(struct ep_error *err, const char *format, va_list args);

#endif /* EP_CORE_BASE_ERROR_H */
