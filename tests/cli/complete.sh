#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shells complete every command, every option, workloads and their options.
. "$(dirname "$0")/lib.sh"
scripts=$(cd "$(dirname "$0")/../../completion" && pwd)

# offers WORD... : the candidates for the last one are $offered
offers() {
	run - 0 --complete "$@"
	quiet
	offered=$(cut -f 1 out | paste -s -d ' ')
}

run - 0 --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' out | xargs)
offers ''
same "$offered" "$commands"
for command in $commands; do
	run - 0 "$command" --help
	grep -oE -- '--[a-z][a-z-]+' out | sort -u >told
	offers "$command" --
	# Each stands in the help, and each that the help tells of is offered.
	tr ' ' '\n' <<<"$offered" | sort >candidates
	same "$(comm -13 told candidates)" ""
	EXITPROF_TEST_HOST='' "$EXITPROF" "$command" --help | sed -n '/^Options:/,$p' |
		grep -oE -- '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' >options
	while read -r option; do
		grep -qxF -- "$option" candidates || die "$command: $option is not offered"
	done <options
	grep -q $'^--help\tthis text$' out || die "$command: no meaning of --help"
done
offers ru
same "$offered" run
offers run --du
same "$(<out)" $'--duration\thow long each repeat runs'
offers run --no
same "$offered" '--no-save --no-plot'
offers run na
same "$offered" 'nap nap-unavailable'
offers run nap --set ''
same "$offered" "$(EXITPROF_TEST_HOST='' "$EXITPROF" list nap | awk '/^option /{on = 1; next} on && NF {print $1 "="}' | xargs)"
offers run nap --dialect c
grep -qw classic <<<"$offered" || die "no classic"
offers run nap --dialect=c
grep -qw -- --dialect=classic <<<"$offered" || die "no --dialect=classic"
offers run --dialect classic nap-u
same "$offered" nap-unavailable
for words in 'run --xyzzy=' 'nowhere x' 'snapshot x' 'run nap --set xyzzy'; do
	# shellcheck disable=SC2086
	offers $words
	same "$offered" ""
done
offers bench cpuid port-
same "$offered" 'port-read port-write'
offers plot --chart la
same "$offered" 'latency-heatmap latency-percentiles'
offers plot ''
same "$offered" :folders
offers compare a -- b --me
same "$offered" --metric
offers bench a -- --js
same "$offered" ''
offers reasons --vendor ''
same "$offered" 'vmx svm'
for words in 'metrics -o' 'report --output' 'compare --chart'; do
	# shellcheck disable=SC2086
	offers $words ''
	same "$offered" :files
done
for words in 'run -o' 'boot --directory' 'bench --folder'; do
	# shellcheck disable=SC2086
	offers $words ''
	same "$offered" :folders
done
run - 2 --complete

# The shells' own side.
PATH=$(dirname "$EXITPROF"):$PATH
if type -P fish >/dev/null; then
	HOME=$tmp fish --no-config -c "source $scripts/exitprof.fish; complete -C 'exitprof sn'" >out
	shows $'snapshot\tall exits of this VM so far'
fi
bash -c "
	. $scripts/exitprof.bash
	COMP_WORDS=(exitprof run nap --dialect = cl) COMP_CWORD=5
	_exitprof 2>/dev/null
	printf '%s\n' \"\${COMPREPLY[@]}\"" >out
same "$(<out)" classic
if type -P zsh >/dev/null; then
	zsh -n "$scripts/_exitprof" || die "zsh cannot read its script"
fi
