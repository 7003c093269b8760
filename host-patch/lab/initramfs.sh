# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The root file systems of L1 and L2, as cpio archives that the kernel unpacks
# one after the other. Those of L2 travel inside L1's, below /l2.

# What is built in, or does not exist in a kernel, is left out.
l1_modules=(virtio_pci virtio_blk ata_piix sd_mod irqbypass)
l2_modules=(virtio_mmio virtio_blk msr)
firmware=(/usr/share/seabios/bios-microvm.bin /usr/share/seabios/bios-256k.bin
	/usr/share/qemu/kvmvapic.bin /usr/share/qemu/linuxboot_dma.bin)

# libraries BINARY...: the shared libraries they need, and the loader
libraries() {
	ldd "$@" 2>/dev/null | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" && $2 ~ "^\\(" { print $1 }' | sort -u
}

# put DIR FILE...: copies into the current folder's DIR
put() {
	local dir=.$1
	shift
	[ $# -gt 0 ] || return 0
	mkdir -p "$dir"
	cp -L "$@" "$dir/"
}

# put_same_list: those that stdin names, to the same place as here
put_same_list() {
	local files
	mapfile -t files
	put_same "${files[@]}"
}

# put_same FILE...: copies to the same place as here
put_same() {
	local file
	for file; do
		install -D -m 755 "$file" ".$file"
	done
}

# module_file NAME: the stock kernel's module, or nothing when it is built in
module_file() {
	find "$MODULES/kernel" -name "${1//[-_]/[-_]}.ko*" | head -n 1
}

# unpacked FILE: a module's content
unpacked() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dcq "$1" ;;
	*) cat "$1" ;;
	esac
}

# put_modules NAME...: into /modules, with what they depend on; the file order
# lists them as they must be loaded
put_modules() {
	local name file target needs
	mkdir -p modules
	for name; do
		target=modules/${name//-/_}.ko
		[ ! -f "$target" ] || continue
		file=$(module_file "$name")
		[ -n "$file" ] || continue
		unpacked "$file" >"$target"
		IFS=, read -r -a needs < <(tr '\0' '\n' <"$target" | sed -n 's/^depends=//p') || true
		put_modules "${needs[@]}"
		echo "${target##*/}" >>modules/order
	done
}

# wrap NAME: the current folder becomes the archive l2/NAME.cpio
wrap() {
	mkdir ../wrap.$$
	archive >../wrap.$$/out
	find . -mindepth 1 -delete
	mkdir l2
	mv ../wrap.$$/out "l2/$1.cpio"
	rmdir ../wrap.$$
}

# bin/lab-wait
compile_wait() {
	gcc -std=gnu17 -O2 -Wall -o bin/lab-wait "$lab/guest/lab-wait.c"
}

part_l1() {
	put /bin "$(type -P busybox)"
	put_same "$(type -P qemu-system-x86_64)"
	libraries "$(type -P qemu-system-x86_64)" | put_same_list
	put /usr/share/seabios "${firmware[@]:0:2}"
	put /usr/share/qemu "${firmware[@]:2}"
	mkdir -p dev etc
	install -m 755 "$lab/guest/l1-init" init
	install -m 755 "$lab/guest/lab-trace" bin/lab-trace
	compile_wait
}

part_kernel() {
	put_modules "${l2_modules[@]}"
	wrap 1-modules
	cp "$VMLINUZ" l2/vmlinuz
	put_modules "${l1_modules[@]}"
}

# The kvm modules FILE..., for L1 to choose from by vendor
part_kvm() {
	local file name
	mkdir modules
	for file; do
		name=${file##*/}
		unpacked "$file" >"modules/${name%%.*}.ko"
	done
}

# What ncurses must know of a terminal, for those that are usual, and of UTF-8
terminals() {
	find -L /lib/terminfo /usr/share/terminfo -type f \
		\( -name linux -o -name 'vt[12]*' -o -name 'xterm*' -o -name 'screen*' -o -name 'tmux*' \) 2>/dev/null || true
	find /usr/lib/locale/C.utf8 -name LC_CTYPE 2>/dev/null || true
}

part_l2() {
	put /bin "$(type -P busybox)" "$(type -P cpuid)"
	libraries "$(type -P cpuid)" | put_same_list
	terminals | put_same_list
	mkdir -p dev
	install -m 755 "$lab/guest/l2-init" init
	compile_wait
	wrap 2-base
}

# What exitprof needs. It comes with the job itself: see job.sh.
part_libraries() {
	libraries "$tool/src/exitprof" "$tool"/workloads/*.so | put_same_list
	wrap 3-libraries
}

# initramfs: the archives of everything that L1 needs, into $initramfs_parts
initramfs() {
	local kvm busybox kind=patched
	initramfs_parts=()
	busybox=$(type -P busybox)
	! $stock || kind=stock
	[ -z "$variant" ] || kind=variants
	if $stock; then
		kvm=("$(module_file kvm)" "$(module_file kvm-amd)" "$(module_file kvm-intel)")
	else
		if [ -n "$variant" ]; then cache_variants; else cache_modules; fi
		kvm=("$MODULES_OUT"/kvm{,-amd,-intel}.ko)
	fi
	cache_part l1 part_l1 "$busybox" "$(type -P qemu-system-x86_64)" "$lab"/guest/l1-init "$lab"/guest/lab-trace "$lab/guest/lab-wait.c" \
		"${firmware[@]}" "$lab/initramfs.sh"
	initramfs_parts+=("$part")
	cache_part "kernel-$KERNEL" part_kernel "$VMLINUZ" "$lab/initramfs.sh"
	initramfs_parts+=("$part")
	cache_part "kvm-$KERNEL-$kind" part_kvm "${kvm[@]}"
	initramfs_parts+=("$part")
	cache_part l2 part_l2 "$busybox" "$(type -P cpuid)" "$lab/guest/l2-init" "$lab/guest/lab-wait.c" "$lab/initramfs.sh"
	initramfs_parts+=("$part")
	cache_part "libraries-${tool##*/}" part_libraries "$tool/src/exitprof" "$tool"/workloads/*.so "$lab/initramfs.sh"
	initramfs_parts+=("$part")
	if [ "$guest" = debian ]; then
		cache_part "guest-${tool##*/}-$KERNEL" part_guest "$guest_initrd"
		initramfs_parts+=("$part")
	fi
}

# initramfs_write OUT: them, as one archive, with their sums in $initramfs_sum; while their locks are held
initramfs_write() {
	initramfs_sum=$1.sum
	cat "${initramfs_parts[@]}" >"$1"
	cat "${initramfs_parts[@]/%/.sum}" >"$initramfs_sum"
}
