/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminal.h - terminfo; by itself, since term.h takes common words for macros */
#ifndef EP_WATCH_TERMINAL_H
#define EP_WATCH_TERMINAL_H

#include <stdbool.h>

/* Whether terminfo describes @term. Call it before newterm(), which leaks memory when it fails. */
bool ep_watch_terminal_known(const char *term);

#endif /* EP_WATCH_TERMINAL_H */
