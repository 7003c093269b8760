#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# core.sh HOST KERNEL VCPUS [OPTION...]: one traced boot. N operations are N exits, the sum over
# reasons is the total, cpuid(1) reads what the contract says, all commands agree with each other,
# and every answer of the leaves is the number of exits that KVM itself traced.
. "$(dirname "$0")/lib.sh"
host=$1 kernel=$2 vcpus=$3
shift 3
needs_kernel "$kernel"
case $host in
amd)
	cpuid=cpuid io=io hypercall=hypercall msr_read=msr msr_write_reason=0x7c nested_reason=0x400
	cpuid_reason=0x72 undefined=0xff unhandled=0xa6 many=50000
	;;
intel)
	needs bochs
	cpuid=CPUID io=IO_INSTRUCTION hypercall=VMCALL msr_read=MSR_READ msr_write_reason=0x20 nested_reason=0x30
	cpuid_reason=0xa undefined=0x23 unhandled=0xb many=5000
	;;
esac
case " $* " in *' --shadow-paging '*) shadow_works --host "$host" --kernel "$kernel" || skip "$(tail -n 2 err | head -n 1)" ;; esac
leaves='0x4fffffff 0x4ffffffe'
for reason in $cpuid_reason $undefined $unhandled; do
	leaves+=" '0x4ffffffd -s $reason' '0x4ffffffc -s $reason'"
done
# The kernel of a guest with several vCPUs executes hypercalls and accesses MSRs by itself; details
# tell its exits from the workload's. With one vCPU, details are off.
details=()
[ "$vcpus" -eq 1 ] || details=(--details)

cat >job <<END
#!/bin/sh
# job NAME COMMAND...: prints its output in the file NAME.out
job() {
	name=\$1
	shift
	"\$@" >"\$name.out" 2>&1 || echo "job: \$name: status \$?" >&2
}
run() {
	name=\$1
	shift
	job "\$name" exitprof run "\$@" --no-plot -o "\$name"
}
run one cpuid-storm --set count=1 --set threads=1
run thousand cpuid-storm --set count=1000
run many cpuid-storm --set count=$many
run threads cpuid-storm --set count=2000 --set threads=$vcpus
run repeated cpuid-storm --set count=1000 -n 3 -w 1
run port port-io --set count=200 --set read=50
run hypercall hypercall --set count=200 --set threads=$vcpus ${details[*]}
run msr msr-access --set count=200 --set threads=$vcpus ${details[*]}
run io io-heavy --set size=16M -d 1s
for leaf in $leaves; do
	cpuid -1 -i -r -l \$leaf | tail -n 1
done >cpuid
# The same command, measured in three ways
job exec-1 exitprof exec --no-plot -o exec-1 -- cpuid -1 -i -r -l 0
job exec-2 exitprof exec --no-plot --interval 50ms -o exec-2 -- cpuid -1 -i -r -l 0
job exec-3 exitprof exec --no-plot --interval 50ms --per-vcpu -o exec-3 -- cpuid -1 -i -r -l 0
job record exitprof record -i 20ms -d 300ms -o record.csv
job watch exitprof watch -i 100ms -n 2 --csv
job snapshot exitprof snapshot --csv
job classic exitprof snapshot --dialect classic --csv
END
chmod +x job
lab 0 exec --host "$host" --kernel "$kernel" --vcpus "$vcpus" "$@" "${details[@]}" --trace --with job -o result -- job
[ -f result/classic.out ] || die "the job did not come to its end"
is "stderr of the job" "$(grep '^job:' err || true)" ""

# exits RUN REASON: of the VM, a line for each repeat
exits() { awk -F, -v name="$2" '$2 == "vm" && $4 == name { print $5 }' "result/$1/exits.csv"; }
# events RUN KIND VALUE: of the VM, as details have them
events() {
	awk -F, -v kind="$2" -v value="$3" '$2 == "vm" && $5 == kind && $7 == value { n += $NF }
		END { print n + 0 }' "result/$1/details.csv"
}
# at_least WHAT ACTUAL LEAST
at_least() { is "$1: $2, at least $3" "$(($2 >= $3))" 1; }

while read -r run repeats count; do
	is "$run: repeats, and exits of CPUID in each" "$(exits "$run" "$cpuid" | sort | uniq -c | xargs)" "$repeats $count"
	is "$run: operations" "$(column "result/$run/runs.csv" operations_count | sort -u)" "$count"
done <<END
one 1 1
thousand 1 1000
many 1 $many
threads 1 2000
repeated 3 1000
END
is "port accesses" "$(exits port "$io")" 200
if [ "$vcpus" -eq 1 ]; then
	is "hypercalls" "$(exits hypercall "$hypercall")" 200
	# With SVM, timer deadlines count under the same reason.
	[ "$host" = amd ] || is "reads of an MSR" "$(exits msr "$msr_read")" 200
