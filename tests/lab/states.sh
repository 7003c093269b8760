#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is kept of saved machines: as a whole or not at all, each once, and not too many; and what tells
# one from another. Without an emulator: QEMU's answers are made up.
# shellcheck disable=SC1091,SC2012,SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
. "$(dirname "$0")/lib.sh"

(
	. "$root/host-patch/lab/ui.sh"
	stage() { :; }
	cache=$tmp/cache work=$tmp/work
	. "$root/host-patch/lab/state.sh"
	mkdir -p "$states" "$work"
	echo console | tee "$work/l1.log" >"$work/l2.log"
	echo devices >"$work/vm"
	echo memory >"$tmp/memory"
	mkfifo "$work/qmp.in" "$work/qmp.out"
	# memory_in: the folder of the file of no name that is L1's memory; and what is left there
	memory_in() {
		local file
		memory_open
		file=$(readlink "/proc/$BASHPID/fd/$memory_fd")
		state_end
		echo "${file%/*} $(find "${file%/*}" -maxdepth 1 -name "$(basename "${file% (deleted)}")")"
	}
	boot_memory=100
	df() { printf '  Avail\n%7d\n' 201; }
	is "L1's memory" "$(memory_in)" "/dev/shm "
	df() { printf '  Avail\n%7d\n' 200; }
	is "with too little in /dev/shm" "$(memory_in)" "$work "
	df() { return 1; }
	is "without /dev/shm" "$(memory_in)" "$work "
	unset -f df

	machine_pid=$BASHPID
	exec {memory_fd}<"$tmp/memory"

	qmp() {
		echo "$1" >>"$tmp/asked"
		[[ $1 != human-monitor-command ]] || : $((busy--))
		qmp_answer="{\"return\": {\"status\": \"$migrated\", \"x\": \"HLT=$((busy < 0))\"}}"
		state_error=$error
		[ "$1" != "$refused" ]
	}
	# saves NAME: as the lab NAME; what QEMU was asked last is in $last
	saves() {
		state=$states/boot-$1
		: >"$tmp/asked"
		status=0
		state_save 2>"$tmp/said" || status=$?
		last=$(tail -n 1 "$tmp/asked")
	}
	migrated=completed busy=0 error='' refused=''

	saves one
	is "saved" "$(cd "$states/boot-one" && echo * && cat ./*)" "$(printf '%s\n' 'l1.log l2.log ram vm' console console memory devices)"
	is "it goes on" "$status $last $(<"$tmp/said")" "0 cont "
	saves one
	is "another lab was quicker" "$status $(grep -c migrate "$tmp/asked") $last" "0 1 cont"
	busy=3
	saves busy
	is "it is stopped once its CPU is idle" "$(xargs <"$tmp/asked" | grep -o '^.*stop [^ ]* migrate ') $(ls "$states/boot-busy" | wc -l)" \
		"qmp_capabilities migrate-set-capabilities human-monitor-command human-monitor-command human-monitor-command human-monitor-command stop human-monitor-command migrate  4"
	busy=0
	sleep() { :; }
	busy=1000
	saves never
	is "one that is never idle is stuck" "$status $state_error $(<"$tmp/said")$(ls -d "$states/boot-never" "$states"/new* 2>/dev/null)" "1 L1 is never idle "
	busy=0
	unset -f sleep

	# What fails is told, and the lab goes on.
	migrated=failed
	saves failed
	is "a failed one" "$status $last $(ls -d "$states/boot-failed" "$states"/new* 2>/dev/null)" "0 cont "
	has "is told" "$tmp/said" "L1 and L2 are not saved: no space for it"
	migrated=completed
	cp() { command cp "$@" && [[ $1 != --sparse* ]]; }
	saves full
	is "a full disk" "$status $last $(ls -d "$states/boot-full" "$states"/new* 2>/dev/null)" "0 cont "
	unset -f cp
	refused=cont
	saves stuck || true
	is "one that does not go on" "$status" 1
	refused=

	# Killed in the middle
	(
		machine_pid=$BASHPID
		cp() { command cp "$@"; kill -KILL "$BASHPID"; }
		saves killed
	) 2>"$tmp/said" || true
	is "half of one" "$(ls "$states/new-boot-killed")" ram
	state=$states/boot-killed
	is "is not taken" "$(state_take && echo taken)" ""
	saves next
	is "and is gone with the next" "$(ls -d "$states"/new* 2>/dev/null)" ""

	# One that is used is not removed
	touch -d '1 hour ago' "$states"/*
	state=$states/boot-one
	state_take
	is "who saves waits" "$(flock -n -x "$states/lock" echo removed || true)" ""
	state_unlock
	mkdir "$states/older-one"
	states_max=3
	saves last
	is "no more than three: the last, and those that were used last" "$(ls -d "$states"/*/ | wc -l) $(ls -d "$states"/boot-{last,one})" \
		"3 $(printf '%s\n' "$states"/boot-{last,one})"
	is "those of an earlier boot" "$(ls -d "$states"/older* 2>/dev/null)" ""
	head -c 3M /dev/zero >"$states/boot-one/ram"
	touch -d '1 minute ago' "$states/boot-one"
	states_max_mib=2
	saves small
	is "nor more than 2 MiB" "$(cd "$states" && echo */)" "boot-last/ boot-small/"
	state_forget
	is "forgotten" "$(cd "$states" && echo */)" "boot-last/"
)

# What makes another state, and what does not: the key is that of QEMU's whole command line and of
# everything in the initramfs.
cat >"$tmp/key" <<'END'
. "$root/host-patch/lab/ui.sh"
cache=$tmp/cache work=$1
. "$root/host-patch/lab/machine.sh"
. "$root/host-patch/lab/state.sh"
. "$root/host-patch/lab/boot.sh"
fresh=false host_resume=1 mode=job guest=busybox host_vendor=amd host_append='' level='' variant='' VMLINUZ=/boot/vmlinuz
vcpus=1 l2_memory=512 npt=1 trace=false details=false boot_quick='' disk_size=2G tool=/tool/1
initramfs_sum=$tmp/part.sum
host_command() { host_qemu=(qemu -cpu one); }
eval "$2"
state_choose
echo "$state"
END
export root tmp
key() { bash -eu "$tmp/key" "${2-$tmp/work}" "${1-}"; }
echo sum >"$tmp/part.sum"
usual=$(key)
is "a state" "$(grep -c -E '^.*/cache/states/[0-9a-f]{32}-[0-9a-f]{64}$' <<<"$usual")" 1
is "in another folder" "$(key '' /another)" "$usual"
for what in vcpus=2 l2_memory=256 npt=0 trace=true details=true level=classic variant=none disk_size=1G 'host_append=x' \
	'VMLINUZ=/boot/other' 'host_command() { host_qemu=(qemu -cpu two); }' 'echo other >"$tmp/part.sum"'; do
	another=$(key "$what")
	is "another state with $what" "${#another} $([ "$another" = "$usual" ] && echo "the same")" "${#usual} "
	echo sum >"$tmp/part.sum"
done
for what in fresh=true host_resume= mode=shell guest=debian; do
	is "none with $what" "$(key "$what; echo asked")" asked
done
