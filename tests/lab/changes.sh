#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What may happen to a guest while it is measured: a vCPU goes and comes back, only some may be
# used, the host switches its accounting off and on, another VM runs, the VM is restored. One boot:
# a job in L1 does it to L2 whenever the job there asks for it on its console.
# What is typed is expanded there.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
export TERM=linux

# In L1. Its messages and those of L2 end up on the terminal, as they come.
cat >host-job <<'END'
#!/bin/sh
level=/sys/module/kvm/parameters/exitprof
# asked WORD: waits until L2 says so
asked() {
	until grep -q "^asks: $1" /tmp/l2.log; do
		kill -0 $l2 || { echo "L2 is gone"; cat /tmp/l2.log; exit 1; }
		sleep 0.1
	done
	echo "asked: $1"
}
qmp() { echo "$1" >/tmp/qmp.in; }
# boot OPTION...: L2, with a QMP to be typed into
boot() {
	rm -f /tmp/qmp.in /tmp/qmp.out
	mkfifo /tmp/qmp.in /tmp/qmp.out
	l2 -serial file:/tmp/l2.log -qmp pipe:/tmp/qmp "$@" &
	l2=$!
	cat </tmp/qmp.out >/tmp/qmp.log &
	qmp '{"execute":"qmp_capabilities"}'
}
# The lab's job is none: L2 gets one of its own.
cd /tmp
mkdir -p top/job top/usr/local/bin top/usr/bin top/usr/lib
cp /usr/bin/exitprof top/usr/bin/
cp -r /usr/lib/exitprof top/usr/lib/
cp /usr/local/bin/guest-job top/usr/local/bin/
echo mode=job >top/job/settings
echo guest-job >top/job/command
tar -c -f top.tar -C top job usr
{
	printf 'exitprof-lab job %s 0\n' "$(stat -c %s top.tar)" | dd bs=512 conv=sync
	cat top.tar
} >"$1"
touch l2.log
tail -F l2.log 2>/dev/null &
tail=$!
boot
asked quick
echo off >$level
echo full >$level
asked slow
echo off >$level
asked again
echo full >$level
asked peer
cp -r top peer
cp /usr/local/bin/peer-init peer/init
(cd peer && find . | cpio -o -H newc) >peer.cpio
cat l2.cpio peer.cpio >peer.initrd
qemu-system-x86_64 -M microvm,accel=kvm,x-option-roms=on,isa-serial=on,rtc=on,pit=off,pic=off \
	-cpu host -m 160 -nodefaults -no-user-config -display none -no-reboot -kernel /l2/vmlinuz \
	-initrd peer.initrd -append 'console=ttyS0 panic=-1 quiet' -serial file:peer.log &
peer=$!
until grep -q -s '^peer: runs' peer.log; do
	kill -0 $peer || { cat peer.log; exit 1; }
	sleep 0.2
done
# Its storm is on: more than a boot executes.
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
until [ "$(awk '$1 == "0x72" { print $2 }' /sys/kernel/debug/kvm/$peer-*/exitprof)" -gt 20000 ]; do
	kill -0 $peer || { cat peer.log; exit 1; }
	sleep 0.2
done
# Which L2 sees.
echo off >$level
echo full >$level
asked alone
kill $peer
wait $peer
asked restore
qmp '{"execute":"migrate","arguments":{"uri":"exec:cat >/tmp/state"}}'
until grep -q '"status": "completed"' /tmp/qmp.log; do
	grep -q '"status": "failed"' /tmp/qmp.log && cat /tmp/qmp.log && exit 1
	sleep 0.2
	qmp '{"execute":"query-migrate"}'
done
qmp '{"execute":"quit"}'
wait $l2
mv l2.log l2.first.log
boot -incoming 'exec:cat /tmp/state'
wait $l2
kill $tail
cat qmp.log
# The terminal may have lines of both sides mixed.
sed -n 's/^check: /result: /p' l2.first.log l2.log
echo "end of the host's job"
END

