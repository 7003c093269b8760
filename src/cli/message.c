// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/message.h"
#include "cli/terminal.h"
#include "core/base/cleanup.h"
#include "core/base/folder.h"
#include "core/base/utf8.h"

static void say(const char *prefix, const char *format, va_list args)
{
	_cleanup_free_ char *text = NULL, *clean = NULL;
	int saved = errno;

	fflush(stdout);
	errno = saved;
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	/* Names of files are in it, and what others have written. */
	clean = text ? ep_utf8_clean(text, EP_UTF8_LINES) : NULL;
	fprintf(stderr, "%s%s\n", prefix, clean ?: format);
}

void ep_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("exitprof: ", format, args);
	va_end(args);
}

void ep_say_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("warning: ", format, args);
	va_end(args);
}

void ep_say_hint(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("hint: ", format, args);
	va_end(args);
}

void ep_say_error(const struct ep_error *err)
{
	ep_say("%s", err->message);
	if (err->hint[0])
		ep_say_hint("%s", err->hint);
}

void ep_say_moved(const struct ep_folder *folder)
{
	if (folder->kept)
		ep_say_warning("the earlier result, of which not all may be removed, is in '%s'",
			       folder->kept);
	if (folder->moved == -EEXIST) {
		ep_say_warning("another run has saved its result there meanwhile; this one is in "
			       "'%s'",
			       folder->path);
	} else if (folder->moved) {
		errno = -folder->moved;
		ep_say_warning("cannot replace the earlier result (%m); this one is in '%s'",
			       folder->path);
	}
}

void ep_say_progress(const char *format, ...)
{
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r\033[K", stderr);
	if (format) {
		_cleanup_free_ char *text = NULL;

		va_start(args, format);
		if (vasprintf(&text, format, args) < 0)
			text = NULL;
		va_end(args);
		/* What is in a second line, the next one would not replace. */
		if (text)
			ep_terminal_cut(stderr, text);
	}
	fflush(stderr);
}

int ep_say_finish(int status)
{
	if (!ferror(stdout) && !fflush(stdout))
		return status;
	ep_say("cannot write to standard output: %m");
	return status ? status : EP_STATUS_FAILED;
}
