#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who waits for whom while things are prepared, and what finds room in L2. Without an emulator.
# shellcheck disable=SC1091,SC2030,SC2031,SC2034
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$tmp/cache

# Who needs nothing that another run prepares does not wait for it, and who does says so at once.
(
	cd "$root/host-patch/lab"
	exec 2>"$tmp/waits"
	. ./ui.sh
	tool_packages=
	. ./cache.sh
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

# A job that L2 has no room for is refused before anything boots.
(
	cd "$root/host-patch/lab"
	. ./ui.sh
	. ./job.sh
	guest=busybox l2_memory=192 job_bytes=$((84 << 20))
	job_fits
) 2>err && fail "a job of 84 MiB passes for 192 MiB"
has "says what is needed" err '^hint: --memory 256$'
