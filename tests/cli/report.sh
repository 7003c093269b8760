#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reports: what they say of results that are known, what is refused, and that nothing half
# is left. EXITPROF_UPDATE=1 writes the expected texts anew, to be read before they are kept.
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/lib.sh"
data=$source/tests/data

# A gnuplot that always draws the same, so that texts alone are compared.
mkdir bin
cat >bin/gnuplot <<'END'
#!/bin/bash
[[ ${GNUPLOT_MODE-} != fails ]] || exit 1
echo '<?xml version="1.0"?><svg viewBox="0 0 9 9"><title>Gnuplot</title><g id="a"/></svg>' >"$4"
END
cat >bin/weasyprint <<'END'
#!/bin/bash
grep -q '^<h1>' || exit 1
printf '%%PDF of %s\n' "$*"
[[ ${WEASYPRINT_MODE-} != fails ]]
END
chmod +x bin/*
export EXITPROF_PLOT_PATH=$source/plots TMPDIR=$tmp/scratch
mkdir scratch
PATH=$tmp/bin:$PATH
ln -s "$data/report/io-heavy" io-heavy
ln -s "$data/compare/io-heavy-npt" nested
ln -s "$data/compare/io-heavy-shadow" shadow
ln -s "$data/report/boot" boot
ln -s "$data/compare/page-fault-npt" page-fault

# expect NAME: r.md is as it was when somebody read it
expect() {
	sed "s/exitprof $("$EXITPROF" --version | cut -d' ' -f2)/exitprof VERSION/g" r.md >now
	[[ ! ${EXITPROF_UPDATE-} ]] || cp now "$data/report/$1.md"
	diff -u "$data/report/$1.md" now >out || die "$1.md is not as expected"
	rm -rf r.md r-charts
}
run - 0 report io-heavy -o r.md
same "$(<err)" 'exitprof: saved r.md'
same "$(ls r-charts)" "$(grep -o '(r-charts/[^)]*)' r.md | sed 's,.*/,,; s/)//')"
expect run
run - 0 report boot -o r.md
expect boot
run - 0 report nested shadow -o r.md
expect several
run - 0 report --course boot nested shadow -o r.md
expect course

# The same again is the same, whatever it is made for.
run - 0 report io-heavy boot -o a.html
run - 0 report io-heavy/ boot// --format html -o b
cmp b a.html || die 'not the same as before'
run - 0 report io-heavy boot -o -
cmp out a.html || die 'another text on stdout'
quiet
grep -q '<svg role="img"' a.html || die 'no chart within the page'
! grep -qE '(src|href)="?[^#"]' a.html || die 'the page loads something'
# What the lab says of its host's clock.
cp -rL io-heavy mistaken
sed -i 's/"paging"/"host_clock": "mistaken", &/' mistaken/lab.json
run - 0 report mistaken -o m.md
grep -qE "^\| Host's TSC +\| 2596 MHz, mistaken, and so are rates and times +\|" m.md || die 'no word of the clock'
run - 0 report io-heavy -o a.pdf
same "$(<a.pdf)" '%PDF of --quiet --encoding utf-8 - -'
run - 0 report io-heavy
same "$(<err)" 'exitprof: saved exitprof-report.html'
run - 0 report io-heavy --title '<&> |' --format md
grep -qxF '# \<\&\> \|' exitprof-report.md || die 'no title'

# A result that has been measured just now, and results of other hosts.
for host in vmx-full svm-combined; do
	run $host 0 run nap --set count=50 -n 3 -o "new-$host" --no-plot
	run - 0 report "new-$host" -o new.md
	grep -qF '> **Note:** The host was simulated' new.md || die 'nothing tells that it is simulated'
	grep -qF "exitprof run nap --set count=50 -n 3 -o RESULT" new.md || die 'no command'
done
# shellcheck disable=SC2016
grep -qE '^\| `io` .*\| +- \| +- \| +- \|$' new.md || die 'cycles that the host does not tell'
run svm 0 record -i 10ms -d 20ms --no-plot -o command
# As exec would have it, which valgrind cannot run.
sed -i 's#"command": null#"command": [ "sh", "-c", "echo \\"<b>|`x" ]#' command/run.json
run - 0 report command -o -
grep -qF '<title>VM exits of sh -c echo &quot;&lt;b&gt;|' out || die 'the command is not escaped'

