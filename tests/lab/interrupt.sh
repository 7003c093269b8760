#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C ends the lab at any moment, and with it its emulator and files.
. "$(dirname "$0")/lib.sh"
# Job control, so that the lab is a process group; whether a test heeds SIGINT depends on who runs it.
set -m
lab=(env --default-signal=INT "$lab")

# ours: the emulators that were started with files in our folder
printf '%s\n' "$TMPDIR" >pattern
ours() { grep -l -a -F -f pattern /proc/[0-9]*/cmdline 2>/dev/null | xargs -r grep -l -a -F qemu-system 2>/dev/null | wc -l; }
# gone: an emulator is killed by the kernel if not by the lab, and takes its time
gone() {
	for _ in {1..3000}; do
		[ "$(ours)" -gt 0 ] || break
		sleep 0.1
	done
	ours
}
# until_ran COMMAND...: waits until that succeeds, or the lab has ended
until_ran() {
	until "$@" || ! kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
	done
}
# started: whether an emulator is there
started() { [ "$(ours)" -gt 0 ]; }

for moment in '' 'L1 boots' 'L2 boots'; do
	"${lab[@]}" exec --fresh -o result -- sleep 600 >out 2>err </dev/null &
	pid=$!
	if [ "$moment" = 'L2 boots' ]; then
		until_ran grep -q 'L1 boots: .* s$' err
		sleep 2
		is "the emulator runs" "$(ours)" 1
	elif [ -n "$moment" ]; then
		until_ran started
	else
		sleep 0.3
	fi
	kill -INT -- -$pid
	# A bash that reads the output of a command which ends at that very moment loses one in a hundred.
	for i in {1..600}; do
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
		((i % 100)) || { kill -INT -- -$pid 2>/dev/null && echo "pressed again"; }
	done
	status=0
	wait $pid || status=$?
	is "status after '$moment'" $status 130
	is "no emulator is left" "$(gone)" 0
	is "no temporary file is left" "$(ls -A "$TMPDIR")" ""
	is "no result" "$(ls -d result* 2>/dev/null || true)" ""
done

"${lab[@]}" exec -- sleep 600 >out 2>err </dev/null &
pid=$!
until_ran started
is "the emulator runs" "$(ours)" 1
kill -KILL $pid
wait $pid || true
is "the emulator ends with a killed lab" "$(gone)" 0
