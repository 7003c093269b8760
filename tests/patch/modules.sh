#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Both vendors' modules build for every kernel with warnings as errors, sparse
# finds nothing in our code, and the modules fit the kernel that they are for.
. "$(dirname "$0")/kernels.sh"

for kernel in "${kernels[@]}"; do
	dir=$EXITPROF_KERNELS/$kernel
	. "$dir/kernel.env"
	(
		# As a condition it is without -e.
		flock 9 && rm -f "$dir/sparse.log" && "$patch/apply" "$dir" && "$patch/build" "$dir" || exit
		# Whatever the time is, they are compiled again, and so looked at.
		rm -f "$KCOMMON"/arch/x86/kvm/exitprof*.o
		make -C "$KDIR" M="$KCOMMON/arch/x86/kvm" CONFIG_KVM_WERROR=y CONFIG_DEBUG_INFO= \
			CONFIG_DEBUG_INFO_BTF= CONFIG_DEBUG_INFO_BTF_MODULES= C=1 CHECK=sparse \
			modules >"$dir/sparse.log" 2>&1
	) 9>"$EXITPROF_KERNELS/../lock" || { fail "$kernel: $(tail -n 5 "$dir/sparse.log" 2>/dev/null)"; continue; }
	! grep 'exitprof[a-z_]*\.[ch]:.*\(warning\|error\)' "$dir/sparse.log" || fail "$kernel: sparse"
	for file in exitprof exitprof_cpuid exitprof_debugfs exitprof_details; do
		grep -q "CHECK.*/$file.c" "$dir/sparse.log" || fail "$kernel: sparse has not seen $file.c"
	done
	for module in kvm kvm-amd kvm-intel; do
		grep -aq "vermagic=$KREL " "$MODULES_OUT/$module.ko" || fail "$kernel: $module is for another kernel"
	done
	nm "$MODULES_OUT/kvm.ko" | grep ' T kvm_exitprof_cpuid$' >/dev/null || fail "$kernel: kvm.ko without leaves"
	for module in kvm-amd kvm-intel; do
		nm "$MODULES_OUT/$module.ko" | grep ' U kvm_exitprof_setup$' >/dev/null || fail "$kernel: $module not hooked"
	done
done
