# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What is built once and kept:
#
#	$cache/kernels/KERNEL	Debian's kernel with patched modules (../fetch, apply, build)
#	$cache/variants/KERNEL	the same with the lab's variants of the patch built in
#	$cache/tool-ID		exitprof as built from this checkout, or links to the one that
#				is installed where the lab is
#	$cache/parts/NAME.cpio	pieces of the initramfs of L1, with NAME.cpio.key beside each, and
#				NAME.cpio.sum, which is that of the content
#	$cache/states		L1 and L2 when they have booted: see state.sh
#
# What is prepared has a lock of its own, $cache/locks/NAME: a run waits only for one that prepares
# what it needs as well. Locks are taken in the order in which they stand above, and held until
# what they guard has been copied. $cache/lock is shared by all of them, and 'clean' waits for it.

. "$root/host-patch/kernels.sh"
[ -n "${XDG_CACHE_HOME-}${HOME-}" ] || die "there is no HOME, hence no cache" "set HOME, or XDG_CACHE_HOME to a folder with 1 GB free"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/exitprof
cache_fds=()
# The process that quietly waits for
child=
# Keeps Debian's kernel from checking itself and its modules at every boot
# shellcheck disable=SC2034
boot_quick="cryptomgr.notests initcall_blacklist=load_system_certificate_list,crypto_kdf108_init"
# What of the file packages the tool is built with: nothing where it is installed.
tool_packages=build
[ -f "$root/meson.build" ] || tool_packages=

# cache_wait FD OPTION FILE: takes a lock; says at once that it waits, and what for
cache_wait() {
	local holder status=0
	flock -E 75 "$2" -n "$1" || status=$?
	[ $status -ne 0 ] || return 0
	[ $status -eq 75 ] || die "cannot lock '$3'" "set XDG_CACHE_HOME to a folder on a local disk"
	read -r holder <"$3" || holder="another run"
	stage "waiting for ${3##*/}, by $holder"
	$ui_tty || message "waiting for $holder, which prepares ${3##*/}"
	until flock "$2" -n "$1"; do
		sleep 0.2
		stage_tick
	done
}

