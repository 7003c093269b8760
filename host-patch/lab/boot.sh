# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# One boot of L1 (see machine.sh), with L2 in it, watched: how far it is shows in the two
# consoles as lines "exitprof-lab: WORD ...", and every step has a time limit.
#
# Failures are of two kinds. Those of the emulated machine (it never came up, stood still,
# went off or ran into a time limit before the job began) are tried again once; the second
# time, the lab ends with status 125. Whatever goes wrong from the job on is the job's, is
# never tried again, and ends with status 1.

# How many tenths of the usual time this machine takes, as L1's boot has shown: at least 10
boot_slow=10
# For which a boot of L1 is usual, in seconds; a host may take a multiple of it ($host_slow)
boot_usual=6
# The same for L1 and L2 that are resumed
boot_usual_resume=3
# Whether L1 and L2 are resumed, not booted
boot_resumed=false
# Whether the job has begun
boot_began=
# Looks at an emulator that takes no CPU time until it is taken to stand still
boot_patience=300
# Whether L1 has measured the frequency of its TSC right: "agrees" or "mistaken"
boot_clock=
log_fds=()
log_partial=('' '')

# boot_qemu: sets the array emulator, for a host that is QEMU
boot_qemu() {
	local console=()
	# signal=off: Ctrl-C is for the guest.
	[ "$mode" = job ] || console=("stdio,id=l2,signal=off,logfile=$work/l2.log")
	machine_qemu "${console[@]}"
}

# boot_shadow_check: ends the lab where shadow paging cannot work. Emulating SVM, QEMU 9.1 and later look up the
# intercept of CR0 for a guest's read of any control register (their decoder adds the register's number to an
# exit code only if that is not 0). KVM does not see the guest read CR3, and the guest gets the shadow table's.
boot_shadow_check() {
	local version
	[ -z "$host_emulates_svm" ] || [ "$npt" -eq 1 ] || {
		version=$(qemu-system-x86_64 --version | sed -n '1s/.* version \([0-9]*\.[0-9]*\).*/\1/p')
		[ "$(printf '%s\n' 9.1 "$version" | sort -V | head -n 1)" != 9.1 ] ||
			die "shadow paging does not work: QEMU $version does not tell KVM when a guest reads CR3" \
				"use --host intel, or Debian 12, whose QEMU does"
	}
}

# boot_options: what is to be booted: $boot_memory in MiB, $boot_disks and $boot_append, words for L1
boot_options() {
	boot_memory=1280 boot_disks=(work job)
	boot_append="panic=-1 quiet no_timer_check $boot_quick $host_append lab.mode=$mode lab.vendor=$host_vendor"
	boot_append+=" lab.vcpus=$vcpus lab.memory=$l2_memory lab.npt=$npt lab.trace=$($trace && echo 1 || echo 0)"
	[ -z "$level" ] || boot_append+=" lab.level=$level"
	[ -z "$variant" ] || boot_append+=" lab.variant=$variant"
	! $details || boot_append+=" lab.details=1"
	if [ "$guest" = debian ] && [ "$host_ramdisk" = 1 ]; then
		boot_append+=" lab.ramdisk=1"
		boot_memory=$((boot_memory + $(stat -c %s "$work/root.img") / 1048576 + 256))
	fi
	if [ "$mode" != job ]; then
		local rows cols
		terminal_size
		boot_append+=" lab.rows=$rows lab.cols=$cols lab.term=${TERM-linux}"
	fi
	[ "$guest" != debian ] || { boot_append+=" lab.guest=debian lab.profile=$($profile && echo 1 || echo 0) lab.boots=$boots" boot_disks=(job root); }
	! $trace || { boot_memory=$((boot_memory + 768)) boot_disks+=(trace); }
}

