# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by every test here. What is cached is shared with the user's own runs;
# results and temporary files go to a folder of the test's own.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
lab=$root/host-patch/lab/exitprof-lab

missing=$("$root/host-patch/lab/packages.sh" --missing build plot kernel lab)
[ -z "$missing" ] || skip "missing packages: ${missing//$'\n'/ }"
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

# lab STATUS ARGUMENT...: runs the lab, leaves its stdout and stderr in the files
# out and err, and expects the status. A job that hangs ends before the test is ended,
# and what can be seen of it is shown.
lab() {
	local expected=$1 status=0
	shift
	"$lab" --timeout 240 "$@" >out 2>err </dev/null || status=$?
	sed 's/^/  /' err
	is "status of: ${*:1:6}" $status "$expected"
}

# column FILE NAME: that column of a CSV file without quoted commas
column() {
	awk -F, -v name="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) wanted = i; next }
		{ print $wanted }' "$1"
}

# prompted PATTERN N: waits until the file screen, what a terminal shows, has that prompt N times
prompted() {
	local limit=$((SECONDS + 240))
	until [ "$(grep -a -o -- "$1" screen | wc -l)" -ge "$2" ] || [ $SECONDS -ge $limit ]; do
		sleep 0.2
	done
}
# Of L1's shell
# shellcheck disable=SC2034
l1_prompt='[~/] # '

sum() { awk '{ total += $1 } END { printf "%.0f\n", total }'; }
