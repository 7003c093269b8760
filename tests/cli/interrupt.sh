#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C ends the run and keeps what was measured.
. "$(dirname "$0")/lib.sh"

# interrupted SIGNAL REPEATS ARGUMENT...: sends it once the workload has begun to nap in
# that many; sets $status.
interrupted() {
	local signal=$1 repeats=$2 pid
	shift 2
	rm -rf told result
	mkfifo told
	exec {told}<>told
	# A background job of a shell ignores SIGINT, and so would exitprof.
	EXITPROF_TEST_HOST=svm env --default-signal=INT,HUP,TERM "$EXITPROF" run nap --set say=told \
		-o result --no-plot "$@" >out 2>err &
	pid=$!
	while ((repeats)); do
		read -r -t 100 -u "$told" word || die 'it does not begin'
		[[ $word != nap ]] || repeats=$((repeats - 1))
	done
	kill -s "$signal" "$pid"
	status=0
	wait "$pid" || status=$?
	# What it said last, should it have said more.
	while read -r -t 0 -u "$told"; do read -r -u "$told" word; done
}

for signal in INT TERM HUP; do
	interrupted $signal 1 --set count=0 -d 10000h -n 5
	same "$status" 0
	same "$("$JSON_GET" run interrupted <result/run.json)" true
	same "$("$JSON_GET" run repeats_count <result/run.json)" 1
	same "$("$JSON_GET" run repeats_wanted_count <result/run.json)" 5
	shows 'interrupted: repeat 1 ended early, the rest was not run'
	same "$(wc -l <result/runs.csv)" 2
	same "$word" teardown
	(($(awk -F, 'NR == 2 { print $4 }' result/runs.csv) > 0)) || die 'kept nothing'
done

# In the second of five repeats: a whole one and a part.
interrupted INT 2 --set first=50 --set count=0 -d 10000h -n 5
same "$status" 0
same "$("$JSON_GET" run repeats_count <result/run.json)" 2
same "$(awk -F, 'NR == 2 { print $3 }' result/runs.csv)" 50

# In a warm-up, there is nothing to keep.
interrupted INT 1 --set count=0 -d 10000h -w 1
same "$status" 1
same "$(grep -v ^warning err)" 'exitprof: interrupted before anything was measured'
no_data
same "$(ls -A)" $'err\nout\ntold'

# A call that blocks a moment after the signal came ends, too.
interrupted INT 1 --set late=1 -d 10000h
same "$status" 0
rm -rf result
run svm 0 run nap --set late=1 -d 100ms --no-save --json
same "$("$JSON_GET" run duration_limit_ns <out)" 100000000
same "$("$JSON_GET" summary 0 exits_count <out)" 200
