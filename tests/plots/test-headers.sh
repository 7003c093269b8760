#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every chart describes itself, see src/plot/script.h, and only charts do.
#
#	test-headers.sh PLOTS-FOLDER DATA-FOLDER
. "$(dirname "$0")/../lib.sh"

# listed NAME PLOTS-FOLDER: the words of that list in meson.build
listed() { awk -v name="$1" '$0 ~ "^" name " = \\[" { on = 1 } on { print } /\]/ { on = 0 }' "$2/meson.build" | grep -o "'[^']*'" | tr -d "'"; }

# header SCRIPT: into the array value; a line for what is wrong with its form
header() {
	local line name=${1##*/}
	value=()
	while read -r line && [[ $line == '#'* ]]; do
		[[ $line =~ ^'# '([a-z]+)': '(.*)$ ]] || continue
		[[ ! ${value[${BASH_REMATCH[1]}]-} ]] || echo "${name%.gp}: twice: ${BASH_REMATCH[1]}"
		((${#line} < 200)) || echo "${name%.gp}: too long: $line"
		value[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
	done <"$1"
}

# is KEY PATTERN: of the header; a line if not
is() { [[ ${value[$1]-} =~ ^($2)$ ]] || echo "$name: $1"; }

# check PLOTS-FOLDER: a line for everything that is wrong there
check() {
	local name key
	local -A value
	{ listed plots "$1" && listed shared "$1" && (cd "$1" && printf '%s\n' *.gp | sed 's/\.gp$//'); } | sort | uniq -u |
		sed 's/^/in meson.build or in the folder only: /'
	for name in $(listed shared "$1"); do
		[[ ! -f $1/$name.gp ]] || header "$1/$name.gp"
		((${#value[@]} == 0)) || echo "$name is no chart and has a header: ${!value[*]}"
	done
	for name in $(listed plots "$1"); do
		header "$1/$name.gp"
		for key in "${!value[@]}"; do
			[[ $key =~ ^(question|data|caption|section|bars|usual|requires|hint|place)$ ]] || echo "$name: unknown: $key"
		done
		is question '[a-z].*[^.?]'
		is caption '[A-Z].*[^.]\.'
		is data '(summary|exits|histogram|series|details|runs)\.csv|boot|boots|compare|bench'
		is section '|counts|times'
		is bars '|exits_count|handling_cycles|cycles_per_exit'
		is usual '|yes'
		is place '[0-9]*'
		[[ ! ${value[bars]-} || ${value[data]-} == summary.csv ]] || echo "$name: bars are of summary.csv"
		[[ ! ${value[data]-} =~ ^(exits|series|histogram|details)\.csv$ || ${value[hint]-} ]] ||
			echo "$name: not every result has its data, and no hint says how to get it"
	done
}

check "$1" >"$tmp/wrong"
while read -r line; do fail "$line"; done <"$tmp/wrong"
[[ $(listed plots "$1" | wc -l) -ge 13 && $(listed shared "$1" | wc -l) -ge 9 ]] || fail 'hardly any charts were found'

# What is wrong is found.
# plant PATTERN COMMAND...: in a copy
plant() {
	local pattern=$1
	shift
	rm -rf "$tmp/plots"
	cp -r "$root/plots" "$tmp/plots"
	(cd "$tmp/plots" && "$@")
	check "$tmp/plots" >"$tmp/found"
	grep -E -- "$pattern" "$tmp/found" >/dev/null || fail "'$*' passes: $(<"$tmp/found")"
}
plant '^in meson.build or in the folder only: mine$' touch mine.gp
plant '^in meson.build or in the folder only: page$' rm page.gp
plant '^page is no chart' sed -i '1a # data: summary.csv' page.gp
plant '^bench: question$' sed -i '/^# question/s/$/./' bench.gp
plant '^bench: caption$' sed -i '/^# caption/d' bench.gp
plant '^bench: data$' sed -i '/^# data/s/bench/benches/' bench.gp
plant '^bench: unknown: title$' sed -i '1a # title: x' bench.gp
plant '^bench: twice: data$' sed -i '1a # data: bench' bench.gp
plant '^per-vcpu: not every result' sed -i '/^# hint/d' per-vcpu.gp
plant '^per-vcpu: bars are' sed -i '1a # bars: exits_count' per-vcpu.gp
plant '^boot-rate: place$' sed -i '/^# place/s/1/first/' boot-rate.gp
