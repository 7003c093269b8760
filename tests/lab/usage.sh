#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Wrong calls are refused before anything is built or booted; scripts are clean.
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$tmp/cache

lab 0 --help
has "examples first" <(head -n 1 out) '^examples:'
lab 2
lab 2 rum
has "names the commands" err 'one of run, boot, exec'
lab 2 run
lab 2 run io-heavy --kernel 5.0
has "names the kernels" err 'one of 6.1 6.12'
lab 2 run io-heavy --vcpus 0
lab 2 run io-heavy --vcpus
lab 2 run io-heavy --host vax
lab 2 run io-heavy --level some
lab 2 run io-heavy --stock --level off
lab 2 run io-heavy --stock --variant none
lab 2 run io-heavy --variant german
has "names the variants" err 'one of none classic combined reversed'
lab 2 shell --host intel
lab 2 run io-heavy --host icount --vcpus 2
has "how many there may be" err 'at most 1 vCPU'
lab 2 exec
for words in 'quick --host sparc' 'kcsan --host intel' 'quick --host intel --cpus 2' 'quick --host' 'quick --kernel 2.4'; do
	status=0
	# shellcheck disable=SC2086
	"$root/host-patch/lab/safety" $words 2>err || status=$?
	is "status of: safety $words" $status 2
done
lab 2 exec --unknown -- true
lab 2 exec --with /no/such -- true
mkdir mine
touch mine/file
lab 2 run io-heavy -o mine
has "spares other folders" err "'mine' exists"
is "file is there" "$(ls mine)" file
is "nothing cached" "$(ls -A cache 2>/dev/null || true)" ""
mkdir -p cache/exitprof/kernels
lab 0 clean
is "cache after clean" "$(ls -A cache)" ""
if type -P shellcheck >/dev/null; then
	cd "$root/host-patch/lab"
	shellcheck -x exitprof-lab safety packages.sh trace-check boot-check boot-compare bench variants/apply || fail "shellcheck of the lab"
	find guest fuzz/l1-init -maxdepth 1 -type f ! -name '*.c' -exec shellcheck -s dash {} + || fail "shellcheck of the guests' scripts"
	shellcheck guest/debian/build guest/debian/job || fail "shellcheck of the Debian guest's scripts"
	cd "$root/tests/lab"
	shellcheck -x ./*.sh boot-job || fail "shellcheck of the tests"
fi
