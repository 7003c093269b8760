/* SPDX-License-Identifier: GPL-3.0-or-later */
/* locale.h - characters and terminals, which the portable folder (debian/portable/) brings along */
#ifndef EP_CLI_LOCALE_H
#define EP_CLI_LOCALE_H

/*
 * The locale of characters, for the terminal alone. From the portable folder, whose libc cannot
 * rely on the guest's locales, it is C or C.UTF-8; and the process gets exitprof's name there.
 */
void ep_locale_begin(void);

/* Before terminfo is asked, by a process that starts no other: the portable folder has some. */
void ep_locale_terminals(void);

#endif /* EP_CLI_LOCALE_H */
