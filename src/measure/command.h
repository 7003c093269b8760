/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - a command and its children as something to measure
 *
 * It is forked before the first snapshot and waits there, so that what is measured
 * begins with its exec() and ends when it has ended. It has exitprof's own standard
 * input and output and its signals, see cli/stop.h.
 */
#ifndef EP_MEASURE_COMMAND_H
#define EP_MEASURE_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "measure/measure.h"

/*
 * @base: the first member
 * @argv: borrowed
 * @status: the first that was not 0, as a shell has it; 126 if a command could not be
 *	executed, 127 if there is none
 * @end: readable when the child has ended; if @by_signal, it is SIGCHLD's, and @unblocked the
 *	signal mask without it
 * @go: the child waits until it can read from that pipe, both ends of which stay open; @failure:
 *	where it says why it could not be executed
 */
struct ep_subject_command {
	struct ep_subject base;
	char *const *argv;
	int status;
	pid_t pid;
	int end;
	bool by_signal;
	sigset_t unblocked;
	int go[2];
	int failure;
};

void ep_subject_command_init(struct ep_subject_command *subject, char *const *argv);

#endif /* EP_MEASURE_COMMAND_H */
