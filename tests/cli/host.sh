#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Without a patched host: status 4, a hint, and no number that looks like a count.
. "$(dirname "$0")/lib.sh"

for host in stock-amd stock-intel stock-enlightened; do
	for command in 'run nap' 'run nap --json' 'run nap --csv' snapshot 'snapshot --json' \
		'snapshot --csv'; do
		# shellcheck disable=SC2086
		run "$host" 4 $command
		no_data
		says 'exitprof: cannot read exit counters: the host does not answer the exitprof leaves'
		grep -q '^hint: .*exitprof doctor' err || die 'no hint'
	done
	[[ ! -e exitprof-results ]] || die 'wrote a result'
	run "$host" 4 doctor
	quiet
	grep -q '^missing  host  .*does not answer' out || die 'doctor is content'
	shows 'hint: load KVM modules'
	# That it worked yesterday is explained, too.
	grep -q '^none     upgrade  .* its kernel may have been upgraded, and the new one runs its stock KVM modules$' out || die 'no upgrade'
	shows 'on the host: sudo exitprof-host rebuild && sudo exitprof-host reload'
	shows 'on the host: echo full > /sys/module/kvm/parameters/exitprof'
	# First of all, what works here, and the next step.
	same "$(awk '!/^(works|none) / { print $1; exit }' out)" next
	same "$(head -n 1 out)" "works    bench        'exitprof bench' measures in this VM what leaving guest mode costs"
	grep -q "^next     step         run 'exitprof bench'; " out || die 'no next step'
	# The end is what is seen of it on a small screen.
	same "$(tail -n 1 out)" "$(grep -m 1 '^next ' out)"
done
# Raw registers are shown as what they are.
run stock-intel 4 doctor
shows '4fffffff/0        eax=00000007 ebx=00000340 ecx=00000340 edx=00000000'

# A hypervisor that is no KVM has no modules to load.
run hyperv 4 doctor
shows "hypervisor 'Microsoft Hv'"
shows 'hint: the patch is for KVM, and this hypervisor is another one'
if grep -qE 'exitprof-host rebuild|load KVM' out; then die 'takes it for KVM'; fi

run bare 4 snapshot
no_data
says 'exitprof: cannot read exit counters: this is not a virtual machine'
run bare 4 doctor
grep -q '^missing  machine ' out || die 'doctor takes it for a VM'
grep -q '^next     step         run the lab' out || die 'no next step'
! grep -q bench out || die 'advises what measures nothing here'
# The lab is where its source or a package has it. Valgrind runs the program
# from where it was built.
if ! by_valgrind; then
	mkdir bin
	printf '#!/bin/sh\n' >bin/exitprof-lab
	chmod +x bin/exitprof-lab
	cp "$EXITPROF" bin/copy
	type -P exitprof-lab >/dev/null || {
		EXITPROF=$tmp/bin/copy run bare 4 doctor
		grep -q '^none     lab  .* package exitprof-host' out || die 'does not say where the lab is'
	}
	PATH=$tmp/bin:$PATH EXITPROF=$tmp/bin/copy run bare 4 doctor
	grep -q "^works    lab          'exitprof-lab run io-heavy' counts" out || die 'does not find the lab'
	# As the manual page shows it.
	PATH=$tmp/bin:$PATH EXITPROF=$tmp/bin/copy run stock-amd 4 doctor
	same "$(grep -E '^(works|next)  ' "$root/doc/exitprof-doctor.1.scd")" "$(grep -E '^(works|next) ' out | head -n -1)"
fi

for host in svm vmx; do
	run "$host" 0 doctor
	quiet
	shows "answers, ${host^^}, recognised by its discovery leaf"
	! grep -Eq '^(works|next) ' out || die 'begins with what works without a patch'
	run "$host-nodisc" 0 doctor
	shows "answers, ${host^^}, recognised by its behaviour"
done

# What the host has beyond the classic leaves, and how to get what it has not.
full='hint: on the host: echo full > /sys/module/kvm/parameters/exitprof'
collect='hint: on the host: echo 1 > /sys/module/kvm/parameters/exitprof_details'
found() { grep -Eq "^$1 +$2  .*$3" out || die "doctor does not find: $1 $2 $3"; }
run svm-full 0 doctor
found ok level 'full:'
found ok latch 'in one table, in 6 exits$'
found none details 'not collected'
shows "$collect"
run svm-details 0 doctor
found ok details collected
run svm 0 doctor
found missing level 'classic:.* no away cycles'
shows "$full"
found none latch 'take 12 exits$'
run vmx-nodisc 0 doctor
found none level classic
shows 'hint: the host needs KVM modules with the exitprof patch for that'
run latch-full 0 doctor
found missing latch 'no table to give'
run svm-full 0 doctor --dialect classic
found ok latch 'not used'
run svm 4 doctor --dialect exitprof
says "exitprof: the host does not answer in the dialect 'exitprof'"
found missing level classic

# Without any host, the tables are still there.
for vendor in vmx:stock-intel:86 svm:stock-amd:0xa7; do
	IFS=: read -r name host _ <<<"$vendor"
	run "$host" 0 reasons --csv
	quiet
	same "$(head -n 1 out)" 'reason,name,handled,source,meaning'
	cp out "$name.csv"
	run svm-nodisc 0 reasons --csv --vendor "$name"
	cmp -s out "$name.csv" || die "not the table of $name"
done
grep -q '^12,HLT,,kernel,' vmx.csv || die 'no HLT'
grep -q '^4294967295,invalid_guest_state,,kernel,' svm.csv || die 'no -1'
run svm 0 reasons --csv
grep -q '^120,hlt,yes,kernel,' out || die 'hlt is not handled'
grep -q '^1,CR1_READ,no,APM,' out || die 'CR1_READ is handled'
run svm 0 reasons --json
same "$("$JSON_GET" 1 name <out)" CR1_READ
same "$("$JSON_GET" 0 handled <out)" true
run svm 0 reasons
shows 'nested page fault'
