// SPDX-License-Identifier: GPL-3.0-or-later
#include <curses.h>
#include <term.h>
#include <unistd.h>

#include "watch/terminal.h"

bool ep_watch_terminal_known(const char *term)
{
	int found;

	if (setupterm(term, STDOUT_FILENO, &found) != OK)
		return false;
	del_curterm(cur_term);
	return true;
}
