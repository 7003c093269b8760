#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The recipes of CONTRIBUTING.md, step by step in a copy of the source: what they add
# is built and works.
. "$(dirname "$0")/lib.sh"
. "$root/tests/builds.sh"

# recipe NAME: its commands
recipe() {
	awk -v name="$1" '
		$0 == "<!-- recipe: " name " -->" { inside = 1; next }
		/^<!-- end recipe -->$/ { inside = 0 }
		/^```/ { code = !code; next }
		inside && code' CONTRIBUTING.md
}

# follow NAME: in the copy; the steps are shown, and what they print
follow() {
	echo "== $1"
	recipe "$1" | sed "s#/tmp/kernel-6.13#$tmp/kernel-6.13#g" >"$tmp/steps"
	[ -s "$tmp/steps" ] || fail "no recipe '$1'"
	(cd "$copy" && bash -euvx "$tmp/steps") >"$tmp/log" 2>&1 || {
		tail -n 30 "$tmp/log" >&2
		die "recipe '$1' fails"
	}
}

# The copy is kept with what was built in it. What a recipe has changed there gets a new time
# when it is changed back, so that ninja sees both.
keep recipes
copy=$build
mkdir -p "$copy"
find . \( -path ./.git -o -path './build*' -o -path ./results \) -prune -o -type f -print | sort >"$tmp/source"
(
	cd "$copy"
	find . -path ./build -prune -o -type f -print | sort | comm -23 - "$tmp/source" | xargs -r -d '\n' rm
)
while IFS= read -r file; do
	cmp -s "$file" "$copy/$file" || {
		mkdir -p "$copy/${file%/*}"
		cp --preserve=mode "$file" "$copy/$file"
	}
done <"$tmp/source"
recipe build | grep -x 'meson setup build' >/dev/null || fail "the recipe to begin with is another"
(
	cd "$copy"
	meson setup build || { rm -rf build && meson setup build; }
) >"$tmp/log" 2>&1 || die "$(tail -n 5 "$tmp/log")"

follow command
follow workload
grep -q '^mine - ' "$tmp/log" || fail "'exitprof list mine' shows something else: $(<"$tmp/log")"
follow chart
grep -q '^mine .*what it answers' "$tmp/log" || fail "'exitprof plot --list' lacks it: $(<"$tmp/log")"
EXITPROF=$copy/build/src/exitprof
export EXITPROF_WORKLOAD_PATH=$copy/build/workloads EXITPROF_PLOT_PATH=$copy/plots
[[ $(exitprof hello) =~ ^SVM\ host:\ [1-9][0-9]*\ exit\ reasons$ ]] || fail "hello says '$(exitprof hello)'"
[[ $(host=vmx exitprof hello --csv) =~ ^VMX,[1-9][0-9]*$ ]] || fail "hello --csv says '$(host=vmx exitprof hello --csv)'"
status=0
host=stock-amd exitprof hello >/dev/null 2>&1 || status=$?
[ $status -eq 4 ] || fail "hello without a patched host: status $status"
exitprof --help | grep '^  hello .*how many exit reasons' >/dev/null || fail "--help does not name hello"
exitprof --complete hel | grep '^hello' >/dev/null || fail "hello is not completed"
exitprof run mine --set count=3 -o "$tmp/result" | grep '^mine: 3 x batch of system calls' >/dev/null || fail "'run mine'"
! type -P gnuplot >/dev/null || {
	exitprof plot --chart mine "$tmp/result"
	grep -q 'My own chart' "$tmp/result/mine.svg" || fail "no chart of one's own"
	exitprof report "$tmp/result" -o "$tmp/report.html"
	grep -q '<figcaption>What it shows\.</figcaption>' "$tmp/report.html" || fail "a report does not show the chart"
}
exitprof plot --chart mine --terminal "$tmp/result" | grep '^VM exits by reason' >/dev/null || fail "not in a terminal"
! type -P scdoc >/dev/null || [ -s "$copy/build/doc/exitprof-hello.1" ] || fail "no manual page"

# A version that nobody has: the nearest one's source under another name.
near=$(recipe kernel | grep -o 'hooks/[0-9.]*\.patch' | sed -n 1p | sed 's/hooks.//; s/\.patch//')
if [ -f "${EXITPROF_KERNELS-}/$near/kernel.env" ]; then
	mkdir -p "$tmp/kernel-6.13/common"
	sed "s#^KCOMMON=.*#KCOMMON='$tmp/kernel-6.13/common'#; s/^KERNEL=.*/KERNEL=6.13/" \
		"$EXITPROF_KERNELS/$near/kernel.env" >"$tmp/kernel-6.13/kernel.env"
	follow kernel
	grep -q 'hooks applied' "$tmp/log" || fail "the hooks are not applied"
	grep -q kvm_exitprof "$tmp/kernel-6.13/common/arch/x86/kvm/x86.c" || fail "x86.c is not hooked"
else
	skip "Debian's source of the kernel $near is missing: its recipe was not followed; tests/run fetches it"
fi
