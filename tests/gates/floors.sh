#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Includes of src/ run downwards: a file includes headers of its own folder, and of the folders
# that its meson.build has below it. No files include each other in a circle.
. "$(dirname "$0")/../lib.sh"

# check SRC: a line for everything that is wrong there
check() (
	cd "$1"
	mapfile -t builds < <(find . -name meson.build -printf '%P\n' | sort)
	grep -roE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]+' --include='*.[ch]' --include='*.h.in' . |
		sed -E 's#^\./##; s/\.in:/:/; s/:[^"<]*(["<])/ \1 /' >"$tmp/includes"
	find . -name '*.[ch]' -printf '%P\n' -o -name '*.h.in' -printf '%P\n' | sed 's/\.in$//' >"$tmp/files"
	awk '
		function folder_of(path) { return sub(/\/[^\/]*$/, "", path) ? path : "" }
		FNR == 1 { inside = ""; folder = folder_of(FILENAME) }
		# Of a meson.build: the order of all folders, those below one, and its files
		FILENAME ~ /meson\.build$/ {
			sub(/^#.*|[ \t]#.*/, "")
			if (/^foreach folder : \[/)
				inside = "order"
			else if (/^below = \[/)
				inside = "below"
			for (rest = $0; match(rest, /\047[^\047]+\047/); rest = substr(rest, RSTART + RLENGTH)) {
				word = substr(rest, RSTART + 1, RLENGTH - 2)
				if (inside == "order")
					floor[word] = ++floors
				else if (inside == "below")
					below[folder " " word] = 1
				else
					listed[(folder ? folder "/" : "") word] = 1
			}
			if (/\]/)
				inside = ""
			next
		}
		FILENAME ~ /files$/ {
			there[$1] = 1
			folder = folder_of($1)
			if (folder && !(folder in floor) && !(folder in told)) {
				print "src/meson.build lacks the folder " folder
				told[folder] = 1
			} else if ($1 ~ /\.c$/ && !($1 in listed) && !(substr($1, 1, length($1) - 2) in listed)) {
				print "no meson.build has " $1
			}
			next
		}
		# FILE < PATH
		$2 == "<" {
			if ($3 in there)
				print $1 " includes <" $3 ">, which is not of the system"
			next
		}
		# FILE " PATH
		{
			from = folder_of($1)
			to = folder_of($3)
			used[from " " to] = 1
			if (!($3 in there))
				print $1 " includes " $3 ": not a path from src"
			else if ($3 ~ /\/internal\.h$/ && from != to)
				print $1 " includes " $3 ", which is for its own folder"
			else if (from && from != to && !((from " " to) in below))
				print $1 " includes " $3 ": " from "/meson.build does not have " to " below it"
		}
		END {
			for (arrow in below) {
				split(arrow, ends, " ")
				if (!(ends[2] in floor) || floor[ends[2]] >= floor[ends[1]])
					print ends[1] "/meson.build: " ends[2] " is not below it"
				if (!(arrow in used))
					print ends[1] "/meson.build has " ends[2] " below it, from which nothing is included"
			}
		}' "${builds[@]}" "$tmp/files" "$tmp/includes"
	# A file and its header are one.
	sed -nE 's/(\.[ch])? " / /; T; s/\.h$//p' "$tmp/includes" | awk '$1 != $2' | tsort 2>&1 >/dev/null |
		sed 's/^tsort: -: input contains a loop:/a circle:/; s/^tsort: //' | paste -sd ' ' | grep . || true
)

check "$root/src" >"$tmp/wrong"
while read -r line; do fail "$line"; done <"$tmp/wrong"
own=$(grep -c ' " ' "$tmp/includes")
echo "$own includes of $(wc -l <"$tmp/files") files"
[ "$own" -gt 600 ] || fail "hardly any includes were found"

# What is wrong is found.
# plant PATTERN COMMAND...: in a copy
plant() {
	local pattern=$1
	shift
	rm -rf "$tmp/src"
	cp -r "$root/src" "$tmp/src"
	(cd "$tmp/src" && "$@")
	check "$tmp/src" >"$tmp/found"
	grep -E -- "$pattern" "$tmp/found" >/dev/null || fail "'$*' passes: $(<"$tmp/found")"
}
plant '^core/host/cpuid.c includes cli/table.h: core/host/meson.build does not have cli below it' \
	sed -i '1a #include "cli/table.h"' core/host/cpuid.c
plant '^a circle:.*cli/(table|terminal) cli/(table|terminal)' sed -i '1a #include "cli/table.h"' cli/terminal.c
plant '^cli/stop.c includes table.h: not a path from src' sed -i '1a #include "table.h"' cli/stop.c
plant '^core/host/cpuid.c includes cli/table.h:' sed -i '1a # include	"cli/table.h"' core/host/cpuid.c
plant '^core/host/cpuid.c includes <cli/table.h>' sed -i '1a #include <cli/table.h>' core/host/cpuid.c
plant '^no meson.build has plot/chart.c' sed -i "s/^  'chart.c'/  # &/" plot/meson.build
plant '^cli/stop.c includes core/sim/internal.h, which' sed -i '1a #include "core/sim/internal.h"' cli/stop.c
plant '^plot/meson.build: watch is not below it' sed -i "s#^below = \[#&'watch', #" plot/meson.build
plant '^plot/meson.build has core/sim below it, from' sed -i "s#^below = \[#&'core/sim', #" plot/meson.build
plant '^no meson.build has plot/lost.c' touch plot/lost.c
plant '^src/meson.build lacks the folder lost' eval 'mkdir lost; touch lost/lost.c'
