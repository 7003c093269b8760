#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the tutorial tells to type before there is a result: exitprof is found, and finds its
# workloads and charts. In its build folder it finds them without being told.
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
