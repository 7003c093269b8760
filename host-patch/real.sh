# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034
# What install, rebuild, reload and restore share. EXITPROF_ROOT stands for / in front of
# every file that they read or write.

real_root=${EXITPROF_ROOT-}
# As long as it exists, the operator wants the patched modules, for later kernels too.
real_wanted=$real_root/var/lib/exitprof-host/wanted
dry_run=false

# for_release RELEASE: sets the paths of a kernel. Whatever lies in $real_modules, depmod may
# choose; $real_aside is not there, but on the same file system.
for_release() {
	real_release=$1
	real_modules=$real_root/lib/modules/$real_release
	real_updates=$real_modules/updates/exitprof
	real_aside=$real_root/lib/modules/.exitprof-$real_release
}
for_release "$(uname -r)"

# real_options [--takes OPTION]... ARGUMENT...: takes --dry-run and --help; the others are in
# $rest, and the value of OPTION in $option_value
real_options() {
	rest=()
	local word value_option=none
	if [ "${1-}" = --takes ]; then
		value_option=$2
		shift 2
	fi
	option_value=
	local arguments=("$@")
	while [ $# -gt 0 ]; do
		word=$1
		shift
		case $word in
		--help) usage; exit 0 ;;
		--dry-run) dry_run=true ;;
		"$value_option")
			[[ $# -gt 0 && -n $1 ]] || usage_error "'$word' needs a value"
			option_value=$1
			shift
			;;
		-*) usage_error "unknown option '$word'" ;;
		*) rest+=("$word") ;;
		esac
	done
	set -- "${arguments[@]}"
	[[ $dry_run = true || -n $real_root || $(id -u) -eq 0 ]] ||
		die "only root may do this" "sudo $0 $*; or see what it would do: $0 --dry-run $*"
}

# act COMMAND...: does it, or says what it would do
act() {
	if $dry_run; then
		echo "would run: $*"
	else
		"$@"
	fi
}

# must COMMAND...: as act does, or ends the script
must() { act "$@" || failed "$@"; }
failed() { die "'$*' failed" "df -h '$real_root/lib/modules'; when there is room, call ${0##*/} again"; }

# lock_modules: nobody else installs or removes meanwhile, until unlock_modules or the end
lock_modules() {
	# The lab's machine has no flock, and no second operator.
	type -P flock >/dev/null || return 0
	exec {real_lock}<"$real_root/lib/modules"
	flock -w 120 "$real_lock" || die "another install or restore is at work" "wait for its end, then try again"
}
unlock_modules() { [ -z "${real_lock-}" ] || exec {real_lock}<&-; }

run_depmod() { act depmod "$@" ${real_root:+-b "$real_root"} "$real_release"; }

# run_depmod_stock: chooses the stock modules while the patched ones are still there, so that
# modules.dep never names a file that is gone, wherever this is interrupted
run_depmod_stock() (
	if $dry_run; then
		echo "would run: depmod $real_release, so that it chooses the stock modules"
		exit 0
	fi
	# Of a restore that is killed, restore or install finds it.
	config=$real_aside.depmod
	trap 'rm -rf "$config"' EXIT
	rm -rf "$config" && mkdir "$config" || exit
	# Of files of the same name, the last one counts.
	for file in "$real_root"/{usr/lib,lib,usr/local/lib,run,etc}/depmod.d/*.conf; do
		[ ! -f "$file" ] || ln -sf "$(readlink -f "$file")" "$config/${file##*/}" || exit
	done
	for module in kvm kvm-amd kvm-intel; do
		echo "override $module * kernel/arch/x86/kvm"
	done >"$config/zz-exitprof.conf" || exit
	run_depmod -C "$config"
)

# chosen_patched: whether modprobe would take all of the modules from $real_updates; the path of
# one that it takes from elsewhere is in $chosen
chosen_patched() {
	local module
	for module in kvm kvm-amd kvm-intel; do
		chosen=$(modinfo -k "$real_release" ${real_root:+-b "$real_root"} -n $module) || return
		[[ $chosen = */updates/exitprof/$module.ko ]] || return
	done
}

# take_out: removes the patched modules of $real_release, whole or not at all
take_out() {
	must rm -rf "$real_aside.old"
	# Not if there are no others: the kernel is being removed.
	run_depmod_stock || say "depmod failed; going on"
	must mv -T "$real_updates" "$real_aside.old"
	must rm -rf "$real_aside.old"
	must rmdir --ignore-fail-on-non-empty "${real_updates%/*}"
	run_depmod || die "depmod failed for $real_release" "df -h '$real_root/lib/modules'; then: sudo depmod $real_release"
}

# version_of_image FILE: Debian's version of a kernel, as its boot header (Linux,
# Documentation/arch/x86/boot.rst) repeats what uname -v says
version_of_image() {
	local at
	[ "$(od -A n -t x1 -j 514 -N 4 "$1" | tr -d ' ')" = 48647253 ] || return 1
	at=$(od -A n -t u2 -j 526 -N 2 "$1")
	dd if="$1" bs=1 skip=$((at + 512)) count=200 2>/dev/null | tr '\0' '\n' | sed -n '1s/.*Debian \([^ ]*\).*/\1/p'
}

# version_installed: of the kernel $real_release, or nothing if there is none of Debian's
version_installed() {
	local image
	for image in "$real_root/boot/vmlinuz-$real_release" "$real_modules/vmlinuz"; do
		[ ! -f "$image" ] || { version_of_image "$image" && return; }
	done
}

# loaded MODULE: is it?
loaded() { [ -d "$real_root/sys/module/$1" ]; }

# vendor_loaded: kvm_intel, kvm_amd, or nothing
vendor_loaded() {
	local module
	for module in kvm_intel kvm_amd; do
		! loaded $module || echo $module
	done
}

