#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Workloads that are not there, are no workloads, or fail.
. "$(dirname "$0")/lib.sh"
here=${EXITPROF_WORKLOAD_PATH%%:*}

run svm 0 list
quiet
same "$(awk '{ print $1 }' out | grep -vE '^(busy|cpuid-storm|idle|io-heavy|skeleton)$')" \
	$'workload\nempty\nnap\nnap-new\nnap-unavailable'
shows 'sleeps a little (does not work here: there is no bed)'
run svm 0 list nap
shows 'nap - sleeps a little'
shows 'Says exactly how many exits it causes by: IO'
grep -qE '^wrong +0 +0 to 100 +exits to claim too many$' out || die 'no table of options'
run svm 0 list "$here/nap.so"
run svm 0 list --csv
same "$(head -n 1 out)" workload,summary,operation,unavailable_reason
grep -qx 'nap,sleeps a little,[^,]*,' out || die 'no row of nap'
grep -qx 'nap-unavailable,sleeps a little,[^,]*,there is no bed' out || die 'no reason in CSV'
run svm 0 list --json
same "$(grep -c '"unavailable": "there is no bed"' out)" 1
run svm 0 list nap --json
same "$("$JSON_GET" name <out) $("$JSON_GET" exact 0 <out) $("$JSON_GET" unavailable <out)" 'nap IO null'
run svm 2 list nap --csv

for command in run list; do
	run svm 1 $command napp
	no_data
	same "$(<err)" $'exitprof: there is no workload \'napp\'\nhint: did you mean \'nap\'?'
	run svm 1 $command ./napp.so
	says "exitprof: cannot open workload './napp.so': No such file or directory"
	run svm 1 $command nap-new
	no_data
	says "exitprof: workload '$here/nap-new.so' was built for version 99 of the workload ABI, and this is version 2"
	run svm 1 $command empty
	says "exitprof: '$here/empty.so' is not a workload: it does not export 'exitprof_workload'"
	echo text >text.so
	run svm 1 $command ./text.so
	grep -q '^exitprof: cannot load workload: .*text.so' err || die 'no reason'
done
EXITPROF_WORKLOAD_PATH=$tmp/none run svm 1 run zzzzzzzz
grep -q '^hint: .*EXITPROF_WORKLOAD_PATH\|^hint: see' err || die 'no hint'

run svm 1 run nap-unavailable
says 'exitprof: workload nap does not work here: there is no bed'

run svm 1 run nap --set fail=setup --set say=told
no_data
says 'exitprof: workload nap: cannot lie down: Device or resource busy'
says 'hint: sleep in a bed'
same "$(<told)" $'setup\nteardown'
run svm 1 run nap --set fail=run
says 'exitprof: workload nap: overslept'
run svm 1 run nap --set fail=silently
says 'exitprof: workload nap: failed without saying why'
[[ ! -e exitprof-results ]] || die 'wrote a result of a failure'
