# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034
# For tests of the kernels that tests/run has fetched: all that have hooks.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
patch=$root/host-patch

[ -n "${EXITPROF_KERNELS-}" ] || skip "EXITPROF_KERNELS is not set; tests/run sets it"
kernels=()
for hooks in "$patch"/hooks/*.patch; do
	kernels+=("$(basename "$hooks" .patch)")
done
