#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The packages that README.md installs for a build without packages are those that the build and
# the charts need, and `meson setup` without options needs no other.
. "$(dirname "$0")/lib.sh"

awk '/^    sudo apt-get install gcc / { on = 1 } on { print; if (!/\\$/) exit }' README.md |
	sed 's/sudo apt-get install//' | tr -d '\\' | xargs -n 1 | sort >"$tmp/readme"
awk '!/^#/ && ($3 == "build" || $3 == "plot") { print $1 }' host-patch/lab/packages | sort >"$tmp/list"
[ -s "$tmp/list" ] || fail "host-patch/lab/packages names none"
diff "$tmp/list" "$tmp/readme" >&2 || fail "README.md installs others than host-patch/lab/packages names"
grep "^option('tests'.*value: false" meson_options.txt >/dev/null || fail "a plain build needs what the tests need"
