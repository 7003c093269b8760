#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing wrong by valgrind: neither in the units nor in the program.
. "$(dirname "$0")/lib.sh"
need valgrind
make_build valgrind
valgrind="$(type -P valgrind) -q --vgdb=no --error-exitcode=99 --leak-check=full"
# In the place of the program that ninja has made, if it has made one since
if [ "$(head -c 2 "$build/src/exitprof")" != '#!' ]; then
	mv "$build/src/exitprof" "$build/src/exitprof.bin"
	cat >"$build/src/exitprof" <<-END
		#!/bin/sh
		exec $valgrind --errors-for-leak-kinds=definite "$build/src/exitprof.bin" "\$@"
	END
	chmod +x "$build/src/exitprof"
fi
# Valgrind 3.19 warns of pidfd_open(), which it does not know: tests that need it in each part are left
# out, and so are those of odd descriptors and of a hundred terminals, and what runs a test once more.
mapfile -t names < <(meson test -C "$build" --no-rebuild --list --suite cli --no-suite long 2>/dev/null |
	sed -n 's/^exitprof:cli.* \/ //p' | grep -vxE 'exec|files|places|width|.*-old-kernel')
run_tests --suite cli "${names[@]}"
mapfile -t names < <(cd "$build/tests/unit" && find . -maxdepth 1 -type f -name 'test-*' -printf '%P\n' | sed s/^test-//)
run_tests --suite unit --wrapper "$valgrind" "${names[@]}"