# boot_start: the emulator in the background, with the consoles in files of $work
boot_start() {
	local boot_append boot_memory boot_disks emulator tty=()
	boot_options
	: >"$work/l1.log"
	: >"$work/l2.log"
	if declare -F host_prepare >/dev/null; then
		host_prepare
	else
		boot_qemu
		$boot_resumed || emulator+=(-initrd "$work/l1.cpio")
		[ -z "$state" ] || state_start
	fi
	log_partial=('' '')
	exec {log_fds[0]}<"$work/l1.log" {log_fds[1]}<"$work/l2.log"
	# What a resumed machine has said is no news.
	! $boot_resumed || { cat <&"${log_fds[0]}" && cat <&"${log_fds[1]}"; } >/dev/null
	[ "$mode" = job ] || tty=(/dev/tty)
	machine_start "${tty[@]}"
}

# boot_next_word: the next progress line of either console into $word and $rest
boot_next_word() {
	local i line
	for i in 0 1; do
		while true; do
			if ! IFS= read -r line <&"${log_fds[i]}"; then
				log_partial[i]+=$line
				break
			fi
			line=${log_partial[i]}$line
			log_partial[i]=
			line=${line%$'\r'}
			case $line in
			*'exitprof-lab: '*)
				read -r word rest <<<"${line##*exitprof-lab: }"
				return 0
				;;
			*'watchdog: BUG: soft lockup'* | *"kthread timer wakeup didn't happen"*)
				word=locked-up rest=
				return 0
				;;
			esac
		done
	done
	return 1
}

# boot_enter STAGE SECONDS: a step begins, with a time limit (0 is none) for a machine of usual speed
boot_enter() {
	if [ "$mode" = job ] || [ "$2" -ne 0 ]; then stage "$1"; else stage_done; fi
	boot_entered=$SECONDS
	machine_limit=0
	[ "$2" -eq 0 ] || machine_limit=$((SECONDS + $2 * host_slow * boot_slow / 10))
}

# boot_measure: L1 has booted, or L1 and L2 go on: how slow is this machine?
boot_measure() {
	local usual=$boot_usual did="boot"
	! $boot_resumed || usual=$boot_usual_resume did="resume"
	boot_slow=$(((SECONDS - boot_entered) * 10 / (usual * host_slow)))
	[ "$boot_slow" -ge 10 ] || boot_slow=10
	[ "$boot_slow" -lt 20 ] ||
		message "L1 took $((SECONDS - boot_entered)) s to $did: time limits are $((boot_slow / 10)) times longer"
}

# boot_look ATTEMPT CLOCKS: reads the new progress lines, for boot_watch. Returns 1 while the boot goes on,
# then the status of boot_watch.
boot_look() {
	local word rest
	while boot_next_word; do
		[ "$mode" != host-shell ] || case $word in l2-*) continue ;; esac
		case $word in
		l1-start)
			# The terminal is L1's from now on.
			stage_done
			ui_tty=false
			;;
		l1-ready)
			if [ "$mode" = host-shell ]; then boot_enter "" 0; else boot_measure; fi
			;;
		clock-mistaken)
			# Rates, shares and times of results depend on it.
			boot_error="the emulated host has mistaken the frequency of its clock: $rest"
			[ "$2" -ne 1 ] || [ "$mode" != job ] || return 3
			boot_clock=mistaken
			message "warning: $boot_error"
			hint "exits and cycles are right, rates, shares of time and times are not: run it again, with less beside it"
			;;
		l2-start)
			boot_console=l2
			# The terminal is L2's from now on.
			[ "$mode" != shell ] || { stage_done; ui_tty=false; }
			boot_enter "L2 boots: KVM $KREL$($stock && echo ', stock')" $boot_limit_l2
			;;
		l2-ready)
			if [ -n "$state" ]; then
				[ "$boot_clock" = mistaken ] || state_save || { boot_error=$state_error; return 125; }
				job_put "${EPOCHREALTIME/[.,]/}"
			fi
			# Whatever keeps L2 from a job that is there is no matter of time.
			machine_limit=$((SECONDS + 60 * host_slow * boot_slow / 10))
			;;
		l2-job)
			boot_again=2
			boot_began=true
			! $boot_resumed || boot_measure
			if [ "$mode" = shell ]; then
				boot_enter "" 0
			else
				boot_enter "in L2: $title" "$timeout"
			fi
			;;
		l2-again)
			boot_again=125
			boot_enter "L2 boots again: $rest of $boots" $boot_limit_l2
			;;
		l2-result)
			[ "$mode" = shell ] || boot_enter "result leaves L2" 300
			;;
		trace-copy) boot_enter "trace leaves L1" 900 ;;
		l2-done)
			# All of it is on the disk.
			[ "$mode" != job ] || $trace || return 0
			;;
		l1-done) return 0 ;;
		locked-up)
			# An emulator's fault, or a machine that is too slow: the second time, the time
			# limit decides.
			[ "$1" -eq 1 ] && [ "$mode" = job ] || continue
			boot_error="a CPU of the emulated machine is stuck"
			return 125
			;;
		l1-fail)
			boot_console=l1
			boot_error="L1: $rest"
			sleep 0.5
			return $boot_again
			;;
		l2-fail)
			boot_error="L2: $rest"
			sleep 0.5
			return $boot_again
			;;
		esac
	done
	return 1
}