cat >guest-job <<'END_OF_JOB'
#!/bin/sh
asks() { echo "asks: $1" >/dev/console; }
is() { echo "check: $1|$2|$3" >/dev/console; }
exec 2>/dev/console
online=/sys/devices/system/cpu/cpu1/online
# total FILE SCOPE NAME: exits of a series
total() { awk -F, -v scope="$2" -v name="$3" '$6 == scope && $8 == name { n += $9 } END { printf "%.0f\n", n }' "$1"; }
# samples FILE: how many of the VM are in it. Not by the shell's own reading, which takes a system
# call for each character: a slow machine would never come to the end of a file that grows.
samples() { cat "$1" 2>/dev/null | grep -c ',vm,,total,'; }
# more FILE: until there are samples that have begun since
more() {
	least=$(($(samples "$1") + 2))
	until [ "$(samples "$1")" -ge $least ]; do
		sleep 0.1
		turns=$((turns + 1))
	done
}
# lives PID: is neither gone nor a zombie
lives() { grep -q -s . /proc/$1/cmdline; }
# waits PID: until it waits for time to pass, and so has begun what it does
waits() {
	while lives $1; do
		case $(cat /proc/$1/wchan 2>/dev/null) in *nanosleep* | *poll*) return ;; esac
		sleep 0.1
	done
}
turns=0

# A vCPU goes and comes back, three times, while all is measured that can be.
exitprof record -i 20ms --no-plot -o unplug >/dev/null 2>unplug.err &
record=$!
# Whose vCPU is taken away while it reads the vCPUs in turn does not know which of them executed its
# last CPUIDs, and says that it is not of one instant. Sums are sums all the same.
exitprof record -i 50ms --per-vcpu --no-plot -o vcpus >/dev/null 2>vcpus.err &
vcpus=$!
exitprof watch -i 100ms --per-vcpu --csv >watch.csv 2>watch.err &
watch=$!
more watch.csv
exitprof run cpuid-storm --set count=100000 --set threads=2 --no-plot -o storm >storm.out 2>storm.err &
storm=$!
# It has looked at its CPUs once it has a thread on each.
while lives $storm && ! grep -q '^Cpus_allowed_list:.1$' /proc/$storm/task/*/status; do
	sleep 0.1
	turns=$((turns + 1))
done
for _ in 1 2 3; do
	more watch.csv
	echo 0 >$online
	more watch.csv
	echo 1 >$online
done
wait $storm
is 'unplugged: status of the storm' $? 0
more watch.csv
kill -TERM $record $vcpus $watch
wait $record
is 'unplugged: status of record' $? 0
wait $vcpus
is 'unplugged: status of record --per-vcpu' $? 0
wait $watch
is 'unplugged: status of watch' $? 0
is 'unplugged: nothing started anew' "$(sed -n 's/.*"restarts_count": \([0-9]*\).*/\1/p' unplug/run.json)" 0
is 'unplugged: no warning' "$(cat unplug.err watch.err storm.err | grep -v '^exitprof itself\|^recorded\|^$' | head -n 3)" ''
is "unplugged: record is of one instant" "$(tail -n +2 unplug/runs.csv | cut -d, -f 8)" 1
is "unplugged: storm is of one instant" "$(tail -n +2 storm/runs.csv | cut -d, -f 8)" 1
is 'unplugged: vCPUs are the VM' "$(awk -F, 'NR > 1 { sum[$4] += $2 == "vm" ? $5 : -$5; rows[$2]++ }
	END { for (i in sum) if (sum[i]) print i, sum[i]; if (!rows["vcpu0"] || !rows["vcpu1"]) print "rows" }' vcpus/exits.csv)" ''
# Beside those of the other three, of the few programs that each turn of a loop starts, and of a CPU
# that comes up.
cpuids=$(awk -F, '$2 == "vm" && $4 == "cpuid" { print $5 }' storm/exits.csv)
own=$(awk -F, 'FNR > 1 { n += FILENAME ~ /runs/ ? $6 : ($6 == "total" && $4 == "vm" ? $13 : 0) } END { printf "%.0f\n", n }' \
	unplug/runs.csv vcpus/runs.csv watch.csv)
