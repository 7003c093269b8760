#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing wrong by the address and undefined-behaviour sanitizers; and how many lines of src/ the tests
# without a lab run through.
. "$(dirname "$0")/lib.sh"
need gcovr
make_build sanitizers
# Counts of the run before
find "$build" -name '*.gcda' -delete
export ASAN_OPTIONS=abort_on_error=0:exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
run_suites unit accounting cli workloads
gcovr --root "$root" --filter "$root/src/" "$build" | tee "$tmp/coverage"
percent=$(sed -n 's/^TOTAL .* \([0-9]*\)%$/\1/p' "$tmp/coverage")
echo "lines of src/ covered: $percent %"
[ "${percent:-0}" -ge 85 ] || fail "less than 85 %"
