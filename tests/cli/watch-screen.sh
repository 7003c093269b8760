#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `watch` on terminals of several sizes: what is on the screen, what keys do, and
# that the terminal is afterwards as it was before, however it ends.
. "$(dirname "$0")/lib.sh"
need tmux

export EXITPROF_TEST_HOST=svm-full
servers=0
terminal() { tmux -S "$tmp/server$servers" "$@"; }
clean_up() { terminal kill-server 2>/dev/null; }
: >out
: >err
mkfifo changes never
exec {changes}<>changes

# What is run there, under job control.
cat >inside <<'END'
stty -a >before
(echo $BASHPID >pid; exec "$EXITPROF" watch -i 100ms "$@")
status=$?
if ((status == 128 + $(kill -l TSTP))); then
	stty -a >stopped
	echo it is stopped
	read -r
	fg >/dev/null
	status=$?
fi
echo $status >status
stty -a >after
echo it is over
exec cat never
END

# start COLUMNSxLINES TERM ARGUMENT...: until it has drawn once, and waits; then time stands
# still but for passes()
start() {
	local size=$1
	term=$2
	shift 2
	((!servers)) || terminal kill-server 2>/dev/null || true
	servers=$((servers + 1))
	rm -f before after stopped status pid
	new_feed
	happen hold
	terminal -f /dev/null -u new-session -d -x "${size%x*}" -y "${size#*x}" \
		env "TERM=$term" "LC_ALL=${locale-C.UTF-8}" bash -m inside "$@"
	terminal pipe-pane -O 'exec cat >changes'
	settled
	sees '^ *[a-z]* .*exits/s'
}

# passes [NAPS]: an interval, in which the guest sleeps so often at first
passes() {
	happen "nap ${1-50} pass 100ms"
	settled
}

# until_screen COMMAND...: once that is true of out, which is what is on the screen
until_screen() {
	while true; do
		terminal capture-pane -p >out
		! "$@" || return 0
		# All that was written meanwhile; waits if nothing was.
		timeout 100 dd bs=64k count=1 <&"$changes" >/dev/null 2>&1 || return
	done
}
screen_has() { grep -Eq -- "$1" out; }
screen_lacks() { ! screen_has "$1"; }
screen_begins() { [[ $(sed -n "$1s/ .*//p" out) == "$2" ]]; }

# sees PATTERN, lacks PATTERN: on the screen, if not at once
sees() { until_screen screen_has "$1" || die "not on the screen: $1"; }
lacks() { until_screen screen_lacks "$1" || die "on the screen: $1"; }
# first LINES WORDS: what the lines of the screen begin with
first() { until_screen screen_begins "$@" || die "lines $1 do not begin with: $2"; }

press() { terminal send-keys "$@"; }

over() {
	sees 'it is over'
	same "$(<status)" "$1"
	cmp -s before after || die "the terminal has changed: $(diff before after)"
	# Nothing of the table is left, or it is above; and the cursor is back.
	if [[ $term != vt100 && $term != linux ]]; then lacks 'exits/s'; else sees '^it is over'; fi
	same "$(terminal display-message -p '#{cursor_flag}#{alternate_on}')" 10
}

start 80x24 tmux-256color
passes
passes
passes 100
sees '^exitprof watch: SVM, 2 vCPUs, every 100ms +[0-9:]{8}$'
sees '^reading costs 6 exits a redraw; they are not counted here$'
# 5.4 million cycles of the 520 million that two vCPUs have in 100 ms.
sees '^3,000 exits/s, handling 1.0% of the vCPUs. time$'
sees '^io +2,000 +1,333 +1,333 +92.6% +25,000 .*[▁▂▃▄▅▆▇█]'
sees '^hlt +1,000 +667 +667 +7.4% +4,000 '
sees '^total +3,000 +2,000 +2,000 +100.0% +18,000 '
sees '^reason +▼exits/s +min/s +mean/s +cycles +cycles/exit last 60 s *$'
sees '^h help .*q quit$'
lacks cpuid
first 5,7 $'reason\nio\nhlt'

# Order.
press n
sees '^reason▼'
first 6,7 $'hlt\nio'
press r
sees '^reason▲'
first 6,7 $'io\nhlt'
press r s
sees ' ▼exits/s'
press Left Left
sees ' ▼cycles/exit'
press '>'
sees '^reason▼'
press c
sees ' ▼cycles '

# Paused, it reads nothing; what happened meanwhile is in no figure.
press p
sees ' PAUSED$'
happen nap 5000000 pass 3s
settled
press p
lacks PAUSED
sees '[0-9]:[0-9][0-9]$'
passes
# 250 in the four intervals that were not paused.
sees '^hlt +500 +500 +625 '

