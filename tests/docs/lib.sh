# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2034
# Sourced by every test here. Meson sets EXITPROF (the program) and where its workloads
# and charts are.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
export LC_ALL=C.UTF-8
: "${EXITPROF:?}"
cd "$root"

documents() { printf '%s\n' README.md CONTRIBUTING.md doc/*.md doc/*.scd; }

# exitprof ARGUMENT...: on a simulated host, without the warning that it is one
exitprof() {
	EXITPROF_TEST_HOST=${host:-svm-full} "$EXITPROF" "$@" 2>"$tmp/all" || return
	grep -v '^warning: simulated host' "$tmp/all" >&2 || true
}
