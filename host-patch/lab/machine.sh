# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The machine that L1 runs on: one emulator in the background. Sourced after ui.sh and cache.sh.
#
# It boots the kernel $VMLINUZ with the initramfs $work/l1.cpio; host-amd.sh describes boot_append,
# boot_memory and boot_disks. Its consoles are $work/l1.log and $work/l2.log. $work/emulator.log is
# the output of the emulator itself.
#
# Status 125 is a failure of the emulator. It is retried once, and the retry is reported. A failure of
# what runs in the machine has another status and is never retried.

machine_pid=
# Time limit of machine_watch, compared with $SECONDS; 0 is none
machine_limit=0
# After how many checks without CPU time the emulator stands still; if empty, this is not checked
machine_patience=
# Why the machine ended machine_watch: off, late or still
machine_end=

# host_load NAME: loads the host NAME and forgets the one before
host_load() {
	[ -f "$lab/host-$1.sh" ] || usage_error "no host '$1': one of auto, kvm, amd, intel, icount"
	unset -f host_prepare
	host_ramdisk=0 host_append='' host_vcpus_max='' host_restless='' host_resume='' host_emulates_svm=''
	# shellcheck source=host-amd.sh
	. "$lab/host-$1.sh"
}

# machine_folder NAME: makes the folder $work, also called $tmp. When the script ends, in whatever way,
# the machine is stopped and the folder removed.
machine_folder() {
	trap machine_cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
	tmp=
	tmp=$(new_folder "${TMPDIR:-/tmp}/exitprof-$1")
	work=$tmp
}

machine_cleanup() {
	trap '' INT TERM HUP
	end_child
	machine_stop
	[ -z "$tmp" ] || rm -rf "$tmp"
}

# machine_qemu [CHARDEV]: sets the array emulator, for a host that is QEMU. CHARDEV replaces the file of
# the second console.
machine_qemu() {
	local disk
	host_command
	emulator=("${host_qemu[@]}" -m "$boot_memory" -nodefaults -no-user-config -no-reboot -display none
		-chardev "file,id=l1,path=$work/l1.log,append=on" -serial chardev:l1
		-chardev "${1-file,id=l2,path=$work/l2.log,append=on}" -serial chardev:l2
		-kernel "$VMLINUZ" -append "console=ttyS0 $boot_append")
	for disk in "${boot_disks[@]}"; do
		emulator+=(-drive "if=none,id=$disk,file=$work/$disk.img,format=raw,cache=unsafe"
			-device "virtio-blk-pci,drive=$disk,serial=lab-$disk")
	done
}

# machine_start [TERMINAL]: starts the array emulator, without a terminal or on TERMINAL
machine_start() {
	# Should this shell be killed, so is the emulator, which may read the terminal: it stays in
	# this shell's process group.
	if [ $# -eq 0 ]; then
		while_we_live "${emulator[@]}" </dev/null >"$work/emulator.log" 2>&1
	else
		while_we_live "${emulator[@]}" <"$1" 2>"$work/emulator.log"
	fi
	machine_pid=$!
}

machine_stop() {
	[ -n "$machine_pid" ] || return 0
	kill -KILL "$machine_pid" 2>/dev/null || true
	wait "$machine_pid" 2>/dev/null || true
	machine_pid=
}

# machine_watch COMMAND...: runs COMMAND every 0.1 s until its status is not 1, and returns that status.
# Returns 1 when the machine goes off, reaches its time limit or stands still; $machine_end says which.
# COMMAND has run once after the machine went off.
machine_watch() {
	local alive status machine_ticks=0 machine_idle=0
	machine_end=
	while true; do
		alive=true status=0
		kill -0 "$machine_pid" 2>/dev/null || alive=false
		"$@" || status=$?
		[ $status -eq 1 ] || return $status
		if ! $alive; then
			machine_end=off
		elif [ "$machine_limit" -ne 0 ] && [ "$SECONDS" -ge "$machine_limit" ]; then
			machine_end=late
		elif machine_stands_still; then
			machine_end=still
		else
			stage_tick
			sleep 0.1
			continue
		fi
		return 1
	done
}

# machine_stands_still: whether the emulator has taken no CPU time for $machine_patience calls, which are
# 0.1 s apart or more; for a host whose kernel never sleeps that long. Its variables are machine_watch's.
machine_stands_still() {
	local stat ticks
	[ -n "$machine_patience" ] || return 1
	read -r stat <"/proc/$machine_pid/stat" 2>/dev/null || return 1
	# After the name, which may hold anything: utime and stime are the 12th and the 13th.
	read -ra stat <<<"${stat##*) }"
	ticks=$((stat[11] + stat[12]))
	if [ $((ticks - machine_ticks)) -gt 1 ]; then
		machine_ticks=$ticks
		machine_idle=0
	fi
	[ $((machine_idle += 1)) -gt "$machine_patience" ]
}

# machine_run SECONDS [COMMAND...]: boots the machine, watches it for at most so many seconds and stops it.
# COMMAND and status are those of machine_watch; without COMMAND, the machine runs until it powers off.
machine_run() {
	local emulator status=0
	: >"$work/l1.log"
	: >"$work/l2.log"
	if declare -F host_prepare >/dev/null; then
		host_prepare
	else
		machine_qemu
		emulator+=(-initrd "$work/l1.cpio")
	fi
	machine_start
	machine_limit=$((SECONDS + $1))
	shift
	machine_watch "${@:-false}" || status=$?
	machine_stop
	return $status
}

# machine_failed MESSAGE l1|l2: prints MESSAGE and the end of the emulator's output and of that console;
# keeps all logs in the cache
machine_failed() {
	local kept
	kept=$(mktemp -d "$cache/logs-XXXXXX")
	cp "$work"/*.log "$kept/"
	ui_stage=
	message "$1"
	if [ -s "$work/emulator.log" ]; then
		echo "--- the emulator says:" >&2
		tail -n 5 "$work/emulator.log" >&2
	fi
	echo "--- last lines of the console of ${2^^}:" >&2
	tail -n 12 "$work/$2.log" | tr -d '\r' >&2
	hint "the full logs are in $kept"
}

# machine_twice COMMAND...: runs COMMAND, and once more if its status is 125
machine_twice() {
	local status=0
	"$@" || status=$?
	[ $status -eq 125 ] || return $status
	message "trying again, once"
	"$@"
}
