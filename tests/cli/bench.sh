#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What leaving guest mode costs: on simulated hosts, what they count; on this
# machine, that figures are in order; wrong usage; and Ctrl-C.
. "$(dirname "$0")/lib.sh"

probes='none rdtsc rdtscp rdpmc pause cpuid hypercall port-read port-write msr-read msr-write fault touch sleep wakeup disk-write'
header='probe,operation,skipped,samples_count,batch_operations_count,min_cycles,median_cycles,p99_cycles,max_cycles,mean_cycles,min_ns,median_ns,p99_ns,max_ns,mean_ns,exits_per_operation,reason,name,handling_cycles,away_cycles,switch_cycles'

# A simulated CPUID is an exit of 1,200 cycles, and is away twice as long.
for host in svm-full vmx-full hopping svm svm-nodisc vmx-nodisc vmx-32bit latch-full torn; do
	[[ $host == vmx* ]] && reason=10 name=CPUID || reason=114 name=cpuid
	case $host in svm-full | vmx-full | hopping) away=2400.0 ;; *) away='' ;; esac
	run "$host" 0 bench cpuid none -d 20ms --csv
	same "$(head -n 1 out)" "$header"
	same "$(cut -d, -f1 out)" $'probe\nnone\ncpuid'
	same "$(sed -n 's/^cpuid,//p' out | cut -d, -f15-19)" "1.000000,$reason,$name,1200.0,$away"
	# There, a timer tick comes with every read.
	[[ $host == torn ]] || same "$(sed -n 's/^none,//p' out | cut -d, -f15-20)" '0.000000,,,0.0,,'
	grep -q '^TSC: ' err || die 'does not say how fast the TSC is'
done
run svm-full 0 bench cpuid -d 20ms --json
get() { "$JSON_GET" "$@" <out; }
same "$(get format)" 1
same "$(get tsc source)" 'discovery leaf'
same "$(get tsc khz)" 2600000
same "$(get host read_by)" latch
same "$(get probes 0 exits exits_per_operation)" 1.000000
same "$(get probes 0 exits own_exits_per_operation)" 1.000000
same "$(get probes 0 exits reasons 0 name)" cpuid
same "$(get probes 0 exits reasons 0 away_cycles_per_operation)" 2400.0
# That is more than passes here between two TSC reads, or not: but never less than 0.
[[ $(get probes 0 exits switch_cycles) =~ ^(null|[0-9.]+)$ ]] || die 'a negative switch'
run svm-full 0 bench cpuid -d 20ms --dialect classic --json
same "$(get host read_by)" classic
same "$(get probes 0 exits handling_cycles)" 1200.0
same "$(get probes 0 exits away_cycles)" null
run svm 4 bench cpuid --dialect exitprof
no_data
run svm-full 0 bench none cpuid -d 20ms
[[ $(sed -n 1p out) =~ ^cycles\ of\ .*\ exits\ +handling\ +away\ +switch\ +reasons$ ]] || die 'no table'
[[ $(sed -n 3p out) =~ ^cpuid\ .*\ 1\.00\ +1,200\ +2,400\ .*cpuid$ ]] || die 'no row of cpuid'

# Where ticks never cease, that is said.
run svm-full 0 bench cpuid -d 20ms --json
same "$(get probes 0 exits clean)" true
run torn 0 bench cpuid -d 20ms --json
same "$(get probes 0 exits clean)" false
same "$(get probes 0 exits own_exits_per_operation)" 1.000000

# An unpatched host: times, and nothing that looks like a count.
for host in stock-amd stock-intel; do
	run "$host" 0 bench cpuid none -d 20ms
	quiet
	! grep -Eq 'exits|handling|away' out || die 'counts exits'
	run "$host" 0 bench cpuid -d 20ms --csv
	same "$(tail -n 1 out | cut -d, -f16-)" ,,,,,
	run "$host" 0 bench cpuid -d 20ms --json
	same "$(get host)" null
	same "$(get probes 0 exits)" null
done

# Bare metal is no failure.
sentence='this is not a virtual machine (CPUID has no hypervisor bit): nothing here exits, so there is nothing to measure'
run bare 0 bench
quiet
same "$(<out)" "$sentence"
run bare 0 bench --csv
same "$(<out)" "$header"
says "exitprof: $sentence"
run bare 0 bench cpuid --json
same "$(get virtual_machine)" false
same "$(get probes)" '[ ]'
says "exitprof: $sentence"

