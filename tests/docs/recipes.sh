#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The recipes of CONTRIBUTING.md, step by step in a copy of the source: what they add
# is built and works.
. "$(dirname "$0")/lib.sh"

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
	(cd "$tmp/copy" && bash -euvx "$tmp/steps") >"$tmp/log" 2>&1 || {
		tail -n 30 "$tmp/log" >&2
		die "recipe '$1' fails"
	}
}

mkdir "$tmp/copy"
tar -c --exclude=./.git --exclude='./build*' --exclude=./results . | tar -x -C "$tmp/copy"
# Nothing of the tests is needed, and building them would take as long again.
recipe build | grep -x 'meson setup build' >/dev/null || fail "the recipe to begin with is another"
(cd "$tmp/copy" && meson setup -Dtests=false build) >"$tmp/log" 2>&1 || fail "$(tail -n 5 "$tmp/log")"

follow command
follow workload
grep -q '^mine - ' "$tmp/log" || fail "'exitprof list mine' shows something else: $(<"$tmp/log")"
follow chart
grep -q '^mine .*what it answers' "$tmp/log" || fail "'exitprof plot --list' lacks it: $(<"$tmp/log")"
EXITPROF=$tmp/copy/build/src/exitprof
export EXITPROF_WORKLOAD_PATH=$tmp/copy/build/workloads EXITPROF_PLOT_PATH=$tmp/copy/plots
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
	exitprof plot --chart mine --terminal "$tmp/result" | grep '^My own chart' >/dev/null || fail "not in a terminal"
}
! type -P scdoc >/dev/null || [ -s "$tmp/copy/build/doc/exitprof-hello.1" ] || fail "no manual page"

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
	echo "not tested: a kernel version, for want of Debian's source of $near (tests/run patch fetches it)"
fi
