# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034
# L1 alone, with one program in place of L2. Sourced after machine.sh; the caller
# has loaded a host.
#
#	selftest_boot SECONDS	boots L1 with the initramfs $work/l1.cpio, whose init
#		is guest/selftest-init and runs /job; its output goes to
#		stdout when it has ended, its status is returned

# selftest_once SECONDS: returns 125 when the machine did not do as it should
selftest_once() {
	local status boot_memory=1024 boot_disks=() boot_append="panic=-1 quiet no_timer_check $boot_quick lab.vendor=$host_vendor"
	stage "in L1: $host_name"
	machine_run $(($1 * host_slow))
	status=$(tr -d '\r' <"$work/l1.log" | sed -n 's/.*exitprof-lab: job-status \([0-9]*\)$/\1/p')
	if [ -z "$status" ]; then
		machine_failed "L1 went off, or took too long, before the program had ended" l1
		return 125
	fi
	if grep -E 'BUG:|WARNING:|Oops|Call Trace' "$work/l1.log" >&2; then
		message "the kernel of L1 complains"
		return 1
	fi
	return "$status"
}

selftest_boot() {
	local status=0
	machine_twice selftest_once "$@" || status=$?
	stage_done
	tr -d '\r' <"$work/l2.log"
	return $status
}
