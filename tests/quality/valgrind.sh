#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing wrong by valgrind: neither in the units nor in the program.
. "$(dirname "$0")/lib.sh"
need valgrind
make_build --werror
mv "$build/src/exitprof" "$build/src/exitprof.bin"
cat >"$build/src/exitprof" <<END
#!/bin/sh
exec $(type -P valgrind) -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \\
	"$build/src/exitprof.bin" "\$@"
END
chmod +x "$build/src/exitprof"
# Valgrind 3.19 knows no pidfd_open(), without which exec starts no command.
mapfile -t names < <(meson test -C "$build" --list --suite cli 2>/dev/null | sed -n 's/^exitprof:cli \/ //p' | grep -vx exec)
run_tests --suite cli "${names[@]}"
for unit in "$build"/tests/unit/test-*; do
	[ ! -x "$unit" ] || [ -d "$unit" ] || valgrind -q --error-exitcode=99 --leak-check=full "$unit" >"$tmp/log" 2>&1 || {
		status=$?
		[ $status -eq 77 ] || { cat "$tmp/log" >&2; fail "${unit##*/}: status $status"; }
	}
done
