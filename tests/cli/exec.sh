#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A command, its status, its signals and its own standard input and output.
. "$(dirname "$0")/lib.sh"
export EXITPROF_TEST_NAPS=@$tmp/naps

# nap N: what a command of N naps is
# shellcheck disable=SC2016
nap='f() { head -c "$1" /dev/zero >>"$tmp/naps"; }; f'
export tmp

for host in svm-full vmx svm-nodisc; do
	[[ $host == vmx* ]] && io=30,IO_INSTRUCTION hlt=12,HLT || io=123,io hlt=120,hlt
	[[ $host == svm-full ]] && io_away=500000 hlt_away=80000 || io_away='' hlt_away=''
	rm -rf naps result
	run $host 0 exec -n 2 -w 1 -o result --no-plot -- sh -c "$nap 10"
	no_data
	same "$(cat result/exits.csv)" "repeat,scope,reason,name,exits_count,handling_cycles,away_cycles$(
		for repeat in 1 2; do
			printf '\n%s' "$repeat,vm,$hlt,10,40000,$hlt_away" "$repeat,vm,$io,20,500000,${io_away:+1000000}"
		done
	)"
	same "$(awk -F, 'NR > 1 { print $1, $3, $4, $11 }' result/runs.csv)" $'1 1 30 0\n2 1 30 0'
	grep -q "^${io#*,}  *20 " err || die 'no table on stderr'
	same "$("$JSON_GET" command 2 <result/run.json)" "$nap 10"
	same "$("$JSON_GET" workload <result/run.json)" null
done

# What the time of two vCPUs is, the host's TSC being 2.6 GHz: away cycles of 30 exits.
run svm-full 0 exec --no-save --json -- sh -c "$nap 1000; sleep 0.1"
share=$("$JSON_GET" run away_share <out)
[[ $share =~ ^0\.[0-9]{6}$ ]] || die "odd share: $share"
grep -q '^out of the guest: .*% of the time of 2 vCPUs, of which hlt is 7%$' err || die 'no share'
# Unknown is not 0.
run svm 0 exec --no-save --json -- true
same "$("$JSON_GET" run away_share <out)" null

# Standard input and output are the command's; the table goes to stderr.
same "$(echo in | EXITPROF_TEST_HOST=svm "$EXITPROF" exec --no-save -- cat 2>err)" in
grep -q '^total ' err || die 'no table'
run svm-full 0 exec --no-save --csv -- sh -c "$nap 10"
same "$(sed -n 2p out | cut -d, -f 1-3)" 123,io,20

# Each vCPU by itself, and all of them together.
run svm-full 0 exec --per-vcpu -o result --no-plot -n 2 -- sh -c "$nap 10"
same "$(awk -F, 'NR > 1 { sum[$1 "," $4 "," ($2 == "vm")] += $5 }
	END { for (i in sum) print i "," sum[i] }' result/exits.csv | sort)" \
	$'1,hlt,0,10\n1,hlt,1,10\n1,io,0,20\n1,io,1,20\n2,hlt,0,10\n2,hlt,1,10\n2,io,0,20\n2,io,1,20'
grep -q '^0  *30 .* io 67%, hlt 33%$' err || die 'no table of vCPUs'
run svm-full 0 exec --per-vcpu --no-save --json -- sh -c "$nap 10"
same "$("$JSON_GET" vcpus 0 exits_count <out)" 30
same "$("$JSON_GET" vcpus 1 exits_count <out)" 0
run svm 4 exec --per-vcpu --no-save -- sh -c ': >ran'
says 'exitprof: the host does not tell its vCPUs apart'
[[ ! -e ran ]] || die 'ran all the same'

# A series of it, that adds up to the whole. The command goes on until there is a sample.
run svm-full 0 exec --interval 5ms -o result --no-plot -- sh -c "
	while $nap 5; sleep 0.01; [ \$(cat .result.tmp-*/series.csv | wc -l) -lt 2 ]; do :; done"
