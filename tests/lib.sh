# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced first by every test script, or by the lib.sh of its suite.
#
#	fail MESSAGE...		records a failure, also in a subshell; the test goes on and ends
#				with status 1
#	die MESSAGE...		a failure after which the rest makes no sense: ends the test
#	skip REASON...		ends the test with status 77
#	need PROGRAM...		skips the test unless all of them are installed
#	same ACTUAL EXPECTED	dies unless they are equal
#
# A command that fails under `set -e` is a failure, too. $root is the checkout, $tmp an
# empty folder that is removed at the end. A test that has more to clean up defines
# clean_up(); a suite whose failures are explained by files defines evidence(), which
# shows them.
set -euo pipefail
export LC_ALL=C
umask 022
# shellcheck disable=SC2034
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
test_folder=$(mktemp -d)
tmp=$test_folder/tmp
mkdir "$tmp"

clean_up() { :; }
evidence() { :; }

fail() {
	printf 'FAIL: %s\n' "$*" | tee -a "$test_folder/failures" >&2
	evidence >&2
}

die() {
	fail "$@"
	exit 1
}

skip() {
	printf 'skip: %s\n' "$*" >&2
	exit 77
}

need() {
	local program
	for program; do
		type -P "$program" >/dev/null || skip "$program is not installed; tests/run installs it"
	done
}

# failed: whether there was a failure
failed() { [ -s "$test_folder/failures" ]; }

same() { [[ $1 == "$2" ]] || die "expected '$2', got '$1'"; }

ended() {
	local status=$?
	trap - ERR
	set +e
	clean_up
	case $status in 0 | 77) ! failed || status=1 ;; esac
	cd /
	# A process that is ending may still write a file meanwhile.
	rm -rf "$test_folder" 2>/dev/null || rm -rf "$test_folder"
	exit "$status"
}
trap ended EXIT
trap 'echo "FAIL: ${BASH_SOURCE[0]##*/}, line $LINENO: $BASH_COMMAND" >&2' ERR
