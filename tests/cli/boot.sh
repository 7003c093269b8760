#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A boot is recorded until systemd says that it is finished, kept whole, and
# reported; whatever is missing, nothing else fails.
. "$(dirname "$0")/lib.sh"
: "${BOOT_SAMPLER:?}"

mkdir bin
cat >bin/systemctl <<'END2'
#!/bin/sh
echo "$*" >>"$SYSTEMCTL_LOG"
case $* in
is-system-running*)
	# Time stands still while the recording waits for this, but for what passes here; if it
	# is not a sampler that records.
	[ ! "$PASS" ] || { echo "pass $PASS" >"$EXITPROF_TEST_CLOCK"; read -r _ <"$EXITPROF_TEST_CLOCK.done"; }
	[ "$BOOT" != endless ] || { echo >asked; exec cat never; }
	# As long as systemd does not listen
	[ "$BOOT" != late ] || [ "$(grep -c is-system "$SYSTEMCTL_LOG")" -gt 1 ] || { echo offline; exit 1; }
	[ "$BOOT" != shutdown ] || { echo stopping; exit; }
	echo running
	;;
*Firmware*)
	# Longer than a signal lets wait: nothing else shows that none comes again
	[ "$BOOT" != endless ] || sleep 0.1
	[ "$BOOT" = endless ] || [ "$BOOT" = shutdown ] || echo "FinishTimestampMonotonic=$FINISH"
	echo UserspaceTimestampMonotonic=1000000
	echo FirmwareTimestampMonotonic=3000000
	echo LoaderTimestampMonotonic=500000
	[ ! "${SOFT_REBOOTS-}" ] || echo "SoftRebootsCount=$SOFT_REBOOTS"
	;;
*)
	printf 'Id=a.service\nInactiveExitTimestampMonotonic=5\nActiveEnterTimestampMonotonic=6\n\n'
	printf 'Id=dev-b.device\nInactiveExitTimestampMonotonic=7\nActiveEnterTimestampMonotonic=8\n\n'
	printf 'Id=never.service\nInactiveExitTimestampMonotonic=0\nActiveEnterTimestampMonotonic=0\n'
	;;
esac
END2
chmod +x bin/systemctl
PATH=$tmp/bin:$PATH
mkfifo asked never
exec {asked}<>asked
# Later than any test, in microseconds
export SYSTEMCTL_LOG=$tmp/log BOOT=quick FINISH=9000000000000000 PASS=35ms

# record HOST STATUS FOLDER OPTION...: with a folder for the sampler of its own
record() {
	local host=$1 status=$2 folder=$3
	shift 3
	run "$host" "$status" boot record -D "$folder" --run "$tmp/run" --interval 10ms "$@"
}

# Without a patched host: one line, nothing written, and no failure.
for host in stock-amd stock-intel bare; do
	record $host 0 boots
	says 'exitprof: this boot is not recorded: the host does not answer the exitprof leaves'
	same "$(wc -l <err)" 1
	no_data
	[[ ! -e boots ]] || die 'something was written'
	EXITPROF_TEST_HOST=$host "$BOOT_SAMPLER" "$tmp/run" >out 2>all || die 'the sampler fails'
	same "$(grep -vc '^warning: simulated' all)" 0
	no_data
	[[ ! -e run ]] || die 'the sampler left something'
done
run - 1 boot report -D boots
says "exitprof: no boot is recorded in 'boots'"
run - 0 boot list -D boots
no_data

record svm-full 0 boots
quiet
no_data
name=$(ls boots)
same "$(ls -A boots "boots/$name")" \
	"$(printf 'boots:\n%s\n\nboots/%s:\nboot.json\nexits.csv\nrun.json\nruns.csv' "$name" "$name")"
