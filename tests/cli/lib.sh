# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by every test here. Meson sets EXITPROF (the program), JSON_GET and
# EXITPROF_WORKLOAD_PATH (with the workloads of this folder).
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
: "${EXITPROF:?}" "${JSON_GET:?}"

cd "$tmp"

# The feed of the simulated host's clock, see src/core/sim/clock.h: not in $tmp, which tests
# list, and open here, so that a line is kept until somebody reads it.
export EXITPROF_TEST_CLOCK=$test_folder/clock
# new_feed: nothing is left in it of a process that was killed
new_feed() {
	[[ ! ${feed-} ]] || exec {feed}>&- {feed_done}>&-
	rm -f "$EXITPROF_TEST_CLOCK"{,.done}
	mkfifo "$EXITPROF_TEST_CLOCK"{,.done}
	exec {feed}<>"$EXITPROF_TEST_CLOCK" {feed_done}<>"$EXITPROF_TEST_CLOCK.done"
}
new_feed

# happen WORD...: to the simulated guest, as soon as exitprof comes to it
happen() { echo "$*" >&"$feed"; }
# settled: once exitprof has done all that was due by then, and waits
settled() { read -r -t 100 -u "$feed_done" || die 'exitprof does not wait for the clock'; }

# What was held waits for ever.
clean_up() {
	local jobs
	jobs=$(jobs -p)
	# shellcheck disable=SC2086
	[[ ! $jobs ]] || kill -KILL $jobs 2>/dev/null
}

evidence() {
	local file
	for file in out err; do
		echo "--- std$file"
		cat "$tmp/$file" || true
	done
}

# scratch NAME: a name that exitprof may give what it makes for NAME here, see src/core/base/scratch.h
scratch() {
	local id hash=2166136261 i
	read -r id </etc/machine-id || id=
	[[ ${#id} -ge 32 ]] || read -r id </proc/sys/kernel/random/boot_id
	for ((i = 0; i < ${#id}; i++)); do
		hash=$((((hash ^ $(printf %d "'${id:i:1}")) * 16777619) & 0xffffffff))
	done
	printf '.%s.exitprof-%08x0abc1234\n' "$1" $hash
}

# make_gnuplot: bin/gnuplot, a shell script from stdin, in which "picture TEXT" writes to its
# OUT what passes for a picture
make_gnuplot() {
	mkdir -p bin
	{
		cat <<'END'
#!/bin/bash
out=$4
picture() {
	case $out in
	*.svg) echo "$1</svg>" ;;
	*.png) printf '%sIEND\256B`\202' "$1" ;;
	*) echo "$1" ;;
	esac >"$out"
}
END
		cat
	} >bin/gnuplot
	chmod +x bin/gnuplot
}

# by_valgrind: whether $EXITPROF is a script that runs valgrind, of which 3.19 warns
# of pidfd_open() on stderr, whenever exec starts a command; see ../quality/valgrind.sh
by_valgrind() { [[ $(head -c 2 "$EXITPROF") == '#!' ]]; }

# run HOST STATUS ARGUMENT...: runs exitprof on that simulated host ('-' for the
# machine itself), expects the status; leaves $tmp/out and $tmp/err, the latter
# without the warning that the host is simulated.
run() {
	local host=$1 expected=$2 status=0
	shift 2
	[[ $host != - ]] || host=
	EXITPROF_TEST_HOST=$host "$EXITPROF" "$@" >"$tmp/out" 2>"$tmp/all" || status=$?
	grep -v '^warning: simulated host' "$tmp/all" >"$tmp/err" || true
	((status == expected)) || die "status $status instead of $expected: exitprof $*"
}

# Exactly that line on stderr or stdout.
says() { grep -qxF -- "$1" "$tmp/err" || die "stderr lacks: $1"; }
shows() { grep -qF -- "$1" "$tmp/out" || die "stdout lacks: $1"; }
quiet() { [[ ! -s $tmp/err ]] || die "stderr is not empty"; }
no_data() { [[ ! -s $tmp/out ]] || die "stdout is not empty"; }
