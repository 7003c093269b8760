#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install and restore, ended after each of their steps: by SIGKILL, by Ctrl-C, and by a disk
# that is full. The three modules that modprobe takes always belong together and are there; and
# so they do after anybody's depmod. A second call mends the rest.
. "$(dirname "$0")/made-up.sh"
need gcc depmod modinfo
export TMPDIR=$tmp/temporary
mkdir "$TMPDIR"

release=6.1.0-1-amd64
machine $release '#1 SMP Debian 6.1.1-1 (2023-01-01)'
make_kernel $release 6.1.1-1
cp -a "$tmp/root" "$tmp/clean"
built "$tmp/first" $release 6.1.1-1 first
built "$tmp/second" $release 6.1.1-1 second
"$root/host-patch/install" "$tmp/first" 2>"$tmp/out" || die "install: $(cat "$tmp/out")"
same "$(loads $release)" first
cp -a "$tmp/root" "$tmp/installed"

# What the scripts change the host by: the call number $AT ends as $HOW says.
for program in rm rmdir mkdir install sync mv depmod ln; do
	cat >"$tmp/bin/$program" <<-END
	#!/bin/bash
	at=\$((\$(cat "$tmp/calls") + 1))
	echo \$at >"$tmp/calls"
	if [ \$at -eq \${AT-0} ]; then
		touch "$tmp/happened"
		[ \$HOW != full ] || { echo "$program: No space left on device" >&2; exit 1; }
	fi
	"$(PATH=${PATH#*:} type -P $program)" "\$@" || exit
	if [ \$at -eq \${AT-0} ]; then
		case \$HOW in
		KILL) kill -KILL \$PPID ;;
		INT) kill -INT \$PPID \$\$ ;;
		esac
	fi
	END
	chmod +x "$tmp/bin/$program"
done

# restart STATE: of the made-up host
restart() {
	/bin/rm -rf "$tmp/root" "$tmp/happened"
	cp -a "$tmp/$1" "$tmp/root"
	echo 0 >"$tmp/calls"
}
# check WHAT WORD...: one of these is loaded now, and one after another depmod
check() {
	local what=$1 got
	shift
	got=$(loads $release)
	[[ " $* " = *" $got "* ]] || fail "$what: loads $got"
	env -u AT depmod -b "$tmp/root" $release
	got=$(loads $release)
	[[ " $* " = *" $got "* ]] || fail "$what: loads $got after a depmod"
}

# ended_early STATE SCRIPT END WORD...: SCRIPT in STATE, which leads to END, or else to one of WORDs
ended_early() {
	local state=$1 script=$2 end=$3 at how status steps=0
	shift 2
	for how in full KILL INT; do
		for ((at = 1; at < 100; at++)); do
			restart "$state"
			status=0
			# The shell would say that it was killed.
			# shellcheck disable=SC2086
			{ AT=$at HOW=$how "$root/host-patch/"$script >"$tmp/out" 2>&1 || status=$?; } 2>/dev/null
			[ -e "$tmp/happened" ] || break
			steps=$((steps + 1))
			check "$script in $state, $how at $at" "$@"
			[[ $how != full || $status -eq 0 ]] || grep -q '^hint: ' "$tmp/out" ||
				fail "$script in $state, $how at $at: no hint: $(cat "$tmp/out")"
			echo 0 >"$tmp/calls"
			# shellcheck disable=SC2086
			"$root/host-patch/"$script >"$tmp/out" 2>&1 || fail "$script in $state after $how at $at: $(cat "$tmp/out")"
			same "$(loads $release)" "$end"
			[ -z "$(find "$tmp/root/lib/modules" -name '.exitprof*')" ] || fail "$script in $state after $how at $at: something is left"
		done
	done
	[ $steps -ge 15 ] || fail "$script in $state: only $steps steps"
}
ended_early clean "install $tmp/first" first stock
ended_early installed "install $tmp/second" second first stock
ended_early installed restore stock first
restart installed
"$root/host-patch/restore" 2>/dev/null
diff -r "$tmp/clean" "$tmp/root" >&2 || fail "restore leaves something"
same "$(ls -A "$TMPDIR")" ""
