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

declare -A words_of
# words_of_option COMMAND --OPTION: the values that are completed, in $words; asked for once
words_of_option() {
	local key=$1$2
	[ -n "${words_of[$key]+known}" ] || words_of[$key]=$(exitprof --complete "$1" "$2=" | sed -n "s/^$2=//p" | cut -f 1)
	words=${words_of[$key]}
}

# has TEXT WORD: as a word of its own
has() { [[ " $1 " =~ [^[:alnum:]-]"$2"[^[:alnum:]-] ]]; }

# compare_page COMMAND PAGE
compare_page() {
	local names text words word option
	local -A manual=()
	in_help "$1" | sort >"$tmp/help"
	in_manual "$2" | sort >"$tmp/manual"
	while IFS=$'\t' read -r names text; do
		manual[$names]=$text
	done <"$tmp/manual"
	diff <(cut -f 1 "$tmp/help") <(cut -f 1 "$tmp/manual") >"$tmp/diff" ||
		fail "$1: --help (<) and its man page (>) have other options: $(grep '^[<>]' "$tmp/diff" | paste -s -d ' ')"
	while IFS=$'\t' read -r names text; do
		options=$((options + 1))
		# Some pages leave the values to that of another command.
		[[ ! ${manual[$names]-} =~ [Aa]s\ (for|in)\ exitprof-[a-z]+\(1\) ]] || continue
		[[ $names =~ --[a-z-]+ ]]
		option=${BASH_REMATCH[0]} words=
		case $names in
		# What they take depends on what is installed.
		*--chart\ NAME | *--set\ *) ;;
		*\ [A-Z]*) words_of_option "$1" "$option" ;;
		esac
		[[ ! $text =~ \(default:\ ([^\ ]*)\)$ ]] || words+=" ${BASH_REMATCH[1]}"
		for word in $words; do
			count=$((count + 1))
			has "${manual[$names]-}" "$word" || fail "$1: the man page does not have the '$word' of $option"
			has "$text" "$word" || fail "$1: --help does not have the '$word' of $option"
		done
	done <"$tmp/help"
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
