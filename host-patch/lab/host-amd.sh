# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034
# An AMD host (SVM, nested paging) emulated in software by QEMU.
#
# A host file is one kind of machine that L1 runs on. It sets host_name,
# host_vendor (amd or intel: which kvm module L1 loads), host_slow (by how much
# time limits are stretched) and host_packages (a group of ./packages that it
# needs beside the lab's), and gives host_command, which sets the array host_qemu
# to QEMU with its machine and CPU. machine.sh adds memory, disks, consoles
# and the kernel. It may set host_append (words for the command line of L1's kernel),
# host_ramdisk=1 (the disk of a Debian guest is copied into L1's memory),
# host_vcpus_max (of L2), host_resume=1 (state.sh can save and resume it), host_emulates_svm=1 (SVM is
# QEMU's, not a processor's) and host_restless=1 (L1 is interrupted many times a second, whatever it
# does: an emulator that takes no CPU time stands still).
#
# A host that is not QEMU gives host_prepare instead, which sets the array
# emulator to a command that runs, until it is killed or L1 powers off, a machine
# with boot_memory MiB, that boots the kernel $VMLINUZ with the initramfs
# $work/l1.cpio and boot_append on its command line; with a disk $work/NAME.img whose
# serial number or model is lab-NAME for each NAME in boot_disks; and with two serial
# ports that write to $work/l1.log and $work/l2.log.

host_name="QEMU, emulated SVM"
host_vendor=amd
host_slow=1
host_packages=
host_emulates_svm=1

# QEMU 7.2 loses an interrupt now and then. By its source, helper_vmrun() sets the request for a
# virtual one without the lock, and what the main loop asks for at that moment is forgotten until
# anything asks again. If it was the timer's, nothing does, and L1 stands still for ever: seen after
# two to three minutes of interrupt storms in a guest of two vCPUs. So there are two timers.
host_append=lab.second_timer=1
host_restless=1
host_resume=1

# Other models refuse SVM, hang, or lack what Linux needs of it; with more than
# one CPU in L1 the emulated machine locks up now and then.
host_command() {
	host_qemu=(qemu-system-x86_64 -M q35 -accel tcg,tb-size=512
		-cpu "qemu64,+svm,+npt" -smp 1)
}