same "$(head -n 1 result/series.csv)" 'repeat,uptime_ns,elapsed_ns,interval_ns,missed_count,scope,reason,name,exits_count,handling_cycles,away_cycles'
for column in 9 10 11; do
	same "$(awk -F, -v c=$column '$7 { sum[$8] += $c } END { print sum["hlt"], sum["io"] }' result/series.csv)" \
		"$(awk -F, -v c=$((column - 4)) 'NR > 1 { sum[$4] += $c } END { print sum["hlt"], sum["io"] }' result/exits.csv)"
done
samples=$(awk -F, '$8 == "total"' result/series.csv | wc -l)
same "$("$JSON_GET" series samples_count <result/run.json)" "$samples"
same "$("$JSON_GET" series missed_count <result/run.json)" \
	"$(awk -F, '$8 == "total" { sum += $5 } END { print sum }' result/series.csv)"
((samples > 1)) || die 'no series'

# A host that has cycles of all reasons together only: missing is not 0.
run svm-combined 0 exec --interval 20ms -o result --no-plot -- sh -c "$nap 5; sleep 0.05"
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
run svm 127 exec -- no-such-command
says "exitprof: cannot execute 'no-such-command': No such file or directory"
run svm 126 exec -- "$tmp"
says "exitprof: cannot execute '$tmp': Permission denied"
same "$(ls -A)" $'all\nerr\nnaps\nout\ntimes'
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

# signalled SIGNAL TARGET: sent to exitprof alone, or to its group as a terminal does; the
# command says what it gets. Sets $status.
signalled() {
	local pid
	rm -rf got started result
	# shellcheck disable=SC2016
	EXITPROF_TEST_HOST=svm setsid env --default-signal=INT,HUP,TERM "$EXITPROF" exec -o result \
		--no-plot -n 3 -- bash -c 'trap "echo $1 >>got" $1; : >started
		for i in {1..1000}; do [[ ! -e got ]] || break; sleep 0.05; done; exit 9' bash "$1" 2>err &
	pid=$!
	until [[ -e started ]]; do sleep 0.05; done
	kill -s "$1" "$pid"
	status=0
	wait "$pid" || status=$?
}
for signal in INT TERM HUP; do
	signalled $signal
	same "$status" 9
	same "$(<got)" $signal
	same "$("$JSON_GET" run repeats_count <result/run.json)" 1
	same "$("$JSON_GET" run interrupted <result/run.json)" true
	same "$(awk -F, 'NR == 2 { print $11 }' result/runs.csv)" 9
done
# A command that a signal ends: what it caused is kept.
rm -rf result
EXITPROF_TEST_HOST=svm "$EXITPROF" exec -o result --no-plot -- sh -c ': >started2; exec sleep 1000' 2>err &
pid=$!
until [[ -e started2 ]]; do sleep 0.05; done
kill -TERM $pid
status=0
wait $pid || status=$?
same "$status" 143
same "$(wc -l <result/runs.csv)" 2

# Ctrl-C of a terminal reaches the command once, and exitprof as well. The shell that script(1)
# starts gives its place to exitprof: dash would die of the signal itself.
if type -P script >/dev/null; then
	rm -rf result got started
	cat >inner <<-'END'
	trap 'echo got >>got' INT
	: >started
	while [ ! -e got ]; do sleep 0.05; done
	sleep 0.3
	END
	(
		until [[ -e started ]]; do sleep 0.05; done
		sleep 0.2
		printf '\003'
		sleep 1
	) | EXITPROF_TEST_HOST=svm timeout 100 script -qec "exec '$EXITPROF' exec -o result --no-plot -- bash inner" /dev/null >out 2>err ||
		die 'Ctrl-C'
	same "$(<got)" got
	same "$("$JSON_GET" run interrupted <result/run.json)" true
fi
