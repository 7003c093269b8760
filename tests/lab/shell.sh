#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The prompts in L2 and L1 work on a terminal.
# What is typed is expanded there.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"


export TERM=linux

# type_at SECONDS PROMPT LINE...: types the lines when the prompt has come
type_at() {
	local seconds=$1 prompt=$2 line
	shift 2
	for ((i = 0; i < seconds * 5; i++)); do
		! grep -q -a -F "$prompt" screen || break
		sleep 0.2
	done
	sleep 1
	for line; do
		printf '%s\r' "$line"
		sleep 1
	done
	sleep 5
}

: >screen
type_at 240 'This is L2' 'exitprof reasons | grep -c cpuid' 'echo $((6 * 7))-l2' exit |
	timeout 300 script -q -e -f -c "$lab shell" screen >/dev/null || fail "shell: status $?"
has "a line typed in L2" screen '^42-l2'
: >screen
type_at 120 'This is L1' 'echo $((6 * 7))-l1; ls -d /sys/module/kvm_amd' exit |
	timeout 300 script -q -e -f -c "$lab host-shell" screen >/dev/null || fail "host-shell: status $?"
has "a line typed in L1" screen '^42-l1'
lab 2 shell
has "without a terminal" err 'needs a terminal'
finish
