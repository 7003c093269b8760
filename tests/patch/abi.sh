#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The two copies of the leaf contract, ours and the kernel's, have equal numbers,
# and both sides agree on which exit reasons exist.
. "$(dirname "$0")/lib.sh"
exitprof=$1

# A row a number: the name in abi.h, the name in the kernel's exitprof.h.
sed 's/#.*//; /^$/d' >"$tmp/pairs" <<'END'
EXITPROF_ABI_VERSION		KVM_EXITPROF_ABI_VERSION
EXITPROF_LEAF_TOTAL_EXITS	KVM_EXITPROF_TOTAL_EXITS
EXITPROF_LEAF_TOTAL_CYCLES	KVM_EXITPROF_TOTAL_CYCLES
EXITPROF_LEAF_REASON_EXITS	KVM_EXITPROF_REASON_EXITS
EXITPROF_LEAF_REASON_CYCLES	KVM_EXITPROF_REASON_CYCLES
EXITPROF_UNDEFINED		KVM_EXITPROF_UNDEFINED
EXITPROF_LEAF_DISCOVERY		KVM_EXITPROF_DISCOVERY
EXITPROF_DISCOVERY_SIGNATURE	KVM_EXITPROF_SIGNATURE
EXITPROF_SIGNATURE_EBX		KVM_EXITPROF_SIGNATURE_EBX
EXITPROF_SIGNATURE_ECX		KVM_EXITPROF_SIGNATURE_ECX
EXITPROF_SIGNATURE_EDX		KVM_EXITPROF_SIGNATURE_EDX
EXITPROF_DISCOVERY_HOST		KVM_EXITPROF_HOST
EXITPROF_VENDOR_VMX		KVM_EXITPROF_VENDOR_VMX
EXITPROF_VENDOR_SVM		KVM_EXITPROF_VENDOR_SVM
EXITPROF_FEATURE_CLASSIC	KVM_EXITPROF_FEATURE_CLASSIC
EXITPROF_FEATURE_HANDLED	KVM_EXITPROF_FEATURE_HANDLED
EXITPROF_FEATURE_LATCH		KVM_EXITPROF_FEATURE_LATCH
EXITPROF_FEATURE_DETAILS	KVM_EXITPROF_FEATURE_DETAILS
EXITPROF_LEVEL_CLASSIC		KVM_EXITPROF_LEVEL_CLASSIC
EXITPROF_LEVEL_FULL		KVM_EXITPROF_LEVEL_FULL
EXITPROF_DISCOVERY_VM		KVM_EXITPROF_VM
EXITPROF_DISCOVERY_HANDLED	KVM_EXITPROF_HANDLED
EXITPROF_VMX_SLOTS		KVM_EXITPROF_VMX_SLOTS
EXITPROF_SVM_SLOTS		KVM_EXITPROF_SVM_SLOTS
EXITPROF_SVM_SLOT_NPF		KVM_EXITPROF_SVM_SLOT_NPF
EXITPROF_SVM_SLOT_SW		KVM_EXITPROF_SVM_SLOT_SW
EXITPROF_SVM_SLOT_NEGATIVE	KVM_EXITPROF_SVM_SLOT_NEGATIVE
EXITPROF_LEAF_LATCH		KVM_EXITPROF_LATCH_LEAF
EXITPROF_LATCH			KVM_EXITPROF_LATCH
EXITPROF_LATCH_BITMAP		KVM_EXITPROF_LATCH_BITMAP
EXITPROF_LATCH_ROW		KVM_EXITPROF_LATCH_ROW
EXITPROF_SCOPE_VM		KVM_EXITPROF_SCOPE_VM
EXITPROF_FIELD_COUNT		KVM_EXITPROF_FIELD_COUNT
EXITPROF_FIELD_AWAY		KVM_EXITPROF_FIELD_AWAY
EXITPROF_FIELD_HISTOGRAM	KVM_EXITPROF_FIELD_HISTOGRAM
EXITPROF_ROWS_MAX		KVM_EXITPROF_ROWS_MAX
EXITPROF_BUCKETS		KVM_EXITPROF_BUCKETS
EXITPROF_DETAIL_KEYS		KVM_EXITPROF_DETAIL_KEYS
EXITPROF_DETAIL_LOST		KVM_EXITPROF_DETAIL_LOST
EXITPROF_DETAILS_MAX		KVM_EXITPROF_DETAILS_MAX
EXITPROF_DETAIL_ROW_SHIFT	KVM_EXITPROF_DETAIL_ROW_SHIFT
EXITPROF_DETAIL_WRITE_SHIFT	KVM_EXITPROF_DETAIL_WRITE_SHIFT
EXITPROF_DETAIL_KIND_SHIFT	KVM_EXITPROF_DETAIL_KIND_SHIFT
EXITPROF_DETAIL_PORT		KVM_EXITPROF_DETAIL_PORT
EXITPROF_DETAIL_MSR		KVM_EXITPROF_DETAIL_MSR
EXITPROF_DETAIL_CPUID		KVM_EXITPROF_DETAIL_CPUID
EXITPROF_DETAIL_HYPERCALL	KVM_EXITPROF_DETAIL_HYPERCALL
EXITPROF_DETAIL_MMIO		KVM_EXITPROF_DETAIL_MMIO
END
# The numbers only: the kernel's header needs the kernel for anything else.
{
	echo '#include <stdio.h>'
	echo '#define BIT(n) (1 << (n))'
	echo '#include <exitprof/abi.h>'
	sed -n '/^#define KVM_EXITPROF_/p' "$root/host-patch/kvm/exitprof.h"
	echo 'int main(void) { int bad = 0;'
	while read -r ours theirs; do
		echo "if ($ours != $theirs) { printf(\"$ours %#x, $theirs %#x\\n\", (unsigned)$ours, (unsigned)$theirs); bad = 1; }"
	done <"$tmp/pairs"
	echo 'return bad; }'
} >"$tmp/abi.c"
gcc -I "$root/include" -o "$tmp/abi" "$tmp/abi.c"
"$tmp/abi"

# No number has been added on one side only.
for name in $(sed -n 's/^#define \(EXITPROF_[A-Z_]*\)[\t ].*/\1/p' "$root/include/exitprof/abi.h"); do
	case $name in EXITPROF_SLOTS_PER_SUBLEAF) continue ;; esac
	grep -q "^$name	" "$tmp/pairs" || { echo "$name is not compared" >&2; exit 1; }
done

# The kernel's ranges of defined reasons against `exitprof reasons`.
for vendor in vmx svm; do
	sed -n "/^static const struct exit_reason_range ${vendor}_defined/,/^};/p" "$root/host-patch/kvm/exitprof.c" |
		grep -o '{ [^{}]*, [^{}]* }' | tr -d '{},' | sed 's/(u32)-\([0-9]*\)/$((4294967296 - \1))/g' |
		while read -r range; do
			eval "set -- $range"
			seq $(($1)) $(($2))
		done | sort -n >"$tmp/$vendor.kernel"
	"$exitprof" reasons --vendor $vendor --csv | tail -n +2 | cut -d , -f 1 | tr -d '"\r' |
		sort -n >"$tmp/$vendor.tool"
	[ "$(wc -l <"$tmp/$vendor.tool")" -gt 50 ]
	diff "$tmp/$vendor.kernel" "$tmp/$vendor.tool"
done
