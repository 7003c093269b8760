#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The mistakes that lab/safety plants fit the code as it is, so that they can be planted.
. "$(dirname "$0")/lib.sh"

mkdir -p "$tmp/arch/x86"
cp -r "$root/host-patch/kvm" "$tmp/arch/x86/kvm"
planted=("$root"/host-patch/lab/fuzz/planted/*.patch)
[ -f "${planted[0]}" ] || die "there are no mistakes to be planted"
for mistake in "${planted[@]}"; do
	patch -d "$tmp" -p1 --dry-run --fuzz=0 --force <"$mistake" >"$tmp/log" 2>&1 ||
		fail "${mistake##*/}: $(cat "$tmp/log")"
	! grep -q offset "$tmp/log" || fail "${mistake##*/}: applies with an offset"
	grep -q "^| \`$(basename "$mistake" .patch)\`:" "$root/doc/safety.md" || fail "doc/safety.md does not list ${mistake##*/}"
done
