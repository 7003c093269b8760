# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by every test here. What they all need is built once and kept:
#
#	$debs		the packages, as debian/build makes them of this checkout
#	$tarball	what debian/portable/build makes of it
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$root/meson.build")

need dpkg-buildpackage dh lintian git

# sources: what git knows of this checkout and is there, with a NUL after each
sources() {
	git -c safe.directory="$root" -C "$root" ls-files -z --cached --others --exclude-standard |
		while IFS= read -r -d '' file; do
			[ ! -e "$root/$file" ] || printf '%s\0' "$file"
		done
}

# build_once NAME SCRIPT: sets $built, the folder with what SCRIPT makes of this checkout
build_once() {
	local kept key lock
	kept=${XDG_CACHE_HOME:-$HOME/.cache}/exitprof/packages-$(cksum <<<"$root" | cut -d ' ' -f 1)
	built=$kept/$1
	mkdir -p "$kept"
	exec {lock}>"$built.lock"
	flock "$lock"
	key=$(cd "$root" && sources | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
	if [ "$(cat "$built.key" 2>/dev/null)" != "$key" ]; then
		rm -rf "$built.key" "$built"
		DEB_BUILD_OPTIONS=nocheck "$root/$2" "$built" >"$built.log" 2>&1 {lock}>&- || die "$2: $(cat "$built.log")"
		echo "$key" >"$built.key"
	fi
	exec {lock}>&-
}

# build_debs: sets $debs
build_debs() {
	build_once debs debian/build
	debs=$built
	for deb in exitprof_"$version"_amd64 exitprof-dev_"$version"_amd64 exitprof-host_"$version"_all; do
		[ -f "$debs/$deb.deb" ] || die "no $deb.deb: $(ls "$debs")"
	done
}

# build_portable: sets $tarball
build_portable() {
	build_once portable debian/portable/build
	tarball=$built/exitprof-$version-x86_64.tar.gz
	[ -f "$tarball" ] || die "no ${tarball##*/}: $(ls "$built")"
}

# chroot is there, where users have no PATH to.
PATH=$PATH:/usr/sbin:/sbin

# What begins a command that is to be run as root: a user namespace, for another user
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=("$(type -P unshare)" --map-root-user)

# try_portable FOLDER: runs portable-inside with FOLDER as its root, where the kernel's file systems are there
try_portable() {
	mkdir -p "$1"/{test,tmp,proc,sys,dev}
	cp "$(type -P busybox)" "$tarball" "$(dirname "${BASH_SOURCE[0]}")/portable-inside" "$1/test/"
	# shellcheck disable=SC2016
	"${as_root[@]}" unshare --mount --propagation private bash -ec '
		for folder in proc sys dev; do mount --rbind "/$folder" "$1/$folder"; done
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" \
			/test/portable-inside "/test/$2" /test/busybox svm-full' - "$1" "${tarball##*/}" >"$tmp/log" 2>&1 ||
		die "$(tail -n 30 "$tmp/log")"
	grep -qx 'inside: all is well' "$tmp/log" || die "$(tail -n 30 "$tmp/log")"
}
