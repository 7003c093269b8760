# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests in the root file system of a Debian release, which is kept in the cache with nothing in it but sudo.
#
#	root_copy RELEASE	a copy of it, $top, with no package lists, as on a new machine
#	checkout DIR		the files of this checkout, there
#	step WHAT COMMAND...	must succeed; its output is in $tmp/log
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need mmdebstrap unshare
[ "$(id -u)" -eq 0 ] || skip "only root can make a root file system with users"
here=$root/host-patch
. "$here/lib.sh"
. "$here/patiently.sh"
. "$here/root.sh"
# Those of lib.sh are for scripts.
die() {
	fail "$@"
	exit 1
}

root_copy() {
	local kept=${XDG_CACHE_HOME:-$HOME/.cache}/exitprof/roots
	release=$1 top=$tmp/$1
	mkdir -p "$kept"
	(
		flock 9
		[ -d "$kept/$release" ] || root_make "$kept/$release" "$release" sudo
	) 9>"$kept/lock" >"$tmp/log" 2>&1 || {
		mirror_offers "$release" "$tmp/mirror" || skip "the mirror does not offer $release: $reason"
		die "$(cat "$tmp/log")"
	}
	cp -a "$kept/$release" "$top"
	rm -rf "$top"/var/lib/apt/lists/*
}

checkout() {
	mkdir -p "$1"
	(cd "$root" && sources | tar -c --null -T -) | tar -x -C "$1"
}

step() {
	local start=$SECONDS status=0 what="$release: $1"
	shift
	"$@" >"$tmp/log" 2>&1 </dev/null || status=$?
	[ $status -eq 0 ] || {
		tail -n 60 "$tmp/log" >&2
		die "$what: status $status"
	}
	echo "ok: $what: $((SECONDS - start)) s"
}
