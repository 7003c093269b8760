// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdio.h>

#include "core/base/error.h"

int ep_error_set(struct ep_error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	errno = -code;
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return code;
}

void ep_error_vhint(struct ep_error *err, const char *format, va_list args)
{
	if (err)
		vsnprintf(err->hint, sizeof(err->hint), format, args);
}

void ep_error_hint(struct ep_error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ep_error_vhint(err, format, args);
	va_end(args);
}
