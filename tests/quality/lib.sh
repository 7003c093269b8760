# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by every test here.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
source=$1
build=$tmp/build

# make_build OPTION...: the tool and its tests in $build. With sanitizers, gcc warns of
# what cannot happen: warnings are for the other builds.
make_build() {
	meson setup -Dtests=true -Dman-pages=disabled "$@" "$build" "$source" >"$tmp/log" 2>&1 &&
		ninja -C "$build" >>"$tmp/log" 2>&1 && return
	tail -n 30 "$tmp/log" >&2
	die "no build with $*"
}

# As tests/unit/meson.build has it: for the shadow memory of the sanitizers.
unmoved=()
! setarch -R true 2>/dev/null || unmoved=(setarch -R)

# run_tests ARGUMENT...: of meson test, with ten times the time
run_tests() {
	"${unmoved[@]}" meson test -C "$build" --no-rebuild -t 10 --print-errorlogs "$@" </dev/null
}

# run_suites SUITE...
run_suites() {
	run_tests "${@/#/--suite=}"
}
