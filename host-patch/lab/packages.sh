#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Name the Debian packages that are missing and install them.
# Sourced: packages_missing GROUP..., packages_install PACKAGE...
# Run: packages.sh [--missing] GROUP...	does both, or names only
#      packages.sh --unpack DIR GROUP...	unpacks what is missing below DIR instead, without root

complaint=
packages_list=$(dirname "${BASH_SOURCE[0]}")/packages
. "$(dirname "${BASH_SOURCE[0]}")/../patiently.sh"

# packages_missing GROUP...: one name a line
packages_missing() {
	local package proof group
	while read -r package proof group; do
		case " $* " in *" $group "*) ;; *) continue ;; esac
		case $proof in
		/*) [ -e "$proof" ] || echo "$package" ;;
		*) PATH=$PATH:/usr/sbin:/sbin type -P "$proof" >/dev/null || echo "$package" ;;
		esac
	done < <(grep -v '^#' "$packages_list")
}

# packages_retrieve COMMAND...: with new package lists, as root, unless it is the first attempt: old
# ones name versions that the archive no longer has
packages_retrieve() {
	local log status fd
	log=$(mktemp) || { reason="${TMPDIR:-/tmp} cannot be written" complaint=$reason; return 126; }
	exec {fd}<>"$log"
	# Of no name, so that nothing is left of it
	rm -f "$log"
	log=/dev/fd/$fd
	if [ "$attempt" -gt 1 ]; then
		"${as_root[@]}" apt-get -q -o Acquire::Retries=3 update 2>&1 | tee "$log" >&2
	fi
	"$@" 2>&1 | tee -a "$log" >&2
	status=${PIPESTATUS[0]}
	[ "$status" -eq 0 ] || apt_reason "$log" || status=126
	complaint=$reason
	exec {fd}>&-
	return "$status"
}

# packages_install PACKAGE...: as root or by sudo; says how when it cannot
packages_install() {
	local install=(apt-get install -y --no-install-recommends "$@") as_root=()
	# Another apt, of a timer perhaps, is waited for.
	local options=(-q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
	if [ "$(id -u)" -ne 0 ]; then
		as_root=(sudo -n)
		[ ! -t 0 ] || as_root=(sudo)
	fi
	echo "missing packages: $*" >&2
	if ! type -P apt-get >/dev/null; then
		echo "hint: this is not a Debian system: install their counterparts" >&2
		return 1
	fi
	if [ ${#as_root[@]} -gt 0 ] && { ! type -P sudo >/dev/null || ! "${as_root[@]}" true 2>/dev/null; }; then
		echo "hint: run as root: ${install[*]}" >&2
		return 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	patiently "installing packages" packages_retrieve "${as_root[@]}" apt-get "${options[@]}" "${install[@]:1}" || {
		echo "cannot install: $*${complaint:+: $complaint}" >&2
		echo "hint: see apt-get's message above; then: sudo ${install[*]}" >&2
		return 1
	}
}

# packages_unpack DIR PACKAGE...: without what they depend on, and nothing of theirs is run
packages_unpack() {
	local dir=$1 deb as_root=()
	shift
	# Only root can have new lists.
	[ "$(id -u)" -eq 0 ] || as_root=(true)
	echo "unpacking: $*" >&2
	rm -rf "$dir/debs"
	mkdir -p "$dir/debs"
	(
		cd "$dir/debs" || exit
		patiently "downloading packages" packages_retrieve \
			apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download "$@" && exit
		echo "cannot download: $*${complaint:+: $complaint}" >&2
		exit 1
	) || {
		echo "hint: see apt-get's message above; then: sudo apt-get update" >&2
		return 1
	}
	for deb in "$dir"/debs/*.deb; do
		dpkg -x "$deb" "$dir"
	done
	rm -rf "$dir/debs"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -euo pipefail
	if [ "${1-}" = --missing ]; then
		shift
		packages_missing "$@"
		exit
	fi
	if [ "${1-}" = --unpack ]; then
		unpacked=$2
		shift 2
		PATH=$PATH:$unpacked/usr/bin
		mapfile -t missing < <(packages_missing "$@")
		for package in "${missing[@]}"; do
			# What one Debian release has in two packages, another has in the first of them.
			! packages_missing "$@" | grep -x -F -e "$package" >/dev/null || packages_unpack "$unpacked" "$package"
		done
		exit
	fi
	[ $# -gt 0 ] || set -- build plot kernel lab
	mapfile -t missing < <(packages_missing "$@")
	[ ${#missing[@]} -eq 0 ] || packages_install "${missing[@]}"
fi