same "$("$JSON_GET" ended <"boots/$name/boot.json")" finished
same "$("$JSON_GET" before_known <"boots/$name/boot.json")" true
# One at the beginning, one every 10 ms, after the first of which systemd is asked, and one when
# it says that it is over.
# times FOLDER: of its samples, in milliseconds
times() { grep -o '"time_ns": *[0-9]*' "$1"/*/boot.json | awk '{ printf "%d ", $NF / 1e6 - 1e5 }'; }
same "$(times boots)" '0 10 20 30 40 45 '

# Exits from the VM's creation on, without the reader's own.
run - 0 boot report -D boots
shows '65,000 exits'
shows 'firmware 2.50 s, loader 0.50 s, kernel 1.00 s, initrd -, userspace -'
shows 'most frequent: cpuid; least frequent: hlt'
grep -qE '^before the first sample +VM created .* 65,000 ' out || die 'no first phase'
run - 0 boot report -D boots --csv
same "$(awk -F, 'NR > 1 { sum += $4 } END { print sum }' out)" 65000
same "$(sed -n 2p out | cut -d, -f 2-)" ",cpuid,20000,40000000"
run - 0 boot report -D boots --csv --phases
same "$(head -n 2 out | tail -n 1 | sed 's/,[0-9]*,cpuid/,TIME,cpuid/')" 'before the first sample,,TIME,cpuid,20000,40000000'
same "$(awk -F, 'NR > 1 { sum += $5 } END { print sum }' out)" 65000
run - 0 boot report -D boots --json
"$JSON_GET" units <out >got
grep -q a.service got || die 'no unit'
! grep -q -e dev-b -e never.service out || die 'units that were not started'
same "$("$JSON_GET" exits_count <out)" 65000
"$JSON_GET" phases <out >got
grep -q '"before the first sample"' got || die 'no phases'
run - 0 boot list -D boots
grep -qE "^$name .* 65,000 +VM created +finished" out || die 'not in the list'
run - 0 boot list -D boots --csv
same "$(tail -n 1 out | cut -d, -f 1,3,4,6)" "$name,finished,yes,65000"
run - 0 boot list -D boots --json
grep -q '"exits_count": 65000' out || die 'no JSON'

# A timestamp after the last sample, as above, is of another boot; this one is of the record.
FINISH=100040000 record svm-full 0 timely
run - 0 boot report -D timely
shows 'kernel 1.00 s, initrd -, userspace 99.04 s'
same "$("$JSON_GET" soft_reboots_count <timely/*/boot.json)" 0
# Systemd begins anew, and the kernel does not: neither its time nor what came before is this boot's.
SOFT_REBOOTS=2 FINISH=100040000 record svm-full 0 soft
run - 0 boot report -D soft
shows 'firmware -, loader -, kernel -, initrd -, userspace 99.04 s'
shows 'at least 0 exits'
same "$("$JSON_GET" soft_reboots_count <soft/*/boot.json)" 2
same "$("$JSON_GET" before_known <soft/*/boot.json)" false

# A folder that cannot be read is not one without boots; a later format is not read.
: >file
for words in report list plot 'report 2026' 'report file/x'; do
	# shellcheck disable=SC2086
	run - 1 boot $words -D file
	no_data
	[[ $words == *file* ]] || says "exitprof: cannot read the folder 'file': Not a directory"
done
says "exitprof: 'file/x' is no boot that exitprof has recorded"
cp -r timely later
sed -i 's/"format": 1/"format": 2/' later/*/boot.json
for words in 'boot report -D later' "boot plot $(echo ./later/*)" "report $(echo later/*)"; do
	# shellcheck disable=SC2086
	run - 1 $words
	grep -q "^exitprof: 'later/.*/boot.json' is of format 2, and 1 is known$" <(sed 's,\./,,' err) || die "no word of the format: $words"
	says 'hint: use the exitprof that wrote it, or a newer one'
done

# A boot is a result like any other: two can be compared.
cp -r "boots/$name" other
sed -i 's/^1,vm,\(.*\),cpuid,20000/1,vm,\1,cpuid,30000/' other/exits.csv
run - 0 compare "boots/$name" other --metric exits
grep -qE '^cpuid +20,000 +30,000 +\+50' out || die 'cannot be compared'

# The same VM again, in another boot: what came before is not known to be this one's.
sed -i 's/"boot_id": "[^"]*"/"boot_id": "earlier"/' "boots/$name/boot.json"
mv "boots/$name" boots/2000-earlier
record svm-full 0 boots
run - 0 boot report -D boots
shows 'this VM has been booted before'
shows 'at least 0 exits'
grep -qE '^before the first sample +- +[0-9.]+ +- +- +-$' out || die 'claims to know what came before'
! grep -q 'over the whole boot' out || die 'judges what it does not know'
run - 0 boot report 2000 -D boots
shows '65,000 exits'
again=$(find boots -name '2???-*-*-*' -printf '%f\n')
run - 1 compare boots/2000-earlier "boots/$again"
grep -q "counted since the VM's creation" err out || die 'compares what cannot be compared'
# Not so if the counters are another VM's.
sed -i 's/"generation": 7/"generation": 8/' boots/2000-earlier/boot.json
rm -r "boots/$again"
record svm-full 0 boots
run - 0 boot report -D boots
shows ': 65,000 exits'

