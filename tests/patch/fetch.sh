#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What fetch asks an archive for, which is made up: all parts of one version, but the programs
# that build runs of another one while the archive has no image of the newest source yet.
set -euo pipefail
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
printf '%s\\n' "\$@" | sed '1,/^download\$/d' >"$tmp/wanted"
echo 'E: not today' >&2
exit 100
END
chmod +x "$tmp"/bin/*
export PATH=$tmp/bin:$PATH

# asks KBUILD PACKAGE: where the archive has build's programs in version KBUILD, PACKAGE is fetched
asks() {
	expect 1 'download failed: E: not today' env "KBUILD=$1" "$root/host-patch/fetch" 6.1 "$tmp/k"
	[ ! -e "$tmp/k/kernel.env" ] || fail "a failed fetch leaves a kernel.env"
	printf '%s\n' linux-{image-6.1.0-9-cloud-amd64,headers-6.1.0-9-cloud-amd64}=6.1.9-2 \
		linux-{headers-6.1.0-9-common,source-6.1}=6.1.9-2 "$2" | sort >"$tmp/expected"
	sort "$tmp/wanted" | diff "$tmp/expected" - >&2 || fail "where linux-kbuild-6.1 is $1"
}
asks 6.1.9-2 linux-kbuild-6.1=6.1.9-2
asks 6.1.9-3 linux-kbuild-6.1
exit $failed
