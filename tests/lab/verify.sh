#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 'exitprof verify' on real hosts: ours and right ones of every dialect pass; each
# faulty one is found under its name. One boot: the guest chooses the variant.
. "$(dirname "$0")/lib.sh"
source=$root/host-patch/lab/variants/exitprof_variant.c

# The race comes last: after it, sums are no sums any more.
variants='none classic combined reversed swapped unset confused early race'
{
	echo '#!/bin/sh'
	for variant in $variants; do
		index=$(($(grep -n "^	{ \"$variant\"" "$source" | cut -d : -f 1) -
			$(grep -n '^} variants\[\]' "$source" | cut -d : -f 1) - 1))
		echo "cpuid -1 -i -r -l 0x4fffff00 -s $index | grep -q eax=0x00000001 || echo 'no $variant' >&2"
		case $variant in
		combined | reversed | classic)
			echo "exitprof run cpuid-storm --no-plot -o $variant --set count=10000 --set threads=2 >/dev/null"
			echo "exitprof run cpuid-storm --no-save --set count=1000 >$variant.table"
			;;
		esac
		echo "exitprof verify --csv >$variant.csv; echo $variant \$? >>statuses"
	done
} >job
chmod +x job
lab 0 exec --variant none --vcpus 2 --with job -o result -- job
is "variants chosen" "$(grep '^no ' err || true)" ""

# Without what another failure explains.
verdicts() { sed -n 's/^[a-z]*,\([a-z-]*\),\(fail\|warning\),.*,$/\1=\2/p' "result/$1.csv" | xargs; }
status_of() { sed -n "s/^$1 //p" result/statuses; }
for right in none classic combined reversed; do
	is "$right: what did not pass" "$(verdicts $right)" ""
	is "$right: status" "$(status_of $right)" 0
	is "$right: lost updates were looked for" "$(grep -c '^counts,lost-updates,pass' result/$right.csv)" 1
done
is "ours: the latch was looked at" "$(grep -c '^exitprof,latch,pass' result/none.csv)" 1
while read -r variant check; do
	is "$variant: what did not pass" "$(verdicts "$variant")" "$check=fail"
	is "$variant: status" "$(status_of "$variant")" 1
done <<'END'
swapped halves
unset unset-registers
confused not-enabled
early handled
END
has "race: lost updates" result/race.csv '^counts,lost-updates,fail,.*lost updates: of [0-9]+ CPUIDs on 2 vCPUs'
is "race: status" "$(status_of race)" 1

# All commands read the other dialects.
for dialect in classic combined reversed; do
	is "$dialect: in run.json" "$(sed -n 's/^ *"dialect": *"\([a-z]*\)".*/\1/p' result/$dialect/run.json)" "$dialect"
	is "$dialect: 10000 CPUIDs on two vCPUs" \
		"$(awk -F, '$4 == "cpuid" { print $5 }' result/$dialect/exits.csv)" 10000
done
is "combined: no cycles by reason" "$(awk -F, 'NR > 1 { print $6 }' result/combined/exits.csv | sort -u)" ""
has "combined: shown as missing" result/combined.table '^cpuid +1,000 .* - +- +-$'
has "combined: a total of the cycles" result/combined.table '^total .* [0-9,]+ +100.0% '
has "reversed: cycles by reason" result/reversed.table '^cpuid +1,000 .* [0-9,]+ +[0-9.]+% '
