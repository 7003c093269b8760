#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On a terminal no line is wider than it, and numbers stay whole; what goes elsewhere is
# never broken.
. "$(dirname "$0")/lib.sh"
need script stty
export LC_ALL=C.UTF-8
cp -r "$root"/tests/data/compare/* .
: >out
: >err

# on_terminal COLUMNS ARGUMENT...: leaves what exitprof writes to such a terminal in shown;
# on simulated hosts a part of stderr, too
on_terminal() {
	local columns=$1
	shift
	SHELL=/bin/sh script -qec "stty cols $columns rows 24; exec \"\$EXITPROF\" $*" /dev/null </dev/null >typed || true
	tr -d '\r' <typed | grep -v '^warning: simulated host' >shown || true
	[[ -s shown ]] || die "shows nothing: $*"
}

# widest: of the lines of shown, but for a word that is wider alone, such as a path
widest() { awk '{ line = $0; sub(/^ +/, "", line) } line ~ / / && length($0) > most { most = length($0) } END { print +most }' shown; }

# numbers FILE: the words with a digit in it that are no path, sorted
numbers() { tr -s '[:space:]' '\n' <"$1" | grep '[0-9]' | grep -v / | LC_ALL=C sort -u; }

# fits ARGUMENT...: at several widths, with all numbers that there are in a pipe
fits() {
	local columns first
	"$EXITPROF" "$@" >piped 2>/dev/null || true
	first=$(head -n 1 piped)
	for columns in 48 66 80 100 200; do
		on_terminal "$columns" "$@"
		(($(widest) <= columns)) || die "wider than $columns: $*: $(awk -v most="$columns" 'length($0) > most' shown)"
		LC_ALL=C comm -23 <(numbers piped) <(numbers shown) >out
		[[ ! -s out ]] || die "at $columns, these are not whole: $*"
	done
	# As wide as the longest line: as in a pipe.
	on_terminal 400 "$@"
	grep -qF -- "$first" shown || die "broken without need: $*"
}

export EXITPROF_TEST_HOST=svm-full
fits compare page-fault-npt page-fault-shadow
fits compare io-heavy-npt io-heavy-shadow
fits list nap
fits bench --list
fits reasons
fits reasons --vendor vmx
fits plot --list
fits snapshot --full
cp -r "$root/tests/data/report/boot" .
fits boot report ./boot
for host in svm-full vmx-full svm-nodisc svm-totals svm-cpl0 stock-intel hyperv bare; do
	EXITPROF_TEST_HOST=$host fits doctor
done

# Bars have what the numbers leave, which go where there is no room for any.
cp -r "$root/tests/data/report/io-heavy" .
for columns in 24 48 66 80 100 200; do
	on_terminal "$columns" plot ./io-heavy --terminal --chart all
	(($(widest) <= columns)) || die "bars wider than $columns: $(<shown)"
	(($(grep -o '#*$' shown | awk '{ print length }' | sort -n | tail -n 1) >= columns / 8)) || die "no bars at $columns: $(<shown)"
done
same "$(grep -c ' 100 \|\.[0-9] % ' shown)" "$(grep -c '#$' shown)"
"$EXITPROF" plot ./io-heavy --terminal >piped
on_terminal 80 plot ./io-heavy --terminal
same "$(<shown)" "$(<piped)"

# What is measured is never twice the same.
for columns in 48 80; do
	for arguments in 'bench cpuid rdpmc msr-write disk-write -d 5ms' 'verify' \
		'run nap --no-save --per-vcpu' 'list'; do
		# shellcheck disable=SC2086
		on_terminal "$columns" $arguments
		# Progress is written over itself.
		sed -i 's/.*\x1b\[K//' shown
		(($(widest) <= columns)) || die "wider than $columns: $arguments: $(<shown)"
	done
done
# ... and no wider than the line that it is to stay in.
on_terminal 10 bench none rdtsc -d 1ms
sed 's/\r\x1b\[K/\n/g' typed | grep '^none (1 o' >progress || die 'no progress'
same "$(tr -d '\r' <progress | head -n 1)" 'none (1 o'

# A word is broken only if it is wider than a line; a table that is too wide for its numbers
# goes on below.
on_terminal 60 compare page-fault-npt page-fault-shadow
grep -Eqx 'reason +before +after +change +95% interval' shown || die 'no first block'
grep -Eqx 'reason +p +exits/op +cycles/exit' shown || die 'no second block'
on_terminal 80 compare page-fault-npt page-fault-shadow
grep -Eqx 'reason +before +after +change +95% interval +p +exits/op +cycles/exit' shown || die 'not one block'
on_terminal 80 reasons
grep -A1 -E '^ +1025 +0x401 +avic_incomplete_ipi +yes +kernel$' shown |
	grep -qx '  *an interrupt to another vCPU that the hardware could not deliver' || die 'not beneath'

# COLUMNS goes before what the terminal reports; one that reports nothing has 80; and what is
# no terminal has no width.
wide() { on_terminal "$1" compare page-fault-npt page-fault-shadow && widest; }
# A shell that sets COLUMNS by itself (bash) is not between.
same "$(COLUMNS=200 wide 40)" 84
(($(COLUMNS=60 wide 200) <= 60)) || die 'COLUMNS is not heeded'
same "$(COLUMNS=wide wide 200)" 84
(($(wide 0) <= 80)) || die 'not 80 columns'
COLUMNS=40 "$EXITPROF" compare page-fault-npt page-fault-shadow >shown
same "$(widest)" 84
EXITPROF_TEST_HOST=stock-intel "$EXITPROF" doctor >shown 2>/dev/null || true
(($(widest) > 100)) || die 'broken in a pipe'

# Help is broken anew where it is wider, word for word, and an example is a line of its own.
for command in '' $("$EXITPROF" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	# shellcheck disable=SC2086
	"$EXITPROF" $command --help >piped
	for columns in 60 80; do
		# shellcheck disable=SC2086
		on_terminal $columns $command --help
		(($(widest) <= 80)) || fail "help of '$command' is wider than $columns: $(<shown)"
		same "$(tr -s '[:space:]' '\n' <shown)" "$(tr -s '[:space:]' '\n' <piped)"
		diff <(grep -o '^  exitprof [a-z]*' piped) <(grep -o '^  exitprof [a-z]*' shown) || fail "examples of '$command'"
	done
done
