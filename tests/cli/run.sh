#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A run from its start to its files, on hosts of both vendors, with and without
# the discovery leaf.
. "$(dirname "$0")/lib.sh"

for host in svm svm-nodisc svm-full hopping latch-full vmx vmx-nodisc vmx-full vmx-32bit; do
	[[ $host == vmx* ]] && io=30,IO_INSTRUCTION hlt=12,HLT || io=123,io hlt=120,hlt
	# On a host with the latch leaf: away cycles, and how long exits took. The
	# simulated one is away for twice as long as it handles.
	histogram='' io_away='' hlt_away='' io_times=,,,, hlt_times=,,,,
	case $host in
	svm-full | vmx-full | hopping)
		histogram=$'histogram.csv\n' io_away=5000000 hlt_away=400000
		io_times=,32767,32767,32767,32767 hlt_times=,4095,4095,4095,4095
		;;
	esac
	run "$host" 0 run nap --set count=50 -n 3 -w 1 -o result --no-plot
	quiet
	same "$(ls result)" "exits.csv"$'\n'"${histogram}run.json"$'\nruns.csv\nsummary.csv'
	same "$(ls -A)" $'all\nerr\nout\nresult'
	same "$(cat result/exits.csv)" "repeat,scope,reason,name,exits_count,handling_cycles,away_cycles$(
		for repeat in 1 2 3; do
			printf '\n%s' "$repeat,vm,$hlt,50,200000,$hlt_away" "$repeat,vm,$io,100,2500000,$io_away"
		done
	)"
	same "$(head -n 1 result/runs.csv)" 'repeat,duration_ns,operations_count,exits_count,handling_cycles,own_exits_count,own_handling_cycles,consistent,away_cycles,details_lost_count,status'
	same "$(awk -F, 'NR > 1 { print $1, $3, $4, $5, $8 }' result/runs.csv)" \
		$'1 50 150 2700000 1\n2 50 150 2700000 1\n3 50 150 2700000 1'
	same "$(head -n 1 result/summary.csv)" 'reason,name,exits_count,exits_per_second,handling_cycles,cycles_share,cycles_per_exit,exits_count_min,exits_count_max,handling_cycles_min,handling_cycles_max,away_cycles,handling_p50_cycles,handling_p90_cycles,handling_p99_cycles,handling_max_cycles,handling_max_since_boot_cycles'
	same "$(cut -d, -f1-3,5-16 result/summary.csv | tail -n +2)" \
		"$io,100,2500000,0.925926,25000.0,100,100,2500000,2500000,$io_away$io_times"$'\n'"$hlt,50,200000,0.074074,4000.0,50,50,200000,200000,$hlt_away$hlt_times"

	get() { "$JSON_GET" "$@" <result/run.json; }
	same "$(get format)" 1
	same "$(get workload name)" nap
	same "$(get workload options count)" 50
	same "$(get host simulated)" true
	same "$(get run repeats_count)" 3
	same "$(get run duration_limit_ns)" null
	same "$(get run interrupted)" false
	same "$(get run consistent)" true
	same "$(get expected 2 expected_count)" 100
	same "$(get expected 2 counted_count)" 100
	case $host in *-nodisc | *-32bit) how=behaviour ;; *) how=discovery ;; esac
	same "$(get host recognised)" "$how"
	[ -z "$histogram" ] || same "$(cat result/histogram.csv)" "reason,name,bucket_low_cycles,bucket_high_cycles,exits_count
$(printf '%s\n' "$hlt,2048,4095,150" "$io,16384,32767,300" | sort -t , -n)"
	shows "${io#*,} (repeat 3): expected 100, counted 100: exact"
	shows 'saved in result'
done

# The table: sorted, with a total.
same "$(awk 'NR < 5 { print $1 }' out)" $'reason\nIO_INSTRUCTION\nHLT\ntotal'

run svm 0 run nap --set wrong=3 --no-save
shows 'io: expected 23, counted 20: 3 missing'

