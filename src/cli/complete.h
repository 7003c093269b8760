/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * complete.h - what a shell may offer for the word that is being typed
 *
 * The scripts in completion/ ask `exitprof --complete WORD...` on every Tab, so that a
 * new command or option is completed without touching them. Each answer is a line:
 * a candidate, a tab, and what it means; or one of
 *
 *	:files		names of files
 *	:folders	names of folders
 *	:program N	a program and its arguments begin at word N, counted from 0
 */
#ifndef EP_CLI_COMPLETE_H
#define EP_CLI_COMPLETE_H

#include "cli/command.h"

/*
 * The word that is being typed.
 *
 * @text: candidates must begin with it
 * @prefix: what they are shown behind: "--option=", which the shell counts to the word
 * @argument: the first argument that has been typed, or NULL
 */
struct ep_completion {
	const char *text;
	char prefix[64];
	const char *argument;
};

/* Prints @word as a candidate if what is being typed is its beginning; @meaning may be "". */
void ep_complete_offer(const struct ep_completion *completion, const char *word,
		       const char *meaning);

/*
 * @words: what was typed behind "exitprof", @count of them; the last one, which may
 *	be "", is to be completed
 * @commands: all there are, @command_count of them
 *
 * Prints the answers on stdout. Returns a status.
 */
int ep_complete(char **words, int count, const struct ep_command *const *commands,
		size_t command_count);

#endif /* EP_CLI_COMPLETE_H */
