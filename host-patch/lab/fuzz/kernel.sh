# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Kernels of $kernel that report their own mistakes, with the patched KVM as modules,
# below safety_dir=$cache/safety/$kernel:
#
#	$safety_dir/linux	Debian's source, patched
#	$safety_dir/pristine	the parts of it that ../../apply starts from
#	$safety_dir/KIND	the build of KIND (kasan, kcsan)

# Beyond those of ../packages.
kernel_packages_missing() {
	type -P flex >/dev/null || echo flex
	type -P bison >/dev/null || echo bison
	type -P bc >/dev/null || echo bc
	[ -e /usr/include/libelf.h ] || echo libelf-dev
}

kernel_source() {
	local tree=linux-source-$kernel dir=$safety_dir.new
	[ ! -f "$safety_dir/kernel.env" ] || return 0
	rm -rf "$dir" "$safety_dir"
	mkdir -p "$dir/linux"
	(cd "$dir" && "$root/host-patch/patiently.sh" download \
		apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download "$tree")
	dpkg --fsys-tarfile "$dir"/"$tree"*.deb | tar -xO "./usr/src/$tree.tar.xz" | xz -dc -T0 |
		tar -x -C "$dir/linux" --strip-components=1
	mkdir "$dir/pristine"
	(cd "$dir/linux" && cp -r --parents arch/x86/kvm virt arch/x86/include/asm/kvm_host.h \
		"$dir/pristine")
	# What ../../apply wants to know.
	cat >"$dir/kernel.env" <<-ENV
	KERNEL=$kernel
	KVER=$(dpkg-deb -f "$dir"/"$tree"*.deb Version)
	KSRC='$safety_dir/pristine'
	KCOMMON='$safety_dir/linux'
	ENV
	rm "$dir"/"$tree"*.deb
	mv "$dir" "$safety_dir"
}

kernel_make() {
	nice make -C "$safety_dir/linux" O="$safety_dir/$1" CC=gcc HOSTCC=gcc \
		KBUILD_BUILD_TIMESTAMP=now "${@:2}"
}

# The configuration must hold what was asked for: Kconfig drops lines silently.
kernel_configure() {
	local dir=$safety_dir/$1 files=("$lab"/fuzz/{common,"$1"}.config) lost
	[ ! -f "$lab/fuzz/$1-$kernel.config" ] || files+=("$lab/fuzz/$1-$kernel.config")
	mkdir -p "$dir"
	cat "${files[@]}" >"$dir/fragment.new"
	! cmp -s "$dir/fragment.new" "$dir/fragment" || return 0
	kernel_make "$1" -s KCONFIG_ALLCONFIG="$dir/fragment.new" allnoconfig
	lost=$(grep '^CONFIG_' "$dir/fragment.new" | grep -v '=n$' | grep -v -x -F -f "$dir/.config" || true)
	[ -z "$lost" ] || {
		echo "this kernel cannot have: $lost"
		return 1
	}
	mv "$dir/fragment.new" "$dir/fragment"
}

# kernel_plant DIR: the mistake that is to be found, into the source
kernel_plant() {
	[ -z "$plant" ] || patch -s -d "$1" -p1 --fuzz=0 --force --no-backup-if-mismatch <"$plant"
}

kernel_all() {
	kernel_source
	"$root/host-patch/apply" "$safety_dir"
	kernel_plant "$safety_dir/linux"
	kernel_configure "$1"
	kernel_make "$1" -j"$(nproc)" bzImage modules
}

# kernel_build KIND: compiles what has changed
kernel_build() {
	local safety_dir=$cache/safety/$kernel
	stage "kernel: $1 $kernel"
	mkdir -p "$cache/safety"
	# quietly starts programs, no functions.
	export -f kernel_source kernel_make kernel_configure kernel_plant kernel_all
	export safety_dir kernel lab root plant
	quietly "$cache/safety/build-$1-$kernel.log" bash -c "set -euo pipefail; kernel_all $1"
}
