# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by every test here, with the kind of build that it looks at (see ../builds.sh).
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$root/tests/builds.sh"

# make_build KIND: sets $build
make_build() { build_kind "$1" || die "no build"; }

# As tests/unit/meson.build has it: for the shadow memory of the sanitizers.
unmoved=()
! setarch -R true 2>/dev/null || unmoved=(setarch -R)

# run_tests ARGUMENT...: of meson test, with ten times the time
run_tests() {
	"${unmoved[@]}" meson test -C "$build" --no-rebuild -t 10 --print-errorlogs --no-suite long "$@" \
		</dev/null {build_lock}>&- || fail "meson test $*"
}

# run_suites SUITE...
run_suites() {
	run_tests "${@/#/--suite=}"
}
