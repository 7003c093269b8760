#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a sample of `record` costs in instructions, counted by callgrind: all that is done for
# it, but for what the simulated host does in the place of a CPUID.
. "$(dirname "$0")/lib.sh"
most=25000
need valgrind
make_build release
samples=0
# On a slow machine a second is too short.
for duration in 1s 5s 25s; do
	((samples <= 20)) || break
	EXITPROF_TEST_HOST=svm-full valgrind -q --tool=callgrind --toggle-collect=ep_series_tick \
		--callgrind-out-file="$tmp/profile" \
		"$build/src/exitprof" record -i 5ms -d $duration >"$tmp/series.csv"
	samples=$(awk -F, '$8 == "total" { n++ } END { print n }' "$tmp/series.csv")
done
callgrind_annotate --inclusive=yes --threshold=100 "$tmp/profile" >"$tmp/functions"
# instructions FUNCTION: in it and in what it calls
instructions() {
	sed -n "s/^ *\([0-9,]*\) .*:$1 .*/\1/p" "$tmp/functions" | tr -d , | head -n 1
}
all=$(sed -n 's/^ *\([0-9,]*\) .*PROGRAM TOTALS$/\1/p' "$tmp/functions" | tr -d ,)
simulated=$(instructions ep_cpuid_execute)
each=$(((all - simulated) / samples))
echo "a sample: $each instructions, of $samples samples"
((samples > 20 && simulated > 0 && all > simulated)) || fail "nothing was counted"
((each > 1000 && each <= most)) || fail "not from 1000 to $most instructions"
