#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# gates.sh BUILD: each test is in a gate; tests/run chooses and asks for what its help says, and
# ends with the right line. It runs in a checkout of its own, where packages, kernels and
# builds are only noted, and which lists the tests of BUILD.
. "$(dirname "$0")/../lib.sh"
build=$1
meson=$(type -P meson)
"$meson" test -C "$build" --no-rebuild --list >"$tmp/names" 2>/dev/null

checkout=$tmp/checkout
mkdir -p "$checkout"/{tests,.ci,host-patch/lab,host-patch/hooks} "$tmp/bin"
cp "$root"/tests/{run,builds.sh,summary.awk} "$checkout/tests/"
cp "$root/.ci/run" "$checkout/.ci/"
cp "$root/host-patch/patiently.sh" "$checkout/host-patch/"
touch "$checkout/host-patch/hooks/6.1.patch"

# stub FILE: a script that notes how it was called, and does what stdin says
stub() {
	{
		printf '#!/bin/bash\nnote() { echo "%s $*" >>%q; }\n' "${1##*/}" "$tmp/calls"
		cat
	} >"$1"
	chmod +x "$1"
}
for name in "$checkout/host-patch/fetch" "$checkout/host-patch/lab/packages.sh" "$tmp/bin/apt-get"; do
	stub "$name" <<<'note "$@"; case ${0##*/} in fetch) exit "${FETCH-0}" ;; esac'
done
stub "$tmp/bin/ninja" <<<''
# The first of the tests of a call has the result $FIRST, or does not run (NONE); the others are OK.
# $PASSES: meson's status is 0 all the same.
stub "$tmp/bin/meson" <<END
case "\$*" in
--version) echo 1 ;;
setup*)
	mkdir -p "\${@: -2:1}/meson-logs"
	touch "\${@: -2:1}/build.ninja"
	;;
*--list*) cat "$tmp/names" ;;
test*)
	cd "\$3/meson-logs"
	while [[ \$1 != --logbase ]]; do shift; done
	log=\$2.json
	shift 2
	note "\$@"
	# What meson itself makes of the arguments
	listed="$tmp/listed \$*"
	[ -f "\$listed" ] || "$meson" test -C "$build" --no-rebuild --list "\$@" 2>/dev/null >"\$listed"
	first=\${FIRST-OK}
	while read -r name; do
		[[ \$first = NONE ]] || printf '{"name": "%s", "stdout": "going\\\\nFAIL: the reason\\\\n", "result": "%s", "starttime": 1, "duration": 2}\n' \
			"\$name" "\$first"
		first=OK
	done <"\$listed" >"\$log"
	[[ \${FIRST-OK} = @(OK|NONE) || -n \${PASSES-} ]]
	;;
esac
END

# run STATUS COMMAND ARGUMENT...: in that checkout; leaves out, err and calls
run() {
	local expected=$1 status=0
	shift
	: >"$tmp/calls"
	(cd "$checkout" && PATH=$tmp/bin:$PATH XDG_CACHE_HOME=$tmp/cache "$@") >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ $status -eq "$expected" ] || die "'$*': status $status, expected $expected: $(cat "$tmp/out" "$tmp/err")"
}
# has FILE PATTERN: a line that matches
has() { grep -qE -- "$2" "$tmp/$1" || fail "no line '$2' in $1: $(cat "$tmp/$1")"; }
# hasnt FILE PATTERN
hasnt() { ! grep -E -- "$2" "$tmp/$1" >&2 || fail "$1 has '$2'"; }
# listed ARGUMENT...: what tests/run would run
listed() {
	run 0 tests/run --list "$@"
	sort "$tmp/out"
}

run 0 tests/run --help
for gate in quick full ci --long; do has out "(tests/run|[[|]) $gate( |]|$)"; done
run 2 tests/run --fast
has err "^run: unknown option '--fast'"
run 2 tests/run no-such-test
has err "^run: no suite and no test is called 'no-such-test'$"
has err '^hint: suites: .*cli .*unit.*--list'
hasnt calls '^meson'

# Each test has a gate, and its marks make sense.
listed >"$tmp/all"
"$meson" introspect --tests "$build" | grep -o '"suite": \[' >"$tmp/introspected"
same "$(wc -l <"$tmp/all")" "$(wc -l <"$tmp/introspected")"
listed quick >"$tmp/quick"
listed full >"$tmp/full"
listed --long >"$tmp/long"
listed ci >"$tmp/ci"
[ -s "$tmp/quick" ] || fail "the gate quick is empty"
[ -s "$tmp/long" ] || fail "the gate long is empty"
sort "$tmp/full" "$tmp/long" | diff "$tmp/all" - >&2 || fail "full and long are not all tests"
[ -z "$(comm -23 "$tmp/quick" "$tmp/full")" ] || fail "not all of quick is in full"
[ -z "$(comm -23 "$tmp/full" "$tmp/ci")" ] || fail "not all of full is in ci"
[ -n "$(comm -13 "$tmp/full" "$tmp/ci")" ] || fail "ci has nothing of long"
awk '{ for (i = 3; i <= NF; i++) if ($i !~ /^(quick|long|ci)$/ || $i == "ci" && !/ long/) print }' "$tmp/all" >"$tmp/odd"
[ ! -s "$tmp/odd" ] || fail "odd marks: $(<"$tmp/odd")"

