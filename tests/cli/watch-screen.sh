#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `watch` on terminals of several sizes: what is on the screen, what keys do, and
# that the terminal is afterwards as it was before, however it ends.
. "$(dirname "$0")/lib.sh"
need tmux

export EXITPROF_TEST_HOST=svm-full EXITPROF_TEST_NAPS=@$tmp/naps
servers=0
terminal() { tmux -S "$tmp/server$servers" "$@"; }
feeder=
clean_up() {
	[[ ! $feeder ]] || kill "$feeder" 2>/dev/null
	terminal kill-server 2>/dev/null
}
: >out
: >err

# The simulated guest sleeps now and then while the file fed is there; the file
# jump is how often it has slept at once.
feed() {
	local naps=0 jump
	while true; do
		jump=
		[[ ! -e fed ]] || naps=$((naps + 50))
		[[ ! -e jump ]] || jump=$(<jump)
		naps=$((naps + jump))
		truncate -s $naps naps
		# Only when it has been done
		[[ ! $jump ]] || rm jump
		sleep 0.05
	done
}
touch fed
feed &
feeder=$!
jump() {
	echo "$1" >jump.new
	mv jump.new jump
	for ((i = 0; i < 1000; i++)); do
		[[ -e jump ]] || return 0
		sleep 0.1
	done
	die 'nobody feeds'
}

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
exec sleep 1000
END

# start COLUMNSxLINES TERM ARGUMENT...
start() {
	local size=$1
	term=$2
	shift 2
	((!servers)) || terminal kill-server 2>/dev/null || true
	servers=$((servers + 1))
	rm -f before after stopped status pid
	terminal -f /dev/null -u new-session -d -x "${size%x*}" -y "${size#*x}" \
		env "TERM=$term" "LC_ALL=${locale-C.UTF-8}" bash -m inside "$@"
	sees '^ *[a-z]* .*exits/s'
}

screen() { terminal capture-pane -p >out; }

# sees PATTERN: on the screen before 100 s have passed
sees() {
	for ((i = 0; i < 1000; i++)); do
		screen
		! grep -Eq -- "$1" out || return 0
		sleep 0.1
	done
	die "not on the screen: $1"
}

# lacks PATTERN: it is not on the screen, before 100 s have passed
lacks() {
	for ((i = 0; i < 1000; i++)); do
		screen
		grep -Eq -- "$1" out || return 0
		sleep 0.1
	done
	die "on the screen: $1"
}

# first LINES WORDS: what the lines of the screen begin with, before 100 s have passed
first() {
	for ((i = 0; i < 1000; i++)); do
		screen
		[[ $(sed -n "$1s/ .*//p" out) != "$2" ]] || return 0
		sleep 0.1
	done
	die "lines $1 do not begin with: $2"
}

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
sees '^exitprof watch: SVM, 2 vCPUs, every 100ms +[0-9:]{8}$'
sees '^reading costs 6 exits a redraw; they are not counted here$'
sees '^[0-9,]+ exits/s, handling [0-9.]+% of the vCPUs. time$'
sees '^io .* 92.6% +25,000 .*[▁▂▃▄▅▆▇█]'
sees '^hlt .* 7.4% +4,000 '
sees '^total .* 100.0% +18,000 '
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
jump 5000000
press p
sees '[0-9]:[0-9][0-9]$'
lacks PAUSED
mean=$(sed -n 's/^hlt  *[^ ]*  *[^ ]*  *\([^ ]*\) .*/\1/p' out)
((${mean//,/} < 10000)) || die "the pause is counted: $mean/s"

# Away cycles cost more exits.
press a
sees ' away last'
sees '^reading costs (9|1[0-9]) exits'
press a
sees 'cycles/exit last'

# vCPUs: all of them, one of them, and back.
press v
sees '^vCPU +▼exits/s|^vCPU .*▼cycles'
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
for _ in {1..20}; do
	start 80x24 xterm -n 3
	sees 'it is over'
	same "$(<status)" 0
	cmp -s before after || die "the terminal has changed: $(diff before after)"
	# Of a last interval in which the guest has not slept there are no shares.
	screen
	! grep -q '^total .* 100.0% ' out || break
done
sees '^exitprof watch: SVM, 2 vCPUs, every 100ms$'
sees '^reason +exits/s +min/s +mean/s +cycles +cycles/exit last 60 s$'
sees '^io .* 92.6% +25,000 .*[▁▂▃▄▅▆▇█]'
sees '^total .* 100.0% +18,000 '
lacks 'q quit'
same "$(grep -c '^total' out)" 1

# Counters that start anew: said on the screen, and it goes on.
EXITPROF_TEST_HOST=restored
rm fed
start 80x24 tmux-256color
jump 3
sees '^the counters started anew: the VM was restored or migrated'
sees '^0 exits/s'
touch fed
press q
over 0

EXITPROF_TEST_HOST=svm
start 80x24 tmux-256color
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
sees '^reason +vexits/s'
sees '^IO_INSTRUCTION .*[:=#]'
same "$(LC_ALL=C grep -c '[^ -~]' out)" 0
terminal capture-pane -pe >out
grep -q $'\033\[36m' out || die 'no colour'
press q
over 0
NO_COLOR=1 start 80x24 xterm-256color
sees '^IO_INSTRUCTION .*[▁▂▃▄▅▆▇█]'
terminal capture-pane -pe >out
! grep -q $'\033\[3[0-7]m' out || die 'colours in spite of NO_COLOR'
press q
over 0
for term in vt100 linux screen; do
	start 80x24 $term
		sees '^IO_INSTRUCTION '
	press q
	over 0
done
# With one screen only, the last table is there already.
start 80x24 vt100 -n 3
sees 'it is over'
same "$(grep -c '^total' out)" 1