# Data for programs, and nothing else, on stdout.
run svm 0 run nap --csv -o result --no-plot
cmp -s out result/summary.csv || die '--csv is not summary.csv'
grep -q '^saved in result$' err || die 'no remarks'
run svm 0 run nap --json --no-save
same "$("$JSON_GET" summary 0 name <out)" io
same "$("$JSON_GET" summary 0 exits_count <out)" 20
same "$("$JSON_GET" host vendor <out)" SVM

# Options may stand anywhere; the time limit is what -d says, and 5 s by default.
run svm 0 --help
run svm 0 run -d 100ms nap --set count=0 --no-save --json
same "$("$JSON_GET" run duration_limit_ns <out)" 100000000
run svm 0 run nap -d 50ms --set count=0 --no-save --csv
grep -q '^io: expected \([0-9,]*\), counted \1: exact$' err || die 'a time limit costs exits'
# That the time of a repeat is up does not end the next one's setup.
run svm 0 run nap -d 20ms --set count=0 -n 3 -w 1 --no-save --json
same "$("$JSON_GET" run repeats_count <out)" 3
run svm 0 run --no-save nap --json -d 1h --set count=1
same "$("$JSON_GET" run duration_limit_ns <out)" 3600000000000

# A folder with date by default.
run svm 0 run nap --no-plot
[[ $(ls exitprof-results) =~ ^nap-20[0-9]{6}T[0-9]{6}$ ]] || die 'odd name'

# A bare number is a time in seconds.
run svm 0 run nap -d 3600 --set count=1 --no-save --json
same "$("$JSON_GET" run duration_limit_ns <out)" 3600000000000

# What exits were about: in the table, as CSV, as JSON; without exitprof's own.
for host in svm-details vmx-details; do
	[[ $host == vmx* ]] && io=30,IO_INSTRUCTION || io=123,io
	run "$host" 0 run nap --set count=50 -n 3 --details -o details --no-plot
	quiet
	same "$(cat details/details.csv)" "repeat,scope,reason,name,kind,direction,value,value_name,events_count$(
		for repeat in 1 2 3; do
			printf '\n%s' "$repeat,vm,$io,port,read,0x3fd,serial port 1,50" \
				"$repeat,vm,$io,port,write,0x3f8,serial port 1,50"
		done
	)"
	same "$(awk -F, 'NR > 1 { print $10 }' details/runs.csv)" $'0\n0\n0'
	same "$("$JSON_GET" run details_lost_count <details/run.json)" 0
	same "$(awk '/port/ { print $(NF - 1), $NF }' out)" $'1 50\n1 50'
	run "$host" 0 run nap --set count=50 --details --no-save --json
	same "$("$JSON_GET" details 1 value <out)" 0x3f8
	same "$("$JSON_GET" details 1 events_count <out)" 50
done
# No room: that is not as if there had been nothing.
run svm-details+crowded 0 run nap --no-save --details
shows 'details: - (all were lost)'
shows 'details lost: '
shows 'to empty them, on the host: echo 0 > '
run svm-details 0 run nap --no-save --details --set count=0
same "$(grep -c 'were lost' out)" 0
# A result that has none replaces one that has.
run svm-details 0 run nap -o details --no-plot
same "$(ls details)" $'exits.csv\nhistogram.csv\nrun.json\nruns.csv\nsummary.csv'
same "$("$JSON_GET" run details_lost_count <details/run.json)" null

# A host that does not collect them is no host for that: nothing runs.
for host in svm svm-full svm-nodisc; do
	run "$host" 4 run nap --details --set say=told -o none
	no_data
	says 'exitprof: the host does not collect what exits are about'
	[[ ! -e told && ! -e none ]] || die 'ran all the same'
done
run svm-full 4 run nap --details
grep -q '^hint: on the host: echo 1 > /sys/module/kvm/parameters/exitprof_details ' err || die 'no hint'

# What could not be exact says so.
run torn 0 run nap --no-save --json
same "$("$JSON_GET" run consistent <out)" false
grep -q '^not of one instant: in 1 of 1 repeats' err || die 'torn figures pass as good ones'
for host in backwards restored; do
	run "$host" 1 run nap --no-save
	no_data
	says 'exitprof: cannot use the exit counters: they started anew while the workload ran'
