#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A command, its status, its signals and its own standard input and output.
. "$(dirname "$0")/lib.sh"

# happens WORD...: what a command is in which that happens
# shellcheck disable=SC2016
happens='f() { echo "$*" >"$EXITPROF_TEST_CLOCK"; }; f'

for host in svm-full vmx svm-nodisc; do
	[[ $host == vmx* ]] && io=30,IO_INSTRUCTION hlt=12,HLT || io=123,io hlt=120,hlt
	[[ $host == svm-full ]] && io_away=500000 hlt_away=80000 || io_away='' hlt_away=''
	rm -rf result
	run $host 0 exec -n 2 -w 1 -o result --no-plot -- sh -c "$happens nap 10 pass 3ms"
	no_data
	same "$(cat result/exits.csv)" "repeat,scope,reason,name,exits_count,handling_cycles,away_cycles$(
		for repeat in 1 2; do
			printf '\n%s' "$repeat,vm,$hlt,10,40000,$hlt_away" "$repeat,vm,$io,20,500000,${io_away:+1000000}"
		done
	)"
	same "$(awk -F, 'NR > 1 { print $1, $2, $3, $4, $11 }' result/runs.csv)" $'1 3000000 1 30 0\n2 3000000 1 30 0'
	grep -q "^${io#*,}  *20 " err || die 'no table on stderr'
	same "$("$JSON_GET" command 2 <result/run.json)" "$happens nap 10 pass 3ms"
	same "$("$JSON_GET" workload <result/run.json)" null
done

# What the time of two vCPUs is, the host's TSC being 2.6 GHz: 108 of 520 million cycles.
run svm-full 0 exec --no-save --json -- sh -c "$happens nap 1000 pass 100ms"
same "$("$JSON_GET" run away_share <out)" 0.207692
same "$("$JSON_GET" summary 0 exits_per_second <out)" 20000.000
grep -q '^out of the guest: 20.8% of the time of 2 vCPUs, of which hlt is 7%$' err || die 'no share'
# Unknown is not 0.
run svm 0 exec --no-save --json -- true
same "$("$JSON_GET" run away_share <out)" null

# Standard input and output are the command's; the table goes to stderr.
same "$(echo in | EXITPROF_TEST_HOST=svm "$EXITPROF" exec --no-save -- cat 2>err)" in
grep -q '^total ' err || die 'no table'
run svm-full 0 exec --no-save --csv -- sh -c "$happens nap 10"
same "$(sed -n 2p out | cut -d, -f 1-3)" 123,io,20

# Each vCPU by itself, and all of them together.
run svm-full 0 exec --per-vcpu -o result --no-plot -n 2 -- sh -c "$happens nap 10"
same "$(awk -F, 'NR > 1 { sum[$1 "," $4 "," ($2 == "vm")] += $5 }
	END { for (i in sum) print i "," sum[i] }' result/exits.csv | sort)" \
	$'1,hlt,0,10\n1,hlt,1,10\n1,io,0,20\n1,io,1,20\n2,hlt,0,10\n2,hlt,1,10\n2,io,0,20\n2,io,1,20'
grep -q '^0  *30 .* io 67%, hlt 33%$' err || die 'no table of vCPUs'
run svm-full 0 exec --per-vcpu --no-save --json -- sh -c "$happens nap 10"
same "$("$JSON_GET" vcpus 0 exits_count <out)" 30
same "$("$JSON_GET" vcpus 1 exits_count <out)" 0
run svm 4 exec --per-vcpu --no-save -- sh -c ': >ran'
says 'exitprof: the host does not tell its vCPUs apart'
[[ ! -e ran ]] || die 'ran all the same'

# A series of it, that adds up to the whole.
run svm-full 0 exec --interval 5ms -o result --no-plot -- sh -c "$happens nap 5 pass 12ms nap 2 pass 6ms"
same "$(awk -F, '$7 == "" { print $3, $4, $9 }' result/series.csv)" "5000000 5000000 15
10000000 5000000 0
15000000 5000000 6
18000000 3000000 0"
same "$(head -n 1 result/series.csv)" 'repeat,uptime_ns,elapsed_ns,interval_ns,missed_count,scope,reason,name,exits_count,handling_cycles,away_cycles'
for column in 9 10 11; do
	same "$(awk -F, -v c=$column '$7 { sum[$8] += $c } END { print sum["hlt"], sum["io"] }' result/series.csv)" \
		"$(awk -F, -v c=$((column - 4)) 'NR > 1 { sum[$4] += $c } END { print sum["hlt"], sum["io"] }' result/exits.csv)"
done
same "$("$JSON_GET" series samples_count <result/run.json)" 4
same "$("$JSON_GET" series missed_count <result/run.json)" 0
# A stall of the guest: the ticks that it takes are missed, and said.
run svm-full 0 exec --interval 5ms -o result --no-plot -- sh -c "$happens nap 5 stall 12ms nap 2 pass 6ms"
same "$(awk -F, '$7 == "" { print $3, $5, $9 }' result/series.csv)" "12000000 1 15
15000000 0 6
18000000 0 0"
same "$("$JSON_GET" series samples_count <result/run.json)" 3
same "$("$JSON_GET" series missed_count <result/run.json)" 1

