# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2034
# Sourced by every test here. Meson sets EXITPROF (the program) and where its workloads
# and charts are.
set -euo pipefail
export LC_ALL=C.UTF-8
: "${EXITPROF:?}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$root"

failed=0
fail() {
	echo "FAIL: $*" >&2
	failed=1
}

documents() { printf '%s\n' README.md CONTRIBUTING.md doc/*.md doc/*.scd; }

# exitprof ARGUMENT...: on a simulated host, without the warning that it is one
exitprof() {
	EXITPROF_TEST_HOST=${host:-svm-full} "$EXITPROF" "$@" 2>"$tmp/all" || return
	grep -v '^warning: simulated host' "$tmp/all" >&2 || true
}
