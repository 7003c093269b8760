#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A real Debian guest with the unit enabled. Four boots of one VM: to the end, with the
# recorder stopped half-way, with / read-only, and with a full disk for what is recorded. That agrees
# with KVM's own trace to the last exit. Then one boot on a host without the patch.
. "$(dirname "$0")/lib.sh"
check=$root/host-patch/lab/boot-check

# exits FILE: of all samples of a report in CSV
exits() { column "$1" exits_count | sum; }

lab 0 boot --boots 4 --trace -o result --with "$root/tests/lab/boot-job" -- boot-job
cd result
for boot in 1 2; do
	is "boot $boot: units that have failed" "$(cat failed-$boot)" ""
	is "boot $boot: boots that are known" "$(sed 1d list-$boot | wc -l)" $boot
done
has "the first boot is finished" report-1 '^boot of .*: [0-9,]+ exits in .*, finished$'
has "what came before is known" report-1 '^before the first sample +VM created '
is "no reason had more exits in the boot than later" "$(awk -F, '
	NR == FNR { if (FNR > 1) boot[$3] += $4; next }
	FNR > 1 { now[$2] = $3 }
	END { for (name in boot) if (boot[name] > now[name]) print name }' boot-1.csv snapshot.csv)" ""
is "many exits" "$(($(exits boot-1.csv) > 5000))" 1
has "the second boot is known until it was stopped" report-2 '^boot of .*, stopped$'
has "and does not count the first one's exits" report-2 ': at least [0-9,]+ exits'
is "with / read-only, no boot is added" "$(diff list-2 list-3)" ""
is "none of its units has failed" "$(grep exitprof failed-3 || true)" ""
has "and that is said" said-3 'skipped because of an unmet condition check .ConditionPathIsReadWrite='

status=0
"$check" trace boot-1.csv boot-2.csv boot-4.csv >../checked || status=$?
cat ../checked
is "reports agree with the trace" $status 0
is "of all that were recorded" "$(grep -c -E '^boot-.\.csv: [0-9]{2,} samples with [0-9]{4,} exits checked, 0 differ$' ../checked)" 3
# The check must find what is wrong, and nothing else, in the first sample and in a later one.
for line in 2 40; do
	awk -F, -v OFS=, -v line=$line 'NR == line { $4++ } { print }' boot-1.csv >../wrong.csv
	status=0
	"$check" trace ../wrong.csv >../checked || status=$?
	complaint=$(awk -F, -v line=$line 'NR == line { printf "sample at %.3f s: %d of %s, %d traced", $1 / 1e9, $4, $3, $4 - 1 }' ../wrong.csv)
	is "a wrong count is found" \
		"$status $(sed -n 's/^differs: ..\/wrong.csv: //p' ../checked) $(sed -n 's/.*wrong.csv: .* checked, \(.* differ\)$/\1/p' ../checked)" \
		"1 $complaint 1 differ"
done
# A sample may take several latches, the first of a later boot, too: here, two samples made one.
mapfile -t times < <(column boot-4.csv time_ns | uniq)
sed "s/\b${times[0]}\b/${times[1]}/" boot-4.csv >../joined.csv
status=0
"$check" trace ../joined.csv >../checked || status=$?
is "two samples made one agree with the trace" "$status $(sed -n 's/.*joined.csv: \([0-9]*\) samples.*, 0 differ$/\1/p' ../checked)" \
	"0 $((${#times[@]} - 1))"

has "a full /var is said" said-4 'No space left on device'
is "and nothing is left there" "$(cat left-full)" ""
is "and no other unit has failed" "$(grep -v '^exitprof-boot.service ' failed-4 || true)" ""
has "what was sampled is not lost" report-4 ': at least [0-9,]+ exits .*, finished$'
for file in boot-rate boot-cumulative; do
	is "chart $file" "$(test -s $file.png && echo yes)" yes
done
is "the whole boot as a result" "$(column whole-boot/runs.csv operations_count)" 1
cd ..

lab 0 boot --stock -o stock -- sh -c 'systemctl --failed --no-legend --plain >failed
	systemctl show -p Result --value exitprof-boot.service >ended
	journalctl --sync; journalctl -b -o cat -t exitprof >said; exitprof boot list >boots'
is "without a patch: units that failed" "$(cat stock/failed)" ""
is "how the recorder ended" "$(cat stock/ended)" success
is "what it said" "$(wc -l <stock/said) $(grep -c 'this boot is not recorded' stock/said)" "1 1"
is "what it left" "$(cat stock/boots)" ""
