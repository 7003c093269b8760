#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A recording: its rows, its end, and what is left of one that is killed.
self=$(realpath "$0")
. "$(dirname "$0")/lib.sh"
header=repeat,uptime_ns,elapsed_ns,interval_ns,missed_count,scope,reason,name,exits_count,handling_cycles,away_cycles

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
happen pass 25ms nap 5
run svm 0 record -i 10ms -d 55ms
same "$(<out)" "$header
1,100010000000,10000000,10000000,0,vm,,total,0,0,
1,100020000000,20000000,10000000,0,vm,,total,0,0,
1,100030000000,30000000,10000000,0,vm,,total,15,270000,
1,100030000000,30000000,10000000,0,vm,120,hlt,5,20000,
1,100030000000,30000000,10000000,0,vm,123,io,10,250000,
1,100040000000,40000000,10000000,0,vm,,total,0,0,
1,100050000000,50000000,10000000,0,vm,,total,0,0,
1,100055000000,55000000,5000000,0,vm,,total,0,0,"
says 'recorded: 6 samples, one every 10ms; 0 ticks missed'
# What it took itself: a simulated CPUID takes 3.2 us, and there are ten a sample.
says 'exitprof itself: 0.35% of one CPU, 32.0 us a sample'
# On the machine's clock: something, and less than a CPU has.
for host in svm-full svm-full+trap; do
	EXITPROF_TEST_CLOCK='' run $host 0 record -i 10ms -d 55ms
	own=$(sed -n 's/^exitprof itself: \([0-9.]*\)% of one CPU, \([0-9.]*\) us a sample$/\1 \2/p' err)
	same "$(awk '{ print ($1 >= 0 && $1 < 100 && $2 > 0) }' <<<"$own")" 1
done
# Ticks that are missed: one sample instead of them, and the next one is due when it would be.
happen pass 15ms stall 20ms nap 5
run svm 0 record -i 10ms -d 55ms
same "$(grep total out | cut -d, -f 3-5,9)" "10000000,10000000,0,0
35000000,25000000,1,0
40000000,5000000,0,15
50000000,10000000,0,0
55000000,5000000,0,0"
says 'recorded: 5 samples, one every 10ms; 1 ticks missed'

run svm-full 0 record -i 10ms -d 50ms --per-vcpu --json -o -
# The tick at the end, and the end.
same "$(grep -c '"scope": "vm"' out)" 6
while read -r line; do
	same "$("$JSON_GET" name <<<"$line")" total
	same "$("$JSON_GET" reason <<<"$line")" null
	same "$("$JSON_GET" away_cycles <<<"$line")" 0
done <out
same "$(grep -o '"scope": "[a-z0-9]*"' out | sort -u)" $'"scope": "vcpu0"\n"scope": "vcpu1"\n"scope": "vm"'

# recording HOST ARGUMENT...: in the background; sets $pid; it has begun when that returns
recording() {
	local host=$1
	shift
	happen hold
	EXITPROF_TEST_HOST=$host env --default-signal=INT,TERM "$EXITPROF" record "$@" >out 2>err &
	pid=$!
	settled
}

# Until Ctrl-C, into a file that has its name when it is complete.
for signal in INT TERM; do
	recording svm-full -i 5ms -o series.csv
	[[ -e series.csv.partial && ! -e series.csv ]] || die 'has its name too early'
	run svm 1 record -d 1 -o series.csv
	says "exitprof: cannot write 'series.csv.partial': Device or resource busy"
	happen 'pass 7ms nap 20 pass 5ms'
	settled
	kill -$signal $pid
	wait $pid || die "status $?"
	same "$(tail -n +2 series.csv | cut -d, -f 3-5,8,9)" "5000000,5000000,0,total,0
10000000,5000000,0,total,60
10000000,5000000,0,hlt,20
10000000,5000000,0,io,40
12000000,2000000,0,total,0"
	[[ ! -e series.csv.partial ]] || die 'left its partial file'
	rm series.csv
done

# Killed: what it had written is whole lines but for the last, no older than a second or so.
recording svm-full -i 1ms -o series.csv
happen pass 1100ms
settled
kill -9 $pid
wait $pid 2>/dev/null || true
[[ ! -e series.csv ]] || die 'a killed recording looks complete'
same "$(head -n -1 series.csv.partial | awk -F, '{ print NF }' | sort -u)" 11
(($(wc -l <series.csv.partial) > 1000)) || die 'what is left is older than that'
run svm 0 record -d 10ms -o series.csv
says "warning: 'series.csv.partial' of a recording that was killed is now 'series.csv.partial-1'"
[[ ! -e series.csv.partial ]] || die 'left its partial file'
(($(wc -l <series.csv.partial-1) > 1000)) || die 'what is left is older than that'
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
recording svm-full -i 1ms -o killed --no-plot
happen pass 1100ms
settled
kill -9 $pid
wait $pid 2>/dev/null || true
run svm 0 record -d 10ms -o next --no-plot
left=$(compgen -G 'killed.partial-????????') || die 'the series of a killed recording is lost'
same "$(ls "$left")" series.csv
(($(wc -l <"$left/series.csv") > 1000)) || die 'what is left is older than that'
same "$(compgen -G '.killed.*' || true)" ''

# The VM was restored meanwhile: one sample is unknown, which is not 0, and it goes on.
happen pass 7ms nap 1
run restored 0 record -i 5ms -d 18ms -o series.csv
same "$(tail -n +2 series.csv | cut -d, -f 3,8-10)" "5000000,total,0,0
10000000,total,,
15000000,total,0,0
18000000,total,0,0"
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
