#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cost.sh KERNEL: what the accounting adds to an exit stays within its limits. The figures are
# counts of instructions, which do not depend on the machine or its load.
. "$(dirname "$0")/lib.sh"
kernel=$1
needs_kernel "$kernel"

# at_most WHAT ACTUAL LIMIT
at_most() {
	if [ "$2" -le "$3" ]; then
		printf 'ok: %s: %s, at most %s\n' "$1" "$2" "$3"
	else
		fail "$1: $2, more than $3"
	fi
}

status=0
"$root/host-patch/lab/cost" --kernel "$kernel" --samples 500 --timeout $((4 * patience)) --variants stock,off,classic,full --csv \
	>cost.csv 2>err </dev/null || status=$?
sed 's/^/  /' err
ran cost $status 0 err
is "figures" "$(column cost.csv variant | wc -l)" 8

for host in intel amd; do
	for limit in off:4 classic:21 full:32; do
		variant=${limit%:*}
		{
			head -n 1 cost.csv
			grep "^$host,$kernel,$variant," cost.csv
		} >row.csv
		at_most "$host, $variant, CPUID" "$(column row.csv added_instructions)" ${limit#*:}
		at_most "$host, $variant, hypercall" "$(column row.csv hypercall_added_instructions)" ${limit#*:}
		# The switch works: accounting is there, or it is not.
		case $variant in
		off) counted=0 ;;
		# Those that warm up, and one of the two reads.
		*) counted=$((500 + 200 + 1)) ;;
		esac
		is "$host, $variant, counted" "$(column row.csv counted_exits)" $counted
	done
done
