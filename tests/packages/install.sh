#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In a clean Debian: the packages replace older ones, work (debian/tests), and
# leave nothing behind. As root, or in a user namespace of mmdebstrap's.
. "$(dirname "$0")/lib.sh"
need mmdebstrap
build_debs

# The Debian that the lab's guest is made of.
lab=$root/host-patch/lab
# shellcheck disable=SC2034
child=
. "$lab/ui.sh"
. "$lab/cache.sh"
. "$lab/guest.sh"
# shellcheck disable=SC2154
mkdir -p "$cache/guest"
cache_lock
guest_base
cp "$cache/guest/base.tar" "$tmp/base.tar"
cache_unlock

# Older packages: the same with a file that has been given up since.
mkdir -p "$tmp/test/old" "$tmp/test/new"
for deb in "$debs"/exitprof{,-dev,-host}_*.deb; do
	dpkg-deb -R "$deb" "$tmp/old"
	sed -i "s/^\(Version:\) .*/\1 0.0.1/; s/(>= $version)/(>= 0.0.1)/" "$tmp/old/DEBIAN/control"
	mkdir -p "$tmp/old/usr/share/exitprof/given-up"
	touch "$tmp/old/usr/share/exitprof/given-up/$(dpkg-deb -f "$deb" Package)"
	dpkg-deb -b -Znone --root-owner-group "$tmp/old" "$tmp/test/old/" >/dev/null
	rm -rf "$tmp/old"
	cp "$deb" "$tmp/test/new/"
done
cp -r "$(dirname "$0")/inside" "$root/host-patch/patiently.sh" "$root/debian/tests" "$tmp/test/"
# mmdebstrap's user namespace has another user.
chmod -R a+rX "$test_folder"
# A user namespace can make no devices; mmdebstrap then lends the machine's.
without=()
[ "$(id -u)" -eq 0 ] || without=(--exclude './dev/*')
# shellcheck disable=SC2154
mmdebstrap --quiet --variant=custom --skip=update,setup,cleanup --format=null \
	--setup-hook="tar -x -f $tmp/base.tar -C \"\$1\" ${without[*]}" --customize-hook="copy-in $tmp/test /" \
	--customize-hook='chroot "$1" /test/inside' "$guest_suite" /dev/null >"$tmp/log" 2>&1 ||
	die "$(tail -n 30 "$tmp/log")"
grep -qx 'inside: all is well' "$tmp/log" || die "$(tail -n 30 "$tmp/log")"
