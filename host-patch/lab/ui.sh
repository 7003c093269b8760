# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Messages and progress, all on stderr.
#
#	stage NAME	a stage begins; the one before it is done
#	stage_tick	call while waiting: on a terminal the line shows the time
#	stage_done	the last stage is done
#
# A stage's line shows its own time and the time since the start.

ui_start=$EPOCHREALTIME
ui_stage=
ui_stage_start=
ui_tick_shown=
ui_tty=false
[ ! -t 2 ] || [ "${TERM-dumb}" = dumb ] || ui_tty=true

# tenths SINCE: the time since EPOCHREALTIME SINCE, in $ui_time as "12.3"
tenths() {
	local now=$EPOCHREALTIME
	local t=$(((${now/[.,]/} - ${1/[.,]/}) / 100000))
	ui_time=$((t / 10)).$((t % 10))
}

ui_line() {
	local whole part
	tenths "$ui_start"
	whole=$ui_time
	tenths "$ui_stage_start"
	part=$ui_time
	printf '%s[%6s s] %-44s %6s s' "$1" "$whole" "$ui_stage" "$part" >&2
}

stage_done() {
	[ -n "$ui_stage" ] || return 0
	if $ui_tty; then
		ui_line $'\r'
		printf '\033[K\n' >&2
	else
		ui_line ''
		echo >&2
	fi
	ui_stage=
}

stage() {
	stage_done
	ui_stage=$1
	ui_stage_start=$EPOCHREALTIME
	ui_tick_shown=
	stage_tick
}

stage_tick() {
	$ui_tty && [ -n "$ui_stage" ] || return 0
	tenths "$ui_stage_start"
	[ "$ui_time" != "$ui_tick_shown" ] || return 0
	ui_tick_shown=$ui_time
	ui_line $'\r'
	printf '\033[K' >&2
}

# message TEXT: beside the progress, which goes on
message() {
	! $ui_tty || printf '\r\033[K' >&2
	printf 'exitprof-lab: %s\n' "$1" >&2
}

hint() { printf 'hint: %s\n' "$1" >&2; }

# die MESSAGE [HINT]
die() {
	ui_stage=
	message "$1"
	[ $# -lt 2 ] || hint "$2"
	exit 1
}

usage_error() {
	ui_stage=
	message "$1"
	hint "see 'exitprof-lab --help'"
	exit 2
}

# The lock of state.sh, which no emulator may inherit; when it is not held, closing it does no harm
state_fd=9

# while_we_live COMMAND...: in the background, with this stdin; it is killed when this shell is, also
# when that happened before it could ask for it
while_we_live() {
	local shell=$BASHPID
	# shellcheck disable=SC2016
	setpriv --pdeathsig KILL sh -c '[ "$PPID" = "$0" ] && exec "$@"' "$shell" "$@" <&0 {state_fd}>&- &
}

# new_folder PREFIX: makes one and prints its name, which an interrupt must not make unknown
new_folder() (
	trap '' INT TERM HUP
	mktemp -d "$1-XXXXXX"
)

# terminal_size: into $rows and $cols
terminal_size() {
	read -r rows cols < <(stty size 2>/dev/null || echo 0 0)
	[ "$rows" -gt 0 ] && [ "$cols" -gt 0 ] || { rows=24 cols=80; }
}
