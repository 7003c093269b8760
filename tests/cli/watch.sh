#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `watch` where nothing can be drawn: lines that add up to what happened, exactly.
. "$(dirname "$0")/lib.sh"

# naps N: the simulated guest has slept so often, each with two port accesses
naps() {
	truncate -s "$1" naps
}

# watch HOST ARGUMENT...: in the background
watch() {
	local host=$1
	shift
	: >out
	: >err
	# A background job of a shell ignores SIGINT, and so would exitprof.
	EXITPROF_TEST_HOST=$host EXITPROF_TEST_NAPS=@$tmp/naps env --default-signal=INT,HUP,TERM \
		"$EXITPROF" watch -i 20ms "$@" >out 2>err </dev/null &
	pid=$!
}

# until_is WHAT EXPECTED COMMAND...: tried for 100 s
until_is() {
	local what=$1 expected=$2 got
	shift 2
	for ((i = 0; i < 2000; i++)); do
		got=$("$@")
		[[ $got != "$expected" ]] || return 0
		kill -0 "$pid" 2>/dev/null || die "$what: it has ended"
		sleep 0.05
	done
	die "$what: '$got' instead of '$expected'"
}

ends() {
	local status=0
	[[ -z ${1-} ]] || kill -s "$1" "$pid"
	timeout 100 tail -f --pid="$pid" /dev/null || { kill -9 "$pid"; die 'does not end'; }
	wait "$pid" || status=$?
	same "$status" 0
}

# The first words of that line of out, if it is there.
words() { sed -n "$1p" out | cut -c 1-10; }
any_total() { grep -c -m 1 ,total, out || true; }
# A short interval may have a high rate.
busy_lines() { grep -c 'io [0-9,.kMG]*, hlt [0-9,.kMG]*$' out || true; }
longer_than() { (($(wc -l <out) <= $1)) || echo yes; }

# sum NAME COLUMN: of complete lines
sum() { awk -F, -v name="$1" -v column="$2" '$6 == name && NF == 13 { sum += $column } END { print sum + 0 }' out; }

# However often it looks, each exit is in one line, and its own are in none.
for host in svm-full:hlt:io svm:hlt:io vmx-full:HLT:IO_INSTRUCTION vmx-32bit:HLT:IO_INSTRUCTION; do
	IFS=: read -r host hlt io <<<"$host"
	naps 5
	watch "$host" --csv
	for count in 12 13 1005; do
		until_is 'a first line' 1 any_total
		naps "$count"
		until_is "$host: exits of $hlt" $((count - 5)) sum "$hlt" 7
	done
	ends TERM
	same "$(sum "$io" 7)" 2000
	same "$(sum "$hlt" 9)" 4000000
	same "$(sum total 7)" 3000
	same "$(grep -ci cpuid out || true)" 0
	(($(awk -F, '$6 == "total" && $13 < 4' out | wc -l) == 0)) || die 'reading for nothing'
done

# Of the latch leaf: the four reasons that occurred, and two; later no more than has changed,
# and the total.
naps 0
watch svm-full -n 3 --csv
ends
same "$(awk -F, '$6 == "total" { print $13 }' out | xargs)" '6 4 4'
same "$(grep -c ,total, out)" 3
watch svm-full -n 3 --json
ends
same "$(wc -l <out)" 3
head -n 1 out >first
same "$("$JSON_GET" own_exits_count <first)" 6
same "$("$JSON_GET" consistent <first)" true
same "$("$JSON_GET" away_cycles <first)" null
same "$(EXITPROF_TEST_HOST=svm-full "$EXITPROF" watch -i 10ms -n 2 --away --json 2>/dev/null |
	tail -n 1 | "$JSON_GET" away_cycles)" 0
same "$(EXITPROF_TEST_HOST=svm-full "$EXITPROF" watch -i 10ms -n 1 --dialect classic --csv \
	2>/dev/null | tail -n 1 | cut -d , -f 13)" 12

# Each vCPU by itself: exitprof's own exits are those of one of them.
naps 0
watch svm-full --per-vcpu --csv
until_is 'a first line' 1 any_total
naps 100
until_is 'exits of hlt, of the VM and of a vCPU' 200 sum hlt 7
until_is 'the next interval' yes longer_than "$(($(wc -l <out) + 2))"
ends TERM
same "$(awk -F, '$6 == "hlt" { sum[$4] += $7 } END { print sum["vm"], sum["vcpu0"] + sum["vcpu1"] }' out)" '100 100'
same "$(awk -F, '$6 == "total" { own[$4] += $13; lines[$4]++ } END {
	print (own["vm"] == own["vcpu0"] + own["vcpu1"]), (lines["vm"] > 1) }' out)" '1 1'
run svm-full 0 watch -i 10ms -n 2 --per-vcpu
same "$(awk '{ print $2 }' out | xargs)" 'vCPU all 0 1 all 0 1'
run svm 4 watch --per-vcpu -n 1
no_data
says 'exitprof: the host does not tell vCPUs apart'
grep -q '^hint: ' err || die 'no hint'

# A dialect without cycles by reason: not known, which is not 0.
naps 0
watch svm-combined --csv
until_is 'a first line' 1 any_total
naps 100
until_is 'exits of hlt' 100 sum hlt 7
ends TERM
same "$(awk -F, '$6 == "hlt" { print $9 $10 $11 }' out)" ''
(($(sum total 9) > 0)) || die 'no cycles of all together'

# Lines for reading, also where a terminal cannot be drawn on.
naps 0
watch svm-full
until_is 'the title' 'time      ' words 1
until_is 'a first line' yes longer_than 1
naps 1000
until_is 'a busy line' 1 busy_lines
ends INT
[[ $(sed -n 2p out) =~ ^[0-9:]{8}\ +0\ +0\.0%\ *$ ]] || die 'odd idle line'
for term in dumb '' nonsense; do
	TERM=$term timeout 100 script -q -e -c "EXITPROF_TEST_HOST=svm-full exec '$EXITPROF' watch -i 10ms -n 2" \
		typescript >/dev/null </dev/null || die "on a terminal '$term': status $?"
	same "$(grep -c '%' typescript)" 2
	! grep -q $'\033' typescript || die "draws on a terminal '$term'"
	same "$(grep -c "^warning: the terminal 'nonsense' is not known here: lines are printed" typescript)" \
		"$([[ $term == nonsense ]] && echo 1 || echo 0)"
done

# It ends by itself, whatever comes first; not before its time.
EXITPROF_TEST_HOST=svm timeout 100 "$EXITPROF" watch -i 1h -d 50ms --csv >out 2>err || die "status $?"
same "$(grep -c ,total, out)" 1
(($(tail -n 1 out | cut -d , -f 1) >= 50000000)) || die 'ended early'
EXITPROF_TEST_HOST=svm timeout 100 "$EXITPROF" watch -i 10ms -d 1h -n 4 --csv >out 2>err || die "status $?"
same "$(grep -c ,total, out)" 4

# A VM that was restored, or counters that go back: said, and it goes on.
for host in restored backwards; do
	naps 1
	watch "$host" --csv
	until_is 'a first line' 1 any_total
	naps 2
	until_is "$host: the warning" 'warning: the counters started anew: the VM was restored or migrated' \
		tail -n 1 err
	lines=$(wc -l <out)
	until_is 'going on' yes longer_than "$lines"
	ends HUP
	# What was not measured is known of no line, and that is not 0.
	same "$(grep -c hlt out || true)" 0
	same "$(grep -c 'vm,,total,,,,,,,$' out)" 1
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