# A host that has cycles of all reasons together only: missing is not 0.
run svm-combined 0 exec --interval 20ms -o result --no-plot -- sh -c "$happens nap 5 pass 50ms"
same "$(awk -F, 'NR > 1 && $7 { print $9, $10 "|" $11 }' result/series.csv | sort)" $'10 |\n5 |'
same "$(awk -F, '$8 == "total" { sum += $10 } END { print sum }' result/series.csv)" 270000

# Statuses, as env(1) has them. Nothing is saved of what was not run.
rm -rf result exitprof-results
run svm 7 exec --no-save -- sh -c 'exit 7'
grep -qx 'exit status 7' err || die 'does not say the status'
run svm 137 exec --no-save -- sh -c 'kill -9 $$'
grep -qx 'exit status 137: signal 9, Killed' err || die 'does not say the signal'
# shellcheck disable=SC2016,SC2238
run svm 3 exec --no-save -n 3 -- sh -c 'echo >>times; exit $(($(wc -l < times) == 2 ? 3 : 0))'
same "$(wc -l < ./times)" 3
# Without folders that this user may not search
PATH=/usr/bin:/bin run svm 127 exec -- no-such-command
says "exitprof: cannot execute 'no-such-command': No such file or directory"
run svm 126 exec -- "$tmp"
says "exitprof: cannot execute '$tmp': Permission denied"
same "$(ls -A)" $'all\nerr\nout\ntimes'
mkdir mine
run svm 125 exec -o mine -- sh -c ': >ran'
[[ ! -e ran ]] || die 'ran although the result cannot be written'
for host in stock-amd bare; do
	run $host 4 exec -- sh -c ': >ran'
	[[ ! -e ran ]] || die 'ran without a host'
done
run svm 2 exec
says 'exitprof: exec: which command?'
run svm 2 exec --interval 10us true
says "exitprof: exec: --interval takes 1ms or more, not '10us'"

# Options end at the command, with or without --.
run svm 0 exec --no-save sh -c 'echo "$@"' sh --json -n x
same "$(<out)" '--json -n x'

# What is said through them is there when it is read.
mkfifo started wake keys never
exec {started}<>started
begun() { read -r -t 100 -u "$started" || die 'the command does not begin'; }

# signalled SIGNAL REPEATS: sent to exitprof alone; the command says what it gets, and ends. Sets
# $status. A signal just before bash begins to read does not end the read: hence its limit.
signalled() {
	local pid
	rm -rf got result
	# shellcheck disable=SC2016
	EXITPROF_TEST_HOST=svm setsid env --default-signal=INT,HUP,TERM,QUIT "$EXITPROF" exec -o result \
		--no-plot -n "$2" -- bash -c 'exec 3<>wake; trap "echo $1 >>got; echo >&3" $1
		echo >started; until read -r -t 1 <&3; do :; done; exit 9' bash "$1" 2>err &
	pid=$!
	begun
	kill -s "$1" "$pid"
	status=0
	wait "$pid" || status=$?
}
for signal in INT TERM HUP QUIT; do
	signalled $signal 3
	same "$status" 9
	same "$(<got)" $signal
	same "$("$JSON_GET" run repeats_count <result/run.json)" 1
	same "$("$JSON_GET" run interrupted <result/run.json)" true
	same "$(awk -F, 'NR == 2 { print $11 }' result/runs.csv)" 9
done
# What has a meaning for the command alone.
for signal in USR1 USR2; do
	signalled $signal 1
	same "$status" 9
	same "$(<got)" $signal
	same "$("$JSON_GET" run interrupted <result/run.json)" false
done
# A command that a signal ends: what it caused is kept.
rm -rf result
EXITPROF_TEST_HOST=svm "$EXITPROF" exec -o result --no-plot -- sh -c 'echo >started; exec cat never' 2>err &
pid=$!
begun
kill -TERM $pid
status=0
wait $pid || status=$?
same "$status" 143
same "$(wc -l <result/runs.csv)" 2

# Ctrl-C of a terminal reaches the command once, and exitprof as well. The shell that script(1)
# starts gives its place to exitprof: dash would die of the signal itself.
if type -P script >/dev/null; then
	rm -rf result got
	new_feed
	# exitprof answers the line when it runs again, and has passed on by then what it would.
	cat >inner <<-'END'
	exec 3<>wake
	trap 'echo got >>got; echo >&3' INT
	echo >started
	until read -r -t 1 <&3; do :; done
	echo pass 1ms >"$EXITPROF_TEST_CLOCK"
	read -r <"$EXITPROF_TEST_CLOCK.done"
	END
	exec {keys}<>keys
	EXITPROF_TEST_HOST=svm timeout 100 script -qec "exec '$EXITPROF' exec -o result --no-plot -- bash inner" /dev/null \
		<keys >out 2>err &
	pid=$!
	begun
	printf '\003' >&"$keys"
	wait $pid || die 'Ctrl-C'
	same "$(<got)" got
	same "$("$JSON_GET" run interrupted <result/run.json)" true
fi
