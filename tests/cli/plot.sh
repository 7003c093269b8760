#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Charts: what gnuplot is asked to do, and that its absence or failure costs no data.
. "$(dirname "$0")/lib.sh"

mkdir charts
touch charts/{common,exits-by-reason,cycles-by-reason}.gp
export EXITPROF_PLOT_PATH=$tmp/charts
make_gnuplot <<'END'
printf '<%s>' "$@" >>"$GNUPLOT_LOG"
echo >>"$GNUPLOT_LOG"
case $GNUPLOT_MODE in
fails) echo half >"$4"; exit 1 ;;
halves) echo half >"$4" ;;
works) picture "chart of $2" ;;
esac
END
export GNUPLOT_LOG=$tmp/log GNUPLOT_MODE=works

PATH=$tmp/bin:$PATH run svm 0 run nap --set count=5 -d 100ms -n 2 -o r
quiet
same "$(ls r)" "$(printf '%s\n' cycles-by-reason.{png,svg} exits-by-reason.{png,svg} exits.csv run.json runs.csv summary.csv)"
same "$(wc -l <log)" 4
grep -q "^<-c><$tmp/charts/exits-by-reason.gp><./r/summary.csv><${TMPDIR:-/tmp}/.*\.svg><nap, 100ms x 2, SVM, Linux $(uname -r)>$" log ||
	die 'gnuplot was asked something else'
same "$(<r/exits-by-reason.svg)" "chart of $tmp/charts/exits-by-reason.gp</svg>"
same "$(ls -A)" "$(printf '%s\n' all bin charts err log out r)"

# One more of a series, but not as text.
PATH=$tmp/bin:$PATH run svm 0 record -i 10ms -d 30ms -o over
same "$(ls over/*.svg)" $'over/cycles-by-reason.svg\nover/exits-by-reason.svg\nover/over-time.svg'
grep -q "^<-c><$tmp/charts/over-time.gp><./over/series.csv><${TMPDIR:-/tmp}/.*\.svg><record, 30ms, SVM, Linux $(uname -r)>$" log ||
	die 'gnuplot was asked something else'
PATH=$tmp/bin:$PATH TMPDIR=$tmp run svm 0 plot over --terminal
same "$(wc -l <out)" 2
run stock-amd 0 plot --list
shows 'which vCPU has the exits'
same "$(tail -n +2 out | cut -d ' ' -f 1)" "$("$EXITPROF" --complete plot --chart '' | cut -f 1 | grep -v '^all$')"

# One of them, all of them, and what the result has no data for
: >log
PATH=$tmp/bin:$PATH run svm 0 plot over --chart cycles-per-exit
same "$(ls over/*.svg)" $'over/cycles-by-reason.svg\nover/cycles-per-exit.svg\nover/exits-by-reason.svg\nover/over-time.svg'
same "$(wc -l <log)" 2
PATH=$tmp/bin:$PATH run svm 1 plot over --chart per-vcpu
says "exitprof: cannot draw per-vcpu of 'over': its exits.csv does not tell"
says 'hint: measure with --per-vcpu'
PATH=$tmp/bin:$PATH run svm 1 plot r --chart over-time
says 'hint: measure with --interval'
[[ ! -e r/over-time.svg && ! -e over/per-vcpu.svg ]] || die 'it drew what there is no data for'
echo 1,vcpu0,10,CPUID,1,1,1 >>over/exits.csv
echo reason,name >over/histogram.csv
: >log
PATH=$tmp/bin:$PATH run svm 0 plot over --chart all
same "$(sed -n 's|.*/\([a-z-]*\).gp>.*\.svg>.*|\1|p' log)" "$("$EXITPROF" --complete plot --chart '' | cut -f 1 | grep -v '^all$')"
PATH=$tmp/bin:$PATH TMPDIR=$tmp run svm 0 plot over --terminal -c all
same "$(wc -l <out)" 3
rm -r over

: >log
PATH=$tmp/bin:$PATH run svm 0 run nap -o s --no-plot
[[ ! -s log ]] || die '--no-plot draws'

# Text goes to stdout, and nothing is written. No host is needed.
rm r/*.svg
PATH=$tmp/bin:$PATH TMPDIR=$tmp run stock-amd 0 plot r --terminal
same "$(<out)" "chart of $tmp/charts/exits-by-reason.gp"$'\n'"chart of $tmp/charts/cycles-by-reason.gp"
[[ ! -e r/exits-by-reason.svg ]] || die '--terminal writes'
PATH=$tmp/bin:$PATH run stock-amd 0 plot r
[[ -e r/exits-by-reason.svg ]] || die 'plot writes nothing'

# A failure leaves the charts as they were, also one of which gnuplot says nothing.
for mode in fails halves; do
	PATH=$tmp/bin:$PATH TMPDIR=$tmp GNUPLOT_MODE=$mode run stock-amd 1 plot r
	grep -q "^exitprof: gnuplot failed to draw exits-by-reason of 'r'" err || die 'no reason'
done
PATH=$tmp/bin:$PATH TMPDIR=$tmp GNUPLOT_MODE=fails run stock-amd 1 plot r --terminal
grep -q "^exitprof: gnuplot failed to draw exits-by-reason of 'r'" err || die 'no reason'
same "$(<r/exits-by-reason.svg)" "chart of $tmp/charts/exits-by-reason.gp</svg>"
same "$(find . -maxdepth 2 -name ".[a-z]*")" ""
PATH=$tmp/bin:$PATH GNUPLOT_MODE=fails run svm 0 run nap -o t
[[ -e t/run.json ]] || die 'a failed chart cost the data'
grep -q '^exitprof: gnuplot failed' err || die 'no reason'

# Without gnuplot.
mkdir none
ln -s "$(command -v grep)" none/
PATH=$tmp/none run svm 0 run nap -o u
grep -q '^hint: for charts, install gnuplot-nox' err || die 'no hint'
PATH=$tmp/none run svm 1 plot u
says 'exitprof: cannot draw charts: there is no gnuplot'
PATH=$tmp/bin:$PATH EXITPROF_PLOT_PATH=$tmp/gone run svm 1 plot u
says "exitprof: cannot draw charts: cannot read '$tmp/gone/exits-by-reason.gp': No such file or directory"

PATH=$tmp/bin:$PATH run svm 1 plot bin
says "exitprof: cannot open 'bin/run.json': No such file or directory"
says "hint: give a folder that 'exitprof run' has written"
mkdir broken
echo '{"run":' >broken/run.json
PATH=$tmp/bin:$PATH run svm 1 plot broken
says "exitprof: 'broken/run.json':2: not JSON: unexpected end of data"
says "hint: give a folder that 'exitprof run' has written"
for run in '[]' '"text"' '{"run":7,"workload":[],"host":{"vendor":{}}}'; do
	echo "$run" >broken/run.json
	PATH=$tmp/bin:$PATH TMPDIR=$tmp GNUPLOT_MODE=fails run svm 1 plot broken --terminal
done
says "exitprof: cannot open 'broken/summary.csv': No such file or directory"
rm broken/run.json
mkfifo broken/run.json
PATH=$tmp/bin:$PATH run svm 1 plot broken
says "exitprof: cannot read 'broken/run.json': it is no regular file"
