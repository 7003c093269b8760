#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The hooks apply to the pristine source with no fuzz, each in the function that it is meant for;
# they are the same lines for every kernel but for the differences listed here; and a source that
# has changed is refused with a hint.
. "$(dirname "$0")/kernels.sh"

# hook_lines KERNEL: the lines that its hooks add and take away, each after its file
hook_lines() {
	awk '/^--- a\// { file = substr($2, 3); next }
		/^\+\+\+ / { next }
		/^[+-]./ { print file " " $0 }' "$patch/hooks/$1.patch"
}

# What a kernel has and others have not, a line each: the kernel, the file, the line.
cat >"$tmp/differences" <<'END'
6.1 arch/x86/include/asm/kvm_host.h +/* Not yet in <linux/kvm_types.h>. */
6.1 arch/x86/include/asm/kvm_host.h +#define EXPORT_SYMBOL_FOR_KVM_INTERNAL(symbol) EXPORT_SYMBOL_GPL(symbol)
6.1 arch/x86/kvm/vmx/vmx.c +	kvm_exitprof_vmx_exit(vcpu, &vmx->exit_reason.full);
6.12 arch/x86/include/asm/kvm_host.h +/* Not yet in <linux/kvm_types.h>. */
6.12 arch/x86/include/asm/kvm_host.h +#define EXPORT_SYMBOL_FOR_KVM_INTERNAL(symbol) EXPORT_SYMBOL_GPL(symbol)
6.12 arch/x86/kvm/vmx/vmx.c -	if (unlikely(vmx->fail))
6.12 arch/x86/kvm/vmx/vmx.c +	if (unlikely(vmx->fail)) {
6.12 arch/x86/kvm/vmx/vmx.c +	}
6.12 arch/x86/kvm/vmx/vmx.c +	kvm_exitprof_vmx_exit(vcpu, &vmx->exit_reason.full);
7.3 arch/x86/kvm/svm/svm.c +		kvm_exitprof_no_exit(vcpu);
7.3 arch/x86/kvm/vmx/tdx.c +#include "exitprof.h"
7.3 arch/x86/kvm/vmx/tdx.c +	/* tdx_vcpu_run() does not account VM-Exits. */
7.3 arch/x86/kvm/vmx/tdx.c +	kvm_exitprof_exclude_vm(kvm);
7.3 arch/x86/kvm/vmx/vmx.c -	if (unlikely(vmx->fail))
7.3 arch/x86/kvm/vmx/vmx.c +	if (unlikely(vmx->fail)) {
7.3 arch/x86/kvm/vmx/vmx.c +	}
7.3 arch/x86/kvm/vmx/vmx.c +	kvm_exitprof_vmx_exit(vcpu, &vmx->vt.exit_reason.full);
END

