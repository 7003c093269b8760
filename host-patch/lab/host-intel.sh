# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# An Intel host (VMX with EPT, unrestricted guest, VPID, preemption timer)
# emulated in software by Bochs. See host-amd.sh for what a host file gives.
# It starts from a CD, and its disks are ATA disks. One tick of its TSC is one
# instruction.

host_name="Bochs, emulated VMX"
host_vendor=intel
host_slow=4
host_packages=bochs

# host_cd: $work/l1.iso, which boots the kernel
host_cd() {
	local top=$work/iso
	mkdir -p "$top/isolinux"
	cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$top/isolinux/"
	cp "$VMLINUZ" "$top/vmlinuz"
	cp "$work/l1.cpio" "$top/l1"
	cat >"$top/isolinux/isolinux.cfg" <<-END
		default l1
		prompt 0
		label l1
		linux /vmlinuz
		initrd /l1
		append console=ttyS0,115200 mitigations=off nokaslr idle=halt $boot_append
	END
	xorriso -as mkisofs -quiet -o "$work/l1.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
		-no-emul-boot -boot-load-size 4 -boot-info-table "$top" 2>"$work/xorriso.log" ||
		die "cannot make the CD: $(tail -n 1 "$work/xorriso.log")"
	rm -rf "$top"
}

host_prepare() {
	local disk places=(ata0-master ata0-slave ata1-slave) i=0
	host_cd
	{
		cat <<-END
			config_interface: textconfig
			display_library: term
			cpu: model=corei7_haswell_4770, count=1, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=1
			memory: guest=$boot_memory, host=$boot_memory
			romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
			vgaromimage: file=/usr/share/vgabios/vgabios.bin
			boot: cdrom
			ata1-master: type=cdrom, path="$work/l1.iso", status=inserted
			clock: sync=none, time0=utc
			com1: enabled=1, mode=file, dev="$work/l1.log"
			com2: enabled=1, mode=file, dev="$work/l2.log"
			log: $work/bochs.log
			info: action=ignore
			error: action=ignore
			panic: action=fatal
		END
		for disk in "${boot_disks[@]}"; do
			echo "${places[i++]}: type=disk, mode=flat, path=\"$work/$disk.img\", cylinders=0, model=\"lab-$disk\""
		done
	} >"$work/bochsrc"
	# Debian's Bochs is the one with the debugger, which waits for a command; its
	# display needs a terminal.
	echo c >"$work/bochs.commands"
	# It reads memory that it has not written, which must be 0.
	emulator=(env -u MALLOC_PERTURB_ TERM=vt100 script -qec
		"exec setpriv --pdeathsig KILL bochs -q -f '$work/bochsrc' -rc '$work/bochs.commands'" /dev/null)
}