else
	is "hypercalls on $vcpus vCPUs" "$(events hypercall hypercall 0x1)" 200
	is "reads of an MSR on $vcpus vCPUs" "$(events msr msr 0x277)" 200
fi
at_least "exits by hypercalls" "$(exits hypercall "$hypercall")" 200
at_least "exits by reads of an MSR" "$(exits msr "$msr_read")" 200
for run in one thousand many threads repeated port hypercall msr io exec-{1,2,3}; do
	is "$run: sum over reasons and total" "$(awk -F, '
		NR == FNR { if (FNR > 1 && $2 == "vm") sum[$1] += $5; next }
		FNR > 1 { print sum[$1] == $4 ? "equal" : "repeat " $1 ": " sum[$1] " and " $4 }' \
		"result/$run/exits.csv" "result/$run/runs.csv" | sort -u)" equal
	is "$run: one instant" "$(column "result/$run/runs.csv" consistent | sort -u)" 1
done

# Own exits are in none of these, and samples are the whole.
at_least "CPUIDs of a command" "$(exits exec-1 "$cpuid")" 1
for run in exec-2 exec-3; do
	is "$run: as many CPUIDs" "$(exits $run "$cpuid")" "$(exits exec-1 "$cpuid")"
	is "$run: samples are the whole" \
		"$(awk -F, '$6 == "vm" && $8 == "total" { n += $9 } END { print n }' result/$run/series.csv)" \
		"$(column result/$run/runs.csv exits_count)"
done
is "samples of record and missed ticks are all ticks" "$(awk -F, '$8 == "total" { ticks += 1 + $5; last = $3 }
	END { due = int(last / 2e7); print (ticks == due || ticks == due + 1) }' result/record.csv)" 1
is "no CPUID while nothing runs" "$(awk -F, -v name="$cpuid" '$8 == name || $6 == name' result/record.csv result/watch.out)" ""
is "intervals of watch" "$(awk -F, '$6 == "total" && $13 > 0' result/watch.out | wc -l)" 2

# What cpuid(1) reads, of the leaves and reasons in that order
mapfile -t answers < <(sed 's/^ *//' result/cpuid)
zeros='eax=0x00000000 ebx=0x00000000 ecx=0x00000000 edx=0x00000000'
# count ANSWER: the exits that it says
count() { [[ $1 =~ eax=(0x[0-9a-f]{8})" "ebx=0x00000000" "ecx=0x00000000" "edx=0x00000000$ ]] && echo $((BASH_REMATCH[1])); }
# cycles WHAT ANSWER: are some
cycles() { is "cpuid(1): $1: $2" "$([[ $2 =~ eax=0x00000000" "ebx=0x000000..\ ecx=0x[0-9a-f]{8}" "edx=0x00000000$ && $2 != *"$zeros" ]] && echo cycles)" cycles; }
at_least "cpuid(1): exits of CPUID" "$(count "${answers[2]}")" $((many + 7001))
at_least "cpuid(1): total exits" "$(count "${answers[0]}")" "$(count "${answers[2]}")"
cycles "total" "${answers[1]}"
cycles "of CPUID" "${answers[3]}"
for i in 4 5; do
	is "cpuid(1): a reason that is not defined" "${answers[i]#*: }" "${zeros/%00000000/ffffffff}"
done
for i in 6 7; do
	is "cpuid(1): a reason without a handler" "${answers[i]#*: }" "$zeros"
done

status=0
"$root/host-patch/lab/trace-check" result/trace >checked || status=$?
cat checked
is "the trace agrees" $status 0
has "with answers of all kinds" checked '^[0-9]{3,} answers checked, [1-9][0-9]* latches, 0 differ.*debugfs agrees'
# On VMX, the handler never sees most writes of TSC_DEADLINE.
has "MSR writes have cycles" result/trace/exitprof "^$msr_write_reason"$'\t[1-9][0-9]*\t[1-9]'
case " $* " in
*' --shadow-paging '*) is "no exits by nested paging" "$(grep -c "^$nested_reason"$'\t' result/trace/exitprof || true)" 0 ;;
*) has "exits by nested paging" result/trace/exitprof "^$nested_reason"$'\t[1-9]' ;;
esac
# The check finds what is wrong.
cp -r result/trace wrong
gzip -dc wrong/events.gz | awk '$1 == "cpuid" && $3 == "4fffffff" && !done { $5 = "7" ; done = 1 } { print }' | gzip >new
mv new wrong/events.gz
status=0
"$root/host-patch/lab/trace-check" wrong >checked || status=$?
is "a wrong answer is found" "$status $(grep -c '^differs: all exits: answered 7,' checked)" "1 1"
