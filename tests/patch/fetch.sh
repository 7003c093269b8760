#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What fetch asks an archive for, which is made up: all parts of one release, the newest that has
# them all; and what it says where Debian does not offer the kernel, before it downloads anything.
. "$(dirname "$0")/lib.sh"

mkdir "$tmp/bin"
# The archive: lines NAME VERSION DEPENDS
cat >"$tmp/bin/apt-cache" <<END
#!/bin/bash
while [[ \$1 = -* ]]; do [ "\$1" != -o ] || shift; shift; done
verb=\$1
shift
case \$verb in
pkgnames) cut -d ' ' -f 1 "$tmp/archive" | grep "^\$1" | sort -u ;;
show)
	for name; do
		# As the real one does: a name that is not there is a pattern.
		grep "^\$name " "$tmp/archive" || grep "\$name" "$tmp/archive"
	done | while read -r name version depends; do
		printf 'Package: %s\nSource: x\nVersion: %s\nDepends: %s\n\n' "\$name" "\$version" "\$depends"
	done
	;;
esac
END
cat >"$tmp/bin/apt-get" <<END
#!/bin/sh
case " \$* " in
*' indextargets '*)
	cat "$tmp/sources"
	exit
	;;
*' update '*)
	echo update >>"$tmp/calls"
	exec sh -c "\$UPDATE"
	;;
