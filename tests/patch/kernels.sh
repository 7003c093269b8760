# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034
# For tests of the kernels that tests/run has fetched: all that have hooks and that Debian offers here.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
patch=$root/host-patch

[ -n "${EXITPROF_KERNELS-}" ] || skip "EXITPROF_KERNELS is not set; tests/run sets it"
kernels=()
for hooks in "$patch"/hooks/*.patch; do
	kernel=$(basename "$hooks" .patch)
	[ ! -f "$EXITPROF_KERNELS/$kernel/kernel.env" ] || kernels+=("$kernel")
done

# kernel_here KERNEL: skips the test without it
kernel_here() {
	[[ " ${kernels[*]} " == *" $1 "* ]] ||
		skip "$("$patch/fetch" --check "$1" 2>&1 | grep -v ^hint: || echo "the kernel $1 was not fetched")"
}