# boot_watch ATTEMPT CLOCKS: watches the boot of that number; CLOCKS is 1 until a mistaken clock has
# ended one. Returns 0 when L1 is done; 125 when a boot failed, which may be tried again; 2 when it
# went wrong later; 3 when its clock ended it. Unless 0, $boot_error says what happened and
# $boot_console where to look.
boot_watch() {
	local status=0 machine_patience=${host_restless:+$boot_patience}
	local boot_again=125 boot_limit_l2=180 boot_entered
	[ "$guest" != debian ] || boot_limit_l2=300
	boot_clock=agrees
	boot_error=
	boot_console=l1
	boot_slow=10
	boot_began=false
	if $boot_resumed; then
		boot_console=l2
		boot_enter "L1 and L2 resume: $host_name" 60
		state_resume || { boot_error=$state_error; return 125; }
	else
		boot_enter "L1 boots: $host_name" 90
	fi
	machine_watch boot_look "$@" || status=$?
	case $status:$machine_end in
	1:off) boot_error="the machine went off before it was done" status=$boot_again ;;
	1:late) boot_error="no end in sight of '${ui_stage:-L1 boots}' within its time limit" status=$boot_again ;;
	1:still) boot_error="the emulated machine stands still" status=125 ;;
	esac
	return $status
}

# boot WORD...: runs the command WORD... in L2; at most two boots, beside one that a
# mistaken clock ended
boot() {
	local attempt=1 clocks=1 status
	state_choose
	while true; do
		# Bochs has locks beside them, which outlive it when it is killed.
		rm -f "$work"/*.img "$work"/*.img.lock
		job_disks "$work" "$@"
		boot_resumed=false
		if [ -z "$state" ]; then
			job_put 0
		elif state_take; then
			boot_resumed=true
		fi
		boot_start
		status=0
		boot_watch "$attempt" "$clocks" || status=$?
		machine_stop
		state_end
		exec {log_fds[0]}<&- {log_fds[1]}<&-
		[ $status -ne 0 ] || return 0
		if $boot_resumed && ! $boot_began; then
			message "the saved state cannot be resumed ($boot_error); booting"
			state_forget
			continue
		fi
		# Whatever it was, it may come from there.
		! $boot_resumed || state=
		machine_failed "$boot_error" "$boot_console"
		case $status:$attempt in
		3:*)
			clocks=2
			message "trying again, for its clock"
			continue
			;;
		125:1) attempt=2 ;;
		125:*)
			message "the emulated machine has failed twice"
			exit 125
			;;
		*) exit 1 ;;
		esac
		if [ "$host" = auto ] && [ "$host_name" != "${host_name/nested/}" ]; then
			message "trying again, in software"
			host_load amd
		else
			message "trying again, once"
		fi
	done
}
