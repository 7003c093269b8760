# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# L1 and L2, saved when L2 waits for its job, so that the next lab of the same kind resumes
# them instead of booting:
#
#	$states/BOOT-KEY/ram	L1's memory, L2's within it: sparse, and mapped by each lab that
#				resumes it, which copies only the pages that it writes to
#	$states/BOOT-KEY/vm	QEMU's devices, as it migrates them
#	$states/BOOT-KEY/*.log	what the consoles have shown up to then
#
# KEY stands for all that made it what it is. BOOT is this machine's boot: the frequency of its TSC,
# which L1 has measured, may be another after the next one. What differs from one job to the next comes with the
# job (see job.sh and guest/lab-wait.c): clocks and random numbers too. The state that was used least
# recently is removed when there are more than $states_max, or more than $states_max_mib in all.
#
# A host that can be saved says so: host_resume=1.

# Another folder for them is for tests.
states=${EXITPROF_LAB_STATES:-$cache/states}
states_max=12
states_max_mib=5120
state=
state_new=
qmp_fds=()
memory_fd=

# state_lock OPTION: flock's -s to use what is there, -x to add and to remove
state_lock() {
	exec {state_fd}>>"$states/lock"
	flock "$1" "$state_fd"
}

state_unlock() {
	exec {state_fd}>&-
	state_fd=9
}

