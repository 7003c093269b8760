#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A lab that has booted L1 and L2 saves them, and the next one resumes them: as exact as a boot, with
# the time of now, random numbers of its own and nothing of another job. A state that is damaged is
# noticed, and the lab boots.
. "$(dirname "$0")/lib.sh"
export EXITPROF_LAB_STATES=$tmp/states

# The first half is what a state might have kept.
cat >job <<'END'
#!/bin/sh
set -e
date +%s >date
cut -d . -f 1 /proc/uptime >uptime
cat /proc/sys/kernel/random/uuid >random
head -c 16 /dev/urandom | od -A n -t x1 >>random
ls -A / /mnt /job >files
echo "$*" >left-in-mnt
echo "$*" >/left-in-root

exitprof run cpuid-storm --no-plot --set count=1000 -o storm >/dev/null
exitprof exec --no-plot --interval 50ms --per-vcpu -o exec -- cpuid -1 -i -r -l 0 >/dev/null 2>&1
exitprof record -i 20ms -d 300ms -o record.csv 2>/dev/null
exitprof snapshot --csv >snapshot.csv
case $2 in
details) exitprof run hypercall --no-plot --set count=1000 --details -o details >/dev/null ;;
# It reads what is no row of a table, of which trace-check knows nothing.
verify) exitprof verify --csv >verify.csv ;;
esac
END
chmod +x job

# lab_like HOW DIR MORE OPTION...: runs the job, and more of it: nothing, "details" or "verify". HOW is
# "boots", "saves" (boots and saves), "resumes", or "fails" to resume, and boots and saves.
lab_like() {
	local how=$1 dir=$2 more=$3 resumed=false stages file
	shift 3
	date +%s >"$dir.begin"
	lab 0 exec --with job --keep-logs -o "$dir" "$@" -- job "$dir" "$more"
	date +%s >"$dir.end"
	# Of the last boot, where the emulator failed in the first.
	stages=$(awk '/trying again/ { lines = ""; next } { lines = lines $0 "\n" } END { printf "%s", lines }' err | sed -n -E 's/.*\] (L1|L2|L1 and L2) (boots?|are saved|resume)(:.*|  .*)/\1 \2,/p' | xargs)
	case $how in
	boots) is "$dir boots" "$stages" "L1 boots, L2 boots," ;;
	saves) is "$dir boots and saves" "$stages" "L1 boots, L2 boots, L1 and L2 are saved," ;;
	resumes)
		is "$dir resumes" "$stages" "L1 and L2 resume,"
		resumed=true
		;;
	fails) is "$dir boots after all" "$stages" "L1 and L2 resume, L1 boots, L2 boots, L1 and L2 are saved," ;;
	esac
	[ -f "$dir/snapshot.csv" ] || die "no result"
	is "so its lab.json says" "$(sed -n 's/.*"resumed": \(.*\),/\1/p' "$dir/lab.json")" $resumed
	for file in l1 l2; do
		has "the whole console of ${file^^} is kept" "$dir/logs/$file.log" "exitprof-lab: $file-ready"
		has "up to now" "$dir/logs/$file.log" "exitprof-lab: $file-job"
	done
	is "its 1000 CPUIDs are exits" "$(awk -F, '$2 == "vm" && $4 == "cpuid" { print $5 }' "$dir/storm/exits.csv")" 1000
	case $more in
	details)
		is "its 1000 hypercalls are details" "$(awk -F, '$2 == "vm" && $5 == "hypercall" && $7 == "0x1" { n += $NF }
			END { print n + 0 }' "$dir/details/details.csv")" 1000
		;;
	verify)
		is "what verify finds, but for times" "$(grep -v '^time,' "$dir/verify.csv" | grep -E ',(fail|warning),' || true)" ""
		has "it has checked" "$dir/verify.csv" '^counts,.*,pass,'
		;;
	esac
	is "what L2 finds" "$(xargs <"$dir/files")" "$(xargs <first/files)"
	sed -n 's/.*l1-job \([0-9]*\) .*/\1/p' "$dir/logs/l1.log" >"$dir.l1"
	is "the time is now in L2" "$(sort -n "$dir.begin" "$dir/date" "$dir.end" | xargs)" \
		"$(cat "$dir.begin" "$dir/date" "$dir.end" | xargs)"
	is "and in L1" "$(sort -n "$dir.begin" "$dir.l1" "$dir.end" | xargs)" "$(cat "$dir.begin" "$dir.l1" "$dir.end" | xargs)"
}

lab_like saves first "" --trace
is "a state is kept" "$(ls states/*/)" "$(printf '%s\n' l1.log l2.log ram vm)"
lab_like resumes second "" --trace
lab_like resumes third "" --trace
lab_like boots fresh "" --trace --fresh
is "random numbers of L2 that came twice" "$(cat {first,second,third,fresh}/random | sort | uniq -d)" ""
sed -n 's/.*l1-job [0-9]* //p' {first,second,third,fresh}/logs/l1.log >random
is "random numbers of L1, and those that came twice" "$(wc -l <random) $(sort random | uniq -d)" "4 "
# Only the time of day is set. Both go on from the same time since the boot, and either may have got
# to the job sooner.
up=$(($(<third/uptime) - $(<first/uptime))) past=$(($(<third/date) - $(<first/date)))
is "time since the boot has not jumped: $up s of $past" "$((2 * ${up#-} < past))" 1

lab_like saves two details --trace --vcpus 2 --details
lab_like resumes two-again details --trace --vcpus 2 --details
for run in first second third two two-again; do
	status=0
	"$root/host-patch/lab/trace-check" $run/trace >checked || status=$?
	is "the trace of $run agrees" $status 0
	[ $status -eq 0 ] || cat checked
	has "and has answers" checked '^[0-9]{3,} answers checked, .* 0 differ'
done

for file in states/*/vm; do
	head -c 100000 /dev/zero | dd of="$file" bs=100000 seek=1 conv=notrunc status=none
done
lab_like fails damaged verify --trace
has "why it boots" err '^exitprof-lab: the saved state cannot be resumed \(.+\); booting$'
is "and does not try again" "$(grep -c 'trying again' err || true)" 0
lab_like resumes after verify --trace
is "no temporary file is left" "$(ls -A "$TMPDIR"; find states -maxdepth 1 -name 'new*')" ""
