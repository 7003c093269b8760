#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A snapshot costs the active reasons and two exits, and is of one instant although
# its reader is moved between two busy vCPUs all the time.
. "$(dirname "$0")/lib.sh"

cat >job <<'END'
#!/bin/sh
exitprof snapshot --json >snapshot.json
exitprof run cpuid-storm --no-plot --set threads=2 -d 1h --no-save >/dev/null 2>&1 &
storm=$!
for i in 1 2 3 4; do
	for cpu in 1 2; do
		taskset $cpu exitprof snapshot --full --csv >hop.$((100 + 2 * i + cpu)) || echo "hop $i, $cpu: status $?" >&2
		taskset $cpu exitprof snapshot --json | grep '"consistent"' >>hops
	done
done
kill $storm
wait
# Moved while it reads: by hand, as often as the shell can.
exitprof run cpuid-storm --no-plot --set count=100 -n 60 -o moved >/dev/null 2>moved.err &
reader=$!
moves=0
while taskset -p 1 $reader >/dev/null 2>&1 && taskset -p 2 $reader >/dev/null 2>&1; do
	moves=$((moves + 2))
done
wait $reader
echo $? >moved.status
echo $moves >moves
END
chmod +x job
lab 0 exec --vcpus 2 --with job -o result -- job
is "stderr of the job" "$(grep '^hop ' err || true)" ""
active=$(grep -c '"reason":' result/snapshot.json)
is "a snapshot costs the $active active reasons and two" \
	"$(sed -n 's/.*"snapshot_exits_count": *\([0-9]*\).*/\1/p' result/snapshot.json)" $((active + 2))
is "snapshots on either vCPU" "$(wc -l <result/hops)" 8
is "all of one instant" "$(sort -u result/hops | tr -d ' ,')" '"consistent":true'
is "monotonic, and away for longer than handled" "$(cat result/hop.* | awk -F, '
	$1 == "reason" { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["name"] != "cpuid" && $at["exits_count"] < exits[$1] { print "exits of", $2, "went back" }
	$at["name"] != "cpuid" && $at["away_cycles"] < $at["handling_cycles"] { print $2, "was away for less than it was handled" }
	{ exits[$1] = $at["exits_count"] }')" ""

printf 'moved %s times\n' "$(cat result/moves)"
is "moved often enough to matter" "$(($(cat result/moves) > 50))" 1
is "moved: status" "$(cat result/moved.status)" 0
is "moved: exits of CPUID in 60 repeats" "$(awk -F, '$4 == "cpuid" { print $5 }' result/moved/exits.csv | sort | uniq -c | xargs)" "60 100"
is "moved: all of one instant" "$(column result/moved/runs.csv consistent | sort -u)" 1
is "moved: sums" "$(awk -F, 'NR == FNR { if (FNR > 1) sum[$1] += $5; next }
	FNR > 1 { print sum[$1] == $4 ? "equal" : "repeat " $1 ": " sum[$1] " and " $4 }' \
	result/moved/exits.csv result/moved/runs.csv | sort -u)" equal
