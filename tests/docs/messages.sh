#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each message that troubleshooting.md quotes is one that a program can say.
. "$(dirname "$0")/lib.sh"

# The sources, with the parts of a C string put together.
{
	find src workloads -name '*.[ch]' -exec cat {} + | perl -0pe 's/"\s*\n\s*"//g'
	find host-patch -type f \( -name '*.sh' -o ! -name '*.*' \) -exec cat {} +
} | sed 's/\\"/"/g' >"$tmp/sources"

# missing MESSAGE: the parts of it that nothing says
missing() {
	local part
	sed -E 's/^> //; s/^(exitprof|exitprof-lab|hint): //; s/…/\n/g' <<<"$1" | while IFS= read -r part; do
		part=$(sed -E "s/^['\": ]+//; s/['\": ]+$//" <<<"$part")
		[ ${#part} -ge 3 ] || continue
		grep -qF -- "$part" "$tmp/sources" || echo "$part"
	done
}

count=0
while IFS= read -r message; do
	count=$((count + 1))
	lost=$(missing "$message")
	[ -z "$lost" ] || fail "nothing says '$lost', of: $message"
done < <(grep '^> ' doc/troubleshooting.md)
[ $count -ge 30 ] || fail "only $count messages"
[ -n "$(missing '> exitprof: the host is … on fire today')" ] || fail "anything passes"