esac
echo download >>"$tmp/calls"
printf '%s\\n' "\$@" | sed '1,/^download\$/d' >"$tmp/wanted"
echo 'E: not today' >&2
exit 100
END
cat >"$tmp/bin/apt-config" <<END
#!/bin/sh
END
cat >"$tmp/bin/mmdebstrap" <<END
#!/bin/sh
printf '%s\\n' "\$@" >"$tmp/root"
exit 1
END
# Nobody waits for a made-up archive.
cat >"$tmp/bin/sleep" <<END
#!/bin/sh
echo "sleep \$1" >>"$tmp/calls"
END
chmod +x "$tmp"/bin/*
unset EXITPROF_KERNEL
export PATH=$tmp/bin:$PATH UPDATE=true EXITPROF_OS_RELEASE=$tmp/os-release
fetch=$root/host-patch/fetch

# debian RELEASE CODENAME [SUITE...]: a machine that runs it, with these among its package sources
debian() {
	local release=$1 codename=$2 suite
	printf '%s\n' ID=debian "VERSION_ID=\"$release\"" "VERSION_CODENAME=$codename" >"$tmp/os-release"
	for suite in "${@:2}"; do echo "http://mirror.invalid/debian $suite main"; done >"$tmp/sources"
	: >"$tmp/calls"
	rm -rf "$tmp/k" "$tmp/wanted"
}
# release RELEASE VERSION KBUILD [PART...]: a release in the archive, with all its parts or with these
release() {
	local headers=linux-headers-$1 common kernel=$KERNEL part
	common=linux-headers-${1%-cloud-amd64}-common
	for part in "${@:4}"; do
		case $part in
		headers) echo "$headers $2 $common (= $2), $3, gcc-12" ;;
		common) echo "$common $2 x" ;;
		source) echo "linux-source-$kernel $2 x" ;;
		image) echo "linux-image-$1 $2 kmod, linux-base" ;;
		split) echo "linux-image-$1 $2 dracut | initramfs-tools, linux-base-$1 (= $2), linux-binary-$1 (= $2), linux-modules-$1 (= $2)" ;;
		*) echo "linux-$part-$1 $2 x" ;;
		esac
	done
}
# wanted PACKAGE...: that was asked for
wanted() { sort "$tmp/wanted" | diff <(printf '%s\n' "$@" | sort) - >&2 || fail "other packages are asked for"; }
# nothing_downloaded: nor tried
nothing_downloaded() { ! grep -q download "$tmp/calls" || fail "something was downloaded"; }

# offers KERNEL: --check has no objection
offers() {
	local said
	said=$("$fetch" --check "$1" 2>&1) || fail "--check $1: status $?"
	same "$said" ""
}

KERNEL=6.1
whole=(headers common source image)
release_9=(6.1.0-9-cloud-amd64 6.1.9-2 linux-kbuild-6.1)
packages_9=(linux-{image-6.1.0-9-cloud-amd64,headers-6.1.0-9-cloud-amd64,headers-6.1.0-9-common,source-6.1}'=6.1.9-2')
debian 12 bookworm
{
	release "${release_9[@]}" "${whole[@]}"
	release 6.1.0-8-cloud-amd64 6.1.8-1 linux-kbuild-6.1 "${whole[@]}"
	release 6.12.9+deb12-cloud-amd64 6.12.9-1 linux-kbuild-6.12.9 "${whole[@]}"
	echo linux-headers-6.1.0-99-rt-amd64 6.1.99-1 x
} >"$tmp/archive"
cp "$tmp/archive" "$tmp/archive-without-kbuild"
echo linux-kbuild-6.1 6.1.9-2 x >>"$tmp/archive"
expect 1 'download failed: E: not today' "$fetch" 6.1 "$tmp/k"
wanted "${packages_9[@]}" linux-kbuild-6.1=6.1.9-2
[ ! -e "$tmp/k/kernel.env" ] || fail "a failed fetch leaves a kernel.env"
expect 1 'download failed' "$fetch" --release 6.1.0-8-cloud-amd64 "$tmp/k8"
wanted linux-{image-6.1.0-8-cloud-amd64,headers-6.1.0-8-cloud-amd64,headers-6.1.0-8-common,source-6.1}=6.1.8-1 linux-kbuild-6.1
# Programs that build runs have another version while there is no image of the newest.
cp "$tmp/archive-without-kbuild" "$tmp/archive"
release 6.1.0-10-cloud-amd64 6.1.10-1 linux-kbuild-6.1 headers common source >>"$tmp/archive"
echo linux-kbuild-6.1 6.1.10-1 x >>"$tmp/archive"
: >"$tmp/calls"
expect 1 'download failed: E: not today' "$fetch" 6.1 "$tmp/k"
wanted "${packages_9[@]}" linux-kbuild-6.1
# A mirror is asked again with new package lists, with pauses, and not for ever.
{
	echo download
	for pause in 0 5 15 30 60; do printf '%s\n' "sleep $pause" update download; done
} | diff - "$tmp/calls" >&2 || fail "asks otherwise"
# What new lists name is fetched: the archive may have moved on since the old ones.
export UPDATE="sed -i 's/6\.1\.9-2/6.1.9-4/g' '$tmp/archive'"
expect 1 'download failed: E: not today' "$fetch" 6.1 "$tmp/k"
wanted "${packages_9[@]/%6.1.9-2/6.1.9-4}" linux-kbuild-6.1
UPDATE=true
: >"$tmp/calls"
offers 6.1
nothing_downloaded

# Images in parts
KERNEL=7.3
debian 13 trixie trixie-backports
part=7.3.4+deb13-cloud-amd64
release $part 7.3.4-1~bpo13+1 linux-kbuild-7.3.4+deb13 headers common source split base binary modules >"$tmp/archive"
echo linux-kbuild-7.3.4+deb13 7.3.4-1~bpo13+1 x >>"$tmp/archive"
expect 1 'download failed: E: not today' "$fetch" 7.3 "$tmp/k"
wanted linux-{{image,headers,base,binary,modules}-$part,headers-7.3.4+deb13-common,source-7.3,kbuild-7.3.4+deb13}=7.3.4-1~bpo13+1

# Where it is not offered: a suite of this release, of an older one, and of a newer one.
debian 13 trixie
: >"$tmp/archive"
expect 3 'in trixie-backports, which is not among the package sources' "$fetch" --check 7.3
grep -q "^hint: echo 'deb http://mirror.invalid/debian trixie-backports main' | sudo tee " "$tmp/out" || fail "no line to add"
nothing_downloaded
expect 3 'in bookworm, which is not among' "$fetch" --check 6.1
grep -q "^hint: echo 'deb http://mirror.invalid/debian bookworm main'" "$tmp/out" || fail "no line to add"
expect 3 'in bookworm, which is not among' "$fetch" 6.1 "$tmp/k"
nothing_downloaded
# The sources may have it: their lists are not there, or are old.
offers 6.12
expect 3 'offers no kernel 6.12 with source and headers in trixie' "$fetch" 6.12 "$tmp/k"
[ "$(grep -c update "$tmp/calls")" -eq 2 ] || fail "asks again for what is not offered: $(cat "$tmp/calls")"
nothing_downloaded
debian 12 bookworm
same "$("$fetch" --check 7.3 2>&1)" newer
expect 1 'root file system of Debian.s trixie-backports' "$fetch" 7.3 "$tmp/k"
grep -q '^deb http://mirror.invalid/debian trixie-backports main$' "$tmp/root" && grep -q '^trixie$' "$tmp/root" || fail "another root: $(cat "$tmp/root")"
export UPDATE='echo "E: The repository has no Release file." >&2; exit 100'
expect 3 'in trixie-backports, a newer release than this machine runs; E: The repository' "$fetch" --check 7.3
UPDATE=true
expect 1 "no hooks for kernel '5.10'" "$fetch" --check 5.10
# The lab's kernel
default() { (. "$root/host-patch/kernels.sh"; default_kernel); }
same "$(default)" 6.1
same "$(EXITPROF_KERNEL=7.3 default)" 7.3
debian 13 trixie
same "$(default)" 6.12
echo ID=other >"$tmp/os-release"
same "$(default)" 7.3

# Lists that do not come are another matter than lists without the package.
debian 12 bookworm
export UPDATE='echo E: no archive >&2; exit 100'
expect 1 'apt-get update failed: E: no archive' "$fetch" 6.1 "$tmp/k"
[ "$(grep -c update "$tmp/calls")" -eq 6 ] || fail "lists are not asked for again"
# A full disk does not become empty. That there is no network is said at once, and may be over in a moment.
UPDATE='echo "E: Write error - write (28: No space left on device)" >&2; exit 100'
: >"$tmp/calls"
expect 1 'apt-get update failed: the disk is full: Write error' "$fetch" 6.1 "$tmp/k"
[ "$(cat "$tmp/calls")" = update ] || fail "asks again on a full disk"
UPDATE="echo \"Err:1 x InRelease: Temporary failure resolving 'x'\" >&2; exit 100"
expect 1 "there is no network, or not to Debian's archive" "$fetch" 6.1 "$tmp/k"
for blank in 'a b' 'a:b'; do
	expect 1 "cannot do with the blank or colon" "$fetch" 6.1 "$tmp/$blank"
done
UPDATE=true

# Packages to be installed, too: here the third attempt succeeds.
cat >"$tmp/bin/apt-get" <<END
#!/bin/sh
case " \$* " in
*' update '*) echo update >>"$tmp/calls" ;;
*' nowhere '*)
	echo install >>"$tmp/calls"
	echo 'E: Unable to locate package nowhere' >&2
	exit 100
	;;
*' full '*)
	echo install >>"$tmp/calls"
	echo "E: You don't have enough free space in /var/cache/apt/archives/." >&2
	exit 100
	;;
*' install '*)
	echo install >>"$tmp/calls"
	[ "\$(grep -c install "$tmp/calls")" -eq 3 ] || exit 100
	;;
esac
END
cat >"$tmp/bin/id" <<-'END'
	#!/bin/sh
	echo 0
END
chmod +x "$tmp/bin/id"
: >"$tmp/calls"
expect 0 'missing packages: some' bash -euc ". '$root/host-patch/lab/packages.sh'; packages_install some"
printf '%s\n' install 'sleep 0' update install 'sleep 5' update install | diff - "$tmp/calls" >&2 || fail "installs otherwise"
: >"$tmp/calls"
expect 1 'cannot install: nowhere: E: Unable to locate' bash -euc ". '$root/host-patch/lab/packages.sh'; packages_install nowhere"
printf '%s\n' install 'sleep 0' update install | diff - "$tmp/calls" >&2 || fail "waits for what nobody has"
: >"$tmp/calls"
expect 1 'cannot install: full: the disk is full' bash -euc ". '$root/host-patch/lab/packages.sh'; packages_install full"
[ "$(cat "$tmp/calls")" = install ] || fail "asks again on a full disk"
