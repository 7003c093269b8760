#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The prompts in L2 and L1 work on a terminal.
# What is typed is expanded there.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
export TERM=linux

# type_at PROMPT LINE...: types each line when its prompt has come
type_at() {
	local prompt=$1 line lines=0
	shift
	for line; do
		prompted "$prompt" $((lines += 1))
		printf '%s\r' "$line"
	done
	prompted "$prompt" $((lines + 1))
}

type_l2() {
	type_at 'l2:[^ ]*# ' 'exitprof reasons | grep -c cpuid' 'echo $((6 * 7))-l2' exit
}
terminal type_l2 shell
has "a greeting in L2" screen 'This is L2'
has "a line typed in L2" screen '^42-l2'
type_l1() {
	type_at "$l1_prompt" 'echo $((6 * 7))-l1; ls -d /sys/module/kvm_amd' \
		'rtc() { awk "/ rtc0$/ { print \$2 }" /proc/interrupts; }; a=$(rtc); until [ $(rtc) -gt $a ]; do sleep 1; done; echo "$((a >= 0))-timer"' exit
}
terminal type_l1 host-shell
has "a greeting in L1" screen 'This is L1'
has "a line typed in L1" screen '^42-l1'
has "a second timer there" screen '^1-timer'
lab 2 shell
has "without a terminal" err 'needs a terminal'
