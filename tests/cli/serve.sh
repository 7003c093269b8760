# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced after lib.sh by the tests of `exitprof metrics --listen`.
mkfifo said
exec {said}<>said
# serving HOST ARGUMENT...: in the background; sets $pid, $url and $port. 1 if the port is
# somebody's.
serving() {
	local host=$1 line=
	shift
	: >err
	EXITPROF_TEST_HOST=$host env --default-signal=INT,TERM "$EXITPROF" metrics "$@" >out 2>said &
	pid=$!
	until [[ $line == 'serving '* ]]; do
		read -r -t 100 -u "$said" line || die 'does not serve'
		echo "$line" >>err
		[[ $line != 'exitprof: cannot listen'* ]] || break
	done
	if [[ $line == *': Address already in use' ]]; then
		wait $pid || pid=
		read -r -u "$said" line
		return 1
	fi
	[[ $line == 'serving '* ]] || die 'does not serve'
	url=${line#serving }
	port=${url%/metrics} port=${port##*:}
}
# stop -SIGNAL: it ends by that, with status 0
stop() {
	kill "$1" "$pid"
	wait "$pid" || die "status $? after $1"
	pid=
	no_data
}
