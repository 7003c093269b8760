#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# intel.sh KERNEL VCPUS [OPTION...]: on the Intel host, N CPUIDs are N exits, and
# every count is what KVM traced; fastpath exits are counted, and timed.
. "$(dirname "$0")/lib.sh"
kernel=$1 vcpus=$2
shift 2
missing=$("$root/host-patch/lab/packages.sh" --missing bochs)
[ -z "$missing" ] || skip "missing packages: ${missing//$'\n'/ }"

cat >job <<END
#!/bin/sh
for count in 1 1000; do
	exitprof run cpuid-storm --no-plot -o storm\$count --set count=\$count --set threads=1 || exit
done
exitprof run cpuid-storm --no-plot -o threads --set count=2000 --set threads=$vcpus
exitprof run port-io --no-plot -o port --set count=200 --set read=50
exitprof run hypercall --no-plot -o hypercall --set count=200 --set threads=$vcpus
exitprof run msr-access --no-plot -o msr --set count=200 --set threads=$vcpus
for i in 1 2; do
	exitprof exec --no-plot --interval 50ms -o exec\$i -- cpuid -1 -i -r -l 0 >/dev/null 2>&1
done
exitprof record -i 20ms -d 300ms -o record.csv 2>record.err
exitprof watch -i 100ms -n 2 --csv >watch.csv
END
chmod +x job
lab 0 exec --host intel --kernel "$kernel" --vcpus "$vcpus" "$@" --trace --with job -o result -- job
exits() { awk -F, -v name="$2" '$4 == name { print $5 }' "result/$1/exits.csv"; }
is "one CPUID" "$(exits storm1 CPUID)" 1
is "1000 CPUIDs" "$(exits storm1000 CPUID)" 1000
is "2000 CPUIDs on $vcpus vCPUs" "$(exits threads CPUID)" 2000
is "200 port accesses" "$(exits port IO_INSTRUCTION)" 200
# With several vCPUs, the guest's kernel wakes one by a hypercall of its own now and then.
calls=$(exits hypercall VMCALL)
if [ "$vcpus" -eq 1 ]; then
	is "200 hypercalls" "$calls" 200
else
	is "200 hypercalls on $vcpus vCPUs, and hardly more: $calls" "$((calls >= 200 && calls <= 250))" 1
fi
# And one that falls idle, while another is busy, reads TSC_ADJUST.
reads=$(exits msr MSR_READ)
if [ "$vcpus" -eq 1 ]; then
	is "200 reads of an MSR" "$reads" 200
else
	is "200 reads of an MSR on $vcpus vCPUs, and hardly more: $reads" "$((reads >= 200 && reads <= 250))" 1
fi
# A command, time, and a live table: own exits are in none of them, and samples are the whole.
is "a command twice" "$(exits exec1 CPUID)" "$(exits exec2 CPUID)"
is "which executes CPUIDs" "$(($(exits exec1 CPUID) > 0))" 1
is "samples of exec are the whole" \
	"$(awk -F, '$8 == "total" { n += $9 } END { print n }' result/exec1/series.csv)" \
	"$(column result/exec1/runs.csv exits_count)"
is "samples of record and missed ticks are all ticks" "$(awk -F, '$8 == "total" { ticks += 1 + $5; last = $3 }
	END { due = int(last / 2e7); print (ticks == due || ticks == due + 1) }' result/record.csv)" 1
is "no CPUID while nothing runs" "$(awk -F, '$8 == "CPUID"' result/record.csv; grep -c ,CPUID, result/watch.csv || true)" 0
is "intervals of watch" "$(awk -F, '$6 == "total" && $13 > 0' result/watch.csv | wc -l)" 2
cat result/record.err
"$root/host-patch/lab/trace-check" result/trace >checked || fail "the trace differs"
cat checked
has "answers were compared" checked '^[0-9]{2,} answers checked, .* 0 differ.*debugfs agrees'
# Writes of TSC_DEADLINE: the handler never sees most of them.
has "MSR writes have cycles" result/trace/exitprof $'^0x20\t[1-9][0-9]*\t[1-9]'
case " $* " in
*' --shadow-paging '*) is "no EPT violations" "$(grep -c '^0x30' result/trace/exitprof || true)" 0 ;;
*) has "EPT violations" result/trace/exitprof $'^0x30\t[1-9]' ;;
esac
