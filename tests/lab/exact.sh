#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# exact.sh KERNEL: a million CPUIDs are a million exits, on one vCPU and on two, with no trace
# beside them. See core.sh for all else that is exact.
. "$(dirname "$0")/lib.sh"
kernel=$1
needs_kernel "$kernel"

cat >job <<'END'
#!/bin/sh
exitprof run cpuid-storm --no-plot -o one --set count=1000000 >/dev/null &&
	exitprof run cpuid-storm --no-plot -o two --set count=1000000 --set threads=2 >/dev/null
END
chmod +x job
lab 0 exec --kernel "$kernel" --vcpus 2 --with job -o result -- job
for run in one two; do
	is "$run: exits of CPUID" "$(awk -F, '$4 == "cpuid" { print $5 }' result/$run/exits.csv)" 1000000
	is "$run: operations" "$(column result/$run/runs.csv operations_count)" 1000000
	is "$run: sum over reasons" "$(awk -F, 'NR > 1 { sum += $5 } END { printf "%.0f\n", sum }' result/$run/exits.csv)" \
		"$(column result/$run/runs.csv exits_count)"
	is "$run: one instant" "$(column result/$run/runs.csv consistent)" 1
done
