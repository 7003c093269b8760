#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Without the patch, everything says so, and nothing is counted.
. "$(dirname "$0")/lib.sh"

lab 4 run cpuid-storm --set count=10 --stock -o result
has "run says why" err '^exitprof: '
has "run says what to do" err '^hint: '
is "no result" "$(ls -d result 2>/dev/null || true)" ""
is "nothing on stdout" "$(cat out)" ""

lab 0 exec --stock -- sh -c 'exitprof doctor; echo doctor $?; exitprof snapshot; echo snapshot $?; cpuid -1 -i -r -l 0x4fffffff'
has "doctor's status" out '^doctor 4$'
has "snapshot's status" out '^snapshot 4$'
has "doctor names the host" out '^missing +host'
has "an unpatched AMD host answers zeros" out '0x4fffffff 0x00: eax=0x00000000 ebx=0x00000000 ecx=0x00000000 edx=0x00000000'
