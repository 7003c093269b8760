#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The hooks apply to the pristine source with no fuzz, are the same lines for
# every kernel, and a source that has changed is refused with a hint.
. "$(dirname "$0")/kernels.sh"

for kernel in "${kernels[@]}"; do
	. "$EXITPROF_KERNELS/$kernel/kernel.env"
	mkdir "$tmp/$kernel"
	(cd "$KSRC" && cp -r --parents arch/x86/kvm arch/x86/include/asm/kvm_host.h "$tmp/$kernel")
	patch -d "$tmp/$kernel" -p1 --fuzz=0 --force <"$patch/hooks/$kernel.patch" >"$tmp/log" ||
		fail "$kernel: $(cat "$tmp/log")"
	! grep -qi fuzz "$tmp/log" || fail "$kernel: applied with fuzz"
	# One kernel has braces already where the other needs them.
	sed -n '/^[+-][^+-]/p' "$patch/hooks/$kernel.patch" |
		grep -v -e '^[+-]	if (unlikely(vmx->fail)) *{*$' -e '^+	}$' >"$tmp/$kernel.lines"
done
cmp "$tmp/${kernels[0]}.lines" "$tmp/${kernels[1]}.lines" || fail "the kernels are hooked differently"

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
