#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The mailable series: its patches apply one after the other, give exactly what
# apply gives, are clean to checkpatch.pl --strict, and say what they should.
. "$(dirname "$0")/kernels.sh"
export GIT_AUTHOR_NAME='A Tester' GIT_AUTHOR_EMAIL=tester@example.org
export GIT_COMMITTER_NAME='A Tester' GIT_COMMITTER_EMAIL=tester@example.org

for kernel in "${kernels[@]}"; do
	. "$EXITPROF_KERNELS/$kernel/kernel.env"
	if [ ! -d "$KSRC/tools/testing/selftests/rseq" ]; then
		fail "$kernel: fetched without selftests; rm -r $EXITPROF_KERNELS/$kernel"
		continue
	fi
	out=$tmp/out-$kernel
	tree=$tmp/$kernel
	"$patch/series" "$EXITPROF_KERNELS/$kernel" "$out" 2>"$tmp/err" || { fail "$kernel: $(cat "$tmp/err")"; continue; }
	mapfile -t patches < <(ls "$out"/*.patch)
	[ ${#patches[@]} -eq 8 ] || fail "$kernel: ${#patches[@]} files"

	mkdir "$tree"
	(cd "$KSRC" && cp -r --parents arch/x86/kvm arch/x86/include/asm/kvm_host.h Documentation/virt/kvm \
		tools/testing/selftests/kvm "$tree")
	for file in "${patches[@]:1}"; do
		patch -d "$tree" -p1 --fuzz=0 --force -s <"$file" >"$tmp/log" 2>&1 ||
			fail "$kernel: ${file##*/}: $(cat "$tmp/log")"
		grep -q '^Signed-off-by: A Tester <tester@example.org>$' "$file" || fail "$kernel: ${file##*/} is not signed off"
		# No patch uses what only a later one brings: it would not link.
		cat "$tree"/arch/x86/kvm/exitprof*.c "$tree"/arch/x86/kvm/exitprof.h >"$tmp/ours"
		cat "$tree"/arch/x86/kvm/{,svm/,vmx/}*.[ch] | grep -o '\bkvm_exitprof_[a-z_]*(' | sort -u |
			while read -r name; do
				grep -q "^[a-z].*\b$name.*[^;]\$" "$tmp/ours" || echo "$name"
			done >"$tmp/log"
		[ ! -s "$tmp/log" ] || fail "$kernel: ${file##*/} lacks $(tr '\n' ' ' <"$tmp/log")"
		[ "$(sed '1,/^$/d; /^Signed-off-by/,$d' "$file" | wc -w)" -gt 10 ] || fail "$kernel: ${file##*/} says nothing"
	done
	! find "$tree" -name '*.orig' -o -name '*.rej' | grep . || fail "$kernel: applied with offsets"
	report=$("$KSRC/scripts/checkpatch.pl" --no-tree --strict --terse --no-summary --max-line-length=100 \
		--ignore FILE_PATH_CHANGES,UNCOMMENTED_DEFINITION "${patches[@]:1}" 2>&1) ||
		fail "$kernel: ${report//$tmp/}"
	! grep -q '\*\*\*' "${patches[0]}" || fail "$kernel: an empty cover letter"
	grep -q "^Based on Debian's Linux $KVER" "${patches[0]}" || fail "$kernel: based on what?"

	# What apply makes of a pristine source of its own.
	mkdir -p "$tmp/apply-$kernel/common"
	sed "s#^KCOMMON=.*#KCOMMON='$tmp/apply-$kernel/common'#" \
		"$EXITPROF_KERNELS/$kernel/kernel.env" >"$tmp/apply-$kernel/kernel.env"
	"$patch/apply" "$tmp/apply-$kernel" 2>"$tmp/err" || fail "$kernel: $(cat "$tmp/err")"
	for part in arch/x86/kvm arch/x86/include/asm/kvm_host.h; do
		diff -r -q "$tree/$part" "$tmp/apply-$kernel/common/$part" >"$tmp/log" || fail "$kernel: $(head -n 3 "$tmp/log")"
	done
	cmp "$patch/kvm/exitprof.rst" "$tree/Documentation/virt/kvm/x86/exitprof.rst" || fail "$kernel: documentation"
	selftests=$tree/tools/testing/selftests/kvm
	arch=x86_64
	[ -d "$KSRC/tools/testing/selftests/kvm/$arch" ] || arch=x86
	cmp "$patch/kvm/exitprof_test.c" "$selftests/$arch/exitprof_test.c" || fail "$kernel: selftest"
	grep -h -q -x "TEST_GEN_PROGS_$arch += $arch/exitprof_test" "$selftests"/Makefile* ||
		fail "$kernel: the selftest is not built"
	grep -q -x '   exitprof' "$tree/Documentation/virt/kvm/x86/index.rst" || fail "$kernel: not in the index"
done

# A change that the split does not know is refused, not mailed in the wrong patch.
kernel=${kernels[0]}
. "$EXITPROF_KERNELS/$kernel/kernel.env"
mkdir -p "$tmp/odd"
cp -r "$tmp/$kernel/arch" "$tmp/odd/"
sed -i 's/kvm_exitprof_exit_module/kvm_exitprof_quit/' "$tmp/odd/arch/x86/kvm/x86.c"
! "$patch/series-split" 5 "$tmp/odd" "$KSRC" 2>"$tmp/err" || fail "series-split finds what is not there"
grep -q "x86.c has no .* patch 5" "$tmp/err" || fail "series-split does not say what is missing: $(cat "$tmp/err")"
status=0
"$patch/series" "$EXITPROF_KERNELS/$kernel" "$tmp/out-$kernel" 2>"$tmp/err" || status=$?
[ $status -eq 1 ] || fail "a folder that is not empty: status $status"

# The selftest's numbers are those of the header.
{
	echo '#include <stdio.h>'
	echo '#define BIT(n) (1u << (n))'
	sed -n '/^#define KVM_EXITPROF_/p' "$patch/kvm/exitprof_test.c"
	echo 'int main(void) {'
	sed -n 's/^#define \(KVM_EXITPROF_[A-Z_]*\).*/printf("\1 %u\\n", (unsigned)\1);/p' "$patch/kvm/exitprof_test.c"
	echo 'return 0; }'
} >"$tmp/test.c"
sed 's/^#define KVM_EXITPROF_.*//' "$tmp/test.c" >"$tmp/header.c"
sed -n '/^#define KVM_EXITPROF_/p' "$patch/kvm/exitprof.h" | cat - "$tmp/header.c" >"$tmp/header2.c"
gcc -o "$tmp/test" "$tmp/test.c"
gcc -o "$tmp/header" "$tmp/header2.c"
diff <("$tmp/test") <("$tmp/header") || fail "the selftest has other numbers than exitprof.h"
