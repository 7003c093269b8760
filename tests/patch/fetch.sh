#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What fetch asks an archive for, which is made up: all parts of one version, but the programs
# that build runs of another one while the archive has no image of the newest source yet.
. "$(dirname "$0")/lib.sh"

mkdir "$tmp/bin"
cat >"$tmp/bin/apt-cache" <<'END'
#!/bin/sh
for package; do :; done
case $* in
*depends*image*) echo '  Depends: linux-image-6.1.0-9-cloud-amd64' ;;
*depends*headers*) printf '  Depends: %s\n' linux-headers-6.1.0-9-common linux-kbuild-6.1 ;;
*show*=*) [ "$package" != "linux-kbuild-6.1=$KBUILD" ] || echo "Version: $KBUILD" ;;
*show*) echo 'Version: 6.1.9-2' ;;
esac
END
cat >"$tmp/bin/apt-get" <<END
#!/bin/sh
case " \$* " in
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
# Nobody waits for a made-up archive.
cat >"$tmp/bin/sleep" <<END
#!/bin/sh
echo "sleep \$1" >>"$tmp/calls"
END
chmod +x "$tmp"/bin/*
export PATH=$tmp/bin:$PATH UPDATE=true

# wanted KBUILD NUMBER: that was asked for, all of that version
wanted() {
	printf '%s\n' linux-{image-6.1.0-9-cloud-amd64,headers-6.1.0-9-cloud-amd64}="$2" \
		linux-{headers-6.1.0-9-common,source-6.1}="$2" "$1" | sort >"$tmp/expected"
	sort "$tmp/wanted" | diff "$tmp/expected" - >&2
}
# asks KBUILD PACKAGE: where the archive has build's programs in version KBUILD, PACKAGE is fetched
asks() {
	expect 1 'download failed: E: not today' env "KBUILD=$1" "$root/host-patch/fetch" 6.1 "$tmp/k"
	[ ! -e "$tmp/k/kernel.env" ] || fail "a failed fetch leaves a kernel.env"
	wanted "$2" 6.1.9-2 || fail "where linux-kbuild-6.1 is $1"
}
asks 6.1.9-2 linux-kbuild-6.1=6.1.9-2
asks 6.1.9-3 linux-kbuild-6.1

# A mirror is asked again with new package lists, with pauses, and not for ever.
: >"$tmp/calls"
asks 6.1.9-3 linux-kbuild-6.1
{
	echo download
	for pause in 0 5 15 30 60; do printf '%s\n' "sleep $pause" update download; done
} | diff - "$tmp/calls" >&2 || fail "asks otherwise"
# What new lists name is fetched: the archive may have moved on since the old ones.
export UPDATE="sed -i s/6.1.9-2/6.1.9-4/ '$tmp/bin/apt-cache'"
expect 1 'download failed: E: not today' env KBUILD= "$root/host-patch/fetch" 6.1 "$tmp/k"
wanted linux-kbuild-6.1 6.1.9-4 || fail "asks for what the archive has no more"
# Lists that do not come are another matter than lists without the package.
printf '#!/bin/sh\n' >"$tmp/bin/apt-cache"
: >"$tmp/calls"
export UPDATE='echo E: no archive >&2; exit 100'
expect 1 'apt-get update failed: E: no archive' "$root/host-patch/fetch" 6.1 "$tmp/k"
[ "$(grep -c update "$tmp/calls")" -eq 6 ] || fail "lists are not asked for again"
: >"$tmp/calls"
export UPDATE=true
expect 1 "Debian offers no package 'linux-image-cloud-amd64'" "$root/host-patch/fetch" 6.1 "$tmp/k"
[ "$(cat "$tmp/calls")" = update ] || fail "asks again for what is not offered"

# A full disk does not become empty; what is not there comes with new lists or not at all. That
# there is no network is said at once, and may be over in a moment.
UPDATE='echo "E: Write error - write (28: No space left on device)" >&2; exit 100'
: >"$tmp/calls"
expect 1 'apt-get update failed: the disk is full: Write error' "$root/host-patch/fetch" 6.1 "$tmp/k"
[ "$(cat "$tmp/calls")" = update ] || fail "asks again on a full disk"
UPDATE="echo \"Err:1 x InRelease: Temporary failure resolving 'x'\" >&2; exit 100"
expect 1 "there is no network, or not to Debian's archive" "$root/host-patch/fetch" 6.1 "$tmp/k"
for blank in 'a b' 'a:b'; do
	expect 1 "cannot do with the blank or colon" "$root/host-patch/fetch" 6.1 "$tmp/$blank"
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
