#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Help leads with examples, and what is mistyped is suggested.
. "$(dirname "$0")/lib.sh"

run stock-amd 0 --help
quiet
shows 'Examples:'
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' out)
pages=("${0%/*}"/../../doc/exitprof-*.1.scd)
same "$(wc -w <<<"$commands")" ${#pages[@]}
for command in $commands; do
	for flag in --help -h; do
		run stock-amd 0 "$command" "$flag"
		quiet
		shows "Usage: exitprof $command"
		shows 'Examples:'
		shows '-h, --help'
	done
	awk 'length > 88 { exit 1 }' out || die "$command --help is too wide"
done

run - 0 --version
[[ $(<out) =~ ^exitprof\ [0-9.]+$ ]] || die 'odd version'

run - 2
no_data
run - 2 rum
no_data
says "exitprof: unknown command 'rum'"
says "hint: did you mean 'exitprof run'?"
run - 2 --halp
says "exitprof: unknown option '--halp'"
run - 2 zzzzzzz
says "hint: see 'exitprof --help'"
