# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# L1 alone, with one program in place of L2. Sourced after ui.sh; the caller
# sets $tmp and has loaded a host.
#
#	selftest_boot SECONDS	boots L1 with the initramfs $tmp/l1.cpio, whose init
#		is guest/selftest-init and runs /job; its output goes to
#		stdout when it has ended, its status is returned

emulator_pid=

selftest_stop() {
	[ -n "$emulator_pid" ] || return 0
	kill -KILL "$emulator_pid" 2>/dev/null || true
	wait "$emulator_pid" 2>/dev/null || true
	emulator_pid=
}

# selftest_emulator: sets the array emulator, which boots $tmp/l1.cpio
# shellcheck disable=SC2034
selftest_emulator() {
	local work=$tmp boot_memory=1024 boot_disks=() boot_append="panic=-1 quiet no_timer_check $boot_quick lab.vendor=$host_vendor"
	if declare -F host_prepare >/dev/null; then
		host_prepare
		return
	fi
	host_command
	emulator=("${host_qemu[@]}" -m "$boot_memory" -nodefaults -no-user-config -no-reboot -display none
		-serial "file:$tmp/l1.log" -serial "file:$tmp/l2.log"
		-kernel "$VMLINUZ" -initrd "$tmp/l1.cpio" -append "console=ttyS0 $boot_append")
}

# selftest_once SECONDS: returns 125 when the machine did not do as it should
selftest_once() {
	local emulator limit status
	limit=$((SECONDS + $1 * host_slow))
	rm -f "$tmp/l1.log" "$tmp/l2.log"
	selftest_emulator
	while_we_live "${emulator[@]}" </dev/null >"$tmp/emulator.log" 2>&1
	emulator_pid=$!
	while kill -0 "$emulator_pid" 2>/dev/null && [ $SECONDS -lt $limit ]; do
		sleep 0.2
		stage_tick
	done
	selftest_stop
	status=$(tr -d '\r' <"$tmp/l1.log" | sed -n 's/.*exitprof-lab: job-status \([0-9]*\)$/\1/p')
	if [ -z "$status" ]; then
		ui_stage=
		message "L1 went off, or took too long, before the program had ended; its last lines:"
		tail -n 12 "$tmp/l1.log" | tr -d '\r' >&2
		[ ! -s "$tmp/emulator.log" ] || tail -n 3 "$tmp/emulator.log" >&2
		return 125
	fi
	if grep -E 'BUG:|WARNING:|Oops|Call Trace' "$tmp/l1.log" >&2; then
		message "the kernel of L1 complains"
		return 1
	fi
	return "$status"
}

selftest_boot() {
	local status=0
	stage "in L1: $host_name"
	selftest_once "$@" || status=$?
	if [ $status -eq 125 ]; then
		message "trying again, once"
		stage "in L1: $host_name"
		status=0
		selftest_once "$@" || status=$?
	fi
	stage_done
	[ ! -f "$tmp/l2.log" ] || tr -d '\r' <"$tmp/l2.log"
	return $status
}
