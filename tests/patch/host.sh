#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The scripts for a real host, on one that is made up: a folder in place of / and
# a uname of our own. host-patch/lab/selftest-install tries them for real.
. "$(dirname "$0")/made-up.sh"
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

# For a kernel that does not run, and only for the very one that is installed
rm -r "$tmp/root/proc/77" "$tmp/root/sys/module"/kvm*
make_kernel 6.1.0-1-amd64 6.1.1-1
make_kernel 6.1.0-2-amd64 6.1.3-1
expect 2 "'--release' needs a value" ./install --release
expect 2 "unknown option '--release'" ./reload --release 6.1.0-2-amd64
expect 1 "no kernel '6.1.0-3-amd64' of Debian's is installed" ./install --release 6.1.0-3-amd64 "$tmp/k"
expect 1 'are for 6.1.0-2-amd64 6.1.2-1, but 6.1.0-2-amd64 6.1.3-1 is installed' ./install --release 6.1.0-2-amd64 "$tmp/k"
built "$tmp/other" 6.1.0-2-amd64 6.1.3-1 other
make_modules "$tmp/other/modules" 6.1.0-1-amd64 other
expect 1 'kvm.ko is no module for 6.1.0-2-amd64' ./install --release 6.1.0-2-amd64 "$tmp/other"
make_modules "$tmp/other/modules" 6.1.0-2-amd64 other
cp -a "$tmp/root" "$tmp/before"
expect 0 'would run: mv .*updates/exitprof' ./install --dry-run --release 6.1.0-2-amd64 "$tmp/other"
! grep -v '^would run: ' "$tmp/out" || fail "a dry run says more"
expect 0 'would run: depmod' ./install --dry-run --release 6.1.0-2-amd64 "$tmp/other"
diff -r "$tmp/before" "$tmp/root" >&2 || fail "a dry run does something"
expect 0 'installed for 6.1.0-2-amd64, which takes them' ./install --release 6.1.0-2-amd64 "$tmp/other"
same "$(loads 6.1.0-2-amd64) $(loads 6.1.0-1-amd64)" "other stock"
same "$(cat "$tmp/root/lib/modules/6.1.0-2-amd64/updates/exitprof/version")" 6.1.3-1
# The image lies elsewhere in Debian's kernels from 7 on.
rm -r "$tmp/root/lib/modules/6.1.0-2-amd64/updates"
mv "$tmp/root/boot/vmlinuz-6.1.0-2-amd64" "$tmp/root/lib/modules/6.1.0-2-amd64/vmlinuz"
expect 0 'installed for 6.1.0-2-amd64' ./install --release 6.1.0-2-amd64 "$tmp/other"
# Where modprobe does not prefer them, they do not stay.
mkdir -p "$tmp/bin"
printf '#!/bin/sh\nexit 0\n' >"$tmp/bin/depmod"
chmod +x "$tmp/bin/depmod"
rm -r "$tmp/root/lib/modules/6.1.0-1-amd64/updates" 2>/dev/null || true
built "$tmp/mine" 6.1.0-1-amd64 6.1.1-1 mine
expect 1 'modprobe would still take .*/kernel/arch/x86/kvm/kvm.ko' ./install "$tmp/mine"
[ ! -e "$tmp/root/lib/modules/6.1.0-1-amd64/updates" ] || fail "what modprobe does not take stays"
rm "$tmp/bin/depmod"
expect 0 'would run: rm' ./restore --dry-run
same "$(loads 6.1.0-2-amd64)" other
