# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by every test here. What they all need is built once and kept:
#
#	$debs	the packages, as debian/build makes them of this checkout
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

# build_debs: sets $debs
build_debs() {
	local kept key lock
	kept=${XDG_CACHE_HOME:-$HOME/.cache}/exitprof/packages-$(cksum <<<"$root" | cut -d ' ' -f 1)
	debs=$kept/debs
	mkdir -p "$kept"
	exec {lock}>"$kept/lock"
	flock "$lock"
	key=$(cd "$root" && sources | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
	if [ "$(cat "$kept/key" 2>/dev/null)" != "$key" ]; then
		rm -rf "$kept/key" "$debs"
		DEB_BUILD_OPTIONS=nocheck "$root/debian/build" "$debs" >"$kept/log" 2>&1 {lock}>&- ||
			die "debian/build: $(cat "$kept/log")"
		echo "$key" >"$kept/key"
	fi
	exec {lock}>&-
	for deb in exitprof_"$version"_amd64 exitprof-dev_"$version"_amd64 exitprof-host_"$version"_all; do
		[ -f "$debs/$deb.deb" ] || die "no $deb.deb: $(ls "$debs")"
	done
}
