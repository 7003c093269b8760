#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The lab as it is packaged: profiles a guest with the packaged tool, and writes
# nothing to where it is installed.
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64
build_debs
# Always the same place: the lab keeps what belongs to it.
installed=${debs%/debs}/installed
rm -rf "$installed"
for deb in "$debs"/exitprof{,-host}_*.deb; do
	dpkg-deb -x "$deb" "$installed"
done
find "$installed" -printf '%P %s %T@\n' | sort >"$tmp/before"
cd "$tmp"
"$installed/usr/bin/exitprof-lab" run cpuid-storm --set count=1000 -o result >out 2>err || die "the lab: $(cat out err)"
cat out err | grep -x 'cpuid: expected 1,000, counted 1,000: exact' >/dev/null || die "not 1000 exits: $(cat out err)"
[ -s result/exits-by-reason.svg ] || die "no chart: $(cat err)"
find "$installed" -printf '%P %s %T@\n' | sort | diff "$tmp/before" - >&2 || die "the lab writes to where it is installed"
! grep -q meson err || die "the lab builds a tool of its own: $(cat err)"