# Every command that a report prints can be called, and measures the same again: with the result
# of that in place of the first, the report prints the same.
# printed FILE: the commands at its end, one a line
printed() { sed -n '/^## How to reproduce it/,$p' "$1" | sed -n '/^```/,/^```/p' | grep '^exitprof'; }
# repeats HOST EXPECTED ARGUMENT...: measures, and does as the report of that says
repeats() {
	local host=$1 expected=$2
	shift 2
	rm -rf a b r r-charts
	[[ ! ${meanwhile-} ]] || happen "$meanwhile"
	run "$host" 0 "$@"
	run - 0 report a -o r.md
	printed r.md >calls
	same "$(<calls)" "$expected"$'\n''exitprof report a -o REPORT.md'
	eval "again=(${expected#exitprof })"
	again=("${again[@]/#RESULT/b}")
	[[ ! ${meanwhile-} ]] || happen "$meanwhile"
	run "$host" 0 "${again[@]}"
	run - 0 report b -o r.md
	same "$(printed r.md)" "$expected"$'\n''exitprof report b -o REPORT.md'
}
nap='exitprof run nap --set count=50 -o RESULT'
repeats svm-full "$nap" run nap --set count=50 -o a --no-plot --json
cp "$EXITPROF_WORKLOAD_PATH/nap.so" mine.so
repeats svm-full "${nap/nap/./mine.so}" run ./mine.so --set count=50 -o a --no-plot
repeats svm-full "${nap/50/0 -d 20ms}" run nap --set count=0 -d 20ms -o a --no-plot
# Ended by Ctrl-C, which is awkward to repeat here.
sed -i 's/"duration_limit_ns": 20000000/"duration_limit_ns": null/' b/run.json
run - 0 report b -o r.md
same "$(printed r.md | head -n 1)" "${nap/50/0 -d 0}"
repeats svm-full 'exitprof run nap --set count=50 -n 3 -w 2 -d 1m --interval 5ms --per-vcpu -o RESULT' \
	run nap --set count=50 --per-vcpu --interval 5ms -n 3 -w 2 -d 1m -o a --no-plot
repeats svm-details "${nap/ -o/ --details -o}" run nap --set count=50 --details -o a --no-plot
repeats svm-full "${nap/ -o/ --dialect classic -o}" run nap --set count=50 --dialect classic -o a --no-plot
repeats svm-combined "$nap" run nap --set count=50 --dialect combined -o a --no-plot
echo 'nap 5 pass 12ms' >happens
by_valgrind || repeats svm-full "exitprof exec -n 2 --interval 5ms --per-vcpu -o RESULT -- sh -c 'cat '\\''happens'\\'' >$EXITPROF_TEST_CLOCK; : -o x'" \
	exec --interval 5ms --per-vcpu -n 2 -o a --no-plot sh -c "cat 'happens' >$EXITPROF_TEST_CLOCK; : -o x"
meanwhile='nap 5' repeats svm-full 'exitprof record -d 20ms -i 10ms --per-vcpu -o RESULT' record --per-vcpu -i 10ms -d 20ms --no-plot -o a
# Also if no vCPU had an exit.
repeats svm-full 'exitprof record -d 20ms -i 10ms --per-vcpu -o RESULT' record --per-vcpu -i 10ms -d 20ms --no-plot -o a
repeats svm-full 'exitprof snapshot -o RESULT' snapshot -o a
repeats svm-full 'exitprof snapshot --full -o RESULT' snapshot --full --dialect exitprof -o a
# A boot is one of the machine: what can be called of it is the last command.
run - 0 report boot -o r.md
same "$(printed r.md)" $'exitprof boot report\nexitprof report boot -o REPORT.md'
run - 0 boot report -D nowhere --help
# What lay beside each other does so again.
rm r.md
run - 0 report --course --title "it's" nested io-heavy shadow -o r.md
same "$(printed r.md)" "exitprof run io-heavy -n 8 -w 1 -d 1s -o RESULT-1
exitprof run io-heavy -n 8 -w 1 -d 1s -o RESULT-3
exitprof report --course --title 'it'\\''s' nested io-heavy shadow -o REPORT.md"
printed r.md | tail -n 1 >calls
eval "again=($(sed 's/^exitprof//; s/REPORT/again/' calls))"
run - 0 "${again[@]}"
sed 's/again-charts/r-charts/' again.md | cmp r.md - || die 'another report'
# No name ends the comment that it stands in.
ln -s "$data/compare/io-heavy-npt" $'x\nreboot'
run - 0 report $'x\nreboot' nested -o r.md
grep -qxF '# x?reboot' r.md || die 'a name is a command'

# Results that cannot be compared stand side by side all the same.
run - 0 report io-heavy page-fault -o a.md
grep -qF -- '- Not comparable: workload: ' a.md || die 'no reason'

# Nested against shadow paging is of the same work, whatever comes first and between.
question='### What changes between nested and shadow paging?'
# answer FOLDER...: of a report for a course to that question
answer() {
	run - 0 report --course "$@" -o a.md --force
	sed -n "/^$question/,/^### \|^## How/p" a.md
}
answer page-fault nested shadow >answered
grep -qF 'With nested paging (`nested`) there were 1.37 exits per operation, with shadow paging (`shadow`) 1.42' \
	answered || die 'the pair is not found'
