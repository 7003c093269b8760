# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by every test here. Meson sets EXITPROF (the program), JSON_GET and
# EXITPROF_WORKLOAD_PATH (with the workloads of this folder).
set -euo pipefail
export LC_ALL=C
: "${EXITPROF:?}" "${JSON_GET:?}"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

fail() {
	echo "FAIL: $*" >&2
	for file in out err; do
		echo "--- std$file" >&2
		cat "$tmp/$file" >&2 || true
	done
	exit 1
}

skip() {
	echo "skipped: $*"
	exit 77
}

# run HOST STATUS ARGUMENT...: runs exitprof on that simulated host ('-' for the
# machine itself), expects the status; leaves $tmp/out and $tmp/err, the latter
# without the warning that the host is simulated.
run() {
	local host=$1 expected=$2 status=0
	shift 2
	[[ $host != - ]] || host=
	EXITPROF_TEST_HOST=$host "$EXITPROF" "$@" >"$tmp/out" 2>"$tmp/all" || status=$?
	grep -v '^warning: simulated host' "$tmp/all" >"$tmp/err" || true
	((status == expected)) || fail "status $status instead of $expected: exitprof $*"
}

# Exactly that line on stderr or stdout.
says() { grep -qxF -- "$1" "$tmp/err" || fail "stderr lacks: $1"; }
shows() { grep -qF -- "$1" "$tmp/out" || fail "stdout lacks: $1"; }
quiet() { [[ ! -s $tmp/err ]] || fail "stderr is not empty"; }
no_data() { [[ ! -s $tmp/out ]] || fail "stdout is not empty"; }
same() { [[ $1 == "$2" ]] || fail "expected '$2', got '$1'"; }
