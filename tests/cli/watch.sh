#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `watch` where nothing can be drawn: lines that add up to what happened, exactly.
. "$(dirname "$0")/lib.sh"

# rows COLUMN...: of out, without its head
rows() { tail -n +2 out | cut -d , -f "$1"; }

# Each exit is in one line, which has its rate, and its own are in none.
for host in svm-full:hlt:io svm:hlt:io vmx-full:HLT:IO_INSTRUCTION vmx-32bit:HLT:IO_INSTRUCTION; do
	IFS=: read -r host hlt io <<<"$host"
	happen pass 25ms nap 7 pass 20ms nap 1 pass 20ms nap 992
	run "$host" 0 watch -i 20ms -n 5 --csv
	same "$host: $(rows 1-4,6-11 | grep -v total)" "$host: 40000000,20000000,0,vm,$hlt,7,350.000,28000,0.074074,4000.0
40000000,20000000,0,vm,$io,14,700.000,350000,0.925926,25000.0
60000000,20000000,0,vm,$hlt,1,50.000,4000,0.074074,4000.0
60000000,20000000,0,vm,$io,2,100.000,50000,0.925926,25000.0
80000000,20000000,0,vm,$hlt,992,49600.000,3968000,0.074074,4000.0
80000000,20000000,0,vm,$io,1984,99200.000,49600000,0.925926,25000.0"
	same "$host: $(rows 1,6-9 | grep total)" "$host: 20000000,total,0,0.000,0
40000000,total,21,1050.000,378000
60000000,total,3,150.000,54000
80000000,total,2976,148800.000,53568000
100000000,total,0,0.000,0"
	quiet
done
# Lines that come late say how many they have missed, and the rate is of the time that was.
happen nap 30 stall 50ms
run svm 0 watch -i 20ms -n 2 --csv
same "$(rows 1-3,6-8 | grep total)" "50000000,50000000,1,total,90,1800.000
60000000,10000000,0,total,0,0.000"

# Of the latch leaf: the four reasons that occurred, and two; later no more than has changed,
# and the total.
run svm-full 0 watch -n 3 --csv
same "$(rows 1,6,13 | xargs)" '1000000000,total,6 2000000000,total,4 3000000000,total,4'
run svm-full 0 watch -n 3 --json
same "$(wc -l <out)" 3
head -n 1 out >first
same "$("$JSON_GET" own_exits_count <first)" 6
same "$("$JSON_GET" consistent <first)" true
same "$("$JSON_GET" away_cycles <first)" null
run svm-full 0 watch -i 10ms -n 2 --away --json
same "$(tail -n 1 out | "$JSON_GET" away_cycles)" 0
run svm-full 0 watch -i 10ms -n 1 --dialect classic --csv
same "$(tail -n 1 out | cut -d , -f 13)" 12

# Each vCPU by itself: exitprof's own exits are those of one of them.
happen pass 25ms nap 100
run svm-full 0 watch -i 20ms -n 3 --per-vcpu --csv
same "$(rows 1,4,6,7,13 | grep -v total)" "40000000,vm,hlt,100,
40000000,vm,io,200,
40000000,vcpu0,hlt,100,
40000000,vcpu0,io,200,"
same "$(awk -F, '$6 == "total" { own[$4] += $13; lines[$4]++ } END {
	print (own["vm"] == own["vcpu0"] + own["vcpu1"]), lines["vm"], lines["vcpu1"] }' out)" '1 3 3'
run svm-full 0 watch -i 10ms -n 2 --per-vcpu
same "$(awk '{ print $2 }' out | xargs)" 'vCPU all 0 1 all 0 1'
run svm 4 watch --per-vcpu -n 1
no_data
says 'exitprof: the host does not tell vCPUs apart'
grep -q '^hint: ' err || die 'no hint'

# A dialect without cycles by reason: not known, which is not 0.
happen pass 5ms nap 100
run svm-combined 0 watch -i 20ms -n 1 --csv
same "$(rows 6-11)" "total,300,15000.000,5400000,1.000000,18000.0
hlt,100,5000.000,,,
io,200,10000.000,,,"

# Lines for reading, also where a terminal cannot be drawn on.
happen pass 25ms nap 100
run svm-full 0 watch -i 20ms -n 3
same "$(sed 's/^[0-9:]\{8\} /CLOCK /' out)" 'time            exits/s  handling  exits/s of the busiest
CLOCK              0      0.0%  
CLOCK         15,000      5.2%  io 10,000, hlt 5,000
CLOCK              0      0.0%  '
for term in dumb '' nonsense; do
	TERM=$term timeout 100 script -q -e -c "EXITPROF_TEST_HOST=svm-full exec '$EXITPROF' watch -i 10ms -n 2" \
		typescript >/dev/null </dev/null || die "on a terminal '$term': status $?"
	same "$(grep -c '%' typescript)" 2
	! grep -q $'\033' typescript || die "draws on a terminal '$term'"
	same "$(grep -c "^warning: the terminal 'nonsense' is not known here: lines are printed" typescript)" \
		"$([[ $term == nonsense ]] && echo 1 || echo 0)"
done

# It ends by itself, whatever comes first; not before its time.
run svm 0 watch -i 1h -d 50ms --csv
same "$(rows 1,6)" 50000000,total
run svm 0 watch -i 10ms -d 1h -n 4 --csv
same "$(rows 1,6 | xargs)" '10000000,total 20000000,total 30000000,total 40000000,total'

# A VM that was restored, or counters that go back: said, and it goes on. What was not
# measured is known of no line, and that is not 0. By a signal it ends, and that is no failure.
for host in restored backwards; do
	for signal in HUP INT TERM; do
		happen hold
		: >err
		# A background job of a shell ignores SIGINT, and so would exitprof.
		EXITPROF_TEST_HOST=$host env --default-signal=INT,HUP,TERM "$EXITPROF" watch -i 10ms \
			--csv >out 2>err </dev/null &
		pid=$!
		settled
		happen pass 15ms nap 1 pass 20ms
		settled
		kill -s $signal $pid
		wait $pid || die "status $? after SIG$signal"
		same "$(rows 1,6-13)" "10000000,total,0,0.000,0,,,,12
20000000,total,,,,,,,
30000000,total,0,0.000,0,,,,12"
		same "$(tail -n 1 err)" 'warning: the counters started anew: the VM was restored or migrated'
	done
done

# A reader that goes away, and a disk that is full.
EXITPROF_TEST_HOST=svm timeout 100 "$EXITPROF" watch -i 10ms 2>/dev/null | head -n 2 >out || true
same "$(wc -l <out)" 2
if [[ -c /dev/full ]]; then
	status=0
	EXITPROF_TEST_HOST=svm timeout 100 "$EXITPROF" watch -i 10ms >/dev/full 2>err || status=$?
	same "$status" 1
	grep -q '^exitprof: cannot write to standard output' err || die 'does not say so'
fi