most=$((100000 + own + 300 * (turns + 20)))
is "unplugged: the storm is all there: $cpuids, at most $most" $((cpuids >= 100000 && cpuids <= most)) 1
for result in unplug vcpus; do
	is "unplugged: samples are the whole in $result" "$(total $result/series.csv vm total)" "$(tail -n +2 $result/runs.csv | cut -d, -f 4)"
done

# Some CPUs only: by affinity, and by a control group as a container has one.
taskset 2 exitprof record -i 20ms -d 300ms --per-vcpu -o affinity.csv 2>affinity.err
is 'affinity: status' $? 0
is 'affinity: no CPUID elsewhere' "$(total affinity.csv vcpu0 cpuid)" 0
taskset 2 exitprof run cpuid-storm --set count=1000 --set threads=0 --per-vcpu --no-plot -o pinned >/dev/null 2>&1
is 'affinity: a thread for each CPU is one' "$(awk -F, '$4 == "cpuid" && $5 { print $2, $5 }' pinned/exits.csv | sort | xargs)" 'vcpu1 1000 vm 1000'
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/container
echo 1 >/sys/fs/cgroup/container/cpuset.cpus
contained() { sh -c 'echo $$ >/sys/fs/cgroup/container/cgroup.procs && exec "$@"' sh "$@"; }
contained exitprof run cpuid-storm --set count=1000 --set threads=2 --no-save >/dev/null 2>threads.err
is 'container: two threads are refused' "$? $(grep -c 'threads need a CPU each' threads.err)" '1 1'
contained exitprof run cpuid-storm --set count=1000 --set threads=0 --per-vcpu --no-plot -o contained >/dev/null 2>&1
is 'container: one does' "$(awk -F, '$4 == "cpuid" && $5 { print $2, $5 }' contained/exits.csv | sort | xargs)" 'vcpu1 1000 vm 1000'
contained exitprof list >list
is 'container: what needs two says so' "$(grep -c '^ipi-storm .*does not work' list)" 1
contained exitprof bench wakeup >bench.out 2>bench.err
is 'container: so does bench' "$(cat bench.out bench.err | grep -c 'wakeup: needs two CPUs, and only one may be used')" 1
contained exitprof verify --csv --patience 100ms >verify.csv 2>verify.err
is 'container: verify passes' $? 0
is 'container: and skips what needs two' "$(grep -c '^counts,lost-updates,skip' verify.csv)" 1

# The host's accounting is off for a moment: nobody read meanwhile, but something is missing.
exitprof record -i 1h -o quick.csv 2>quick.err &
record=$!
exitprof run idle -d 1h --no-save >run.out 2>run.err &
run=$!
waits $record
waits $run
generation() { cpuid -1 -i -r -l 0x4ffffffb -s 2 | sed -n 's/.*edx=//p'; }
old=$(generation)
asks quick
until [ "$(generation)" != "$old" ] && exitprof doctor >/dev/null 2>&1; do sleep 0.1; done
kill -TERM $record $run
wait $record
is 'off for a moment: record goes on' $? 0
is 'off for a moment: record says so' "$(grep -c "^warning: the host's counters started anew 1 times" quick.err)" 1
is 'off for a moment: and has no figures' "$(tail -n 1 quick.csv | cut -d, -f 7-11)" ',total,,,'
wait $run
is 'off for a moment: run fails' $? 1
is 'off for a moment: run says why' "$(grep -c 'they started anew while the workload ran' run.err)" 1

# It stays off.
exitprof record -i 20ms -o slow.csv 2>slow.err &
record=$!
exitprof watch -i 50ms --csv >slow.watch 2>slow.watch.err &
watch=$!
more slow.watch
more slow.csv.partial
asks slow
wait $record
is 'off: record ends' $? 1
is 'off: record says why' "$(grep -c "latch leaf did not answer any more" slow.err)" 1
is 'off: and keeps what it has' "$(tail -n 1 slow.csv | awk -F, '{ print NF }')" 11
wait $watch
is 'off: watch ends' $? 1
is 'off: watch says why' "$(grep -c "latch leaf does not answer any more" slow.watch.err)" 1
exitprof doctor >/dev/null 2>&1
is 'off: no patched host' $? 4
asks again
until exitprof doctor >/dev/null 2>&1; do sleep 0.1; done

