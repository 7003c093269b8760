#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each fault of a host is found under its name, and under no other; a right host
# passes, in every dialect.
. "$(dirname "$0")/lib.sh"

# verdicts: the checks that did not pass, as CHECK=VERDICT, without those skipped
verdicts() { sed -n 's/^[a-z]*,\([a-z-]*\),\(fail\|warning\),.*/\1=\2/p' out | xargs; }
verdict_of() { sed -n "s/^[a-z]*,$1,\\([a-z]*\\),.*/\\1/p" out; }

for host in svm-full vmx-full svm vmx svm-nodisc vmx-nodisc {svm,vmx}-{combined,reversed} vmx-32bit; do
	run $host 0 verify --csv
	same "$host: $(verdicts)" "$host: "
	same "$(head -n 1 out)" group,check,verdict,rule,found,look
done
same "$(verdict_of latch)" skip

# What is wrong, and which check must say so.
while read -r fault expected; do
	status=1
	[[ $expected != *=warning ]] || status=0
	case $fault in
	subleaves | histogram | edges) hosts=svm-full ;;
	same) hosts='svm-nodisc vmx-reversed torn' ;;
	*) hosts='svm-nodisc vmx-reversed vmx-combined' ;;
	esac
	for host in $hosts; do
		run "$host+$fault" $status verify --csv
		found=$(verdicts)
		# What follows from a reason that is not answered, where there are cycles by reason.
		[[ $fault != hidden ]] || found=${found% sums-of-cycles=fail}
		same "$host+$fault: $found" "$host+$fault: $expected"
	done
done <<'END'
unmarked undefined-reason=fail
bounds undefined-reason=fail out-of-bounds=fail
confused not-enabled=fail
hidden enabled=fail sums=fail
unset unset-registers=fail
wide upper-halves=fail
subleaf subleaf=fail
others other-leaves=fail
double exact=fail
lost lost-updates=fail
onevcpu all-vcpus=fail
sums sums=fail
swapped halves=fail
early handled=fail
long plausible=fail
backwards monotonic=fail
narrow wrap=fail
printk cost=warning
nofast fastpath=fail
global scope=warning
guest guest-time=fail
nouser user-space=fail
same sums-of-cycles=fail
subleaves discovery=fail
histogram latch=fail
edges latch-edges=fail
END

# Several at once; what one vCPU alone sees is not a lost update as well.
run vmx-nodisc+unset+swapped+early 1 verify --csv
same "$(verdicts)" 'unset-registers=fail halves=fail'
run svm-nodisc+onevcpu 1 verify --csv
same "$(verdict_of lost-updates)" skip

# Only what exits between the reads can explain is excused in a guest that is never quiet.
run torn 0 verify --csv
same "$(verdict_of sums) $(verdict_of sums-of-cycles)" 'skip pass'
shows 'while all reasons are read, the total grows by up to '
run torn+sums 1 verify --csv
same "$(verdicts)" sums=fail

# Not everybody may use an I/O port.
run svm-nodisc+norights+nouser 0 verify --csv
same "$(verdict_of user-space)" skip
shows 'sudo exitprof verify'

# A counter that has gone beyond 32 bits has passed; one that could not has not.
run svm-nodisc+aged 0 verify --csv
same "$(verdict_of wrap)" pass
run svm-nodisc 0 verify --csv
same "$(verdict_of wrap)" skip
grep -q -- '--patience 60s' out || die 'no way to go on'
run svm-nodisc 0 verify --csv --patience 60s
same "$(verdict_of wrap)" pass

# Other VMs' exits, with a word on who causes them.
run svm-nodisc 0 verify --csv
same "$(verdict_of scope)" skip
run svm-nodisc 0 verify --csv --peer
same "$(verdict_of scope)" pass
run svm-nodisc+global 1 verify --csv --peer
same "$(verdicts)" scope=fail
run svm-nodisc+stray 0 verify --csv --peer
same "$(verdicts)" scope=warning
shows 'rather a program that is started here'

# The words of the report, and where to look.
run vmx-nodisc+lost+confused 1 verify
shows "not-enabled       fail"
shows "fail lost-updates: lost updates: of "
shows "counters that vCPUs share need atomics"
shows "use atomic64_inc()"
shows "fail not-enabled: 'not enabled in KVM' and 'not defined' are confused: leaf 0x4ffffffd with ECX = 0x5 (IO_SMI)"
shows "kvm_vmx_exit_handlers[]"
shows "skipped scope: cannot be told from inside one guest"
shows "VMX host, dialect classic: 20 passed, 2 failed, 0 warnings, 5 skipped"
quiet
run svm-full 0 verify
shows "SVM host, dialect exitprof: 25 passed, 0 failed, 0 warnings, 2 skipped"

# TAP 13: a plan, then one line a check.
run vmx-nodisc+early+printk 1 verify --tap
same "$(head -n 2 out | xargs)" 'TAP version 13 1..27'
same "$(grep -Ec '^(not )?ok [0-9]+ - ' out)" 27
same "$(grep -c '^not ok ' out)" 1
grep -q '^not ok 17 - handled: ' out || die 'not the line of handled'
grep -q '^  found: "the time is read before the handler has run: 3 cycles' out || die 'no finding'
grep -q '^# warning: the leaf takes ' out || die 'no warning'
grep -Eq '^ok 24 - scope: .* # SKIP cannot be told' out || die 'no reason for the skip'

run svm-full+histogram 1 verify --json
same "$("$JSON_GET" fail_count <out)" 1
same "$("$JSON_GET" host dialect <out)" exitprof
same "$("$JSON_GET" checks 25 check <out)" latch
same "$("$JSON_GET" checks 25 verdict <out)" fail

# A dialect that the host does not speak: what is forced is checked, and fails.
run vmx-reversed 1 verify --csv --dialect classic
[[ $(verdicts) == *exact=fail* ]] || die 'counts are found where there are none'
run svm-full 0 verify --csv --dialect classic
same "$(verdict_of latch)" skip
run svm 4 verify --dialect exitprof
says "exitprof: the host does not answer in the dialect 'exitprof'"
for host in stock-amd stock-intel bare; do
	run $host 4 verify
	no_data
	run $host 4 verify --dialect classic
	no_data
done
run stock-amd 4 verify
says "hint: if it should, say which leaves: 'exitprof verify --dialect classic'"

# Numbers that cannot be: no other command takes them for good.
run svm-nodisc+swapped+aged 1 snapshot
says 'exitprof: cannot use the exit counters: no VM lives to see numbers like theirs'