# Names: suites, tests, and tests of another gate
same "$(listed lab | cut -d ' ' -f 1 | sort -u)" lab
# Every kernel has its tests.
same "$(listed patch | sed -n 's/^patch modules-\([^ ]*\).*/\1/p' | xargs)" \
	"$(cd "$root/host-patch/hooks" && printf '%s\n' *.patch | sed 's/\.patch$//' | sort | xargs)"
same "$(listed unit | cut -d ' ' -f 1 | sort -u)" unit
same "$(listed cli/boot | cut -d ' ' -f 1,2)" "cli boot"
same "$(listed --long quality | cut -d ' ' -f 1,2 | xargs)" "quality own-cost quality sanitizers quality valgrind"
same "$(listed own-cost | cut -d ' ' -f 1,2)" "quality own-cost"
listed fuzz | grep '^unit fuzz-load' >/dev/null || fail "the beginning of a name does not do"

# What is got before: nothing for the quick ones.
run 0 tests/run quick
same "$(cat "$tmp/calls")" "packages.sh build test
meson --suite quick"
same "$(tail -n 1 "$tmp/out")" "$(wc -l <"$tmp/quick") passed, 0 failed"
run 0 tests/run
has calls '^packages.sh bochs check guest kernel lab newer package plot report$'
has calls '^packages.sh --unpack .* fleet$'
has calls '^fetch 6.1 '
same "$(tail -n 1 "$tmp/out")" "$(wc -l <"$tmp/full") passed, 0 failed"
# A kernel that the archive does not have is done without; one that does not come is a failure.
FETCH=3 run 0 tests/run patch
has err 'goes on without the kernel 6.1$'
FETCH=1 run 1 tests/run patch
run 0 tests/run plots
has calls '^packages.sh check plot$'
hasnt calls '^fetch|--unpack'

# The ends of runs
FIRST=FAIL run 1 tests/run quick
same "$(tail -n 1 "$tmp/out")" "$(($(wc -l <"$tmp/quick") - 1)) passed, 1 failed"
has out '^  [a-z]+/[a-z-]+ +FAIL: the reason$'
has out '^commit unknown, load [0-9.]+ before$'
# A call of meson that fails without saying why
FIRST=SKIP run 1 tests/run quick
same "$(tail -n 1 "$tmp/out")" "$(($(wc -l <"$tmp/quick") - 1)) passed, 1 failed, 1 skipped"
FIRST=SKIP PASSES=1 run 1 tests/run own-cost
has out '^  nothing was tested: all were skipped$'
FIRST=NONE run 1 tests/run quick
same "$(tail -n 1 "$tmp/out")" "$(($(wc -l <"$tmp/quick") - 1)) passed, 1 failed"
run 0 tests/run --long
same "$(grep -c '^ .* s  [a-z]*/' "$tmp/out")" "$(wc -l <"$tmp/long")"
cat "$tmp"/cache/exitprof/tests-*/durations.csv >"$tmp/durations"
has durations '^20[0-9T:-]+Z,unknown,[0-9.]+,quality/sanitizers,2.00,OK$'
FIRST=FAIL CI=true run 1 bash .ci/run
same "$(tail -n 1 "$tmp/out")" "$(($(wc -l <"$tmp/ci") - 2)) passed, 2 failed"
has calls '^meson --suite ci$'
[ "$(id -u)" -ne 0 ] || has calls '^apt-get .*update$'

# Two runs at once: the second waits.
lock=$(echo "$tmp"/cache/exitprof/tests-*/plain.lock)
exec {held}>"$lock"
flock "$held"
waited=false last=
while read -r line; do
	case $line in "waiting for another run"*) waited=true; exec {held}>&- ;; esac
	last=$line
done < <(cd "$checkout" && PATH=$tmp/bin:$PATH XDG_CACHE_HOME=$tmp/cache tests/run quick 2>&1 </dev/null {held}>&-)
$waited || fail "a second run does not wait for the first"
same "$last" "$(wc -l <"$tmp/quick") passed, 0 failed"

# Without one of the builds
stub "$tmp/bin/ninja" <<<'exit 1'
run 1 bash .ci/run
same "$(tail -n 1 "$tmp/out")" "0 passed, 1 failed"
