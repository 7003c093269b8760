#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The scripts for a real host, on one that is made up: a folder in place of / and
# a uname of our own. host-patch/lab/selftest-install tries them for real.
. "$(dirname "$0")/lib.sh"

# machine RELEASE VERSION: what uname says
mkdir "$tmp/bin"
machine() {
	cat >"$tmp/bin/uname" <<-END
	#!/bin/sh
	case \$1 in -r) echo '$1' ;; -v) echo '$2' ;; *) exec /bin/uname "\$@" ;; esac
	END
	chmod 755 "$tmp/bin/uname"
}
export PATH=$tmp/bin:$PATH
cd "$root/host-patch"

for script in install reload restore series selftest; do
	expect 0 usage: ./$script --help
	expect 2 "ed " ./$script --dry-run too many arguments
done
expect 2 'unknown option' ./fetch --other "$tmp/k"
expect 2 expected ./fetch --running
expect 2 expected ./fetch --release 6.1.0-1-amd64
machine 6.18.1 '#1 SMP custom'
expect 1 "is not one of Debian's" ./fetch --running "$tmp/k"
machine 5.10.0-20-amd64 '#1 SMP Debian 5.10.158-2 (2022-12-13)'
expect 1 "no hooks for kernel '5.10'" ./fetch --running "$tmp/k"
expect 1 'no release of a Debian kernel' ./fetch --release 6.1.0 "$tmp/k"
expect 1 'real-time' ./fetch --release 6.1.0-1-rt-amd64 "$tmp/k"
[ ! -e "$tmp/k" ] || fail "a refused fetch leaves a folder"

machine 6.1.0-1-amd64 '#1 SMP Debian 6.1.1-1 (2023-01-01)'
export EXITPROF_ROOT=$tmp/root
mkdir -p "$tmp/root"/{proc/77/fd,sys/module/kvm/parameters,sys/module/kvm_amd,lib/modules/6.1.0-1-amd64} "$tmp/k"
echo 'flags : fpu svm' >"$tmp/root/proc/cpuinfo"
printf 'qemu\0-m\0001\0' >"$tmp/root/proc/77/cmdline"
ln -s anon_inode:kvm-vcpu:0 "$tmp/root/proc/77/fd/9"
echo 0 >"$tmp/root/sys/module/kvm_amd/refcnt"
printf '%s\n' KERNEL=6.1 KREL=6.1.0-2-amd64 KVER=6.1.2-1 "MODULES_OUT='$tmp/k/modules'" >"$tmp/k/kernel.env"
expect 1 'are for 6.1.0-2-amd64 6.1.2-1, but 6.1.0-1-amd64 6.1.1-1 is running' ./install "$tmp/k"
expect 1 '77 qemu -m 1' ./reload
rm "$tmp/root/proc/77/fd/9"
echo 2 >"$tmp/root/sys/module/kvm_amd/refcnt"
expect 1 'kvm_amd is in use 2 times' ./reload
