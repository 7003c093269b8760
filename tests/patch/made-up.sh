# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A real host that is made up: a folder in place of /, $EXITPROF_ROOT, and a uname of our own.
# Its modules are none that do anything, but real ones for depmod and modinfo.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export EXITPROF_ROOT=$tmp/root PATH=$tmp/bin:$PATH:/usr/sbin:/sbin
mkdir -p "$tmp/bin" "$tmp/root"/{proc,sys/module,usr/lib/modules,var/lib,boot}
# As /usr is merged
ln -s usr/lib "$tmp/root/lib"

# machine RELEASE VERSION: what uname says
machine() {
	cat >"$tmp/bin/uname" <<-END
	#!/bin/sh
	case \$1 in -r) echo '$1' ;; -v) echo '$2' ;; *) exec /bin/uname "\$@" ;; esac
	END
	chmod 755 "$tmp/bin/uname"
}

# make_modules DIR RELEASE WORD: kvm.ko, kvm-amd.ko and kvm-intel.ko for that kernel, with WORD in them
make_modules() {
	local module
	mkdir -p "$1"
	for module in kvm kvm-amd kvm-intel; do
		printf 'const char info[] __attribute__((section(".modinfo"))) = "name=%s\\0vermagic=%s SMP \\0word=%s";\n' \
			${module/-/_} "$2" "$3" | gcc -x c -c -o "$1/$module.ko" -
	done
}

# make_kernel RELEASE VERSION: is installed
make_kernel() {
	local modules=$tmp/root/lib/modules/$1
	make_modules "$modules/kernel/arch/x86/kvm" "$1" stock
	touch "$modules"/modules.{order,builtin,builtin.modinfo}
	depmod -b "$tmp/root" "$1"
	# The setup header of a bzImage, and what it points to
	{
		head -c 514 /dev/zero
		printf HdrS
		head -c 8 /dev/zero
		printf '\0\2'
		head -c 496 /dev/zero
		printf '%s (a@b) #1 SMP PREEMPT_DYNAMIC Debian %s (2026-11-20)\0more\0' "$1" "$2"
	} >"$tmp/root/boot/vmlinuz-$1"
}

# built DIR RELEASE VERSION WORD: as fetch, apply and build leave it
built() {
	mkdir -p "$1"
	printf '%s\n' "KERNEL=${2%%.0-*}" "KREL=$2" "KVER=$3" "MODULES_OUT='$1/modules'" >"$1/kernel.env"
	make_modules "$1/modules" "$2" "$4"
}

# loads RELEASE: the WORD of the modules that modprobe takes, if it is the same for all of them
loads() {
	local module words
	words=$(for module in kvm kvm-amd kvm-intel; do
		modinfo -b "$tmp/root" -k "$1" -F word $module || echo none
	done | sort -u)
	echo "${words//$'\n'/ and }"
}