# state_choose: sets $state to where this lab's state is or will be, or to nothing if it is to boot
state_choose() {
	local boot key emulator boot_append boot_memory boot_disks
	state=
	! $fresh && [ -n "$host_resume" ] && [ "$mode$guest" = jobbusybox ] || return 0
	mkdir -p "$states" || return 0
	boot_options
	boot_qemu
	key=$({
		printf '%s\n' "${emulator[@]//"$work"/}" "$disk_size"
		cat "$initramfs_sum"
		grep -m 1 '^model name' /proc/cpuinfo
	} | sha256sum)
	read -r boot </proc/sys/kernel/random/boot_id
	state=$states/${boot//-/}-${key%% *}
}

# state_take: whether the state is there; it is then kept until state_resume
state_take() {
	state_lock -s
	if touch -c "$state" && [ -f "$state/ram" ]; then return 0; fi
	state_unlock
	return 1
}

# memory_open: opens a file of no name for L1's memory, in $memory_fd: one in memory, where there is room.
# QEMU 8.1 and later leave out of a migration only what they know as a file, which a memfd is not.
memory_open() {
	local dir=/dev/shm file
	[ "$(df --output=avail -B 1M "$dir" 2>/dev/null | tail -n 1)" -gt $((2 * boot_memory)) ] 2>/dev/null || dir=$work
	file=$(mktemp "$dir/exitprof-lab.XXXXXXXX") || file=$(mktemp "$work/exitprof-lab.XXXXXXXX")
	exec {memory_fd}<>"$file"
	rm -f "$file"
}

# state_start: adds to the array emulator what QEMU needs to be saved, or resumed
state_start() {
	local memory
	export LAB_VM=$work/vm
	if $boot_resumed; then
		memory="share=off,mem-path=${state//,/,,}/ram"
		emulator+=(-incoming defer)
		LAB_VM=$state/vm
		cp "$state"/*.log "$work/"
	else
		memory_open
		memory="share=on,mem-path=/proc/self/fd/$memory_fd"
	fi
	rm -f "$work/qmp.in" "$work/qmp.out"
	mkfifo "$work/qmp.in" "$work/qmp.out"
	emulator+=(-object "memory-backend-file,$memory,id=ram,size=${boot_memory}M" -machine memory-backend=ram -qmp "pipe:$work/qmp")
}

# qmp COMMAND [ARGUMENTS]: has QEMU do that. Its answer is in $qmp_answer, and in $state_error if it fails.
qmp() {
	local line limit=$((SECONDS + 60)) arguments=${2-}
	qmp_answer=
	state_error="QEMU does not answer '$1'"
	printf '{"execute":"%s"%s}\n' "$1" "${arguments:+,\"arguments\":$arguments}" >&"${qmp_fds[0]}"
	while [ $SECONDS -lt $limit ]; do
		line=
		if ! IFS= read -r -t 0.2 line <&"${qmp_fds[1]}"; then
			qmp_answer+=$line
			kill -0 "$machine_pid" 2>/dev/null || break
			continue
		fi
		qmp_answer+=$line
		case $qmp_answer in
		'{"return"'*) return 0 ;;
		'{"error"'*)
			state_error=${qmp_answer#*\"desc\": \"}
			state_error=${state_error%\"*}
			return 1
			;;
		esac
		# An event
		qmp_answer=
	done
	[ ! -s "$work/emulator.log" ] || state_error=$(tail -n 1 "$work/emulator.log")
	return 1
}

# qmp_open: after QEMU has been started
qmp_open() {
	exec {qmp_fds[0]}<>"$work/qmp.in" {qmp_fds[1]}<>"$work/qmp.out"
	qmp qmp_capabilities &&
		qmp migrate-set-capabilities '{"capabilities":[{"capability":"x-ignore-shared","state":true}]}'
}

# state_end: when the emulator has ended
state_end() {
	[ ${#qmp_fds[@]} -eq 0 ] || exec {qmp_fds[0]}>&- {qmp_fds[1]}>&-
	qmp_fds=()
	[ -z "$memory_fd" ] || exec {memory_fd}>&-
	memory_fd=
}

# state_wait COMMAND FIELD VALUE...: until QEMU answers with one of the values in that field, which is
# then in $state_value
state_wait() {
	local command=$1 field=$2 value
	shift 2
	while qmp "$command"; do
		for value; do
			[[ $qmp_answer != *"\"$field\": \"$value\""* ]] || { state_value=$value; return 0; }
		done
		stage_tick
		sleep 0.02
	done
	return 1
}

# state_idle: whether L1's CPU has nothing to do just now
state_idle() {
	qmp human-monitor-command '{"command-line":"info registers"}' && [[ $qmp_answer == *HLT=1* ]]
}

# state_halt: stops L1 at a moment when its CPU has nothing to do: QEMU cannot resume one that runs L2.
# As L1 and L2 wait for a job, there is such a moment soon, and a machine that has none is stuck. It is
# looked for before L1 is stopped, as stopping one that runs L2 is not harmless.
state_halt() {
	local i
	for ((i = 0; i < 500; i++)); do
		if state_idle; then
			qmp stop || return 1
			! state_idle || return 0
			qmp cont || return 1
		fi
		sleep 0.02
	done
	state_stuck=true
	state_error="L1 is never idle"
	return 1
}

# state_write DIR: what there is of the machine that is stopped
state_write() {
	qmp migrate '{"uri":"exec:cat >\"$LAB_VM\""}' && state_wait query-migrate status completed failed || return 1
	state_error="no space for it"
	[ "$state_value" = completed ] || return 1
	{
		cp --sparse=always "/dev/fd/$memory_fd" "$1/ram" && cp "$work/vm" "$work/l1.log" "$work/l2.log" "$1/"
	} 2>>"$work/emulator.log"
}

# state_save: adds the state of this lab, which then goes on. It does without when that fails; only when it
# is stuck or does not go on, this fails.
state_save() {
	local saved=true state_stuck=false
	stage "L1 and L2 are saved"
	state_lock -x
	if [ ! -d "$state" ]; then
		# Of labs that were killed.
		rm -rf "$states"/new-*
		state_new=$states/new-${state##*/}
		state_error="no space for it"
		{ qmp_open && mkdir "$state_new" && state_halt && state_write "$state_new" && mv -T "$state_new" "$state"; } || saved=false
		rm -rf "$state_new"
		state_new=
		$saved || $state_stuck || message "L1 and L2 are not saved: $state_error"
		state_trim
	else
		qmp_open
	fi
	state_unlock
	! $state_stuck && qmp cont
}

# state_trim: removes what is of an earlier boot, and what is too much
state_trim() {
	local dir boot=${state##*/}
	for dir in "$states"/*/; do
		[[ $dir == "$states/${boot%%-*}-"* ]] || rm -rf "$dir"
	done
	ls -dt "$states"/*/ 2>/dev/null | while IFS= read -r dir; do
		echo "$(du -sm "$dir" | cut -f 1) $dir"
	done | awk -v max="$states_max" -v mib="$states_max_mib" '(total += $1) > mib || NR > max { sub(/^[0-9]+ /, ""); print }' |
		xargs -r -d '\n' rm -rf
}

# state_resume: L1 and L2 go on where they were saved, with the job at hand
state_resume() {
	local status=0
	qmp_open && qmp migrate-incoming '{"uri":"exec:cat \"$LAB_VM\""}' && state_wait query-status status paused || status=$?
	state_unlock
	[ $status -eq 0 ] || return 1
	job_put "${EPOCHREALTIME/[.,]/}"
	qmp cont
}

# state_forget: it is of no use
state_forget() {
	state_lock -x
	rm -rf "$state"
	state_unlock
}
