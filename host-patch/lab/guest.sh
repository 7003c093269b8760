# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A real Debian guest, whose boot is to be profiled. Kept in the cache:
#
#	$cache/guest/base.tar		what mmdebstrap makes of Debian's packages
#	$cache/guest/ID.img, ID.initrd	the same with the kernel's modules, this
#					exitprof and its unit, and the lab's job; ID
#					is that of the tool and the kernel
#
# As root, or in a user namespace. Nothing is mounted.

guest_packages=systemd,systemd-sysv,udev,dbus,kmod,initramfs-tools,zstd
guest_unneeded=(/usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/share/bash-completion
	/usr/lib/udev/hwdb.d /usr/lib/udev/hwdb.bin /usr/share/zoneinfo /usr/lib/x86_64-linux-gnu/perl)

# guest_as_root COMMAND...: with all user and group ids there are. Root is the user, who alone may
# be able to read the cache and the checkout.
guest_as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		quietly "$cache/guest.log" "$@"
	else
		quietly "$cache/guest.log" unshare --map-root-user --map-auto -- "$@"
	fi
}

# guest_key_is FILE KEY: whether FILE is there and was made with that key
guest_key_is() {
	[ -f "$1" ] && [ "$(cat "$1.key" 2>/dev/null)" = "$2" ]
}

# guest_base: $guest_suite is then the Debian that it is made of, which is this machine's
guest_base() {
	local key path exclude=()
	read -r _ guest_suite < <(debian_release) || guest_suite=$(debian_suites "$KERNEL" | sed -n 's/.* \([a-z]*\).*/\1/p')
	key="$guest_suite $guest_packages ${guest_unneeded[*]}"
	guest_key_is "$cache/guest/base.tar" "$key" && return
	for path in "${guest_unneeded[@]}"; do
		exclude+=(--dpkgopt="path-exclude=$path" --dpkgopt="path-exclude=$path/*")
	done
	stage "Debian guest: mmdebstrap"
	rm -f "$cache/guest/base.tar.key"
	quietly "$cache/guest.log" "$root/host-patch/patiently.sh" mmdebstrap "$root/host-patch/mmdebstrap" \
		--variant=minbase --include="$guest_packages" "${exclude[@]}" \
		--aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' "$guest_suite" "$cache/guest/base.tar"
	echo "$key" >"$cache/guest/base.tar.key"
}

# guest_image: $guest_img and $guest_initrd are then the guest's disk and initrd
guest_image() {
	local key top
	mkdir -p "$cache/guest"
	cache_lock guest
	guest_base
	guest_img=$cache/guest/${tool##*/}-$KERNEL.img
	guest_initrd=${guest_img%.img}.initrd
	key=$({
		cat "$cache/guest/base.tar.key" "$lab/guest.sh" "$lab"/guest/debian/*
		stat -L -c '%n %s %y' "$cache/guest/base.tar" "$VMLINUZ" "$tool"/src/exitprof "$tool"/workloads/*.so
		cache_tool_list
	} | sha256sum)
	guest_key_is "$guest_img" "$key" && return
	stage "Debian guest: exitprof, initrd, file system"
	rm -f "$guest_img.key"
	top=$tmp/guest-root
	mkdir -p "$tmp/install"
	cache_tool_copy "$tmp/install"
	mkdir "$top"
	guest_as_root "$lab/guest/debian/build" "$cache/guest/base.tar" "$top" "$tmp/install" "$MODULES" \
		"$guest_img.new" "$guest_initrd"
	rm -rf "$tmp/install"
	mv "$guest_img.new" "$guest_img"
	echo "$key" >"$guest_img.key"
}

part_guest() {
	mkdir l2
	cp "$1" l2/initrd
}
