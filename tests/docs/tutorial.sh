#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the tutorial tells to type: exitprof is found, and finds its workloads and charts. In
# its build folder it finds them without being told. What it compares is comparable.
. "$(dirname "$0")/lib.sh"
build=$(cd "$(dirname "$EXITPROF")/.." && pwd)
unset EXITPROF_WORKLOAD_PATH EXITPROF_PLOT_PATH

# found WHERE: doctor, with status 4, since the host is not patched
found() {
	grep -Eq "^ok +workloads +[1-9][0-9]* in $1" "$tmp/out" || fail "no workloads: $(<"$tmp/out")"
	! grep -q "^missing .*chart scripts\|^missing .*\.gp'" "$tmp/out" || fail "no charts: $(<"$tmp/out")"
}

status=0
host=stock-amd exitprof doctor >"$tmp/out" || status=$?
[ $status -eq 4 ] || fail "doctor without a patched host: status $status"
found "$build/workloads$"
grep -qF "'$root/host-patch/lab/exitprof-lab run io-heavy' counts exits" "$tmp/out" || fail "no lab: $(<"$tmp/out")"
exitprof list io-heavy | grep '^io-heavy - ' >/dev/null || fail "list does not find io-heavy"
exitprof plot --list >/dev/null

# As somebody types it, in a checkout that was built in the folder of that name. Nothing but
# that line says where workloads and charts are: the program does not know this build.
line=$(grep -x '    export PATH=.*' doc/tutorial.md)
mkdir -p "$tmp/checkout/build/src"
cp "$EXITPROF" "$tmp/checkout/build/src/"
ln -s "$build/workloads" "$tmp/checkout/build/"
ln -s "$root/plots" "$tmp/checkout/"
cd "$tmp/checkout"
status=0
EXITPROF_TEST_HOST=stock-amd bash -euc "$line
exitprof doctor" >"$tmp/out" 2>"$tmp/err" || status=$?
[ $status -eq 4 ] || fail "after '$line': status $status: $(<"$tmp/err")"
found "$tmp/checkout/build/workloads"

# The comparison that it suggests, of results that differ in the option that it sets.
mkdir -p "$tmp/checkout/results"
while read -r value folder; do
	cp -r "$root/tests/data/compare/io-heavy-npt" "$folder"
	sed -i "s/\"depth\": [0-9]*/\"depth\": $value/" "$folder/run.json"
	grep -q "\"depth\": $value," "$folder/run.json" || fail "no option 'depth' in the result"
done < <(sed -nE 's/^    .*exitprof-lab run io-heavy .*--set depth=([0-9]*) -o ([^ ]*)$/\1 \2/p' "$root/doc/tutorial.md")
line=$(grep -x '    exitprof compare results/depth.*' "$root/doc/tutorial.md")
bash -euc "PATH=$tmp/checkout/build/src:\$PATH
$line" >"$tmp/out" 2>"$tmp/err" || fail "'$line' fails: $(<"$tmp/err")"
[ ! -s "$tmp/err" ] || fail "'$line' says: $(<"$tmp/err")"
grep -q '^depth: 1 before, 32 after$' "$tmp/out" || fail "'$line' shows: $(<"$tmp/out")"
