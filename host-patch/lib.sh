# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the scripts of this folder share: messages, and the layout of a kernel
# folder DIR as fetch, apply and build leave it:
#
#	DIR/kernel.env	KERNEL, KVER (Debian's version), KREL (uname -r), KCC (the
#			compiler that it was built with), and the folders below as
#			variables
#	DIR/source	KSRC: the pristine parts of the kernel's source
#	DIR/root	the unpacked packages: kernel image, stock modules, headers
#	DIR/modules	MODULES_OUT: the patched kvm.ko, kvm-amd.ko, kvm-intel.ko
#	DIR/debian	KROOT: a newer Debian, to build in; only where this one is too
#			old for the kernel. See root.sh

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
hint() { printf 'hint: %s\n' "$*" >&2; }

# die MESSAGE [HINT]
die() {
	say "$1"
	[ $# -lt 2 ] || hint "$2"
	exit 1
}

# usage_error MESSAGE: for a call that is wrong
usage_error() {
	say "$1"
	printf "hint: see '%s --help'\n" "$0" >&2
	exit 2
}

# need COMMAND PACKAGE...: in pairs; names all that is missing at once
need() {
	local missing=()
	while [ $# -gt 0 ]; do
		command -v "$1" >/dev/null 2>&1 || missing+=("$2")
		shift 2
	done
	[ ${#missing[@]} -eq 0 ] ||
		die "missing packages: ${missing[*]}" "sudo apt-get install ${missing[*]}"
}

# load_kernel DIR: the variables of DIR/kernel.env
load_kernel() {
	[ -f "$1/kernel.env" ] ||
		die "'$1' holds no fetched kernel" "$(dirname "$0")/fetch $(default_kernel) $1"
	# shellcheck disable=SC1091
	. "$1/kernel.env"
}

. "$(dirname "${BASH_SOURCE[0]}")/kernels.sh"