# Another VM of the same host executes CPUIDs all the time: ours tells them apart, and one with
# a counter for all does not.
old=$(generation)
asks peer
until [ "$(generation)" != "$old" ] && exitprof doctor >/dev/null 2>&1; do sleep 0.1; done
exitprof verify --peer --csv --patience 100ms >peer.csv 2>peer.err
is 'two VMs: verify passes' $? 0
is 'two VMs: it looked' "$(grep -c '^scope,scope,pass' peer.csv)" 1
cpuid -1 -i -r -l 0x4fffff00 -s $NAIVE >naive.id
is 'two VMs: a host with globals' "$(grep -c eax=0x00000001 naive.id)" 1
exitprof verify --peer --csv --patience 100ms >naive.csv 2>naive.err
is 'two VMs: which fails' "$(grep -c '^scope,scope,fail,.*counters that belong to all VMs' naive.csv)" 1
cpuid -1 -i -r -l 0x4fffff00 -s 0 >/dev/null
asks alone

# The VM is stopped, and goes on in another one.
exitprof record -i 20ms --per-vcpu -o restored.csv 2>restored.err &
record=$!
exitprof watch -i 50ms --csv >restored.watch 2>restored.watch.err &
watch=$!
more restored.watch
more restored.csv.partial
old=$(generation)
asks restore
until [ "$(generation)" != "$old" ]; do sleep 0.1; done
more restored.watch
kill -TERM $record $watch
wait $record
is 'restored: record goes on' $? 0
is 'restored: record says so' "$(grep -c "^warning: the host's counters started anew 1 times" restored.err)" 1
is 'restored: one sample is unknown' "$(awk -F, '$6 == "vm" && $8 == "total" && $9 == "" { n++ } END { print n + 0 }' restored.csv)" 1
is 'restored: none is absurd' "$(awk -F, 'NR > 1 && $9 > 1000000' restored.csv | head -n 3)" ''
wait $watch
is 'restored: watch goes on' $? 0
is 'restored: watch says so' "$(grep -c 'the counters started anew: the VM was restored or migrated' restored.watch.err)" 1
END_OF_JOB
cat >peer-init <<'END'
#!/bin/busybox sh
/bin/busybox mkdir -p /bin /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin EXITPROF_WORKLOAD_PATH=/usr/lib/exitprof/workloads
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
echo "peer: runs" >/dev/console
exitprof run cpuid-storm -d 1h --no-save >/dev/console 2>&1
reboot -f
END
source=$root/host-patch/lab/variants/exitprof_variant.c
naive=$(($(grep -n '^	{ "naive"' "$source" | cut -d : -f 1) - $(grep -n '^} variants\[\]' "$source" | cut -d : -f 1) - 1))
sed -i "s/\$NAIVE/$naive/" guest-job
chmod +x host-job guest-job peer-init

type_job() {
	prompted "$l1_prompt" 1
	printf '%s\r' 'for d in /sys/block/vd*; do [ "$(cat $d/serial)" != lab-job ] || j=/dev/${d##*/}; done'
	prompted "$l1_prompt" 2
	printf '%s\r' 'lab-wait $j | tar -x -C /; /usr/local/bin/host-job $j; exit'
	prompted "end of the host's job" 1
}
terminal type_job host-shell --vcpus 2 --memory 256 --variant none --with ./host-job --with ./guest-job --with ./peer-init
tr -d '\r' <screen | sed -n 's/^result: //p' >checks
while IFS='|' read -r what actual expected; do
	is "$what" "$actual" "$expected"
done <checks
# Those in the loop are of two results.
is "checks" "$(wc -l <checks)" $(($(grep -c '^is ' guest-job) + 2 * $(grep -c '^	is ' guest-job)))
! failed || tail -n 60 screen