# vendor_of_cpu: the module for this machine's processor
vendor_of_cpu() {
	case $(grep -m 1 -o -w -E 'vmx|svm' "$real_root/proc/cpuinfo") in
	vmx) echo kvm_intel ;;
	svm) echo kvm_amd ;;
	esac
}

# users_of_kvm: who has /dev/kvm, a VM or a vCPU open, as lines "PID COMMAND"
users_of_kvm() {
	local process
	# Others end meanwhile, of which find complains.
	{
		find "$real_root"/proc/[0-9]*/fd -maxdepth 1 \( -lname /dev/kvm -o -lname 'anon_inode:kvm-v*' \) \
			-printf '%h\n' 2>/dev/null || true
	} | sort -u | while read -r process; do
		process=${process%/fd}
		echo "${process##*/} $( (tr '\0' ' ' <"$process/cmdline") 2>/dev/null | cut -c 1-70)"
	done | sort -n
}

# refuse_while_in_use: ends the script with a list of who uses KVM
refuse_while_in_use() {
	local users module count
	users=$(users_of_kvm)
	if [ -n "$users" ]; then
		say "KVM is in use; shut these virtual machines down first:"
		sed 's/^/	/' <<<"$users" >&2
		printf 'hint: a VM of libvirt: virsh list; virsh shutdown NAME\n' >&2
		exit 1
	fi
	# The vendor's module counts open files, and what the kernel itself uses.
	for module in $(vendor_loaded); do
		count=$(cat "$real_root/sys/module/$module/refcnt")
		[ "$count" = 0 ] || die "$module is in use $count times, by what has no file open" \
			"lsmod | grep kvm shows modules that use it; unload those first"
	done
	for module in "$real_root"/sys/module/kvm/holders/*; do
		case ${module##*/} in
		'*' | kvm_intel | kvm_amd) ;;
		*) die "the module ${module##*/} uses kvm" "sudo modprobe -r ${module##*/}" ;;
		esac
	done
}

# whose: "patched" or "stock", the modules that are loaded; or "no"
whose() {
	if ! loaded kvm; then
		echo no
	elif [ -e "$real_root/sys/module/kvm/parameters/exitprof" ]; then
		echo patched
	else
		echo stock
	fi
}

# only_signed: whether this machine takes no other modules
only_signed() {
	local lockdown=$real_root/sys/kernel/security/lockdown
	! grep -q Y "$real_root/sys/module/module/parameters/sig_enforce" 2>/dev/null || return 0
	[ -e "$lockdown" ] && ! grep -q '\[none\]' "$lockdown"
}

# refuse_unsigned [MODULE...]: before a module is needed that could not be loaded; without
# MODULE, any that is not signed yet
refuse_unsigned() {
	local module
	only_signed || return 0
	[ $# -gt 0 ] || set -- none
	for module; do
		[ -z "$(modinfo -F signer "$module" 2>/dev/null)" ] || continue
		die "Secure Boot has locked the kernel down: it takes no unsigned modules" \
			"switch Secure Boot off, or sign them with a key of your own: see doc/real-hardware.md"
	done
}

# unload: kvm and its vendor's module
unload() {
	local module
	for module in $(vendor_loaded) kvm; do
		loaded "$module" || continue
		act modprobe -r "$module" || return 1
	done
}

# options_of MODULE: the parameters that it is loaded with, as NAME=VALUE, where
# the new module has them too
options_of() {
	local file name value known
	known=$(modinfo -k "$real_release" ${real_root:+-b "$real_root"} -F parm "$1" 2>/dev/null | cut -d : -f 1) || true
	for file in "$real_root/sys/module/$1/parameters"/*; do
		[ -f "$file" ] || continue
		name=${file##*/}
		grep -q -x -F "$name" <<<"$known" || continue
		value=$(cat "$file" 2>/dev/null) || continue
		case $value in '' | '(null)' | *[[:space:]]*) continue ;; esac
		echo "$name=$value"
	done
}

# load_module MODULE OPTION...: says why the kernel may have refused
load_module() {
	local module=$1 log
	shift
	if $dry_run; then
		echo "would run: modprobe $module $*"
		return 0
	fi
	log=$(modprobe "$module" "$@" 2>&1) && return 0
	say "the kernel refuses $module: $log"
	case $log in
	*'Key was rejected'* | *'Required key not available'* | *'Operation not permitted'*)
		printf '%s\n' "hint: Secure Boot is on: the kernel takes only modules that are signed with a key it trusts." \
			"hint: switch Secure Boot off (sudo mokutil --disable-validation, then reboot), or sign the modules with a" \
			"hint: key of your own that is enrolled in the firmware (mokutil --import; kmodsign): see doc/real-hardware.md" >&2
		;;
	*'Invalid module format'* | *'Exec format error'*)
		printf 'hint: the modules were built for another kernel than %s: fetch --running, apply, build, install\n' \
			"$real_release" >&2
		;;
	*) printf 'hint: dmesg | tail says more\n' >&2 ;;
	esac
	return 1
}

# load_all [FILE]: kvm and the vendor's module, with the options in the lines of
# FILE as saved by save_options
load_all() {
	local vendor module options
	vendor=$(vendor_of_cpu)
	for module in kvm "$vendor"; do
		mapfile -t options < <(sed -n "s/^$module //p" "$1")
		load_module "$module" "${options[@]}" || return 1
	done
}

# save_options: lines "MODULE NAME=VALUE" of the modules that are loaded
save_options() {
	local module option
	for module in kvm $(vendor_loaded); do
		options_of "$module" | while read -r option; do echo "$module $option"; done
	done
}
