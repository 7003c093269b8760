#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fetch, apply and build tell a wrong call from a failure and name the next
# step; every script is clean to shellcheck; every file has an SPDX line.
. "$(dirname "$0")/lib.sh"

cd "$root/host-patch"
for script in fetch apply build; do
	expect 0 usage: ./$script --help
	expect 2 expected ./$script
done
expect 1 "no hooks for kernel '5.4'" ./fetch 5.4 "$tmp/k"
[ ! -e "$tmp/k/kernel.env" ] || fail "fetch left a kernel.env"
expect 1 'holds no fetched kernel' ./apply "$tmp"
expect 1 'holds no fetched kernel' ./build "$tmp"

cd "$root"
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard |
	while read -r file; do
		[ -f "$file" ] || continue
		! head -n 1 "$file" | grep '^#!/bin/\(ba\)\?sh' >/dev/null || echo "$file"
	done)
[ ${#scripts[@]} -gt 5 ] || fail "found only ${#scripts[@]} scripts"
# What a script sources is checked along with it.
shellcheck -S warning -e SC1090,SC1091 "${scripts[@]}" || fail shellcheck
git ls-files --cached --others --exclude-standard | while read -r file; do
	[ -f "$file" ] || continue
	case $file in
	# Whose formats have no comments.
	debian/changelog | debian/copyright | debian/source/*) continue ;;
	LICENSE | *.md | *.csv | *.svg | *.png | *.txt | *.json | .gitignore | .clang-format) continue ;;
	esac
	head -n 5 "$file" | grep SPDX-License-Identifier >/dev/null || echo "$file"
done >"$tmp/spdx"
[ ! -s "$tmp/spdx" ] || fail "no SPDX line: $(tr '\n' ' ' <"$tmp/spdx")"
