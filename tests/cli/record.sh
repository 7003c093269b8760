#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A recording: its rows, its end, and what is left of one that is killed.
self=$(realpath "$0")
. "$(dirname "$0")/lib.sh"
export EXITPROF_TEST_NAPS=@$tmp/naps
header=repeat,uptime_ns,elapsed_ns,interval_ns,missed_count,scope,reason,name,exits_count,handling_cycles,away_cycles
: >naps

if [[ ${1-} == inside ]]; then
	# A disk that becomes full: the recording ends, and what it has got stays.
	mkdir disk
	mount -t tmpfs -o size=32k none disk
	run svm-full 1 record -i 1ms -d 1h -o disk/series.csv
	grep -q "^exitprof: cannot write 'disk/series.csv.partial': No space left on device$" err ||
		die 'no reason'
	(($(stat -c %s disk/series.csv.partial) > 20000)) || die 'not much is left'
	same "$(ls disk)" series.csv.partial
	umount disk
	exit
fi

# On stdout, with a row of the total for each sample even if nothing happened.
run svm 0 record -i 10ms -d 55ms
same "$(head -n 1 out)" "$header"
same "$(tail -n +2 out | cut -d, -f 1,6-11 | sort -u)" 1,vm,,total,0,0,
grep -qx "recorded: $(tail -n +2 out | wc -l) samples, one every 10ms; [0-9]* ticks missed" err || die 'no remark'
# What it took itself, measured: something, and less than a CPU has.
for host in svm-full svm-full+trap; do
	run $host 0 record -i 10ms -d 55ms
	own=$(sed -n 's/^exitprof itself: \([0-9.]*\)% of one CPU, \([0-9.]*\) us a sample$/\1 \2/p' err)
	same "$(awk '{ print ($1 >= 0 && $1 < 100 && $2 > 0) }' <<<"$own")" 1
done
run svm 0 record -i 10ms -d 55ms
# Samples have no gaps: their lengths add up, and with missed ticks they are as many as due.
same "$(awk -F, 'NR > 1 { sum += $4; if (sum != $3) print "gap at", $3 }' out)" ''
same "$(awk -F, 'NR > 1 { ticks += 1 + $5; last = $3 } END { print (ticks == int(last / 1e7) || ticks == int(last / 1e7) + 1) }' out)" 1

run svm-full 0 record -i 10ms -d 50ms --per-vcpu --json -o -
while read -r line; do
	same "$("$JSON_GET" name <<<"$line")" total
	same "$("$JSON_GET" reason <<<"$line")" null
	same "$("$JSON_GET" away_cycles <<<"$line")" 0
done <out
same "$(grep -o '"scope": "[a-z0-9]*"' out | sort -u)" $'"scope": "vcpu0"\n"scope": "vcpu1"\n"scope": "vm"'

# recording FILE ARGUMENT...: in the background; sets $pid; it has begun when that returns
recording() {
	local file=$1
	shift
	EXITPROF_TEST_HOST=svm-full env --default-signal=INT,TERM "$EXITPROF" record "$@" >out 2>err &
	pid=$!
	until compgen -G "$file" >/dev/null && [[ -s $(compgen -G "$file") ]]; do sleep 0.02; done
}

# Until Ctrl-C, into a file that has its name when it is complete.
for signal in INT TERM; do
	recording series.csv.partial -i 5ms -o series.csv
	[[ ! -e series.csv ]] || die 'has its name too early'
	run svm 1 record -d 1 -o series.csv
	says "exitprof: cannot write 'series.csv.partial': Device or resource busy"
	for _ in {1..20}; do
		printf x >>naps
		sleep 0.005
	done
	kill -$signal $pid
	wait $pid || die "status $?"
	same "$(awk -F, '$7 { sum[$8] += $9 } END { print sum["hlt"], sum["io"] }' series.csv)" '20 40'
	[[ ! -e series.csv.partial ]] || die 'left its partial file'
	rm series.csv
done

# Killed: what it had written is whole lines but for the last, no older than a second or so.
recording series.csv.partial -i 1ms -o series.csv
until (($(wc -l <series.csv.partial) > 100)); do sleep 0.05; done
kill -9 $pid
wait $pid 2>/dev/null || true
[[ ! -e series.csv ]] || die 'a killed recording looks complete'
same "$(head -n -1 series.csv.partial | awk -F, '{ print NF }' | sort -u)" 11
run svm 0 record -d 10ms -o series.csv
says "warning: 'series.csv.partial' of a recording that was killed is replaced"
[[ ! -e series.csv.partial ]] || die 'left its partial file'
mkdir dir.csv
run svm 1 record -d 10ms -o dir.csv
says "exitprof: 'dir.csv' exists and is not a file"
run svm 1 record -d 10ms -o no/such.csv
says "exitprof: cannot write 'no/such.csv.partial': No such file or directory"

# A folder is a result as others are.
run svm-full 0 record -i 10ms -d 50ms -o result --no-plot
same "$(ls result)" $'exits.csv\nhistogram.csv\nrun.json\nruns.csv\nseries.csv\nsummary.csv'
same "$("$JSON_GET" run interrupted <result/run.json)" false
same "$("$JSON_GET" workload <result/run.json)" null
same "$("$JSON_GET" command <result/run.json)" null
same "$("$JSON_GET" series interval_ns <result/run.json)" 10000000
same "$(awk -F, 'NR == 2 { print $3 "|" $11 }' result/runs.csv)" '|'
shows 'series: '
shows 'exitprof itself: '
same "$(awk -v cpu="$("$JSON_GET" series own_cpu_ns <result/run.json)" -v share="$("$JSON_GET" series own_cpu_share <result/run.json)" \
	-F, 'NR > 1 { last = $3 } END { off = cpu / last - share; print (cpu > 0 && off ^ 2 < (share / 100 + 1e-6) ^ 2) }' result/series.csv)" 1
# Killed, its series is kept where the next one is written, and once only.
recording '.killed.tmp-*/series.csv' -i 1ms -o killed --no-plot
until (($(cat .killed.tmp-*/series.csv | wc -l) > 10)); do sleep 0.05; done
kill -9 $pid
wait $pid 2>/dev/null || true
run svm 0 record -d 10ms -o next --no-plot
same "$(ls "killed.killed-$pid")" series.csv
same "$(compgen -G '.killed.tmp-*' || true)" ''

# The VM was restored meanwhile: one sample is unknown, which is not 0, and it goes on.
EXITPROF_TEST_HOST=restored "$EXITPROF" record -i 5ms -o series.csv >out 2>err &
pid=$!
until [[ -s series.csv.partial ]]; do sleep 0.02; done
sleep 0.1
printf x >>naps
sleep 0.1
kill -TERM $pid
wait $pid || die "status $?"
same "$(awk -F, 'NR > 1 && $9 == "" { print $8 "," $9 "," $10 }' series.csv)" total,,
grep -q "^warning: the host's counters started anew 1 times" err || die 'does not say so'

run svm 4 record --per-vcpu -d 10ms
no_data
run stock-amd 4 record -d 10ms
no_data
run svm 2 record -i 10us
run svm 2 record x

unshare=(unshare -m)
((!EUID)) || unshare=(unshare -rm)
if "${unshare[@]}" mount -t tmpfs none "$tmp" 2>/dev/null; then
	"${unshare[@]}" "$self" inside
fi