done

run svm 0 snapshot
shows "this snapshot cost 12 exits"
run svm 0 snapshot --csv
same "$(sed -n '2s/,.*//p' out)" 114
run svm 0 snapshot --json
same "$("$JSON_GET" snapshot_exits_count <out)" 12
same "$("$JSON_GET" exits_count <out)" 65000

# All there has been since the VM was created, as a result.
for life in a b; do
	run svm 0 snapshot -o life-$life
done
same "$(sed -n 2p life-a/runs.csv | cut -d , -f 3,4)" 1,65000
run svm 0 compare --metric exits life-a life-b
shows 'life-of-vm: exits per operation, which is one VM since it was created'
run svm 1 snapshot -o /dev/null/life
says "exitprof: cannot make the result folder '/dev/null/life': Not a directory"

# The latch leaf takes an exit for every active reason, and two; also when somebody
# else latches in between, whatever it takes is not of two tables.
run svm-full 0 snapshot
shows "this snapshot cost 6 exits"
run svm-full 0 snapshot --dialect classic
shows "this snapshot cost 12 exits"
run svm-full 0 snapshot --full --json
same "$("$JSON_GET" summary 0 away_cycles <out)" 80000000
same "$("$JSON_GET" host read_by <out)" latch
for host in svm-full hopping; do
	for dialect in auto exitprof classic; do
		run $host 0 run nap --dialect $dialect --no-save --json --set count=50
		same "$("$JSON_GET" summary 0 exits_count <out)" 100
		same "$("$JSON_GET" summary 0 handling_cycles <out)" 2500000
		same "$("$JSON_GET" run consistent <out)" true
	done
done
run svm 4 snapshot --dialect exitprof
says "exitprof: the host does not answer in the dialect 'exitprof'"

# The dialects of the courses: what one cannot give is missing, and never 0.
for vendor in svm vmx; do
	run $vendor-reversed 0 run nap --no-save --json --set count=50
	same "$("$JSON_GET" host dialect <out)" reversed
	same "$("$JSON_GET" summary 0 exits_count <out)" 100
	same "$("$JSON_GET" summary 0 handling_cycles <out)" 2500000
	run $vendor-combined 0 run nap --no-save --json --set count=50
	same "$("$JSON_GET" host dialect <out)" combined
	same "$("$JSON_GET" summary 0 exits_count <out)" 100
	for figure in handling_cycles cycles_share cycles_per_exit handling_cycles_{min,max}; do
		grep -q "\"$figure\": null" out || die "$figure is not null"
	done
	run $vendor-combined 4 run nap --dialect reversed
	says "exitprof: the host does not answer in the dialect 'reversed'"
	says "hint: it speaks 'combined'; 'exitprof doctor' shows what it answers"
done
run vmx-combined 0 run nap -o combined --set count=50
grep -Eq '^HLT +50 +[0-9,]+ +- +- +-$' out || die 'cycles by reason are not missing'
grep -Eq '^total +150 +[0-9,]+ +2,700,000 +100.0% +18,000$' out || die 'no total of the cycles'
shows "cycles by reason: - (the host's dialect, combined, has those of all reasons together only)"
grep -Eq '^12,HLT,50,[0-9.]+,,,,50,50,,,,,,,,$' combined/summary.csv || die 'summary.csv'
grep -q '^1,vm,12,HLT,50,,$' combined/exits.csv || die 'exits.csv'
grep -Eq '^1,[0-9]+,50,150,2700000,' combined/runs.csv || die 'runs.csv'
run vmx-combined 0 snapshot
grep -Eq '^HLT +5,000 +- +- +-$' out || die 'cycles by reason are not missing'
shows "-: the host's dialect has the cycles of all reasons together only"
run svm-combined 0 doctor
grep -q '^ok  *dialect  *combined, which has no cycles by reason$' out || die 'doctor: no dialect'
run svm 2 snapshot --dialect german
run svm 2 run nap --dialect german
