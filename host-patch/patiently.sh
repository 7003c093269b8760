#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What comes from Debian's archive is asked for again when it does not come: a mirror may be out of
# order for a moment, or be changing, or another apt may be at work.
# Sourced: patiently WHAT COMMAND...	until COMMAND succeeds, six times at most; says that WHAT
#					has failed, and waits two minutes in all. $attempt is 1 at
#					first. Without -e, as in any condition
# Run: patiently.sh WHAT COMMAND...	the same

patiently() {
	local what=$1 pause status
	shift
	attempt=1
	# At once, as new package lists may do; then for as long as a mirror may take.
	for pause in 0 5 15 30 60 ''; do
		status=0
		"$@" || status=$?
		# Neither what is not there nor what was interrupted comes by itself.
		[ $status -ne 0 ] && [ $status -lt 126 ] && [ -n "$pause" ] || return $status
		attempt=$((attempt + 1))
		echo "$what failed; attempt $attempt of 6 in $pause s" >&2
		sleep "$pause"
	done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -euo pipefail
	patiently "$@"
fi
