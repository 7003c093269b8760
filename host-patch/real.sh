# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What install, reload and restore share. EXITPROF_ROOT stands for / in front of
# every file that they read or write.

real_root=${EXITPROF_ROOT-}
real_release=$(uname -r)
real_modules=$real_root/lib/modules/$real_release
real_updates=$real_modules/updates/exitprof
dry_run=false

# real_options ARGUMENT...: takes --dry-run and --help; the others are in $rest
real_options() {
	rest=()
	local word
	for word; do
		case $word in
		--help) usage; exit 0 ;;
		--dry-run) dry_run=true ;;
		-*) usage_error "unknown option '$word'" ;;
		*) rest+=("$word") ;;
		esac
	done
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

run_depmod() { act depmod ${real_root:+-b "$real_root"} "$real_release"; }

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

# refuse_unsigned: before anything is unloaded, where it could not be loaded again
refuse_unsigned() {
	[ -d "$real_updates" ] || return 0
	grep -q '\[none\]' "$real_root/sys/kernel/security/lockdown" 2>/dev/null && return 0
	[ -e "$real_root/sys/kernel/security/lockdown" ] || return 0
	[ -z "$(modinfo -F signer "$real_updates/kvm.ko")" ] || return 0
	die "Secure Boot has locked the kernel down: it takes no unsigned modules" \
		"switch Secure Boot off, or sign them with a key of your own: see doc/real-hardware.md"
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
