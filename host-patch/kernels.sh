# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Which kernel versions there are hooks for, and which Debian has them.

kernel_hooks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/hooks

# all_kernels: the kernel versions that have hooks, one a line, oldest first
all_kernels() { (cd "$kernel_hooks" && printf '%s\n' *.patch) | sed 's/\.patch$//' | sort -V; }

# debian_suites KERNEL: lines "RELEASE SUITE": where Debian offers it, as its hooks say
debian_suites() { sed -n 's/^# Debian \([0-9]*\): \([a-z-]*\)$/\1 \2/p' "$kernel_hooks/$1.patch"; }

# debian_release: "RELEASE CODENAME" of this machine, or nothing when it does not run a Debian release
debian_release() {
	# shellcheck disable=SC1091
	(. "${EXITPROF_OS_RELEASE-/etc/os-release}" && [ "${ID-}" = debian ] && echo "${VERSION_ID-} ${VERSION_CODENAME-}") || true
}

# default_kernel: $EXITPROF_KERNEL if it is set, else that of this machine's Debian, else the newest
default_kernel() {
	local kernel release
	[ -z "${EXITPROF_KERNEL-}" ] || { echo "$EXITPROF_KERNEL"; return; }
	release=$(debian_release)
	for kernel in $(all_kernels); do
		! debian_suites "$kernel" | grep -x -F "${release:-none}" >/dev/null || break
	done
	echo "$kernel"
}

# kernel_known KERNEL
kernel_known() { all_kernels | grep -x -F -- "$1" >/dev/null; }