# hooked TREE: which function calls which hook, in the order of the source
hooked() {
	local file
	for file in cpuid debugfs svm/svm vmx/vmx vmx/tdx x86; do
		[ -f "$1/arch/x86/kvm/$file.c" ] || continue
		awk -v file="$file" '
			/^[a-z_].*\(/ && !/;$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
			match($0, /kvm_exitprof_[a-z_]*\(/) {
				print file, name, substr($0, RSTART + 13, RLENGTH - 14)
			}' "$1/arch/x86/kvm/$file.c"
	done
}

# What only some kernels have is in brackets.
cat >"$tmp/hooked" <<'END'
cpuid kvm_cpuid cpuid
debugfs kvm_arch_create_vcpu_debugfs create_vcpu_debugfs
debugfs kvm_arch_create_vm_debugfs create_vm_debugfs
svm/svm svm_vcpu_run enter
[svm/svm svm_vcpu_run no_exit]
svm/svm svm_vcpu_run svm_exit
svm/svm svm_hardware_setup setup
vmx/vmx vmx_vcpu_run enter
vmx/vmx vmx_vcpu_run no_exit
vmx/vmx vmx_vcpu_run no_exit
vmx/vmx vmx_vcpu_run vmx_exit
vmx/vmx hardware_setup setup
[vmx/tdx tdx_vm_init exclude_vm]
x86 kvm_arch_vcpu_load load
x86 vcpu_enter_guest handled
x86 vcpu_enter_guest handled
x86 kvm_arch_vcpu_create create_vcpu
x86 kvm_arch_vcpu_create destroy_vcpu
x86 kvm_arch_vcpu_destroy destroy_vcpu
x86 kvm_arch_init_vm init_vm
x86 kvm_x86_exit exit_module
END

for kernel in "${kernels[@]}"; do
	. "$EXITPROF_KERNELS/$kernel/kernel.env"
	mkdir "$tmp/$kernel"
	(cd "$KSRC" && cp -r --parents arch/x86/kvm arch/x86/include/asm/kvm_host.h "$tmp/$kernel")
	patch -d "$tmp/$kernel" -p1 --fuzz=0 --force <"$patch/hooks/$kernel.patch" >"$tmp/log" ||
		fail "$kernel: $(cat "$tmp/log")"
	! grep -qi fuzz "$tmp/log" || fail "$kernel: applied with fuzz"

	hook_lines "$kernel" >"$tmp/$kernel.lines"
	while read -r of line; do
		[ "$of" = "$kernel" ] || continue
		grep -q -x -F -e "$line" "$tmp/$kernel.lines" || fail "$kernel: no difference '$line'"
		line=$line awk '!found && $0 == ENVIRON["line"] { found = 1; next } 1' \
			"$tmp/$kernel.lines" >"$tmp/rest"
		mv "$tmp/rest" "$tmp/$kernel.lines"
	done <"$tmp/differences"
	diff "$tmp/${kernels[0]}.lines" "$tmp/$kernel.lines" >&2 ||
		fail "$kernel is hooked otherwise than ${kernels[0]}"

	hooked "$tmp/$kernel" | sed 's/ vmx_hardware_setup / hardware_setup /' >"$tmp/$kernel.hooked"
	while read -r place; do
		grep -q -x -F -e "[$place]" "$tmp/hooked" && echo "[$place]" || echo "$place"
	done <"$tmp/$kernel.hooked" | grep -v '^\[' | diff <(grep -v '^\[' "$tmp/hooked") - >&2 ||
		fail "$kernel: a hook is in another function"
	# No way leads from one hook to the next VM-Enter without the other one: a return in between
	# would have the VM-Exit before counted again.
	for file in svm/svm vmx/vmx; do
		awk '/kvm_exitprof_enter\(/ { entered = 1 }
			/kvm_exitprof_(svm|vmx)_exit\(/ { entered = 0 }
			entered && /[^a-z_]return[^a-z_]/ && last !~ /kvm_exitprof_no_exit/ { print FILENAME ": " FNR; bad = 1 }
			{ last = $0 }
			END { exit bad || entered }' "$tmp/$kernel/arch/x86/kvm/$file.c" >&2 ||
			fail "$kernel: a return in $file.c between kvm_exitprof_enter() and the hook of a VM-Exit"
	done
	# Nothing changes a table of handlers after it has been taken.
	for table in svm/svm.c:svm_exit_handlers vmx/vmx.c:kvm_vmx_exit_handlers; do
		grep -h -w "${table#*:}" "$tmp/$kernel/arch/x86/kvm/${table%:*}" | tail -n 1 |
			grep -q "^			   ARRAY_SIZE(" || fail "$kernel: ${table#*:} is used after kvm_exitprof_setup()"
	done
done

# A folder whose source is not what the hooks were made for.
kernel=${kernels[0]}
mkdir -p "$tmp/odd"
sed "s#^KSRC=.*#KSRC='$tmp/odd/source'#; s#^KCOMMON=.*#KCOMMON='$tmp/odd/common'#" \
	"$EXITPROF_KERNELS/$kernel/kernel.env" >"$tmp/odd/kernel.env"
. "$EXITPROF_KERNELS/$kernel/kernel.env"
mkdir "$tmp/odd/source"
(cd "$KSRC" && cp -r --parents arch/x86/kvm virt arch/x86/include/asm/kvm_host.h "$tmp/odd/source")
sed -i 's/trace_kvm_exit(vcpu, KVM_ISA_VMX)/trace_other(vcpu)/' "$tmp/odd/source/arch/x86/kvm/vmx/vmx.c"
status=0
"$patch/apply" "$tmp/odd" 2>"$tmp/err" || status=$?
[ $status -eq 1 ] || fail "a changed source: status $status"
grep -q '^hint: .*apply.log' "$tmp/err" || fail "a changed source: no hint: $(cat "$tmp/err")"
[ -z "$(find "$tmp/odd" -maxdepth 1 -name '.apply-*')" ] || fail "a changed source: rubbish left"
