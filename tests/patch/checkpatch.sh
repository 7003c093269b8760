#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel's own checkpatch.pl has nothing to say about our kernel code.
. "$(dirname "$0")/kernels.sh"

for kernel in "${kernels[@]}"; do
	. "$EXITPROF_KERNELS/$kernel/kernel.env"
	# FILE_PATH_CHANGES asks for a line in MAINTAINERS; a file of hooks has lines of
	# comment where a mail has its message.
	check=("$KSRC/scripts/checkpatch.pl" --no-tree --terse --no-summary --max-line-length=100
		--ignore FILE_PATH_CHANGES)
	out=$("${check[@]}" --file "$patch"/kvm/*.[ch] 2>&1) || fail "$kernel, kvm/: $out"
	out=$("${check[@]}" --no-signoff --ignore COMMIT_MESSAGE \
		- < <(sed '/^#/d' "$patch/hooks/$kernel.patch") 2>&1) || fail "$kernel, hooks: $out"
done
