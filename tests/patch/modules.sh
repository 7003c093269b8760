#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# modules.sh KERNEL: both vendors' modules build with warnings as errors, sparse finds nothing
# in our code, and the modules fit the kernel that they are for.
. "$(dirname "$0")/kernels.sh"

kernel=$1
kernel_here "$kernel"
dir=$EXITPROF_KERNELS/$kernel
. "$dir/kernel.env"
(
	flock 9
	rm -f "$dir/patched.key"
	"$patch/apply" "$dir" && "$patch/build" --sparse "$dir"
) 9>"$EXITPROF_KERNELS/../locks/kernel-$kernel" 2>"$tmp/log" || die "$kernel: $(cat "$tmp/log")"
for module in kvm kvm-amd kvm-intel; do
	grep -aq "vermagic=$KREL " "$MODULES_OUT/$module.ko" || fail "$kernel: $module is for another kernel"
done
[ ! -f "$KSRC/arch/x86/kvm/vmx/tdx.c" ] ||
	nm "$KCOMMON/arch/x86/kvm/vmx/tdx.o" | grep ' U kvm_exitprof_exclude_vm$' >/dev/null ||
	fail "$kernel: TDX VMs are told that they are accounted"
nm "$MODULES_OUT/kvm.ko" | grep ' T kvm_exitprof_cpuid$' >/dev/null || fail "$kernel: kvm.ko without leaves"
for module in kvm-amd kvm-intel; do
	nm "$MODULES_OUT/$module.ko" | grep ' U kvm_exitprof_setup$' >/dev/null || fail "$kernel: $module not hooked"
done