! grep -qF page-fault answered || die 'another workload is compared'
answer page-fault shadow >answered
grep -qF 'That takes two measurements of the same work' answered || die 'other workloads are compared'
grep -qF -- '- `page-fault` has nested paging, `shadow` shadow paging, but they cannot be compared: workload: page-fault' \
	answered || die 'no reason'
for change in 's/"depth": 8/"depth": 32/' 's/"operation": "read or write"/"operation": "read"/' \
	's/"cpus_count": 1/"cpus_count": 2/'; do
	rm -rf other && cp -rL shadow other && sed -i "$change" other/run.json
	answer nested other >answered
	grep -qF 'That takes two measurements of the same work' answered || die "compared in spite of $change"
	answer nested other shadow >answered
	grep -qF 'with shadow paging (`shadow`)' answered || die "no pair beside $change"
done
cp -rL boot shadow-boot
sed -i 's/"npf"/"PF excp"/g' shadow-boot/*
answer boot shadow-boot >answered
grep -qF 'with shadow paging (`shadow-boot`)' answered || die 'no pair of boots'
sed -i 's/6.1.0-56-cloud-amd64/6.12.1/g' shadow-boot/*
answer boot shadow-boot >answered
grep -qF 'kernel of the guest: 6.1.0-56-cloud-amd64 against 6.12.1.' answered || die 'boots of two kernels are compared'

# What somebody has written into is kept.
run - 0 report --course io-heavy -o course.md
echo mine >>course.md
run - 1 report --course io-heavy -o course.md
says "exitprof: 'course.md' exists, and somebody may have written into it"
same "$(tail -n 1 course.md)" mine
run - 0 report --course io-heavy -o course.md --force
! grep -q '^mine$' course.md || die '--force does nothing'

# Without gnuplot there are no charts, and without weasyprint no PDF.
mkdir none
for program in grep sed; do ln -s "$(command -v $program)" none/; done
PATH=$tmp/none run - 0 report io-heavy -o none.html
grep -q '^warning: cannot draw charts: there is no gnuplot; the report is without them$' err ||
	die 'no warning'
! grep -q '<svg' none.html || die 'a chart without gnuplot'
PATH=$tmp/none run - 1 report io-heavy -o none.pdf
says 'exitprof: cannot make a PDF: there is no weasyprint'
grep -q '^hint: install weasyprint' err || die 'no hint'

# What fails leaves what was there, and nothing else.
rm -rf left && mkdir left
echo old >left/a.html
cp left/a.html left/a.pdf
for format in html pdf; do
	GNUPLOT_MODE=fails run - 1 report io-heavy -o left/a.$format
	grep -q '^exitprof: gnuplot failed to draw' err || die 'no reason'
done
WEASYPRINT_MODE=fails run - 1 report io-heavy -o left/a.pdf
says 'exitprof: weasyprint failed to make the PDF'
same "$(cat left/*)" $'old\nold'
same "$(ls -A left)" $'a.html\na.pdf'
same "$(ls -A scratch)$(find . -name '.*.exitprof-*')" ''
run - 1 report io-heavy -o nowhere/a.html
says "exitprof: cannot write 'nowhere/a.html': No such file or directory"
run - 1 report io-heavy -o left --format html
says "exitprof: 'left' exists and is not a file"

# Folders that are no result.
mkdir empty broken runs
cp -r "$data/report/io-heavy/." broken/
cp -r broken runs/2026
run - 1 report nowhere
says "exitprof: cannot open 'nowhere': No such file or directory"
for folder in empty runs; do
	run - 1 report $folder
	says "exitprof: there is no result in '$folder'"
done
sed -i '2s/,vm,\(.*\),[0-9]*$/,vm,\1,many/' broken/details.csv
run - 1 report broken
grep -q "^exitprof: 'broken/details.csv':2: " err || die 'no place'
printf 'name,handling_p50_cycles\n' >broken/summary.csv
run - 1 report broken
grep -q "^exitprof: 'broken/summary.csv'" err || die 'no place'
echo '{"samples": 7}' >broken/boot.json
run - 1 report broken
says "exitprof: 'broken' is no boot that exitprof has recorded"
[[ ! -e exitprof-report.pdf ]] || die 'a report of nothing'

misused() {
	run - 2 "${@:2}"
	no_data
	same "$(head -n 1 err)" "exitprof: report: $1"
}
misused 'give one result folder or more' report
misused "--format takes html, md or pdf, not 'doc'" report io-heavy --format doc
misused "'a.txt' does not end in .html, .md or .pdf, and there is no --format" report io-heavy -o a.txt
misused 'Markdown needs a file, as its charts are put beside it' report io-heavy --format md -o -
# shellcheck disable=SC2046
misused 'at most 16 folders' report $(printf 'io-heavy %.0s' {1..17})
