# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by every test here. What is cached is shared with the user's own runs;
# results and temporary files go to a folder of the test's own.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
lab=$root/host-patch/lab/exitprof-lab
test_name="lab/${0##*/}${*:+ $*}"

# needs GROUP...: of host-patch/lab/packages
needs() {
	local missing
	missing=$("$root/host-patch/lab/packages.sh" --missing "$@")
	[ -z "$missing" ] || skip "missing packages: ${missing//$'\n'/ }"
}
# needs_kernel KERNEL: skips the test where Debian does not offer it
needs_kernel() {
	local status=0
	[ -f "${XDG_CACHE_HOME:-$HOME/.cache}/exitprof/kernels/$1/kernel.env" ] || "$root/host-patch/fetch" --check "$1" 2>check || status=$?
	[ $status -ne 3 ] || skip "$(head -n 1 check)"
}
# shadow_works OPTION...: whether the lab can do without nested paging; if not, why is in the file err
shadow_works() { "$lab" prepare --shadow-paging "$@" >out 2>err </dev/null || ! grep '^exitprof-lab: shadow paging does not work' err; }
needs build plot kernel lab
export TMPDIR=$tmp/temporary
mkdir "$TMPDIR"
cd "$tmp"

# is WHAT ACTUAL EXPECTED
is() {
	if [ "$2" = "$3" ]; then
		printf 'ok: %s: %s\n' "$1" "$2"
	else
		fail "$1: '$2', expected '$3'"
	fi
}

# has WHAT FILE PATTERN: a line that matches
has() {
	if grep -q -E -- "$3" "$2"; then
		printf 'ok: %s\n' "$1"
	else
		fail "$1: no line '$3' in:"
		head -n 30 "$2"
	fi
}

# What hangs ends after so many seconds, times the slowness of the machine where the lab knows it, so
# that what can be seen of it is shown.
patience=600

# tried WHAT STATUS FILE: of a lab whose messages are in FILE. What was tried again is named, for the
# summary of tests/run, unless $provoked; that the emulator failed is no failed assertion.
provoked=
tried() {
	[ -n "$provoked" ] || awk -v test="$test_name" '
		/trying again/ { print "retry: " test ": " (reason == "" ? $0 : reason); reason = ""; next }
		/^[a-z-]+: / && !/^hint: |: L1 took |: waiting for / && reason == "" { reason = $0 }' "$3"
	[ "$2" -ne 125 ] || die "no verdict: the emulator failed twice: $1"
}

# ran WHAT STATUS EXPECTED FILE: the same, and expects a status
ran() {
	[ "$3" -eq 125 ] || tried "$1" "$2" "$4"
	is "status of: $1" "$2" "$3"
}

# lab STATUS ARGUMENT...: runs the lab, leaves its stdout and stderr in the files
# out and err, and expects the status
lab() {
	local expected=$1 status=0
	shift
	"$lab" --timeout "$patience" "$@" >out 2>err </dev/null || status=$?
	sed 's/^/  /' err
	ran "${*:1:6}" $status "$expected" err
}

# column FILE NAME: that column of a CSV file without quoted commas
column() {
	awk -F, -v name="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) wanted = i; next }
		{ print $wanted }' "$1"
}

# terminal TYPIST ARGUMENT...: runs the lab on a terminal, and types what the function TYPIST
# prints. What the terminal shows is in the file screen.
terminal() {
	local typist=$1 status=0
	shift
	rm -f screen ended
	"$typist" | {
		timeout $((4 * patience)) script -q -e -f -c "$lab $*" screen >/dev/null || status=$?
		touch ended
		tr '\r' '\n' <screen >err
		ran "$*" $status 0 err
	} || true
}

# prompted PATTERN N: waits until the file screen, what a terminal shows, has that prompt N times,
# or the lab has ended
prompted() {
	until [ -e ended ] || [ "$(grep -a -o -s -- "$1" screen | wc -l)" -ge "$2" ]; do
		sleep 0.2
	done
}
# Of L1's shell
# shellcheck disable=SC2034
l1_prompt='[~/] # '

sum() { awk '{ total += $1 } END { printf "%.0f\n", total }'; }
