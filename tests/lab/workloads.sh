#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every workload in a guest of two vCPUs: exact ones are exact, and of the others
# the exits show up that their descriptions promise.
. "$(dirname "$0")/lib.sh"

cat >job <<'END'
#!/bin/sh
one() {
	name=$1
	shift
	exitprof run "$@" --no-plot -o "$name" >"$name.txt" 2>&1 || { echo "job: $name: status $?"; tail -n 2 "$name.txt"; } >&2
}
exitprof list >list
exitprof run net-loopback --set count=1 --no-save 2>net-loopback
one touch memory-touch --set size=128M
one touch-again memory-touch --set size=128M
one touch-huge memory-touch --set size=16M --set huge=1
one port-write port-io --set count=1000
one port-mix port-io --set count=1000 --set read=50 --set threads=2
one port-kernel port-io --set count=500 --set read=100 --set port=97
one hypercall hypercall --set count=1000 --set threads=2 --details
one msr-read msr-access --set count=1000 --set threads=2 --details
one msr-mix msr-access --set count=500 --set write=50 --details
one mmio mmio --set count=500 --details
# Long enough to sleep in, also on a machine that is slow.
one timer-sleep timer-storm --set count=100 --set interval=20ms
one timer-spin timer-storm --set count=100 --set interval=20ms --set wait=spin
one ipi-wake ipi-storm --set count=200
# Only a CPU that runs is interrupted, and the two run at the same time now and then only: for as
# long as it takes.
for seconds in 2 4 8 16 32; do
	rm -rf ipi-barrier
	one ipi-barrier ipi-storm -d ${seconds}s --set how=membarrier
	[ "$(awk -F, '$4 == "interrupt" { print $5 }' ipi-barrier/exits.csv)" -lt 20 ] || break
done
one lock-user lock-contention --set count=100
one lock-kernel lock-contention --set count=1000 --set lock=kernel
one switch context-switch --set count=2000
one switch-apart context-switch --set count=50 --set apart=1
one fault page-fault --set count=5000
one fault-threads page-fault --set count=2000 --set threads=2
one mixed mixed --set count=1000 --set port=20 --set disk=5
END
chmod +x job
lab 0 exec --vcpus 2 --details --with job -o result -- job
is "stderr of the job" "$(grep '^job:' err || true)" ""

# exits RUN NAME: how many exits of that reason
exits() { awk -F, -v name="$2" '$4 == name { n = $5 } END { print n + 0 }' "result/$1/exits.csv"; }
total() { column "result/$1/runs.csv" exits_count; }
operations() { column "result/$1/runs.csv" operations_count; }

# within WHAT NUMBER LEAST MOST
within() {
	if [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then
		printf 'ok: %s: %s\n' "$1" "$2"
	else
		fail "$1: $2, expected $3 to $4"
	fi
}
many=1000000

is "what does not work here" "$(grep -c 'does not work' result/list)" 1
has "why not" result/list '^net-loopback .*no network card on virtio, and lo alone causes no exits'
has "and run says so, too" result/net-loopback 'net-loopback does not work here: there is no network card'

for run in port-write:io:1000 port-mix:io:1000 port-kernel:io:500; do
	IFS=: read -r name reason count <<<"$run"
	is "$name: exits" "$(exits "$name" "$reason")" "$count"
	has "$name: exact" "result/$name.txt" ": expected [0-9,]+, counted [0-9,]+: exact$"
done
# The guest's kernel has hypercalls and MSR accesses of its own: details tell them apart.
# events RUN KIND VALUE [DIRECTION]
events() {
	awk -F, -v kind="$2" -v value="$3" -v direction="${4-}" '
		$5 == kind && $7 == value && (direction == "" || $6 == direction) { n += $NF }
		END { print n + 0 }' "result/$1/details.csv"
}
is "hypercall: calls" "$(events hypercall hypercall 0x1)" 1000
within "hypercall: exits" "$(exits hypercall hypercall)" 1000 $many
is "mixed: both are exact" "$(grep -c ': exact$' result/mixed.txt)" 2
within "mixed: CPUIDs" "$(exits mixed cpuid)" 200 400
within "mixed: reads of the disk" "$(exits mixed npf)" 20 $many

# On SVM the timer's writes have the same reason.
for run in msr-read:1000 msr-mix:500; do
	is "${run%:*}: accesses" "$(events "${run%:*}" msr 0x277)" "${run#*:}"
	within "${run%:*}: exits" "$(exits "${run%:*}" msr)" "${run#*:}" $many
	has "${run%:*}: none is missing" "result/${run%:*}.txt" '^msr: expected .* (exact|more)$'
done
is "msr-mix: writes" "$(events msr-mix msr 0x277 write)" 250
within "mmio: exits" "$(exits mmio npf)" 500 $many
is "mmio: accesses to the page" "$(awk -F, '$5 == "mmio" { print $NF }' result/mmio/details.csv | sort -n | tail -n 1)" 500
within "timer, asleep: deadlines" "$(exits timer-sleep msr)" 200 $many
within "timer, asleep: halts" "$(exits timer-sleep hlt)" 100 $many
within "timer, busy: deadlines" "$(exits timer-spin msr)" 200 $many
within "timer, busy: fewer halts" "$(exits timer-spin hlt)" 0 $(($(exits timer-sleep hlt) - 1))
within "wake-ups: interrupts sent" "$(exits ipi-wake msr)" 50 $many
within "wake-ups: halts" "$(exits ipi-wake hlt)" 50 $many
within "barriers: interrupts sent" "$(exits ipi-barrier msr)" 20 $many
within "barriers: interrupts received" "$(exits ipi-barrier interrupt)" 20 $many

first=$(exits touch npf)
within "first touch: the host backs memory" "$first" 32 40000
within "second touch: it is backed" "$(exits touch-again npf)" 0 $((first / 2))
is "a touch for each page of 2 MiB" "$(operations touch-huge)" 8
# What comes by itself, with time, is far less than one for each.
is "page faults: exits by them" "$(exits fault 'PF excp')" 0
within "page faults: all exits" "$(total fault)" 0 4999
is "context switches: exits by them" "$(exits switch write_cr3)" 0
within "context switches: all exits" "$(total switch)" 0 1999
within "processes apart: halts" "$(exits switch-apart hlt)" 25 $many
for run in lock-user:100 lock-kernel:1000 switch:2000 switch-apart:50 fault:5000 fault-threads:2000; do
	is "${run%:*}: operations" "$(operations "${run%:*}")" "${run#*:}"
done
