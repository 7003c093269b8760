# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034
# The AMD host of host-amd.sh with a clock of its own: an instruction takes 2^$host_shift ns, and who
# waits does so in no time. How fast or how busy this machine is does not matter, so
# one run is almost like another: but for disks, which are this machine's. Therefore the
# guest's is copied into the host's memory first. See host-amd.sh for what a host file
# gives.

host_name="QEMU, emulated SVM, time by instructions"
host_vendor=amd
host_slow=2
host_shift=1
host_packages=
host_ramdisk=1
host_emulates_svm=1

# Four guests of two, one of them under KVM without the patch, stood still in their kernel's start.
# See doc/boot.md.
host_vcpus_max=1

host_command() {
	host_qemu=(qemu-system-x86_64 -M q35 -accel tcg,tb-size=512
		-cpu "qemu64,+svm,+npt" -smp 1 -icount "shift=$host_shift,sleep=off")
}
