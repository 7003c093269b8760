# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# L1 alone, with one program in place of L2. Sourced after ui.sh; the caller
# sets $tmp and has loaded a host.
#
#	selftest_boot FILE SECONDS	boots L1 with the initramfs FILE, whose init
#		is guest/selftest-init and runs /job; its output goes to
#		stdout when it has ended, its status is returned

qemu_pid=

selftest_stop() {
	[ -n "$qemu_pid" ] || return 0
	kill -KILL "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=
}

# selftest_once FILE SECONDS: returns 125 when the machine did not do as it should
selftest_once() {
	local file=$1 limit status
	limit=$((SECONDS + $2 * host_slow))
	rm -f "$tmp/l1.log" "$tmp/job.log"
	host_command
	host_qemu+=(-m 1024 -nodefaults -no-user-config -no-reboot -display none
		-serial "file:$tmp/l1.log" -serial "file:$tmp/job.log"
		-kernel "$VMLINUZ" -initrd "$file"
		-append "console=ttyS0 panic=-1 quiet no_timer_check lab.vendor=$host_vendor")
	while_we_live "${host_qemu[@]}" </dev/null >"$tmp/qemu.log" 2>&1
	qemu_pid=$!
	while kill -0 "$qemu_pid" 2>/dev/null && [ $SECONDS -lt $limit ]; do
		sleep 0.2
		stage_tick
	done
	selftest_stop
	status=$(tr -d '\r' <"$tmp/l1.log" | sed -n 's/.*exitprof-lab: job-status \([0-9]*\)$/\1/p')
	if [ -z "$status" ]; then
		ui_stage=
		message "L1 went off, or took too long, before the program had ended; its last lines:"
		tail -n 12 "$tmp/l1.log" | tr -d '\r' >&2
		[ ! -s "$tmp/qemu.log" ] || tail -n 3 "$tmp/qemu.log" >&2
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
	[ ! -f "$tmp/job.log" ] || tr -d '\r' <"$tmp/job.log"
	return $status
}
