#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A command's status, output and files come back, from two labs at once; and one
# that does not end is ended.
. "$(dirname "$0")/lib.sh"

"$lab" exec -o other -- sh -c 'echo other; echo 2 >file' >other.out 2>other.err </dev/null &
cat >'my program' <<'END'
#!/bin/sh
echo "args: $*"
echo "it's an error" >&2
echo here >"a file"
exit 7
END
chmod +x 'my program'
# shellcheck disable=SC2016
lab 7 exec --with 'my program' --with "$(type -P sha256sum)" -o result -- 'my program' "it's" '$HOME' 'a  b'
is "arguments, on stdout" "$(cat out)" "args: it's \$HOME a  b"
has "stderr" err "^it's an error\$"
is "its file" "$(cat 'result/a file')" here
status=0
wait $! || status=$?
is "the other's status" $status 0
is "the other's output" "$(cat other.out)" other
is "the other's file" "$(cd other && echo *) $(cat other/file)" "file lab.json 2"

lab 127 exec -- no-such-command
is "no result without files" "$(ls -d results 2>/dev/null || true)" ""
lab 1 exec --timeout 3 -- sleep 1000
has "which limit it was" err "time limit"
has "where the log is" err '^hint: the full logs are in /'
rm -rf "$(sed -n 's/^hint: the full logs are in //p' err)"
# A boot that fails is tried once more.
mkdir bin
cat >bin/setpriv <<END
#!/bin/sh
[ -e "$tmp/tried" ] || { touch "$tmp/tried"; echo no such machine; exit 1; }
exec $(type -P setpriv) "\$@"
END
chmod +x bin/setpriv
provoked=1 PATH=$tmp/bin:$PATH lab 0 exec --fresh -- true
has "what the emulator said" err "^no such machine"
has "that it is tried again" err "trying again, once"
rm -rf "$(sed -n 's/^hint: the full logs are in //p' err)"
# So is a job whose CPU is stuck, as the guest's kernel says; what is told of a second time is not.
provoked=1 lab 0 exec -o stuck -- sh -c 'echo "<0>watchdog: BUG: soft lockup - CPU#0 stuck" >/dev/kmsg; sleep 8; echo >done'
has "why it is tried again" err "a CPU of the emulated machine is stuck"
is "once" "$(grep -c 'trying again, once' err) $(cd stuck && echo *)" "1 done lab.json"
rm -rf "$(sed -n 's/^hint: the full logs are in //p' err)"
is "no temporary files" "$(ls -A "$TMPDIR")" ""