# All of them on this machine, whatever it is.
run - 0 bench --list
for probe in $probes; do
	grep -Eq "^$probe +(yes|no) " out || die "--list lacks $probe"
done
run - 0 bench -d 10ms --folder . --json
if [[ $(get virtual_machine) == true ]]; then
	i=0
	for probe in $probes; do
		same "$(get probes $i name)" "$probe"
		if [[ $(get probes $i skipped) == null ]]; then
			awk -v min="$(get probes $i min_cycles)" -v median="$(get probes $i median_cycles)" \
				-v p99="$(get probes $i p99_cycles)" -v max="$(get probes $i max_cycles)" \
				'BEGIN { exit !(min <= median && median <= p99 && p99 <= max && max > 0) }' ||
				die "$probe: figures are not in order"
			awk -v ns="$(get probes $i max_ns)" -v cycles="$(get probes $i max_cycles)" -v khz="$(get tsc khz)" \
				'BEGIN { d = cycles * 1e6 / khz - ns; exit !(d * d < (1 + ns / 1e5) ^ 2) }' || die "$probe: ns"
			(($(get probes $i samples_count) > 0)) || die "$probe: no samples"
		else
			[[ -n $(get probes $i skipped) ]] || die "$probe: no reason"
			grep -q "^skip: $probe: " err || die "$probe: does not say that it is skipped"
		fi
		i=$((i + 1))
	done
	same "$(get probes 10 skipped)" "taints the guest's kernel: only if named"
	# What exits takes longer than what does not.
	awk -v none="$(get probes 0 median_cycles)" -v cpuid="$(get probes 5 median_cycles)" \
		'BEGIN { exit !(cpuid > 5 * none) }' || die 'a CPUID costs next to nothing'
	same "$(ls -A)" $'all\nerr\nout'

	# One CPU only, and no place for a file.
	EXITPROF_TEST_HOST='' taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')" \
		"$EXITPROF" bench wakeup none -d 10ms >out 2>err || die 'does not run on one CPU'
	shows 'skip: wakeup: needs two CPUs, and only one may be used'
	run - 1 bench disk-write --folder /proc
	says 'exitprof: nothing was measured'
	[[ $(<out) == *'skip: disk-write: '*/proc* ]] || die 'does not say where'
	run - 1 bench disk-write --folder ./nowhere
	shows 'skip: disk-write: cannot write in ./nowhere: No such file or directory'
fi

# misused MESSAGE HINT ARGUMENT...
misused() {
	local message=$1 hint=$2
	shift 2
	run svm 2 bench "$@"
	no_data
	same "$(<err)" "exitprof: $message"$'\n'"hint: $hint"
}
see="see 'exitprof bench --help'"
misused "bench: no probe 'cpiud'" "did you mean 'cpuid'?" cpiud
misused "bench: no probe 'xyzzy12'" "see 'exitprof bench --list'" xyzzy12
misused "bench: no probe 'zzzzzzz'" "see 'exitprof bench --list'" cpuid zzzzzzz
for duration in 0 x -1; do
	misused "bench: --duration takes a duration such as 10s, 500ms, 20us or 1m, not '$duration'" "$see" \
		"--duration=$duration"
done
misused "bench: --cpu takes the number of a CPU, not 'x'" "$see" --cpu x
misused "bench: --cpu takes the number of a CPU, not '100000'" "$see" --cpu 100000
misused "bench: --dialect takes auto, exitprof, classic, combined or reversed, not 'german'" "$see" --dialect german
misused "bench: --list is a table only" "$see" --list --json
misused "CPU 1023 does not exist, or this process may not use it" \
	"see 'taskset -cp \$\$' for those that it may" --cpu 1023

# Ctrl-C keeps what was measured: of the first, here.
for signal in int term; do
	run svm-full+$signal 0 bench sleep wakeup -d 20s --json
	same "$(get interrupted)" true
	same "$(get probes 0 interrupted)" true
	(($(get probes 0 samples_count) > 0)) || die 'kept nothing'
	same "$(get probes 1 skipped)" interrupted
	grep -q '^interrupted: ' err || die 'does not say so'
done
