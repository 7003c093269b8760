# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A root file system of a Debian release that this machine does not run, to build in what this
# machine's compiler and C library are too old for. Needs no root where users may have namespaces.
# Sourced after lib.sh and patiently.sh, with host-patch/ in $here:
#
#	mirror_of SUITE			the address from which this machine gets Debian, for SUITE
#	mirror_offers SUITE DIR		whether that mirror has SUITE; $reason says why not; DIR is for its
#					files, and removed
#	root_make DIR SUITE PACKAGE...	makes it, with SUITE among its package sources
#	root_enter DIR FOLDER... -- COMMAND...
#					runs COMMAND in it as root, with each FOLDER at its place;
#					$EXITPROF_IN_ROOT is then DIR; more options of unshare are
#					in the array root_options
#	enter_root DIR COMMAND...	goes on as COMMAND in the root file system that the kernel
#					of DIR is built in, if it has one

# package_sources: lines "ADDRESS SUITE" of this machine's package sources, whether or not their lists are there
package_sources() {
	apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		sed -n 's/ main$//p'
}

root_options=()

mirror_of() {
	local codename kind=
	read -r _ codename < <(debian_release) || return 0
	[[ $1 != *-security ]] || kind=-security
	package_sources | awk -v suite="$codename$kind" -v state="^(old)*stable$kind\$" '
		!n && ($2 == suite || $2 ~ state) { print $1; n++ }'
}

# root_sources SUITE: the lines of apt's sources.list for it and what it builds on
root_sources() {
	local suite mirror
	for suite in "${1%%-*}" "${1%%-*}-security" "$1"; do
		mirror=$(mirror_of "$suite")
		[ -z "$mirror" ] || echo "deb $mirror $suite main"
	done | sort -u
}

mirror_offers() {
	local lists=$2 log=$2/log status=0
	rm -rf "$lists"
	mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
	root_sources "$1" | grep " $1 " >"$lists/sources.list" || true
	if [ ! -s "$lists/sources.list" ]; then
		reason="this machine's package sources do not say where Debian's packages come from"
		status=1
	else
		apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 -o "Dir::State::lists=$lists/lists" -o "Dir::Cache=$lists/cache" \
			-o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=- \
			-o APT::Update::Error-Mode=any update >"$log" 2>&1 || { status=1; apt_reason "$log" || true; }
	fi
	rm -rf "$lists"
	return $status
}

root_make() {
	local dir=$1 suite=$2 sources words
	shift 2
	need mmdebstrap mmdebstrap unshare util-linux
	words=$(printf ',%s' ca-certificates "$@")
	mapfile -t sources < <(root_sources "$suite")
	rm -rf "$dir" "$dir.new" "$dir.tar"
	# How this machine reaches its mirror
	apt-config dump --format '%F "%v";%n' Acquire >"$dir.conf"
	patiently mmdebstrap "$here/mmdebstrap" --quiet --variant=minbase --include="${words#,}" --aptopt="$dir.conf" \
		"${suite%%-*}" "$dir.tar" "${sources[@]}" || die "cannot make a root file system of Debian's $suite" \
		"see mmdebstrap's message above"
	mkdir -p "$dir.new"
	tar -x -f "$dir.tar" -C "$dir.new" --exclude='./dev/*' --no-same-owner || die "cannot unpack $dir.tar"
	rm -f "$dir.tar" "$dir.conf"
	mv "$dir.new" "$dir"
}

root_enter() {
	local dir=$1 folders=() user=() file
	shift
	while [ "$1" != -- ]; do
		folders+=("$1")
		shift
	done
	shift
	[ "$(id -u)" -eq 0 ] || user=(--map-root-user)
	for file in /etc/resolv.conf /etc/hosts; do
		[ ! -e "$file" ] || cat "$file" >"$dir$file"
	done
	# shellcheck disable=SC2016
	EXITPROF_IN_ROOT=$dir FOLDERS=${folders[*]} unshare "${user[@]}" "${root_options[@]}" --mount -- bash -c '
		set -e
		export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
		dir=$1
		shift
		for folder in /dev /proc $FOLDERS; do
			mkdir -p "$dir$folder"
			mount --rbind "$folder" "$dir$folder"
		done
		# Not a chroot: programs in there could not make user namespaces.
		mount --rbind "$dir" "$dir"
		cd "$dir"
		pivot_root . .
		umount -l .
		cd /
		unset TMPDIR FOLDERS
		exec "$@"' bash "$dir" "$@"
}

enter_root() {
	local dir=$1
	shift
	[ -n "${KROOT-}" ] && [ -z "${EXITPROF_IN_ROOT-}" ] || return 0
	root_enter "$KROOT" "$dir" "$here" -- "$@"
	exit
}
