#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Prints how many lines of src/ the tests without a lab run through.
. "$(dirname "$0")/lib.sh"
need gcovr
make_build coverage
# Counts of the run before
find "$build" -name '*.gcda' -delete
run_suites unit cli
gcovr --root "$root" --filter "$root/src/" "$build" | tee "$tmp/coverage"
percent=$(sed -n 's/^TOTAL .* \([0-9]*\)%$/\1/p' "$tmp/coverage")
echo "lines of src/ covered: $percent %"
[ "${percent:-0}" -ge 85 ] || fail "less than 85 %"
