#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# trace.sh KERNEL: every count that the leaves answer is the number of exits that
# KVM itself traced, per reason, from the VM's first exit on.
. "$(dirname "$0")/lib.sh"
kernel=$1
check=$root/host-patch/lab/trace-check

job='exitprof run cpuid-storm --no-plot --set count=1000 -o storm >/dev/null &&
	exitprof run io-heavy --no-plot -d 2s -o io >/dev/null &&
	exitprof exec --no-plot --interval 50ms --per-vcpu -o exec -- cpuid -1 -i -r -l 0 >/dev/null 2>&1 &&
	exitprof exec --no-plot -o whole -- cpuid -1 -i -r -l 0 >/dev/null 2>&1 && exitprof snapshot --csv >snapshot.csv &&
	exitprof snapshot --dialect classic --csv >classic.csv'
for vcpus in 1 2; do
	lab 0 exec --kernel "$kernel" --vcpus $vcpus --trace -o result$vcpus -- sh -c "$job"
	status=0
	"$check" result$vcpus/trace >checked || status=$?
	cat checked
	is "trace with $vcpus vCPUs agrees" $status 0
	# Both ways of reading were traced; and what they make of it is the same.
	is "CPUIDs of a command, by vCPU and of the VM" \
		"$(awk -F, '$2 == "vm" && $4 == "cpuid" { print $5 }' result$vcpus/exec/exits.csv)" \
		"$(awk -F, '$4 == "cpuid" { print $5 }' result$vcpus/whole/exits.csv)"
	has "and has answers of all kinds" checked '^[0-9]{3,} answers checked, .* 0 differ'
done

# The check must find what is wrong.
cp -r result1/trace wrong
gzip -dc wrong/events.gz | awk '$1 == "cpuid" && $3 == "4fffffff" && !done { $5 = "7" ; done = 1 } { print }' | gzip >new
mv new wrong/events.gz
status=0
"$check" wrong >checked || status=$?
is "a wrong answer is found" "$status $(grep -c '^differs: all exits: answered 7,' checked)" "1 1"
