# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034
# This machine's own virtualization, nested. See host-amd.sh for what a host
# file gives.

host_name="QEMU, nested virtualization of this machine"
host_vendor=amd
! grep -q -w -m 1 vmx /proc/cpuinfo || host_vendor=intel
host_slow=1
host_packages=

# host_kvm_usable: a /dev/kvm that opens is not enough, it may be one that
# cannot nest
host_kvm_usable() {
	[ -r /dev/kvm ] && [ -w /dev/kvm ] && grep -q -w -m 1 -E 'vmx|svm' /proc/cpuinfo || return 1
	local nested
	nested=$(cat /sys/module/kvm_"$host_vendor"/parameters/nested 2>/dev/null) || return 1
	case $nested in Y | 1) return 0 ;; *) return 1 ;; esac
}

host_command() {
	host_qemu=(qemu-system-x86_64 -M q35 -accel kvm -cpu host -smp "$vcpus")
}
