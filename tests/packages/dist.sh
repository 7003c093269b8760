#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `meson dist` makes a tarball that is all there is, and the packages and the portable
# tarball that are built of it, elsewhere and by somebody else, are the same to the last bit.
. "$(dirname "$0")/lib.sh"
build_debs
build_portable

mkdir "$tmp/git"
(cd "$root" && sources | tar -c --null -T - | tar -x -C "$tmp/git")
cd "$tmp/git"
git init -q .
git add --all
git -c user.name=test -c user.email=test@localhost commit -q -m test
meson setup "$tmp/build" >"$tmp/log" 2>&1 || die "$(tail "$tmp/log")"
meson dist -C "$tmp/build" --no-tests --formats gztar >"$tmp/log" 2>&1 || die "$(tail "$tmp/log")"

umask 027
mkdir "$tmp/elsewhere"
tar -xzf "$tmp/build/meson-dist/exitprof-$version.tar.gz" -C "$tmp/elsewhere" || die "$(ls "$tmp/build/meson-dist")"
cd "$tmp/elsewhere/exitprof-$version"
diff <(git -C "$tmp/git" ls-files | sort) <(find . -type f -printf '%P\n' | sort) >&2 || die "the tarball has other files"
DEB_BUILD_OPTIONS=nocheck TZ=Pacific/Apia HOME=/nonexistent debian/build "$tmp/out" >"$tmp/log" 2>&1 ||
	die "the tarball does not build: $(tail "$tmp/log")"
for deb in "$debs"/*.deb; do
	cmp "$deb" "$tmp/out/${deb##*/}" || die "${deb##*/} cannot be reproduced"
done
CFLAGS='-march=native -g' TZ=Pacific/Apia HOME=/nonexistent debian/portable/build "$tmp/out" >"$tmp/log" 2>&1 ||
	die "the portable tarball is not built: $(tail "$tmp/log")"
cmp "$tarball" "$tmp/out/${tarball##*/}" || die "${tarball##*/} cannot be reproduced"
# Not that of today: another day's would differ.
written=$(date -u -d "$(dpkg-parsechangelog -l "$root/debian/changelog" -S Date)" +%F)
tar -xzO -f "$tarball" "exitprof-$version-x86_64/share/man/man1/exitprof.1" | grep "^\.TH .*\"$written\"" >/dev/null ||
	die "the manual pages of ${tarball##*/} are not of $written"
