# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The builds of this checkout that tests use, one for each kind of build. A kind is
# configured once, kept in the cache and brought up to date by ninja.
# Sourced:
#
#	$kept			the folder of all of them
#	build_kind KIND		builds and sets $build; fails with the end of the log
#	keep NAME		sets $build to such a folder for other use
#
# A kind stays locked until the caller ends: nobody else rebuilds what is in use. Whatever
# may outlive the caller is started with {build_lock}>&-.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kept=${XDG_CACHE_HOME:-$HOME/.cache}/exitprof/tests-$(cksum <<<"$root" | cut -d ' ' -f 1)

keep() {
	build=$kept/$1
	mkdir -p "$kept"
	exec {build_lock}>"$build.lock"
	flock -n "$build_lock" || {
		echo "waiting for another run of this checkout's tests, which uses '$build'" >&2
		flock "$build_lock"
	}
}

build_kind() {
	local options key
	keep "$1"
	case $1 in
	plain) options=(--werror -Dtests=true) ;;
	# What is installed, and what is measured
	release) options=(--prefix "$kept/usr" --buildtype=release -Ddebug=true) ;;
	valgrind) options=(--werror -Dtests=true -Dman-pages=disabled) ;;
	# With these, gcc warns of what cannot happen.
	sanitizers) options=('-Db_sanitize=address,undefined' -Db_lundef=false -Db_coverage=true -Dtests=true -Dman-pages=disabled) ;;
	esac
	key="meson $(meson --version), CC='${CC-}', CFLAGS='${CFLAGS-}', LDFLAGS='${LDFLAGS-}': ${options[*]}"
	if [ ! -f "$build/build.ninja" ] || [ "$(cat "$build.key" 2>/dev/null)" != "$key" ]; then
		rm -rf "$build" "$build.key"
		meson setup "${options[@]}" "$build" "$root" >"$build.log" 2>&1 {build_lock}>&- ||
			build_failed "meson setup" || return
		echo "$key" >"$build.key"
	fi
	ninja -C "$build" >"$build.log" 2>&1 {build_lock}>&- || build_failed ninja
}

build_failed() {
	tail -n 40 "$build.log" >&2
	echo "$1 failed; see $build.log" >&2
	return 1
}
