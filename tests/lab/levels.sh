#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What each level of accounting offers: nothing, the classic leaves, the latch; and metrics
# of each agree with snapshots.
. "$(dirname "$0")/lib.sh"

storm='exitprof run cpuid-storm --no-plot --set count=1000 -o storm'
calls='exitprof run hypercall --no-plot --set count=500 -o calls'
metrics='exitprof snapshot --csv >before.csv && exitprof metrics -o a.prom && exitprof snapshot --csv >after.csv'

# agree BEFORE AFTER METRICS: exits and, but for CPUID, handling cycles of each reason lie between
# two snapshots; prints how many reasons have not changed meanwhile, so that they are equal
agree() {
	awk -F, '
		FILENAME == ARGV[3] { if ($0 !~ /^#/) { split($0, line, " "); metric[line[1]] = line[2] }; next }
		FNR == 1 { next }
		FILENAME == ARGV[1] { exits[$2] = $3; cycles[$2] = $5 }
		FILENAME == ARGV[2] { exits_after[$2] = $3; cycles_after[$2] = $5 }
		END {
			for (name in exits) {
				count = metric["exitprof_exits_total{reason=\"" name "\"}"]
				time = metric["exitprof_handling_seconds_total{reason=\"" name "\"}"] * metric["exitprof_tsc_hertz"]
				if (name == "cpuid")
					count -= metric["exitprof_own_exits_total"]
				else if (time < cycles[name] - 3 || time > cycles_after[name] + 3)
					print name ": " time " cycles, not from " cycles[name] " to " cycles_after[name]
				if (count < exits[name] || count > exits_after[name])
					print name ": " count ", not from " exits[name] " to " exits_after[name]
				same += exits[name] == exits_after[name]
			}
			print (same >= 3 ? "agree" : "only " same " stand still")
		}' "$@"
}

lab 0 exec --level off -o off -- sh -c 'exitprof doctor; echo doctor $?; exitprof metrics -o a.prom; echo metrics $?'
has "off: no patched host" out '^doctor 4$'
has "off: no counters" out '^metrics 4$'
is "off: metrics say so" "$(grep -v '^#' off/a.prom)" 'exitprof_up 0'
for level in classic full; do
	lab 0 exec --level $level --trace -o $level -- sh -c "$storm && $calls && $metrics"
	is "$level: exits of the CPUID reason" \
		"$(awk -F, '$4 == "cpuid" { print $5 }' $level/storm/exits.csv)" 1000
	is "$level: metrics and snapshots" "$(agree $level/before.csv $level/after.csv $level/a.prom)" agree
	# Each exit is in its histogram, where there are histograms.
	is "$level: histograms" "$(sed -n 's/^exitprof_exit_handling_cycles_count//p' $level/a.prom | cksum)" \
		"$({ [ $level = classic ] || sed -n 's/^exitprof_exits_total//p' $level/a.prom; } | cksum)"
	is "$level: exits of hypercalls" \
		"$(awk -F, '$4 == "hypercall" { print $5 }' $level/calls/exits.csv)" 500
	"$root/host-patch/lab/trace-check" $level/trace >checked || fail "$level: the trace differs"
	cat checked
	has "$level: debugfs agrees" checked 'debugfs agrees'
	has "$level: latches" checked ", $([ $level = full ] && echo '[1-9][0-9]*' || echo 0) latches"
done
