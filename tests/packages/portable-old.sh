#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The portable tarball in Debian 11, whose libc is too old for what is built here.
. "$(dirname "$0")/lib.sh"
. "$root/host-patch/patiently.sh"
need busybox mmdebstrap
suite=bullseye
build_portable

# make_base: the base.tar of it, without what only its users need
make_base() {
	local status=0
	"$root/host-patch/mmdebstrap" --variant=essential --format=tar --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
		$suite "$base.new" >"$tmp/log" 2>&1 || status=$?
	[ $status -ne 0 ] || { mv "$base.new" "$base"; return; }
	# Without a user namespace, it says so itself.
	[ $status -lt 126 ] || die "$(cat "$tmp/log")"
	! grep -q 'does not have a Release file' "$tmp/log" || return 126
	apt_reason "$tmp/log" || return 126
	return 1
}
base=$built-$suite.tar
[ -f "$base" ] || patiently mmdebstrap make_base || skip "the mirror has no $suite: $(grep '^E:' "$tmp/log" | head -n 1)"
mkdir "$tmp/root"
tar --no-same-owner -x -f "$base" -C "$tmp/root" --exclude './dev/*'

# With this libc, it would not even start.
mkdir "$tmp/root/built"
tar -xzf "$tarball" -C "$tmp/root/built" --strip-components=1 --exclude 'ld-linux*' --exclude 'libc.so*' --exclude 'libm.so*'
! "${as_root[@]}" env LD_LIBRARY_PATH=/built/lib chroot "$tmp/root" /built/libexec/exitprof/exitprof --version 2>"$tmp/err" ||
	die "the libc of $suite is new enough"
grep -q "version .GLIBC_.* not found" "$tmp/err" || die "another reason: $(cat "$tmp/err")"
rm -r "$tmp/root/built"
try_portable "$tmp/root"
