#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A command's exits to the last one, on the vCPU where they were, and over time: every
# sample together is the whole.
. "$(dirname "$0")/lib.sh"

cat >job <<'END'
#!/bin/sh
# loop N: N processes that execute the same number of CPUIDs each
cat >loop <<'LOOP'
i=0
while [ $i -lt $1 ]; do
	cpuid -1 -i -r -l 0 >/dev/null
	i=$((i + 1))
done
LOOP
for n in 0 10 20; do
	exitprof exec --no-plot -o loop.$n -- sh loop $n 2>/dev/null || echo "job: loop $n: status $?" >&2
	for vcpu in 0 1; do
		taskset $((vcpu + 1)) exitprof exec --no-plot --per-vcpu -o vcpu$vcpu.$n -- sh loop $n 2>/dev/null ||
			echo "job: loop $n on $vcpu: status $?" >&2
	done
done
exitprof exec --no-save -- sh -c 'exit 7' 2>/dev/null
echo $? >status
exitprof run cpuid-storm --set count=200000 --set threads=2 --no-plot --per-vcpu --interval 20ms -o storm >/dev/null ||
	echo "job: storm: status $?" >&2
exitprof record -i 50ms --per-vcpu --no-plot -o busy >/dev/null &
pid=$!
# It has begun when it waits for time to pass.
until grep -q -e nanosleep -e poll /proc/$pid/wchan; do sleep 0.1; done
exitprof run cpuid-storm --set count=20000 --set threads=2 --no-save >/dev/null 2>&1
kill -TERM $pid
wait $pid || echo "job: record: status $?" >&2
# What a recording costs, in ticks of 10 ms, of a guest that is idle otherwise.
exitprof record -i 10ms -o idle.csv 2>idle.err &
pid=$!
sleep 1
cut -d ' ' -f 14,15 /proc/$pid/stat >cpu.before
cut -d ' ' -f 1 /proc/uptime >>cpu.before
sleep 10
cut -d ' ' -f 14,15 /proc/$pid/stat >cpu.after
cut -d ' ' -f 1 /proc/uptime >>cpu.after
# Not SIGINT, which a shell has its background jobs ignore.
kill -TERM $pid
wait $pid || echo "job: idle: status $?" >&2
END
chmod +x job
lab 0 exec --vcpus 2 --with job -o result -- job
is "stderr of the job" "$(grep '^job' err || true)" ""
is "status" "$(cat result/status)" 7

# of FOLDER SCOPE: exits of the CPUID reason
of() { awk -F, -v scope="$2" '$2 == scope && $4 == "cpuid" { print $5 }' "result/$1/exits.csv"; }
each=$((($(of loop.20 vm) - $(of loop.10 vm)) / 10))
printf 'a process executes %s CPUIDs\n' $each
is "many enough to be noticed" $((each > 10)) 1
is "ten processes more are ten times as many more" $(($(of loop.20 vm) - $(of loop.10 vm))) $((10 * each))
is "and so are the first ten" $(($(of loop.10 vm) - $(of loop.0 vm))) $((10 * each))
for vcpu in 0 1; do
	for n in 0 10 20; do
		is "vCPU $vcpu, $n processes: all there" "$(of vcpu$vcpu.$n vcpu$vcpu)" "$(of loop.$n vm)"
		is "and none on the other one" "$(of vcpu$vcpu.$n vcpu$((1 - vcpu)))" 0
		is "one instant" "$(column result/vcpu$vcpu.$n/runs.csv consistent)" 1
	done
done

# whole FOLDER: all sums of its series are those of the whole; but for cycles of CPUID, out of
# which own ones are taken by calibration
whole() {
	awk -F, 'FNR == 1 { next }
		FILENAME ~ /series/ && $7 { e[$6 "," $7] += $9; h[$6 "," $7] += $10; a[$6 "," $7] += $11 }
		FILENAME !~ /series/ { i = $2 "," $3; exits += $5; rows++
			if (e[i] != $5 || ($4 != "cpuid" && (h[i] != $6 || a[i] != $7))) print i ": exits " e[i] " of " $5 ", handling " h[i] " of " $6 ", away " a[i] " of " $7 }
		END { print rows ? "whole" : "empty" }' "result/$1/series.csv" "result/$1/exits.csv"
}
is "storm: exits of the CPUID reason" "$(of storm vm)" 200000
for result in storm busy; do
	is "$result: samples are the whole" "$(whole $result)" whole
	is "$result: the busy reason is in every scope" \
		"$(awk -F, '$4 == "cpuid" && $5 > 0 { print $2 }' result/$result/exits.csv | sort | xargs)" "vcpu0 vcpu1 vm"
	is "$result: vCPUs are the VM" "$(awk -F, 'NR > 1 { sum[$4] += $2 == "vm" ? $5 : -$5 }
		END { for (i in sum) if (sum[i]) print i, sum[i] }' result/$result/exits.csv)" ""
	is "$result: one instant" "$(column result/$result/runs.csv consistent)" 1
	grep -A 5 '"series"' result/$result/run.json
done
is "busy: both vCPUs are" "$(($(of busy vcpu0) >= 10000 && $(of busy vcpu1) >= 10000))" 1

cat result/idle.err
is "idle: samples and missed ticks are all ticks" "$(awk -F, '$6 == "vm" && $8 == "total" { ticks += 1 + $5; last = $3 }
	END { due = int(last / 1e7); print (ticks == due || ticks == due + 1) }' result/idle.csv)" 1
awk 'FNR == 1 { ticks[FILENAME] = $1 + $2; user[FILENAME] = $1 } FNR == 2 { at[FILENAME] = $1 }
	END { printf "record -i 10ms: %.2f%% of one vCPU (%.2f%% in user mode)\n",
		(ticks["result/cpu.after"] - ticks["result/cpu.before"]) / (at["result/cpu.after"] - at["result/cpu.before"]),
		(user["result/cpu.after"] - user["result/cpu.before"]) / (at["result/cpu.after"] - at["result/cpu.before"]) }' \
	result/cpu.before result/cpu.after
