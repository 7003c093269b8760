#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What comes from Debian's archive is asked for again when it does not come: a mirror may be out of
# order for a moment, or be changing, or another apt may be at work.
# Sourced: patiently WHAT COMMAND...	until COMMAND succeeds, six times at most; says that WHAT
#					has failed, and waits two minutes in all. $attempt is 1 at
#					first. Without -e, as in any condition. COMMAND returns 126
#					if another attempt is in vain, and may say in $reason why
#	   apt_reason FILE		why apt failed, by what it has said in FILE, as $reason;
#					fails if another attempt is in vain
# Run: patiently.sh WHAT COMMAND...	the same

reason=
apt_reason() {
	local line
	if line=$(grep -m 1 -i -E 'no space left|enough free space' "$1"); then
		reason="the disk is full: ${line#[EW]: }"
		return 1
	fi
	if line=$(grep -m 1 -E 'resolving|onnection (refused|timed out|failed)|unreachable|Could not connect|Cannot initiate' "$1"); then
		reason="there is no network, or not to Debian's archive: ${line#[EW]: }"
		return
	fi
	reason=$(grep -m 1 '^E:' "$1" || tail -n 1 "$1")
	# With new lists, it would have been found.
	! grep -q '^E: Unable to locate package' "$1" || [ "${attempt-1}" -eq 1 ]
}

patiently() {
	local what=$1 pause status
	shift
	attempt=1
	# At once, as new package lists may do; then for as long as a mirror may take.
	for pause in 0 5 15 30 60 ''; do
		status=0
		reason=
		"$@" || status=$?
		# Neither what is not there nor what was interrupted comes by itself.
		[ $status -ne 0 ] && [ $status -lt 126 ] && [ -n "$pause" ] || return $status
		attempt=$((attempt + 1))
		echo "$what failed${reason:+ ($reason)}; attempt $attempt of 6 in $pause s" >&2
		sleep "$pause"
	done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -euo pipefail
	patiently "$@"
fi
