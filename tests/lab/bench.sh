#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each probe of 'exitprof bench' causes the exits that it says, and the split of
# its time adds up.
. "$(dirname "$0")/lib.sh"

cat >job <<'END_OF_JOB'
#!/bin/sh
exitprof bench -d 300ms --folder . --csv >all.csv 2>all.err
exitprof bench msr-write -d 300ms --csv >msr.csv 2>msr.err
for probe in hypercall msr-read msr-write; do
	exitprof exec --details --no-plot -o $probe -- sh -c "exitprof bench $probe -d 300ms --json >$probe.json" 2>/dev/null ||
		echo "job: $probe: status $?" >&2
done
# Medians and means are of different moments where the machine is slower now and then.
for try in 1 2 3; do
	exitprof bench cpuid hypercall port-read port-write msr-read -d 300ms --csv >try-$try.csv 2>try.err
done
END_OF_JOB
chmod +x job
lab 0 exec --vcpus 2 --details --with job -o result -- job
is "stderr of the job" "$(grep '^job:' err || true)" ""
sed 's/^/  /' result/all.err
awk -F, '{ print $1, $7, $10, $16, $18, $19, $20, $21 }' result/all.csv result/msr.csv result/try-?.csv

# of PROBE COLUMN [FILE...]
of() {
	local probe=$1 name=$2
	shift 2
	[ $# -gt 0 ] || set -- result/all.csv result/msr.csv
	awk -F, -v probe="$probe" -v name="$name" '
		FNR == 1 { for (i = 1; i <= NF; i++) if ($i == name) wanted = i; next }
		$1 == probe && $3 == "" { value = $wanted }
		END { print value }' "$@"
}
# holds WHAT EXPRESSION: of awk
holds() { is "$1 ($2)" "$(awk "BEGIN { print ($2) ? \"yes\" : \"no\" }")" yes; }

for probe in cpuid:cpuid port-read:io port-write:io; do
	IFS=: read -r name reason <<<"$probe"
	is "$name: exits of one operation" "$(of "$name" exits_per_operation)" 1.000000
	is "$name: their reason" "$(of "$name" name)" "$reason"
done
# The guest's kernel makes hypercalls of its own, and sets timers by MSR writes, which on SVM count under
# the same reason as reads. Where that is more than one for each operation, the machine is slow, and
# details have as many.
for probe in hypercall:hypercall:0x1: msr-read:msr:0x17a:read msr-write:msr:0x17a:write; do
	IFS=: read -r name reason value direction <<<"$probe"
	is "$name: their reason" "$(of "$name" name)" "$reason"
	holds "$name: exits of one operation" "$(of "$name" exits_per_operation) >= 1"
	others=$(awk -F, -v kind="$reason" -v value="$value" -v direction="$direction" '
		$5 == kind && !($7 == value && $6 == direction) { n += $NF } END { print n + 0 }' "result/$name/details.csv")
	operations=$(sed -n 's/.*"operations_count": *\([0-9]*\).*/\1/p' "result/$name.json" | head -n 1)
	# Reasons with most exits come first.
	each=$(sed -n '/"reasons":/,$s/.*"exits_per_operation": *\([0-9.]*\).*/\1/p' "result/$name.json" | head -n 1)
	holds "$name: exits that are no operation" "$each >= 1 && ($each < 2 || $operations * ($each - 1) <= $others + 1)"
	is "$name: details lost" "$(column "result/$name/runs.csv" details_lost_count)" 0
done
for name in none rdtsc pause; do
	holds "$name: exits of one operation" "$(of $name exits_per_operation) < 0.1"
done
for name in cpuid hypercall port-read port-write msr-read; do
	splits='0'
	for file in result/try-?.csv; do
		handling=$(of $name handling_cycles "$file") away=$(of $name away_cycles "$file")
		splits+=" || (0 < $handling && $handling <= $away && $away <= 1.2 * $(of $name mean_cycles "$file"))"
	done
	holds "$name: handling, away, round trip" "$splits"
done
# The host answers a port in user space, and a CPUID in the kernel.
# least PROBE: of its away cycles, those least disturbed
least() { for file in result/try-?.csv; do of "$1" away_cycles "$file"; done | sort -n | head -n 1; }
holds "away for a port and for a CPUID" "$(least port-write) > 2 * $(least cpuid)"
for name in sleep wakeup disk-write; do
	holds "$name: exits of one operation" "$(of $name exits_per_operation) >= 1"
done
holds "two wake-ups and one" "$(of wakeup exits_per_operation) > $(of port-write exits_per_operation)"
has "RDPMC is refused" result/all.csv '^rdpmc,RDPMC,the guest'
has "writing MSRs is asked for only" result/all.csv '^msr-write,WRMSR of 0x17a,taints'
has "who tells the frequency" result/all.err '^TSC: [0-9]+ kHz by discovery leaf; CPU 0; '
