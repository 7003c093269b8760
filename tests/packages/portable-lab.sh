#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The portable tarball in the lab's guest, on a patched host: its counts are exact there, too.
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64
build_portable
export TMPDIR=$tmp/temporary
mkdir "$TMPDIR"
cd "$tmp"
# The lab brings programs.
cp "$tarball" exitprof.tar.gz
chmod +x exitprof.tar.gz
# Nothing of the lab's own exitprof, nor a library, is left there.
# shellcheck disable=SC2016
"$root/host-patch/lab/exitprof-lab" exec --with exitprof.tar.gz --with "$(dirname "${BASH_SOURCE[0]}")/portable-inside" -o result -- sh -ec '
	rm -rf /lib /lib64 /usr/lib /usr/bin /usr/share
	ip link set lo up
	tarball=$(command -v exitprof.tar.gz) inside=$(command -v portable-inside)
	"$inside" "$tarball" /bin/busybox
	cp -r /tmp/work/result/. .' >out 2>err || die "the lab: $(tail -n 30 out err)"
grep -qx 'inside: all is well' out || die "$(tail -n 30 out err)"
# What it has counted can be seen here.
grep -qE "^1,vm,(114,cpuid|10,CPUID),1000," result/exits.csv || die "not 1000 exits: $(cat result/exits.csv)"
