# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034
# Sourced by the tests here.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# expect STATUS WORD COMMAND...: status, and WORD in what it says, with a hint if it fails
expect() {
	local want=$1 word=$2 status=0
	shift 2
	"$@" >"$tmp/out" 2>&1 || status=$?
	[ $status -eq "$want" ] || fail "'$*': status $status, not $want: $(cat "$tmp/out")"
	grep -q -- "$word" "$tmp/out" || fail "'$*' does not say '$word': $(cat "$tmp/out")"
	[ "$want" -eq 0 ] || grep -q '^hint: ' "$tmp/out" || fail "'$*' gives no hint"
}
