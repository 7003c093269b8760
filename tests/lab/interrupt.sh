#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C ends the lab at any moment, and with it its emulator and files.
. "$(dirname "$0")/lib.sh"
# Job control, so that the lab is a process group that heeds SIGINT.
set -m

# ours: the emulators that were started with files in our folder
printf '%s\n' "$TMPDIR" >pattern
ours() { grep -l -a -F -f pattern /proc/[0-9]*/cmdline 2>/dev/null | wc -l; }

for moment in '' 'L1 boots' 'L2 boots'; do
	"$lab" exec -o result -- sleep 600 >out 2>err </dev/null &
	pid=$!
	if [ "$moment" = 'L2 boots' ]; then
		until grep -q 'L1 boots' err; do sleep 0.2; done
		sleep 2
		is "the emulator runs" "$(ours)" 1
	elif [ -n "$moment" ]; then
		until [ "$(ours)" -gt 0 ]; do sleep 0.1; done
	else
		sleep 0.3
	fi
	kill -INT -- -$pid
	status=0
	wait $pid || status=$?
	is "status after '$moment'" $status 130
	is "no emulator is left" "$(ours)" 0
	is "no temporary file is left" "$(ls -A "$TMPDIR")" ""
	is "no result" "$(ls -d result* 2>/dev/null || true)" ""
done

"$lab" exec -- sleep 600 >out 2>err </dev/null &
pid=$!
until [ "$(ours)" -gt 0 ]; do sleep 0.1; done
kill -KILL $pid
wait $pid || true
for _ in {1..20}; do
	[ "$(ours)" -gt 0 ] || break
	sleep 0.1
done
is "the emulator ends with a killed lab" "$(ours)" 0
finish
