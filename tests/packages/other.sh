#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# other.sh [RELEASE...]: these Debian releases, or those that this machine does not run, as a user who has just
# installed one: what README begins with, the suites unit, cli and docs, the packages and what lintian says of them.
. "$(dirname "$0")/roots.sh"

read -r _ own < <(debian_release) || skip "this machine runs no Debian release"
mapfile -t others < <(for kernel in $(all_kernels); do debian_suites "$kernel"; done | sed -n 's/.* \([a-z]*\)$/\1/p' | sort -u | grep -v -x "$own")
[ $# -eq 0 ] || others=("$@")
[ ${#others[@]} -gt 0 ] || skip "no other Debian release has a kernel of ours"

# user WHAT COMMAND: a step, in the checkout. Nobody else can enter the user's folders.
user() { step "$1" root_enter "$top" -- su - user -c "export TMPDIR=~/tmp; cd exitprof && $2"; }

for release in "${others[@]}"; do
	root_copy "$release"
	home=$top/home/user
	root_enter "$top" -- useradd -m -s /bin/bash user
	mkdir "$home/tmp"
	chmod 700 "$home" "$home/tmp"
	echo 'user ALL=(ALL) NOPASSWD: ALL' >"$top/etc/sudoers.d/user"
	checkout "$home/exitprof"
	root_enter "$top" -- chown -R user: /home/user
	user "README's first command" './host-patch/lab/exitprof-lab run io-heavy -o ../result'
	for file in summary.csv exits-by-reason.svg report.html; do
		[ -s "$home/result/$file" ] || die "$release: the first command leaves no $file"
	done
	user "cpuid-storm" './host-patch/lab/exitprof-lab run cpuid-storm --set count=1000 -o ../storm'
	grep -q '^cpuid: expected 1,000, counted 1,000: exact$' "$tmp/log" || die "$release: not exact: $(tail "$tmp/log")"
	user "boot" './host-patch/lab/exitprof-lab boot -o ../boot'
	[ -s "$home/boot/report.html" ] || die "$release: boot leaves no report"
	user "tests/run unit cli docs" './tests/run unit cli docs'
	grep '^[0-9]* passed, 0 failed' "$tmp/log" || die "$release: $(tail -n 1 "$tmp/log")"
	user "packages for debian/build" './host-patch/lab/packages.sh build test plot package'
	user "debian/build" 'debian/build ../debs'
	user "lintian" 'lintian --fail-on error,warning ../debs/*.changes'
	user "the packages install" 'sudo apt-get -q -y install ../debs/*.deb && exitprof --version && exitprof-lab --help && exitprof-host --help'
	rm -rf "$top"
done
