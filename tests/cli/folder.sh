#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where a result cannot be written, and that there is never half of one.
. "$(dirname "$0")/lib.sh"

# An earlier result is replaced, anything else is left alone.
run svm 0 run nap -o a/b/c --no-plot
run svm 0 run nap -o a/b/c --no-plot --set count=3
same "$("$JSON_GET" workload options count <a/b/c/run.json)" 3
same "$(ls -A a/b)" c
mkdir mine
run svm 1 run nap -o mine --set say=told
no_data
says "exitprof: 'mine' exists and is not an earlier result"
grep -q '^hint: ' err || die 'no hint'
[[ ! -e told ]] || die 'ran although the result cannot be written'
touch file
run svm 1 run nap -o file
run svm 1 run nap -o file/x
grep -q "^exitprof: cannot make the result folder 'file/x': Not a directory" err || die 'no reason'

# What a killed run left is removed by the next one.
mkdir "a/b/$(scratch c)"
touch "a/b/$(scratch c)/exits.csv"
run svm 0 run nap -o a/b/d --no-plot
same "$(ls -A a/b)" $'c\nd'

# Killed in the middle of it: nothing is left.
mkfifo told
exec {told}<>told
EXITPROF_TEST_HOST=svm "$EXITPROF" run nap -d 10000h --set count=0 --set say=told -o a/b/killed >out 2>all &
pid=$! word=
until [[ $word == nap ]]; do read -r -t 100 -u "$told" word || die 'it does not begin'; done
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
new_feed
rm told
same "$(ls -A a/b)" $'c\nd'

# A folder that must not be written, also for root.
mkdir -m 555 locked
drop=()
((EUID)) || drop=(setpriv "--bounding-set=-dac_override,-dac_read_search")
if "${drop[@]}" true 2>/dev/null; then
	status=0
	rm -f told
	EXITPROF_TEST_HOST=svm "${drop[@]}" "$EXITPROF" run nap -o locked/x --set say=told >out 2>err ||
		status=$?
	same "$status" 1
	no_data
	says "exitprof: cannot make the result folder 'locked/x': Permission denied"
	says 'hint: choose another folder with -o DIR'
	[[ ! -e told ]] || die 'ran although the result cannot be written'
fi
chmod 755 locked

# stdout that is full.
status=0
EXITPROF_TEST_HOST=svm "$EXITPROF" snapshot >/dev/full 2>err || status=$?
same "$status" 1
says 'exitprof: cannot write to standard output: No space left on device'
