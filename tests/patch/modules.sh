#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Both vendors' modules build for every kernel with warnings as errors, sparse
# finds nothing in our code, and the modules fit the kernel that they are for.
. "$(dirname "$0")/kernels.sh"

# Sparse as Debian has it is older than what Linux 7.3 is written for.
cat >"$tmp/sparse" <<'END'
#!/bin/sh
exec sparse -D__typeof_unqual__=__typeof__ '-D__builtin_strlen(text)=(sizeof(text) - 1)' "$@"
END
chmod +x "$tmp/sparse"

for kernel in "${kernels[@]}"; do
	dir=$EXITPROF_KERNELS/$kernel
	. "$dir/kernel.env"
	(
		# As a condition it is without -e.
		flock 9 && rm -f "$dir/sparse.log" && "$patch/apply" "$dir" && "$patch/build" "$dir" || exit
		# Whatever the time is, they are compiled again, and so looked at.
		rm -f "$KCOMMON"/arch/x86/kvm/exitprof*.o "$KCOMMON/arch/x86/kvm/vmx/tdx.o"
		check=sparse
		if [ -f "$KSRC/scripts/checker-valid.sh" ]; then
			# Debian's headers lack this part of kbuild.
			cp "$KSRC/scripts/checker-valid.sh" "$KCOMMON/scripts/"
			check=$tmp/sparse
		fi
		make=(make -C "$KDIR" M="$KCOMMON/arch/x86/kvm" CONFIG_KVM_WERROR=y CONFIG_DEBUG_INFO=
			CONFIG_DEBUG_INFO_BTF= CONFIG_DEBUG_INFO_BTF_MODULES= C=1 CHECK="$check")
		"${make[@]}" modules >"$dir/sparse.log" 2>&1 || exit
		# No kernel of Debian's has TDX, but all of its source.
		[ ! -f "$KSRC/arch/x86/kvm/vmx/tdx.c" ] ||
			"${make[@]}" CONFIG_KVM_INTEL_TDX=y KCFLAGS="-DCONFIG_INTEL_TDX_HOST=1 \
				-DCONFIG_KVM_INTEL_TDX=1 -DCONFIG_HAVE_KVM_ARCH_GMEM_POPULATE=1" vmx/tdx.o \
				>>"$dir/sparse.log" 2>&1
	) 9>"$EXITPROF_KERNELS/../lock" || { fail "$kernel: $(tail -n 5 "$dir/sparse.log" 2>/dev/null)"; continue; }
	! grep 'exitprof[a-z_]*\.[ch]:.*\(warning\|error\)' "$dir/sparse.log" || fail "$kernel: sparse"
	for file in exitprof exitprof_cpuid exitprof_debugfs exitprof_details; do
		grep -q "CHECK .*[ /]$file\.c$" "$dir/sparse.log" || fail "$kernel: sparse has not seen $file.c"
	done
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
done
