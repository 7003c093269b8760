#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# selftest.sh KERNEL [stock]: KVM's selftest of the leaves passes on a patched host,
# and fails on one that is not.
. "$(dirname "$0")/lib.sh"
kernel=$1
needs_kernel "$kernel"
status=0
"$root/host-patch/lab/selftest" --kernel "$kernel" >out 2>&1 </dev/null || status=$?
sed 's/^/  /' out
ran "selftest, $kernel" $status 0 out
if [ "${2-}" = stock ]; then
	status=0
	"$root/host-patch/lab/selftest" --kernel "$kernel" --stock >out 2>&1 </dev/null || status=$?
	sed 's/^/  /' out
	tried "selftest, stock" $status out
	is "without the patch it fails" "$((status != 0))" 1
	has "and says why" out '[Nn]o signature'
fi
