#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# After a kernel's upgrade: rebuild, and the package's hooks in /etc/kernel, on a host that is made
# up, with a fetch, apply and build that only note how they were called.
. "$(dirname "$0")/made-up.sh"
need gcc depmod modinfo

scripts=$tmp/host-patch
mkdir -p "$scripts"
cp "$root"/host-patch/{lib.sh,kernels.sh,real.sh,exitprof-host,rebuild,install,restore,reload} "$scripts"
ln -s "$scripts/exitprof-host" "$tmp/bin/exitprof-host"
# stub SCRIPT: what it does is on stdin; it was called with a folder in the end
stub() {
	{
		printf '#!/bin/bash\nset -e\necho "%s $*" >>%q\ndir=${*: -1}\n. %q\n' "$1" "$tmp/calls" "$tmp/functions"
		cat
	} >"$scripts/$1"
	chmod +x "$scripts/$1"
}
declare -f built make_modules >"$tmp/functions"
stub fetch <<'END'
echo "fetch: downloading"
[ ! -e "$tmp/no-network" ] || { echo "fetch: download failed" >&2; echo "hint: try again later" >&2; exit 1; }
release=$2
[ "$1" = --release ] || release=$(uname -r)
built "$dir" "$release" "$(cat "$tmp/offered")" "$(cat "$tmp/word")"
END
stub apply <<<''
stub build <<'END'
[ ! -e "$tmp/no-build" ] || { echo "error: line 7" >"$dir/build.log"; echo "build: the modules do not build" >&2; exit 1; }
END
export tmp
# calls LINE...: of the stubs, since the last time
calls() {
	diff <([ $# -eq 0 ] || printf '%s\n' "$@") "$tmp/calls" >&2 || fail "called otherwise"
	: >"$tmp/calls"
}
# hook NAME RELEASE: as the kernel's package runs it; its status is always 0
hook() {
	"$root/debian/kernel/$1/exitprof-host" "$2" "/boot/vmlinuz-$2" >"$tmp/out" 2>&1 || fail "$1 of $2: status $?"
}
said() { grep -q -- "$1" "$tmp/out" || fail "does not say '$1': $(cat "$tmp/out")"; }

old=6.1.0-1-amd64 new=6.1.0-2-amd64 work=$tmp/root/var/cache/exitprof-host
machine $old '#1 SMP Debian 6.1.1-1 (2023-01-01)'
make_kernel $old 6.1.1-1
make_kernel $new 6.1.2-1
echo 6.1.2-1 >"$tmp/offered"
echo one >"$tmp/word"
: >"$tmp/calls"

expect 0 usage: "$scripts/rebuild" --help
expect 2 'expected the release' "$scripts/rebuild" $old $new
expect 2 'unknown option' "$scripts/rebuild" --fast
expect 1 "no kernel '6.1.0-3-amd64' of Debian's is installed" "$scripts/rebuild" 6.1.0-3-amd64
expect 0 "would run: fetch --release $new" "$scripts/rebuild" --dry-run $new
expect 0 "would run: fetch --running" "$scripts/rebuild" --dry-run

# Without an install, no kernel gets anything.
hook postinst.d $new
said 'nothing to do'
[ "$(wc -l <"$tmp/out")" -eq 1 ] || fail "says more than a line: $(cat "$tmp/out")"
calls
[ ! -e "$work" ] || fail "leaves something"

# The operator has opted in; a kernel comes that does not run yet.
built "$tmp/mine" $old 6.1.1-1 mine
expect 0 "installed for $old" "$scripts/install" "$tmp/mine"
hook postinst.d $new
calls "fetch --release $new $work/$new" "apply $work/$new" "build $work/$new"
same "$(loads $new) $(loads $old)" "one mine"
said "installed for $new, which takes them when it boots"
[ -z "$(ls -A "$work")" ] || fail "leaves $(find "$work")"
grep -q 'fetch: downloading' "$tmp/root/var/log/exitprof-host/$new.log" || fail "no log"
hook postinst.d $new
said 'has the patched KVM modules already'
calls

# The same release in another version. Meanwhile the archive may have the next one.
make_kernel $new 6.1.3-1
hook postinst.d $new
said 'Debian has .* in version 6.1.2-1, and 6.1.3-1 is installed'
said "^hint: see above; later: sudo $scripts/rebuild $new; .* sudo $scripts/reload"
same "$(loads $new) $(loads $old)" "stock mine"
[ -z "$(ls -A "$work")" ] || fail "leaves $(find "$work")"
echo 6.1.3-1 >"$tmp/offered"
echo two >"$tmp/word"
: >"$tmp/calls"
expect 0 "installed for $new" "$scripts/rebuild" $new
same "$(loads $new)" two

# What fails leaves the kernel its stock modules, says so, and leaves its logs.
for what in network build; do
	touch "$tmp/no-$what"
	make_kernel $new 6.1.4-1
	echo 6.1.4-1 >"$tmp/offered"
	hook postinst.d $new
	said "will run the stock KVM modules"
	same "$(loads $new)" stock
	[ -z "$(ls -A "$work")" ] || fail "leaves $(find "$work")"
	rm "$tmp/no-$what"
done
grep -q 'error: line 7' "$tmp/root/var/log/exitprof-host/$new.log" || fail "build.log is lost"
# Without the old kernel, what the operator wants is still known.
rm -r "$tmp/root/lib/modules/$old/updates"
hook postinst.d $new
same "$(loads $new)" two

# A full disk, Secure Boot
printf '#!/bin/sh\nprintf "header\\\\n/dev/x 9 9 1000000 9%%%% /\\\\n"\n' >"$tmp/bin/df"
chmod +x "$tmp/bin/df"
expect 1 '1000 MB are free' "$scripts/rebuild" $new
rm "$tmp/bin/df"
mkdir -p "$tmp/root/sys/kernel/security"
echo 'none [integrity] confidentiality' >"$tmp/root/sys/kernel/security/lockdown"
: >"$tmp/calls"
expect 1 'takes no unsigned modules' "$scripts/rebuild" $new
calls
expect 1 'takes no unsigned modules' "$scripts/install" "$tmp/mine"
echo '[none] integrity confidentiality' >"$tmp/root/sys/kernel/security/lockdown"

# Nobody waits for ever, and Ctrl-C ends what has begun.
sed -i 's/^fetch_limit=.*/fetch_limit=1/' "$scripts/rebuild"
mkfifo "$tmp/begun" "$tmp/never"
stub fetch <<<'read -r <>"$tmp/never"'
expect 1 'fetch took more than' "$scripts/rebuild" $new
stub fetch <<'END'
echo >"$tmp/begun"
read -r <>"$tmp/never"
END
sed -i 's/^fetch_limit=.*/fetch_limit=100/' "$scripts/rebuild"
"$scripts/rebuild" $new >"$tmp/out" 2>&1 &
rebuild=$!
read -r <"$tmp/begun"
kill -TERM $rebuild
status=0
wait $rebuild || status=$?
same $status 143
[ -z "$(ls -A "$work")" ] || fail "SIGTERM: leaves $(find "$work")"
same "$(loads $new)" two

# A kernel goes, for good or for its next version.
DEB_MAINT_PARAMS='upgrade 6.1.4-1' hook postrm.d $new
same "$(loads $new)" two
DEB_MAINT_PARAMS=remove hook postrm.d $new
said removing
[ ! -e "$tmp/root/lib/modules/$new/updates" ] || fail "keeps the modules of a kernel that is gone"
DEB_MAINT_PARAMS=purge hook postrm.d $new
[ ! -s "$tmp/out" ] || fail "removes twice"

# restore is for all kernels, those to come included.
rm "$scripts/fetch"
make_kernel $new 6.1.4-1
built "$tmp/other" $new 6.1.4-1 other
expect 0 installed "$scripts/install" "$tmp/mine"
expect 0 installed "$scripts/install" --release $new "$tmp/other"
expect 0 "removed .*$new" "$scripts/restore"
same "$(loads $new) $(loads $old)" "stock stock"
hook postinst.d $new
said 'nothing to do'

# A package that is removed leaves its hooks until it is purged.
rm "$tmp/bin/exitprof-host"
: >"$tmp/out"
type -P exitprof-host >/dev/null || hook postinst.d $new
[ ! -s "$tmp/out" ] || fail "a hook without its package: $(cat "$tmp/out")"
