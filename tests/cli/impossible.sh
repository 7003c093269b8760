#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Numbers of a host that cannot be are no result: status 1, the reason, and nothing is written.
. "$(dirname "$0")/lib.sh"

# refuses HOST PATTERN COMMAND...: a line of stderr
refuses() {
	local host=$1 pattern=$2 status=1
	shift 2
	[[ $1 != exec ]] || status=125
	[[ $1 != exec ]] || ! by_valgrind || return 0
	run "$host" $status "$@"
	no_data
	grep -qE "^exitprof: cannot use the exit counters: $pattern$" err || die "$host: $* does not say why"
	says "hint: 'exitprof verify' names what is wrong with this host"
	[[ ! -e result ]] || die "$host: $* wrote a result"
}

# More cycles than there were, as of swapped halves: 'run' printed them, with status 0.
for host in svm-nodisc vmx-reversed vmx-combined; do
	for command in 'run nap -o result' 'run nap --no-save --json' 'exec -o result -- true' \
		'run nap -n 3 --interval 1ms -o result'; do
		# shellcheck disable=SC2086
		refuses $host+swapped 'the host counted [0-9]{13,} handling cycles in a time in which all vCPUs have [0-9]+ at most' $command
	done
	for command in snapshot 'snapshot --csv' 'snapshot --json' 'snapshot -o result'; do
		# shellcheck disable=SC2086
		refuses $host+swapped 'no host takes [0-9]{16,} cycles to handle [0-9]+ exits' $command
	done
done
run svm-nodisc+swapped+aged 1 snapshot
says 'exitprof: cannot use the exit counters: no VM lives to see numbers like theirs'

# Reasons that have more than all together, in a guest that is never quiet, too.
for host in svm-nodisc vmx-reversed torn; do
	for command in 'run nap --set count=1000 -o result' snapshot; do
		# shellcheck disable=SC2086
		refuses $host+same 'all reasons together have [0-9]+ cycles, and the total has [0-9]+' $command
	done
done
for host in svm-nodisc vmx-reversed vmx-combined; do
	refuses $host+total 'all reasons together have 30 exits, and the total has 0' run nap -o result
done

# What the guest itself had in the registers.
while read -r host where; do
	for command in 'run nap -o result' snapshot; do
		# shellcheck disable=SC2086
		refuses $host+echo "$where is not written by the host" $command
	done
done <<'END'
svm-nodisc ECX of leaf 0x4ffffffe, part of the total cycles,
vmx-combined ECX of leaf 0x4fffffff, part of the total cycles,
vmx-reversed ECX of leaf 0x4ffffffd, part of the total cycles,
END

# Nor does a watch show them.
run svm-nodisc+swapped 0 watch -i 10ms -n 2 --csv
same "$(sed -n '2,$p' out | cut -d, -f 4- | sort | uniq -c | xargs)" '2 vm,,total,,,,,,,'
says "warning: the host counted what cannot be: see 'exitprof verify'"

# And what can be is shown: a guest that is never quiet, one that is old, narrow counters.
for host in torn svm-nodisc+aged vmx-32bit svm-nodisc+narrow svm-full+aged; do
	run $host 0 run nap --no-save
	run $host 0 snapshot
done
