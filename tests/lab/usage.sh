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
has "names the kernels" err 'one of 6.1 6.12 7.3'
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
# Results that the lab has not written all of, or of which it cannot know
mkdir old
touch old/{.exitprof-lab,summary.csv}
lab 2 run io-heavy -o old
has "knows no list" err "'old' is of an earlier version"
mkdir half
printf '%s\n' .exitprof-lab summary.csv >half/.exitprof-lab
touch half/{summary.csv,notes.txt}
lab 2 run io-heavy -o half
has "names what is not its own" err "such as notes.txt$"
ln -s half link
lab 2 run io-heavy -o link
is "files are there" "$(cd half && echo *)" "notes.txt summary.csv"
status=0
env -u HOME -u XDG_CACHE_HOME "$lab" prepare 2>err || status=$?
is "status without HOME" $status 1
has "says what to set" err '^hint: set HOME, or XDG_CACHE_HOME'
status=0
XDG_CACHE_HOME="$tmp/a b" "$lab" prepare 2>err || status=$?
is "status with a blank in the cache's path" $status 1
has "says why" err "cannot do with the blank or colon in '$tmp/a b/exitprof'"
is "nothing cached" "$(find cache 'a b' 2>/dev/null || true)" ""
mkdir -p cache/exitprof/kernels
lab 0 clean
is "cache after clean" "$(find cache -type f)" cache/exitprof/lock

# The call that a report prints: all of it, but for the folder, and the guest's words as they were.
parser=$(sed "s|^lab=.*|lab='$root/host-patch/lab'|; /^guest_words=/q" "$lab")
# line WORD...: of this call
line() { bash -c "$parser"$'\nresult_line' exitprof-lab "$@"; }
is "line of run" "$(line run io-heavy -o a --per-vcpu --output=b)" \
	"./host-patch/lab/exitprof-lab run io-heavy -o RESULT --per-vcpu -o RESULT"
is "line of exec" "$(line exec --output a -- gcc -o 'a b' a.c)" \
	"./host-patch/lab/exitprof-lab exec -o RESULT -- gcc -o a\\ b a.c"
is "line of exec without --" "$(line exec -o a gcc -o a.c)" "./host-patch/lab/exitprof-lab exec -o RESULT gcc -o a.c"
is "line of boot" "$(line boot)" "./host-patch/lab/exitprof-lab boot"

if type -P shellcheck >/dev/null; then
	cd "$root/host-patch/lab"
	shellcheck -x exitprof-lab safety packages.sh trace-check boot-check boot-compare bench variants/apply || fail "shellcheck of the lab"
	find guest fuzz/l1-init -maxdepth 1 -type f ! -name '*.c' -exec shellcheck -s dash {} + || fail "shellcheck of the guests' scripts"
	shellcheck guest/debian/build guest/debian/job || fail "shellcheck of the Debian guest's scripts"
	cd "$root/tests/lab"
	shellcheck -x ./*.sh boot-job || fail "shellcheck of the tests"
fi