# Only the newest are kept.
# Results of other kinds, and files of somebody's in a boot, are neither counted nor removed.
EXITPROF_TEST_CLOCK='' EXITPROF_TEST_HOST=svm "$EXITPROF" snapshot -o boots/zzz >/dev/null 2>&1
cp -r boots/2000-earlier boots/1999-mine
touch boots/1999-mine/notes.txt
record svm-full 0 boots --keep 1
[[ -e boots/zzz/run.json && -e boots/1999-mine/notes.txt ]] || die 'removed what is no boot of ours'
rm -r boots/zzz boots/1999-mine
same "$(find boots -mindepth 1 -maxdepth 1 | wc -l)" 1
[[ ! -e boots/2000-earlier ]] || die 'an old boot was kept'

# An end in any case, and at the latest when it is stopped: kept as far as it got.
export BOOT=endless
PASS=1m record svm-full 0 limited --limit 50ms
same "$(times limited)" '0 10 20 30 40 50 60 '
run - 0 boot report -D limited
shows ', time limit'
# asks: once systemctl has been called, and time has passed
asks() { read -r -t 100 -u "$asked" || die 'it does not ask systemd'; }
EXITPROF_TEST_HOST=svm-full "$EXITPROF" boot record -D stopped --run "$tmp/run" --interval 10ms 2>/dev/null &
asks
kill -TERM $!
wait $! || die 'stopped with a failure'
same "$(times stopped)" '0 10 20 30 40 45 '
run - 0 boot report -D stopped
shows ', stopped'
shows 'firmware 2.50 s'

BOOT=shutdown record svm-full 0 shutdown
run - 0 boot report -D shutdown
shows ', stopped'

# sampler [FOLDER [OPTION...]]: in the background, on a clock of its own, until it has its
# first sample
sampler() {
	local folder=${1:-$tmp/run}
	rm -f "$test_folder"/sampler{,.done}
	mkfifo "$test_folder"/sampler{,.done}
	exec {sampler_feed}<>"$test_folder/sampler" {sampler_done}<>"$test_folder/sampler.done"
	echo hold >&"$sampler_feed"
	EXITPROF_TEST_CLOCK=$test_folder/sampler EXITPROF_TEST_HOST=svm-full \
		"$BOOT_SAMPLER" --interval 10ms "${@:2}" "$folder" 2>/dev/null &
	pid=$!
	read -r -t 100 -u "$sampler_done" || die 'the sampler does not begin'
}
# sampled TIME: that time passes for it
sampled() {
	echo "pass $1" >&"$sampler_feed"
	read -r -t 100 -u "$sampler_done" || die 'the sampler has ended'
}

# What a sampler has begun in the initrd is taken over when the boot is finished, and it ends.
export BOOT=late PASS=
: >log
sampler "" --initrd
sampled 25ms
EXITPROF_TEST_HOST=svm-full "$BOOT_SAMPLER" "$tmp/run" 2>/dev/null || die 'two samplers'
kill -0 $pid || die 'the first sampler has ended'
record svm-full 0 over
quiet
wait $pid || die 'the sampler failed'
[[ ! -e run/lock && ! -e run/samples.json ]] || die 'something is left'
same "$(grep -c is-system-running log)" 2
same "$(times over)" '0 10 20 25 '
run - 0 boot report -D over --json
same "$("$JSON_GET" ended <out)" finished
same "$("$JSON_GET" in_initrd <out)" true
same "$("$JSON_GET" consistent <out)" true
run - 0 boot report -D over
shows '65,000 exits'

# Stopped half-way, so does the sampler.
export BOOT=endless
sampler
EXITPROF_TEST_HOST=svm-full "$EXITPROF" boot record -D stopped2 --run "$tmp/run" 2>/dev/null &
recording=$!
asks
kill -TERM $recording
wait $recording || die 'stopped with a failure'
wait $pid || die 'the sampler goes on'
run - 0 boot report -D stopped2
shows ', stopped'

# An initrd that is older than the decision: once the root is another one, /run with it, a
# sampler goes on if the service is enabled there, and ends by itself if it is not.
system=root/etc/systemd/system
for kind in enabled required disabled masked; do
	rm -rf initrd root
	mkdir -p initrd/run "$system"/{multi-user.target.wants,default.target.requires,other.service.d}
	# Nobody has installed what they lead to.
	case $kind in
	enabled | masked) ln -s /nowhere/exitprof-boot.service $system/multi-user.target.wants/ ;;
	required) ln -s /nowhere/exitprof-boot.service $system/default.target.requires/ ;;
	disabled) touch $system/other.service.d/exitprof-boot.service ;;
	esac
	[[ $kind != masked ]] || ln -s /dev/null $system/exitprof-boot.service
	sampler initrd/run/exitprof --initrd --limit 20s
	sampled 200ms
	mv initrd/run root/
	case $kind in
	enabled | required)
		sampled 200ms
		kill -TERM $pid || die "$kind: has ended after the switch"
		left="lock samples.json"
		;;
	disabled | masked)
		echo pass 10ms >&"$sampler_feed"
		left=lock
		;;
	esac
	wait $pid || die "$kind: the sampler failed"
	same "$kind: $(cd root/run/exitprof && echo *)" "$kind: $left"