# Away cycles cost more exits.
press a
sees ' away last'
passes
sees '^reading costs (9|1[0-9]) exits'
press a
sees 'cycles/exit last'

# vCPUs: all of them, one of them, and back.
press v
sees '^vCPU +▼exits/s|^vCPU .*▼cycles'
passes
sees '^vCPU 0 .*100.0%'
sees '^vCPU 1 +0 '
press 1
sees '^vCPU 1: 0 exits/s, handling 0.0% of the vCPU.s time'
lacks '^hlt'
press 0
sees '^vCPU 0: [0-9,]+ exits/s'
sees '^hlt '
# One by one, round and round: the VM is before the first.
press ']'
sees '^vCPU 1: 0 exits/s'
press Down
sees '^[0-9,]+ exits/s, '
press '['
sees '^vCPU 1: 0 exits/s'
press Up
sees '^vCPU 0: [0-9,]+ exits/s'
press v
sees '^vCPU 1 +0 '
press v
sees '^hlt '
lacks '^vCPU'
press h
sees '^space p +pause'
press q
sees '^total '

# Another size, there and back.
terminal resize-window -x 40 -y 12
sees '^watch: SVM, 2 vCPUs, every 100ms$'
sees '^total'
lacks 'cycles/exit'
lacks 'h help'
terminal resize-window -x 80 -y 6
sees '^other \(2 reasons\)'
terminal resize-window -x 80 -y 4
sees '^reading costs'
lacks total
terminal resize-window -x 5 -y 2
sees '^exitp|^watch'
terminal resize-window -x 80 -y 24
sees '^h help'

# Stopped and continued; valgrind, behind a script, does not stop.
if [[ $(head -c 2 "$EXITPROF") != '#!' ]]; then
	press C-z
	sees 'it is stopped'
	lacks 'exits/s'
	cmp -s before stopped || die "the terminal has changed: $(diff before stopped)"
	press Enter
	sees '^h help'
fi
press q
over 0

# However it ends.
for end in INT TERM HUP QUIT SEGV C-c; do
	start 80x24 xterm
	case $end in
	C-*) press $end ;;
	*) kill -s $end "$(<pid)" ;;
	esac
	case $end in
	QUIT | SEGV) over $((128 + $(kill -l $end))) ;;
	*) over 0 ;;
	esac
done
# Ended by itself, it leaves its last table, as plain text; by a key or a signal, nothing.
start 80x24 xterm -n 3
happen nap 50 pass 100ms nap 50 pass 100ms nap 100 pass 100ms
sees 'it is over'
same "$(<status)" 0
cmp -s before after || die "the terminal has changed: $(diff before after)"
sees '^exitprof watch: SVM, 2 vCPUs, every 100ms$'
sees '^reason +exits/s +min/s +mean/s +cycles +cycles/exit last 60 s$'
sees '^io +2,000 +1,333 +1,333 +92.6% +25,000 .*[▁▂▃▄▅▆▇█]'
sees '^total +3,000 +2,000 +2,000 +100.0% +18,000 '
lacks 'q quit'
same "$(grep -c '^total' out)" 1

# Counters that start anew: said on the screen, and it goes on.
EXITPROF_TEST_HOST=restored
start 80x24 tmux-256color
passes 0
passes 3
sees '^the counters started anew: the VM was restored or migrated'
passes 0
sees '^0 exits/s'
press q
over 0

EXITPROF_TEST_HOST=svm
start 80x24 tmux-256color
passes
press v
sees '^this host does not tell vCPUs apart'
press a
sees '^this host has no away cycles'
lacks ' away last'
sees '^hlt '
press q
over 0

# Punctuation where there are no blocks, and no colours where none are wanted.
EXITPROF_TEST_HOST=vmx-full
locale=C start 80x24 xterm-256color
passes
sees '^reason +vexits/s'
sees '^IO_INSTRUCTION .*[:=#]'
same "$(LC_ALL=C grep -c '[^ -~]' out)" 0
terminal capture-pane -pe >out
grep -q $'\033\[36m' out || die 'no colour'
press q
over 0
NO_COLOR=1 start 80x24 xterm-256color
passes
sees '^IO_INSTRUCTION .*[▁▂▃▄▅▆▇█]'
terminal capture-pane -pe >out
! grep -q $'\033\[3[0-7]m' out || die 'colours in spite of NO_COLOR'
press q
over 0
for term in vt100 linux screen; do
	start 80x24 $term
	passes
	sees '^IO_INSTRUCTION '
	press q
	over 0
done
# With one screen only, the last table is there already.
start 80x24 vt100 -n 3
happen pass 300ms
sees 'it is over'
same "$(grep -c '^total' out)" 1