# cache_lock NAME: until cache_unlock
cache_lock() {
	local fd name
	# Kbuild takes a blank for the end of a name, and a colon for one of its rules.
	[[ $cache != *[[:space:]:]* ]] ||
		die "the kernel's build cannot do with the blank or colon in '$cache'" "set XDG_CACHE_HOME to another folder with 1 GB free"
	type -P flock >/dev/null || die "there is no flock, with which runs wait for each other" "sudo apt-get install util-linux"
	mkdir -p "$cache" || die "cannot write to the cache '$cache'" "set XDG_CACHE_HOME to a folder with 1 GB free"
	if [ ${#cache_fds[@]} -eq 0 ]; then
		exec {fd}>>"$cache/lock"
		cache_wait "$fd" -s "$cache/lock"
		cache_fds+=("$fd")
	fi
	mkdir -p "$cache"/{parts,kernels,locks}
	for name; do
		exec {fd}<>"$cache/locks/$name"
		cache_wait "$fd" -x "$cache/locks/$name"
		echo "process $$" >"$cache/locks/$name"
		cache_fds+=("$fd")
	done
}

cache_unlock() {
	local fd
	for fd in "${cache_fds[@]}"; do
		exec {fd}>&-
	done
	cache_fds=()
}

# cache_clean: removes it, when nobody prepares anything
cache_clean() {
	local fd
	[ -d "$cache" ] || return 0
	exec {fd}>>"$cache/lock"
	cache_wait "$fd" -x "$cache/lock"
	# Who waits for the lock finds it again.
	find "$cache" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
	exec {fd}>&-
}

# without_locks COMMAND...: in place of this subshell. An emulator or compiler would hold them for long.
without_locks() {
	local fd
	for fd in "${cache_fds[@]}"; do exec {fd}>&-; done
	exec "$@"
}

# quietly LOG COMMAND...: its output is shown only when it fails
quietly() {
	local log=$1 status=0
	shift
	# A process group of its own, so that an interrupt can end all of it.
	(without_locks setsid "$@") >"$log" 2>&1 </dev/null &
	child=$!
	while kill -0 "$child" 2>/dev/null; do
		sleep 0.1
		stage_tick
	done
	wait "$child" || status=$?
	child=
	[ $status -ne 0 ] || return 0
	ui_stage=
	message "'${*##*/}' failed with status $status; its last lines:"
	tail -n 15 "$log" >&2
	hint "the whole output is in $log"
	exit 1
}

# end_child: ends what quietly has begun. It is asked first: a compiler that is killed leaves its
# files, and ninja its compilers.
end_child() {
	local i
	[ -n "$child" ] || return 0
	kill -TERM -- "-$child" 2>/dev/null || return 0
	for ((i = 0; i < 100; i++)); do
		kill -0 -- "-$child" 2>/dev/null || return 0
		sleep 0.1
	done
	kill -KILL -- "-$child" 2>/dev/null || true
}

# cache_tool: builds exitprof; $tool is then its build folder
cache_tool() {
	local id
	id=$(cksum <<<"$root")
	tool=$cache/tool-${id%% *}
	if [ -z "$tool_packages" ]; then
		cache_tool_installed
		return
	fi
	cache_lock "${tool##*/}"
	stage "exitprof (meson, ninja)"
	if [ ! -f "$tool/build.ninja" ]; then
		rm -rf "$tool"
		quietly "$cache/setup.log" meson setup -Dtests=false "$tool" "$root"
	fi
	quietly "$cache/tool.log" ninja -C "$tool"
}

# cache_tool_installed: $tool looks like a build folder, but leads to what is
# installed below the same prefix as this
cache_tool_installed() {
	local prefix=${root%/share/exitprof} workloads
	[ -x "$prefix/bin/exitprof" ] ||
		die "no exitprof in '$prefix/bin'" "the lab takes the tool from there: sudo apt-get install exitprof"
	for workloads in "$prefix"/lib*/exitprof/workloads "$prefix"/lib/*/exitprof/workloads; do
		[ ! -d "$workloads" ] || break
	done
	[ -d "$workloads" ] || die "no workloads of exitprof below '$prefix'" "sudo apt-get install --reinstall exitprof"
	mkdir -p "$tool/src"
	ln -sfn "$prefix/bin/exitprof" "$tool/src/exitprof"
	ln -sfn "$workloads" "$tool/workloads"
}

# cache_tool_list: what is installed of exitprof, by name, size and time, one file
# a line; of a checkout, what is not built for it
cache_tool_list() {
	if [ -n "$tool_packages" ]; then
		find "$root/systemd" "$root/plots" "$tool/src/boot-sampler" -type f -printf '%p %s %T@\n'
	else
		(cd "${root%/share/exitprof}/.." && find usr/bin usr/lib usr/libexec usr/share -path '*exitprof*' \
			! -path '*/host-patch*' ! -path '*/doc/*' ! -type d -printf '%p %s %T@\n')
	fi | LC_ALL=C sort
}

# cache_tool_copy DIR: exitprof as it is installed, below DIR
cache_tool_copy() {
	if [ -n "$tool_packages" ]; then
		DESTDIR=$1 quietly "$cache/guest.log" meson install -C "$tool" --no-rebuild --quiet
	else
		cache_tool_list | sed 's/ [^ ]* [^ ]*$//' | (cd "${root%/share/exitprof}/.." && cpio -pdmL --quiet "$1")
	fi
}

# cache_check KERNEL: ends the script, before anything is downloaded, where Debian does not offer it;
# the groups of ./packages that are needed for it are then in $kernel_packages
cache_check() {
	kernel_packages=
	[ -f "$cache/kernels/$1/kernel.env" ] || kernel_packages=$("$root/host-patch/fetch" --check "$1") || exit 1
}

# cache_kernel KERNEL: the kernel's folder is then $kernel_dir, and the
# variables of its kernel.env are set
cache_kernel() {
	kernel_dir=$cache/kernels/$1
	cache_lock "kernel-$1"
	# The paths in a copy are those of the cache that it was copied from.
	# Earlier versions did not name the compiler, and left out a part of 7.3.
	if [ -f "$kernel_dir/kernel.env" ] &&
		! { grep -q -F "$kernel_dir/" "$kernel_dir/kernel.env" && grep -q ^KROOT= "$kernel_dir/kernel.env" &&
			[ -n "$(find "$kernel_dir/root" -name modules.builtin -print -quit)" ]; }; then
		rm -rf "$kernel_dir"
	fi
	if [ ! -f "$kernel_dir/kernel.env" ]; then
		stage "Debian's kernel $1: download and unpack"
		quietly "$cache/fetch-$1.log" "$root/host-patch/fetch" "$1" "$kernel_dir"
	fi
	# shellcheck disable=SC1091
	. "$kernel_dir/kernel.env"
}

# cache_compiler: installs the one that the kernel was built with, which has its version in its name
cache_compiler() {
	[ -z "$KROOT" ] && ! type -P "$KCC" >/dev/null || return 0
	stage "installing $KCC"
	packages_install "${KCC#x86_64-linux-gnu-}" || exit 1
}

# cache_modules: the patched modules of the kernel that was chosen
cache_modules() {
	local key
	key=$(cat "$root"/host-patch/kvm/exitprof{,_cpuid,_debugfs,_details}.c "$root/host-patch/kvm/exitprof.h" "$root/host-patch/hooks/$KERNEL.patch" \
		"$root"/host-patch/{apply,build} "$kernel_dir/kernel.env" | sha256sum)
	[ "$(cat "$kernel_dir/patched.key" 2>/dev/null)" != "$key" ] || return 0
	cache_compiler
	stage "patched KVM for $KREL: apply and build"
	rm -f "$kernel_dir/patched.key"
	quietly "$cache/apply-$KERNEL.log" "$root/host-patch/apply" "$kernel_dir"
	quietly "$cache/build-$KERNEL.log" "$root/host-patch/build" "$kernel_dir"
	echo "$key" >"$kernel_dir/patched.key"
}

# cache_variants: the modules whose answers can be varied, see variants/. They have
# headers of their own to be built in; all else is that of the kernel that was chosen.
cache_variants() {
	local from=$kernel_dir key file
	kernel_dir=$cache/variants/$KERNEL
	if [ ! -f "$kernel_dir/kernel.env" ]; then
		stage "folder for the variants of $KREL"
		rm -rf "$kernel_dir"
		mkdir -p "$kernel_dir/root/usr"
		cp -r "$from"/root/usr/{src,lib} "$kernel_dir/root/usr/"
		sed -i "s#$from/root/usr/src/#$kernel_dir/root/usr/src/#" "$kernel_dir/root/usr/src/${KDIR##*/}/Makefile"
		sed -E "/^(KDIR|KCOMMON|MODULES_OUT)=/s#$from#$kernel_dir#" "$from/kernel.env" >"$kernel_dir/kernel.env.new"
		mv "$kernel_dir/kernel.env.new" "$kernel_dir/kernel.env"
	fi
	# shellcheck disable=SC1091
	. "$kernel_dir/kernel.env"
	key=$({
		cat "$root"/host-patch/kvm/exitprof{,_cpuid,_debugfs,_details}.c "$root/host-patch/kvm/exitprof.h" \
			"$root/host-patch/hooks/$KERNEL.patch" "$root"/host-patch/{apply,build} \
			"$kernel_dir/kernel.env" "$lab"/variants/*
	} | sha256sum)
	[ "$(cat "$kernel_dir/patched.key" 2>/dev/null)" != "$key" ] || return 0
	cache_compiler
	stage "variants of the patched KVM for $KREL: apply and build"
	rm -f "$kernel_dir/patched.key"
	for file in "$root/host-patch/apply" "$lab/variants/apply" "$root/host-patch/build"; do
		quietly "$cache/variants-$KERNEL.log" "$file" "$kernel_dir"
	done
	echo "$key" >"$kernel_dir/patched.key"
}

# archive: of the current folder, the same whenever it is made
archive() {
	find . -exec touch -h -d @0 {} +
	find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | cpio -o -H newc -R 0:0 --reproducible --quiet
}

# cache_part NAME FUNCTION FILE...: $cache/parts/NAME.cpio, made by FUNCTION in
# an empty folder from the FILEs; kept until one of them or FUNCTION changes. FILEs of the checkout
# are compared by content: checkouts share the cache.
cache_part() {
	local name=$1 function=$2 key file ours=() others=()
	shift 2
	for file; do
		if [[ $file == "$root"/* ]]; then ours+=("$file"); else others+=("$file"); fi
	done
	key=$({
		declare -f "$function"
		cat /dev/null "${ours[@]}"
		stat -L -c '%n %s %y' "${others[@]}"
	} | sha256sum)
	part=$cache/parts/$name.cpio
	cache_lock "part-$name"
	part_is "$key" || part_make "$@"
}

# part_is KEY: whether $part is there and was made with that key
part_is() {
	[ -f "$part" ] && [ -f "$part.sum" ] && [ "$(cat "$part.key" 2>/dev/null)" = "$1" ]
}

# part_make FILE...: for cache_part, whose variables it takes
part_make() {
	local dir
	stage "initramfs: $name"
	dir=$(mktemp -d "$tmp/part-XXXXXX")
	(cd "$dir" && "$function" "$@") || die "cannot put together the part '$name' of the initramfs"
	rm -f "$part.key"
	(cd "$dir" && archive) >"$part.new"
	rm -rf "$dir"
	mv "$part.new" "$part"
	sha256sum <"$part" >"$part.sum"
	echo "$key" >"$part.key"
}
