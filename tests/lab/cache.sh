#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who waits for whom while things are prepared, and what finds room in L2. Without an emulator.
# shellcheck disable=SC1091,SC2030,SC2031,SC2034,SC2317
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$tmp/cache

# Who needs nothing that another run prepares does not wait for it, and who does says so at once.
(
	exec 2>"$tmp/waits"
	. "$root/host-patch/lab/ui.sh"
	tool_packages=
	. "$root/host-patch/lab/cache.sh"
	cache_lock kernel-9.9
	holder=$BASHPID
	(
		for fd in "${cache_fds[@]}"; do exec {fd}>&-; done
		cache_fds=()
		cache_lock kernel-8.8 tool-1
		echo free >"$tmp/free"
		cache_lock kernel-9.9
		echo got >"$tmp/got"
	) &
	until [ -s "$tmp/waits" ]; do kill -0 $! || exit; sleep 0.02; done
	[ ! -e "$tmp/got" ] || fail "has a lock that another one holds"
	cache_unlock
	wait $!
) || fail "locks of the cache"
has "did not wait for another kernel" free '^free$'
has "got what it waited for" got '^got$'
has "said at once that it waits" waits '^exitprof-lab: waiting for process [0-9]*, which prepares kernel-9.9$'

# A result takes no place in which something of somebody's came while the job ran.
(
	cd "$tmp"
	. "$root/host-patch/lab/ui.sh"
	. "$root/host-patch/lab/result.sh"
	result_about() { : >"$1"; }
	publishing='' replaced='' outdir=results/a
	mkdir from
	touch from/summary.csv
	result_publish from
	result_publish from
	[ "$outdir" = results/a ] || fail "does not replace what it has written: $outdir"
	touch results/a/{notes.txt,exits-by-reason.svg}
	outdir=results/a
	result_publish from
	[ "$outdir" = results/a-2 ] || fail "is in $outdir"
	[ -e results/a/notes.txt ] && [ -e results/a-2/summary.csv ] || fail "something is lost"
	# Whatever it has drawn is its own; and many files are named all the same.
	touch results/a-2/{report.html,over-time.png}
	(cd results/a && seq -f %g.txt 9999 | xargs touch)
	(result_check_folder results/a-2) || fail "does not know its own"
	! (result_check_folder results/a) || fail "takes what is not its own"
	is "nothing else is left" "$(ls -A results)" $'a\na-2'
) 2>err || { fail "publishing"; cat err; }
has "says where it is" err "the result is in 'results/a-2'$"
has "names a few" err "holds files that the lab did not write, such as"

# A job that L2 has no room for is refused before anything boots.
(
	. "$root/host-patch/lab/ui.sh"
	. "$root/host-patch/lab/job.sh"
	guest=busybox l2_memory=192 job_bytes=$((84 << 20))
	job_fits
) 2>err && fail "a job of 84 MiB passes for 192 MiB"
has "says what is needed" err '^hint: --memory 256$'
