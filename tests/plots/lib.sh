# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests here, with the arguments PLOTS-FOLDER DATA-FOLDER. $out is a folder
# for what they draw.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
export LC_ALL=C.UTF-8
need gnuplot

# shellcheck disable=SC2034
plots=$1 data=$2 out=$tmp

# draw CHART DATA FILE [TITLE]: must work, and say nothing
draw() {
	local chart=$1 csv=$2 file=$3
	shift 3
	if ! gnuplot -c "$plots/$chart.gp" "$csv" "$file" "$@" >"$out/said" 2>&1; then
		fail "$chart of $csv as $file: $(<"$out/said")"
	elif [[ -s $out/said ]]; then
		fail "$chart of $csv as $file says: $(<"$out/said")"
	elif [[ ! -s $file ]]; then
		fail "$chart of $csv as $file is empty"
	fi
}

# refuse STATUS TEXT ARGUMENT...: gnuplot -c ARGUMENT... must end so and say so
refuse() {
	local wanted=$1 text=$2 status=0
	shift 2
	gnuplot -c "$@" >"$out/said" 2>&1 || status=$?
	[[ $status == "$wanted" ]] || fail "$*: status $status, not $wanted"
	grep -qF -- "$text" "$out/said" || fail "$*: '$text' is not in: $(<"$out/said")"
}

# The texts of an SVG, one a line, in the order they are drawn
texts() {
	tr '\n' ' ' <"$1" | grep -oE '<text[^>]*>.*</text>' | sed 's/<\/text>/\n/g' |
		sed 's/<[^>]*>//g; s/^[[:space:]]*//; s/[[:space:]]*$//' | grep -v '^$'
}

# in_order FILE TEXT...: each on a line of its own, one after the other
in_order() {
	local file=$1 line=0 at text
	shift
	for text; do
		at=$(grep -nF -- "$text" "$file" | cut -d: -f1 | awk -v l="$line" '$1 > l { print; exit }')
		if [[ -z $at ]]; then
			fail "'$text' is not in its place in: $(tr '\n' '|' <"$file")"
			return
		fi
		line=$at
	done
}
