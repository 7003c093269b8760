#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The man page of a command has the options of its table, which --help shows: the same names,
# values and defaults.
. "$(dirname "$0")/lib.sh"

# in_help COMMAND: "-d --duration TIME<tab>text" for each option
in_help() {
	exitprof "$1" --help | awk '
		function flush() { if (names != "") print names "\t" text; names = text = "" }
		/^Options:$/ { on = 1; next }
		!on { next }
		/^$/ { exit }
		/^ +-/ {
			flush()
			sub(/^ +/, "")
			names = text = $0
			sub(/  .*/, "", names)
			gsub(/,/, "", names)
			if (!sub(/^.*[^ ]  +/, "", text))
				text = ""
			next
		}
		{ sub(/^ +/, ""); text = text " " $0 }
		END { flush() }'
}

# in_manual PAGE: the same; where one line has several long options, each with the text
in_manual() {
	awk '
		function flush(   i) { for (i = 1; i <= count; i++) print names[i] "\t" text; count = 0; text = "" }
		/^# / { on = $0 == "# OPTIONS"; next }
		!on { next }
		/^\*-/ {
			flush()
			line = $0
			letter = ""
			if (match(line, /^\*-.\*, /)) {
				letter = substr(line, 2, 2) " "
				line = substr(line, RLENGTH + 1)
			}
			gsub(/[*_]/, "", line)
			count = split(line, names, /[,;] /)
			names[1] = letter names[1]
			next
		}
		{ gsub(/[*_]/, ""); sub(/^\t/, ""); text = text " " $0 }
		END { flush() }' "$1"
}

# words COMMAND --OPTION: the values that are completed and do not depend on the machine
words() {
	case $1$2 in
	plot--chart | run--set) ;;
	*) exitprof --complete "$1" "$2=" | sed -n "s/^$2=//p" | cut -f 1 ;;
	esac
}

# compare_page COMMAND PAGE
compare_page() {
	local names text manual word option
	in_help "$1" | sort >"$tmp/help"
	in_manual "$2" | sort >"$tmp/manual"
	diff <(cut -f 1 "$tmp/help") <(cut -f 1 "$tmp/manual") >"$tmp/diff" ||
		fail "$1: --help (<) and its man page (>) have other options: $(grep '^[<>]' "$tmp/diff" | paste -s -d ' ')"
	while IFS=$'\t' read -r names text; do
		manual=$(awk -F '\t' -v names="$names" '$1 == names { print $2 }' "$tmp/manual")
		option=$(grep -o -- '--[a-z-]*' <<<"$names")
		# Some pages leave the values to that of another command.
		[[ ! $manual =~ [Aa]s\ (for|in)\ exitprof-[a-z]+\(1\) ]] || continue
		for word in $(words "$1" "$option") $(sed -nE 's/.*\(default: ([^ ]*)\)$/\1/p' <<<"$text"); do
			count=$((count + 1))
			grep -qwF -- "$word" <<<"$manual" || fail "$1: the man page does not have the '$word' of $option"
			grep -qwF -- "$word" <<<"$text" || fail "$1: --help does not have the '$word' of $option"
		done
	done <"$tmp/help"
	options=$((options + $(wc -l <"$tmp/help")))
}

count=0
options=0
for name in $(exitprof --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	compare_page "$name" "doc/exitprof-$name.1.scd"
done
echo "$options options, $count values and defaults"
[ $options -ge 100 ] || fail "only $options options were found"
[ $count -ge 50 ] || fail "only $count values were found"

# What differs is found.
for change in 's/^\*-d\*, \*--duration\*/*--duration*/' 's/_TIME_$/_T_/' '/^\*--no-save\*/d' 's/classic/klassic/' '/^\*-w/,/^$/s/0//g' \
	's/^\*--set\*.*/&\n\n*--reset*/'; do
	sed "$change" doc/exitprof-run.1.scd >"$tmp/page"
	(fail() { echo found; }; compare_page run "$tmp/page") | grep found >/dev/null || fail "passes: $change"
done
