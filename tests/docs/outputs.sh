#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every output in a document is that of a known command, as it was when it was run; and
# the check finds what is not.
. "$(dirname "$0")/lib.sh"
doc/regenerate --check || fail "see above"

# What the boot in the documents shows is what the present program says of its record.
exitprof boot report ./tests/data/report/boot >"$tmp/boot" || fail "the boot of the documents cannot be reported"
sed 1d doc/outputs/boot.txt | diff - "$tmp/boot" >&2 || fail "doc/outputs/boot.txt is another report of that boot"
sed 's/^    //' doc/boot.md | awk '/^\$ .*exitprof-lab boot$/ { shown = 1; next } /^So, of the course/ { shown = 0 } shown' |
	diff <(cat "$tmp/boot"; echo) - >&2 || fail "doc/boot.md shows another report of that boot"

# refused WHAT MESSAGE: --check in the copy says so
refused() {
	! "$tmp/copy/doc/regenerate" --check >"$tmp/out" 2>&1 || fail "$1 passes"
	grep -qF -- "$2" "$tmp/out" || fail "$1: no '$2' in: $(<"$tmp/out")"
	rm -r "$tmp/copy"
}
copy() {
	mkdir -p "$tmp/copy"
	cp -r README.md CONTRIBUTING.md doc "$tmp/copy/"
}
copy
sed -i 's/^npf  .*/npf  99/' "$tmp/copy/README.md"
refused "an output that was edited" "the outputs in README.md are not those in doc/outputs"
copy
sed -i 's/^doctor: .*/& --dialect auto/' "$tmp/copy/doc/outputs/commands"
refused "a command that was edited" "'doctor' is another command now than when it was run"
copy
printf '<!-- output: unheard -->\n<!-- end -->\n' >>"$tmp/copy/doc/abi.md"
refused "an unknown output" "no output 'unheard'"
copy
printf '<!-- output: doctor -->\n' >>"$tmp/copy/doc/abi.md"
refused "a block without an end" "the output 'doctor' has no end"
copy
echo 'more' >"$tmp/copy/doc/outputs/more.txt"
refused "an output without a command" "doc/outputs/more.txt is the output of no command"
copy
# shellcheck disable=SC2016
echo '$ exitprof doctor --never' >"$tmp/copy/doc/outputs/doctor.txt"
"$tmp/copy/doc/regenerate" --insert
grep -q -- '--never' "$tmp/copy/doc/tutorial.md" || fail "--insert does not insert"

# What the lab says of its host's clock is heeded. A lab that says what it is told to:
mkdir -p "$tmp/copy/host-patch/lab"
ln -s /bin/true "$tmp/copy/host-patch/lab/packages.sh"
cat >"$tmp/copy/host-patch/lab/exitprof-lab" <<'END'
#!/bin/sh
[ "$1" = run ] || exit 0
mkdir -p results/details
echo "\"host_clock\": \"$CLOCK\"" >results/details/lab.json
# Later than the call, also for a clock of few ticks.
touch -d "1 hour" results/details/lab.json
echo counted
END
chmod +x "$tmp/copy/host-patch/lab/exitprof-lab"
! CLOCK=mistaken "$tmp/copy/doc/regenerate" details >"$tmp/out" 2>&1 || fail "a mistaken clock passes"
grep -qF "has mistaken its clock: results/details/lab.json" "$tmp/out" || fail "no word of the clock in: $(<"$tmp/out")"
! grep -q counted "$tmp/copy/doc/outputs/details.txt" || fail "its output is taken"
CLOCK=agrees "$tmp/copy/doc/regenerate" details 2>"$tmp/out" || fail "a right clock does not pass: $(<"$tmp/out")"
grep -q counted "$tmp/copy/doc/outputs/details.txt" || fail "its output is not taken"
