#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every link from one document to another leads to a file, and to a heading in it; the index
# has all documents, and every picture is shown.
. "$(dirname "$0")/lib.sh"

# headings FILE: as what is behind the # of a link
headings() {
	awk '/^```/ { code = !code } !code && /^#+ /' "$1" | sed -E 's/^#+ //; s/`//g' |
		tr '[:upper:]' '[:lower:]' | sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'
}

links=0
while read -r file; do
	# What is code is no link.
	while read -r target; do
		links=$((links + 1))
		case $target in http://* | https://*) continue ;; esac
		path=$(dirname "$file")/${target%%#*}
		[ -n "${target%%#*}" ] || path=$file
		[ -e "$path" ] || {
			fail "$file: no such file: $target"
			continue
		}
		[[ $target != *'#'* ]] || headings "$path" | grep -xF -- "${target#*#}" >/dev/null ||
			fail "$file: no such heading: $target"
		realpath --relative-to="$root" "$path" >>"$tmp/reached"
	done < <(awk '/^```/ { code = !code } !code && !/^    /' "$file" | sed 's/`[^`]*`//g' |
		grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//')
done < <(documents | grep '\.md$')
[ $links -gt 30 ] || fail "only $links links"
for file in doc/*.md; do
	[ "$file" = doc/README.md ] || grep -qF "${file##*/}" doc/README.md || fail "the index has no $file"
done
for file in doc/README.md doc/images/*.svg; do
	grep -qxF "$file" "$tmp/reached" || fail "no link leads to $file"
done

# Folders and scripts that are named in code are there.
while IFS=: read -r file path; do
	case $path in *[A-Z]* | *'*'*) continue ;; esac
	[ -e "$path" ] || fail "$file: no such file: $path"
done < <(grep -oE '(^|[^/A-Za-z.-])(host-patch|tests|plots|src|workloads|include|systemd|completion)/[A-Za-z0-9_./*-]+' \
	README.md CONTRIBUTING.md doc/*.md | sed -E 's/:[^a-z]+/:/; s/[.,]+$//' |
	grep -vE ':(plots/mine|tests/cli/hello|src/commands/hello|workloads/(mine|nomine)|host-patch/hooks/6\.13)')
