#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh KERNEL ANSWERS [OPTION...]: that many random CPUIDs, beside vCPUs and VMs that come and
# go and the accounting being switched, all answer as abi.h says, and the host survives.
# host-patch/lab/safety does more of it on kernels that report their mistakes.
. "$(dirname "$0")/lib.sh"
kernel=$1 answers=$2
shift 2
needs_kernel "$kernel"
paging=npt nested=Y
case " $* " in *' intel '*) paging=ept && needs bochs ;; esac
case " $* " in *' --shadow-paging '*) nested=N ;; esac
status=0
"$root/host-patch/lab/safety" quick --kernel "$kernel" --answers "$answers" --timeout $((4 * patience)) "$@" >out 2>err </dev/null || status=$?
sed 's/^/  /' err out
cat out >>err
ran safety $status 0 err
has "$paging is $nested" out "^safety: $paging $nested\$"
# "fuzz modes-amd: answers N emulated N ..."
is "answers were checked" "$(($(sed -n 's/^fuzz .*: answers \([0-9]*\) .*/\1/p' out | sum) >= answers))" 1
for phase in modes-amd modes-intel load readers switch bounded; do
	has "phase $phase" out "^fuzz $phase: "
done
# "... vms N vcpus N switches N files N quiet N hops N ..."
for phase in load switch; do
	has "beside $phase: VMs, vCPUs and files" out "^fuzz $phase: .* vms [1-9].* vcpus [1-9].* files [1-9]"
done
has "whole tables beside load" out "^fuzz load: .* tables [1-9]"
has "beside load: a quiet VM" out '^fuzz load: .* quiet [1-9]'
has "beside switch: switches" out '^fuzz switch: .* switches [1-9]'
has "modules reloaded" out '^safety: [1-9][0-9]* reloads'
