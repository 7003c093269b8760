#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hosts of the course's first assignment, which have totals only, in every layout; hosts whose
# total counts, and nothing else does; hosts that answer the kernel alone.
. "$(dirname "$0")/lib.sh"

for host in {svm,vmx}-totals {svm,vmx}-combined-totals {svm,vmx}-reversed-totals; do
	dialect=${host#*-}
	dialect=${dialect%totals}
	dialect=${dialect%-}
	dialect=${dialect:-classic}
	run "$host" 0 doctor
	quiet
	grep -Eq "^ok +dialect +$dialect$" out || die "$host: the dialect is not $dialect"
	shows 'totals only, exits and cycles of all reasons together'
	shows 'total cycles'

	run "$host" 0 snapshot
	grep -Eq '^total +65,000 +140,000,000 ' out || die "$host: not the totals"
	shows 'the host answers totals only: nothing is known by reason'
	shows 'this snapshot cost 3 exits'
	run "$host" 0 snapshot --json
	same "$("$JSON_GET" exits_count <out) $("$JSON_GET" handling_cycles <out)" '65000 140000000'
	same "$("$JSON_GET" consistent <out)" true

	# Five naps: an HLT and two I/O exits each, and nothing that was missing by reason.
	run "$host" 0 run nap --set count=5 -n 2 -o result --no-plot
	grep -Eq '^total +15 +3,000 +270,000 +100.0% +18,000$' out || die "$host: not the work's totals"
	shows 'exits and cycles by reason: - (the host answers totals only)'
	if grep -q 'expected' out; then die "$host: a reason is missed"; fi
	same "$(sed -n 2p result/runs.csv | cut -d, -f 4,5)" 15,270000
	same "$("$JSON_GET" host dialect <result/run.json)" "$dialect"
	run "$host" 0 report result -o report.html
	run "$host" 0 metrics
	grep -q '^exitprof_exits_total{reason="other"} 65' out || die "$host: no total in the metrics"

	run "$host" 0 verify --csv
	for check in exact lost-updates all-vcpus user-space handled guest-time; do
		grep -q "^[a-z]*,$check,pass" out || die "$host: $check did not pass"
	done
	for check in undefined-reason out-of-bounds enabled sums fastpath; do
		grep -q "^[a-z]*,$check,skip,.*,the host answers totals only," out ||
			die "$host: $check was done"
	done
done

# Its faults are found.
while read -r fault check; do
	for host in svm-totals vmx-combined-totals vmx-reversed-totals; do
		run $host+"$fault" 1 verify --csv
		grep -q "^[a-z]*,$check,fail" out || die "$host+$fault: $check passed"
		same "$(grep -c ',fail,' out)" 1
	done
done <<'END'
guest guest-time
lost lost-updates
onevcpu all-vcpus
early handled
nouser user-space
END

# What is left of a host that has leaves by reason, but of constants, is no host of totals.
for command in 'run nap' snapshot; do
	# shellcheck disable=SC2086
	run svm-nodisc+frozen 4 $command
	says 'exitprof: cannot read exit counters: the host counts exits, but not all of its leaves answer what they must'
	says "hint: 'exitprof verify --dialect classic' names what is wrong"
done
run svm-nodisc+frozen 4 doctor
shows "next     step         run 'exitprof verify --dialect classic': it names what is wrong with the host"
shows "hint: 'exitprof verify --dialect classic' names what is wrong"
run svm-nodisc+frozen 1 verify --dialect classic
shows 'fail exact: CPUIDs are not counted'

for host in svm-cpl0 vmx-cpl0; do
	for command in 'run nap' snapshot verify; do
		# shellcheck disable=SC2086
		run $host 4 $command
		no_data
		says 'exitprof: cannot read exit counters: the host answers the exitprof leaves at CPL 0 only, and programs run at CPL 3'
	done
	run $host 4 doctor
	shows 'next     step         let the host answer at any CPL'
	if grep -q 'load the patch' out; then die 'the patch is loaded'; fi
	grep -q '^missing  cpl  .*the host answers at CPL 0 only' out || die "doctor does not see $host"
	if grep -q 'load KVM modules' out; then die 'the patch is loaded'; fi
done