done

# A sampler that was killed: recorded from then on, with a word about it. Likewise what is
# half written, or of another boot.
export BOOT=quick PASS=35ms
sampler
kill -KILL $pid
wait $pid 2>/dev/null || true
record svm-full 0 killed
run - 0 boot report -D killed
shows 'sums may be a few exits off'
sampler "" --initrd
kill -TERM $pid
wait $pid || die 'the sampler failed'
cp run/samples.json left.json
# One that has ended before has done its work.
record svm-full 0 odd --keep 1
run - 0 boot report -D odd --json
same "$("$JSON_GET" in_initrd <out)" true
same "$("$JSON_GET" ended <out)" stopped
for edit in '1s/.$//' 's/"boot_id":"[^"]*/&x/' 's/"samples":.*\],"units"/"samples":[],"units"/' 's/.*/[]/'; do
	touch run/lock
	sed "$edit" left.json >run/samples.json
	record svm-full 0 odd --keep 1
	run - 0 boot report -D odd --json
	same "$("$JSON_GET" in_initrd <out)" false
	same "$("$JSON_GET" ended <out)" finished
	# Somebody else's is nothing of ours to remove.
	[[ $edit = *'[]/' || ! -e run/samples.json ]] || die 'it is still there'
done
same "$(<run/samples.json)" '[]'
rm run/samples.json

# What could not be written can be, later; and by then it is known that the boot was finished.
sampler
sampled 25ms
kill -TERM $pid
wait $pid || die 'the sampler failed'
last=$(grep -o '"time_ns":[0-9]*' run/samples.json | tail -n 1 | tr -dc 0-9)
touch full
FINISH=$((last / 1000)) record svm-full 1 full/boots
says "hint: the samples are still in '$tmp/run': mend that, and run 'exitprof boot record' again"
FINISH=$((last / 1000)) record svm-full 0 later
run - 0 boot report -D later
shows ', finished'

# Started by hand when the boot is over: nothing is written.
FINISH=1 record svm-full 0 late
says 'exitprof: this boot is not recorded: it was finished before sampling began'
[[ ! -e late ]] || die 'something was written'

# Charts, complete or not at all.
if type -P gnuplot >/dev/null; then
	EXITPROF_PLOT_PATH=$(cd "$(dirname "$0")/../../plots" && pwd)
	export EXITPROF_PLOT_PATH
	mkdir charts
	run - 0 boot plot -D limited -o charts
	same "$(cd charts && find . -type f -size +0 -printf '%f\n' | sort | xargs)" \
		'boot-cumulative.png boot-cumulative.svg boot-rate.png boot-rate.svg boot-timeline.csv'
	mkdir both
	cp -r limited/* over/same
	cp -r limited/* limited/same
	run - 0 boot plot over/same limited/same -o both
	same "$(cd both && find . -type f -size +0 -printf '%f\n' | sort | xargs)" \
		'boot-compare.csv boot-compare.png boot-compare.svg'
	same "$(cut -d, -f 1 both/boot-compare.csv | uniq | xargs)" 'boot over/same limited/same'
	run - 0 boot plot over/same ./limited/2* -o both
	same "$(cut -d, -f 1 both/boot-compare.csv | uniq | head -n 2 | xargs)" 'boot same'
	rm -r over/same limited/same
	run - 1 boot plot -D limited -o nowhere
	says "exitprof: cannot write 'nowhere/boot-timeline.csv': No such file or directory"
	EXITPROF_PLOT_PATH=$tmp/none run - 1 boot plot -D limited -o charts
	grep -q '^hint: set EXITPROF_PLOT_PATH' err || die 'no hint'
fi

# No room, or a read-only disk: one message, and nothing is left.
touch blocked
record svm-full 1 blocked/boots --limit 20ms
grep -q "^exitprof: cannot make the result folder 'blocked/boots/" err || die 'no reason'

run - 2 boot
run - 2 boot recrod
says 'exitprof: boot: give one of report, list, plot, record'
run - 2 boot report --phases
run - 2 boot record --interval fast
run - 1 boot report none -D limited
says "exitprof: no boot in 'limited' has a name that begins with 'none'"
mkdir -p broken/x
echo '{' >broken/x/boot.json
run - 1 boot report -D broken
says "exitprof: 'broken/x' is no boot that exitprof has recorded"
run - 0 boot list -D broken
says "warning: 'broken/x' is no boot that exitprof has recorded"
