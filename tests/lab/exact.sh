#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# exact.sh KERNEL: N CPUIDs are N exits, the sum over reasons is the total, and
# Debian's own cpuid(1) reads what the contract says.
. "$(dirname "$0")/lib.sh"
kernel=$1

cat >job <<'END'
#!/bin/sh
storm() {
	name=$1
	shift
	exitprof run cpuid-storm --no-plot -o "$name" "$@" >/dev/null || echo "storm $name: status $?" >&2
}
storm 1 --set count=1
storm 1000 --set count=1000
storm 1000000 --set count=1000000
storm 2x100000 --set count=200000 --set threads=2
storm repeated --set count=10000 -n 3 -w 1
for leaf in 0x4fffffff 0x4ffffffe '0x4ffffffd -s 0x72' '0x4ffffffc -s 0x72' \
	'0x4ffffffd -s 0xff' '0x4ffffffc -s 0xff' \
	'0x4ffffffd -s 0x81' '0x4ffffffc -s 0x81' '0x4ffffffd -s 0xa6' '0x4ffffffc -s 0xa6'; do
	cpuid -1 -i -r -l $leaf | tail -n 1
done >cpuid
END
chmod +x job
lab 0 exec --kernel "$kernel" --vcpus 2 --with job -o result -- job
is "nothing on stderr of the job" "$(grep '^storm' err || true)" ""

for run in 1 1000 1000000 2x100000 repeated; do
	[ -f "result/$run/runs.csv" ] || {
		fail "no result of $run"
		continue
	}
	case $run in
	2x*) expected=200000 ;;
	repeated) expected=10000 ;;
	*) expected=$run ;;
	esac
	is "$run: exits of the CPUID reason" \
		"$(awk -F, '$4 == "cpuid" { print $5 }' "result/$run/exits.csv" | sort -u)" "$expected"
	is "$run: operations" "$(column "result/$run/runs.csv" operations_count | sort -u)" "$expected"
	is "$run: sum over reasons and total" "$(awk -F, '
		NR == FNR { if (FNR > 1) sum[$1] += $5; next }
		FNR > 1 { print sum[$1] == $4 ? "equal" : "repeat " $1 ": " sum[$1] " and " $4 }' \
		"result/$run/exits.csv" "result/$run/runs.csv" | sort -u)" equal
	is "$run: one instant" "$(column "result/$run/runs.csv" consistent | sort -u)" 1
done

zeros='eax=0x00000000 ebx=0x00000000 ecx=0x00000000 edx=0x00000000$'
undefined='eax=0x00000000 ebx=0x00000000 ecx=0x00000000 edx=0xffffffff$'
has "cpuid(1): total exits" result/cpuid '^ *0x4fffffff 0x00: eax=0x00[^0].* ebx=0x00000000 ecx=0x00000000 edx=0x00000000$'
has "cpuid(1): total cycles" result/cpuid '^ *0x4ffffffe 0x00: eax=0x00000000 ebx=0x000000.. ecx=0x........ edx=0x00000000$'
has "cpuid(1): exits of CPUID" result/cpuid '^ *0x4ffffffd 0x72: eax=0x00[^0].* ebx=0x00000000 ecx=0x00000000 edx=0x00000000$'
has "cpuid(1): cycles of CPUID" result/cpuid '^ *0x4ffffffc 0x72: eax=0x00000000 ebx=0x000000.. ecx=0x........ edx=0x00000000$'
has "cpuid(1): exits of a reason that is not defined" result/cpuid "^ *0x4ffffffd 0xff: $undefined"
has "cpuid(1): cycles of a reason that is not defined" result/cpuid "^ *0x4ffffffc 0xff: $undefined"
has "cpuid(1): exits of a reason without a handler" result/cpuid "^ *0x4ffffffd 0xa6: $zeros"
has "cpuid(1): cycles of a reason without a handler" result/cpuid "^ *0x4ffffffc 0xa6: $zeros"
