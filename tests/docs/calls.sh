#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every command line in a document is a valid call: the command exists, and has the
# options. Words that stand for others are in capitals.
. "$(dirname "$0")/lib.sh"
lab=host-patch/lab/exitprof-lab

# code DOCUMENT: what is code in it, a command a line
code() {
	awk -v manual="$([[ $1 == *.scd ]] && echo 1 || echo 0)" '
		/^```/ { code = !code; next }
		# Of an output only the command was typed.
		/^(<!--|;) output: / { output = 1 }
		/^(<!-- end -->|; end)$/ { output = 0 }
		output && !/^\$ / && !continued { next }
		code || (!manual && /^    /) || (manual && /^\texitprof .*[^.]$/) {
			continued = /\\$/
			printf "%s%s", $0, continued ? " " : "\n"
			next
		}
		!manual {
			rest = $0
			while (match(rest, /`[^`]+`/)) {
				print substr(rest, RSTART + 1, RLENGTH - 2)
				rest = substr(rest, RSTART + RLENGTH)
			}
		}' "$1"
}

# calls: of exitprof and the lab, one a line, with their arguments up to a comment, a pipe
# or the next command
calls() {
	sed -E 's/\\ / /g; s/ +# .*//; s/ -- (exitprof )/\n\1/g; s/&&|\|\|?|;|\$\(|\)|[<>]|2>&1/\n/g' |
		sed -nE 's#^[[:space:]$]*(sudo |build/src/|meson devenv -C build )*##;
			s#^(\./)?(host-patch/lab/)?(exitprof-lab|exitprof) #\3 #p'
}

declare -A help_of
# help COMMAND...: of the program, read once
help() {
	[ -n "${help_of[$*]-}" ] || {
		if [ "$1" = lab ]; then
			help_of[$*]=$("$lab" --help)
		else
			help_of[$*]=$(exitprof "${@:2}" --help 2>/dev/null || true)
		fi
	}
	[ -n "${help_of[$*]}" ]
}

has_option() { grep -qE -- "(^|[ ,|[])$1([ ,=|]|\]|$)" <<<"$2"; }

count=0
# check DOCUMENT PROGRAM WORD...
check() {
	local document=$1 program=$2 call="${*:2}" command='' texts='' word
	shift 2
	count=$((count + 1))
	for word; do
		word=${word//[\'\"]/}
		case $word in
		--) return ;;
		--help | -h | --version | --complete | '' | -) ;;
		-[0-9]*) ;;
		-*)
			word=${word%%=*}
			[ -n "$texts" ] || { [ "$program" = exitprof-lab ] && help lab && texts=${help_of[lab]}; } || texts=$(exitprof --help)
			has_option "$word" "$texts" || fail "$document: '$call': no option '$word'"
			;;
		# Words that stand for others, what a recipe adds, and what is said and not called
		[A-Z…]* | ... | hello | *:) return ;;
		*)
			[ -z "$command" ] || {
				# The program of exec, and what follows, is not ours.
				[ "$command" != exec ] || return 0
				continue
			}
			command=$word
			if [ "$program" = exitprof-lab ]; then
				help lab
				texts=${help_of[lab]}
				grep -qE "^  $command( |$)" <<<"$texts" || fail "$document: '$call': no command '$command'"
				[ "$command" != run ] || { help tool run && texts+=${help_of[tool run]}; }
			elif help tool "$command"; then
				texts=${help_of[tool $command]}
			else
				fail "$document: '$call': no command '$command'"
				return
			fi
			;;
		esac
	done
}

while read -r document; do
	code "$document" | calls >"$tmp/calls"
	while read -r -a words; do
		check "$document" "${words[@]}"
	done <"$tmp/calls"
done < <(documents)

# What the program prints: calls in messages and reports, and the examples of its help.
named() {
	local name
	find src -name '*.c' -exec cat {} + | sed -z 's/"[[:space:]]*"//g' | grep -aoE "'exitprof(-lab)? [a-z][^']*'|\"exitprof report [^\"]*\"" |
		sed "s/['\"]//g; s/%s/NAME/g"
	for name in $(exitprof --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		exitprof "$name" --help | sed -nE 's/^  (sudo )?(exitprof .*)/\2/; T; s/   *[^ ].*//; p'
	done
}
in_documents=$count
while read -r -a words; do
	check messages "${words[@]}"
done < <(named | calls)
echo "$in_documents calls in documents, $((count - in_documents)) in messages"
[ $((count - in_documents)) -ge 80 ] || fail "only $((count - in_documents)) calls were found in messages"
count=$in_documents
[ $count -ge 120 ] || fail "only $count calls were found"

# No command is left out.
for command in $(exitprof --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	grep -q "^    exitprof $command " README.md || fail "README.md does not list '$command'"
	grep -q "^\*$command\*$" doc/exitprof.1.scd || fail "exitprof(1) does not list '$command'"
done

# What is wrong is found.
for wrong in 'exitprof run io-heavy --reapeat 3' 'exitprof rum io-heavy' 'exitprof-lab run x --vcpu 2' \
	'exitprof-lab boots'; do
	read -r -a words <<<"$wrong"
	(fail() { echo found; }; check none "${words[@]}") | grep found >/dev/null || fail "passes: $wrong"
done
