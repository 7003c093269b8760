/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message.h - messages to the user, on stderr
 *
 *	exitprof: cannot open 'x': No such file or directory
 *	hint: try 'exitprof list'
 *
 * Messages are lower case, without a full stop.
 */
#ifndef EP_CLI_MESSAGE_H
#define EP_CLI_MESSAGE_H

#include "core/base/error.h"

/* How exitprof ends. */
enum ep_status {
	EP_STATUS_DONE = 0,
	EP_STATUS_FAILED = 1,
	EP_STATUS_USAGE = 2,
	EP_STATUS_REGRESSION = 3,
	EP_STATUS_NO_HOST = 4,
};

void ep_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ep_say_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ep_say_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct ep_folder;

/* Warns if @folder has been published beside its place, or what was there is kept. */
void ep_say_moved(const struct ep_folder *folder);

/* Both texts of @err; the hint only if there is one. */
void ep_say_error(const struct ep_error *err);

/*
 * What is being done, on the terminal only: one line that the next one replaces.
 * NULL removes it.
 */
void ep_say_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reports what has gone wrong with stdout, such as a full disk; a status. */
int ep_say_finish(int status);

#endif /* EP_CLI_MESSAGE_H */
