// SPDX-License-Identifier: GPL-3.0-or-later
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "cli/locale.h"
#include "cli/paths.h"
#include "core/base/cleanup.h"

/* Whether the user's locale, which is that of the first variable that is set, is of UTF-8. */
static bool wants_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strcasestr(value, ".UTF-8") || strcasestr(value, ".UTF8");
	}
	return false;
}

void ep_locale_begin(void)
{
	_cleanup_free_ char *locales = ep_paths_portable("share/exitprof/locale"), *others = NULL;
	const char *path = getenv("LOCPATH");

	if (!locales) {
		setlocale(LC_CTYPE, "");
		return;
	}
	/* Else it is the loader's. */
	prctl(PR_SET_NAME, "exitprof");
	if (!wants_utf8())
		return;
	/* The guest's own locales are another libc's. The variable is not for our children. */
	others = path ? strdup(path) : NULL;
	setenv("LOCPATH", locales, 1);
	setlocale(LC_CTYPE, "C.UTF-8");
	if (others)
		setenv("LOCPATH", others, 1);
	else
		unsetenv("LOCPATH");
}

void ep_locale_terminals(void)
{
	_cleanup_free_ char *own = ep_paths_portable("share/exitprof/terminfo"), *folders = NULL;
	const char *path = getenv("TERMINFO_DIRS");

	if (!own)
		return;
	if (!path || !path[0]) {
		setenv("TERMINFO_DIRS", own, 1);
	} else if (asprintf(&folders, "%s:%s", path, own) < 0) {
		folders = NULL;
	} else {
		setenv("TERMINFO_DIRS", folders, 1);
	}
}
