#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each fault of a host is found under its name, and under no other; a right host
# passes, in every dialect.
. "$(dirname "$0")/lib.sh"

# verdicts: the checks that did not pass, as CHECK=VERDICT, without those skipped and those
# that another one explains
verdicts() { sed -n 's/^[a-z]*,\([a-z-]*\),\(fail\|warning\),.*,$/\1=\2/p' out | xargs; }
# consequences: the latter, as CHECK<CAUSE
consequences() { sed -n 's/^[a-z]*,\([a-z-]*\),fail,.*,\([a-z-][a-z-]*\)$/\1<\2/p' out | xargs; }
verdict_of() { sed -n "s/^[a-z]*,$1,\\([a-z]*\\),.*/\\1/p" out; }

for host in svm-full vmx-full svm vmx svm-nodisc vmx-nodisc {svm,vmx}-{combined,reversed} vmx-32bit; do
	run $host 0 verify --csv
	same "$host: $(verdicts)" "$host: "
	same "$(head -n 1 out)" group,check,verdict,rule,found,look,cause
done
same "$(verdict_of latch)" skip

# What is wrong, and which check must say so.
while read -r fault expected; do
	status=1
	[[ $expected != *=warning ]] || status=0
	case $fault in
	subleaves | histogram | edges) hosts=svm-full ;;
	same) hosts='svm-nodisc vmx-reversed torn' ;;
	untimed) hosts='svm-nodisc vmx-reversed' ;;
	*) hosts='svm-nodisc vmx-reversed vmx-combined' ;;
	esac
	for host in $hosts; do
		run "$host+$fault" $status verify --csv
		same "$host+$fault: $(verdicts)" "$host+$fault: $expected"
	done
done <<'END'
unmarked undefined-reason=fail
bounds out-of-bounds=fail
confused not-enabled=fail
hidden enabled=fail
unset unset-registers=fail
ecx unset-registers=fail
race lost-updates=fail
total total=fail
echo unset-registers=fail
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
untimed user-space=fail
same sums-of-cycles=fail
subleaves discovery=fail
histogram latch=fail
edges latch-edges=fail
END

# A failure that another one explains is listed as its consequence.
while read -r host expected; do
	run "$host" 1 verify --csv
	same "$host: $(consequences)" "$host: $expected"
done <<'END'
svm-nodisc+bounds undefined-reason<out-of-bounds
svm-nodisc+ecx undefined-reason<unset-registers
svm-nodisc+hidden sums<enabled sums-of-cycles<enabled
vmx-combined+hidden sums<enabled
svm-nodisc+race monotonic<lost-updates
svm-nodisc+lost
svm-nodisc+total sums<total
svm-nodisc+echo subleaf<unset-registers user-space<unset-registers handled<unset-registers fastpath<unset-registers
svm-nodisc+bounds+unmarked+ecx undefined-reason<out-of-bounds
END
run svm-nodisc+ecx+unmarked 1 verify --csv
same "$(verdicts)" 'undefined-reason=fail unset-registers=fail'
run svm-nodisc+race 1 verify
shows '  explains monotonic: the exits of a reason went back, from '
if grep -q 'TSC is behind' out; then die 'a count that goes back is explained by a clock'; fi
run svm-nodisc+backwards 1 verify
shows 'a vCPU may be moved to a CPU whose TSC is behind'
run svm-nodisc+bounds 1 verify --tap
grep -q '^# explains undefined-reason$' out || die 'the cause of an earlier failure is not named'
run svm-nodisc+hidden 1 verify --json
same "$("$JSON_GET" checks 14 check <out)" sums
same "$("$JSON_GET" checks 14 cause <out)" enabled

# Where CPUIDs are not counted at all, that is the fault, and no other.
run vmx-nodisc+still 1 verify --csv --dialect classic
same "$(verdicts)" exact=fail
same "$(consequences)" 'total<exact user-space<exact fastpath<exact'
same "$(verdict_of all-vcpus) $(verdict_of lost-updates) $(verdict_of handled)" 'skip skip skip'

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
