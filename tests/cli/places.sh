#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Odd places for results, and odd ways to be called: a sentence at once, or a result.
. "$(dirname "$0")/lib.sh"

# saved WHERE: a result is there, and nothing else in the folder it is in but what was
saved() {
	[[ -s $1/run.json ]] || die "no result in $1"
	same "$(find . -name '.*.exitprof-*')" ''
}

# What cannot be is said before anything is measured.
long=$(printf 'n%.0s' {1..255})
ln -s nowhere dangling
for place in "${long}n" dangling/r /dev/null/r "no/such/${long}n"; do
	run svm 1 run nap -o "$place" --no-plot --set say=told
	grep -q '^hint: ' err || die 'no hint'
	[[ ! -e told ]] || die "ran although the result cannot be written to $place"
done
[[ ! -e no ]] || die 'made a folder for nothing'
status=0
(umask 0700 && EXITPROF_TEST_HOST=svm exec "$EXITPROF" run nap -o masked) 2>err || status=$?
same "$status" 1
says 'exitprof: with umask 0700, a result cannot be written'
# What can be.
run svm 0 run nap -o "$long" --no-plot
saved "$long"
run svm 0 run nap -o "$long/" --no-plot
saved "$long"
mkdir here
for place in . ./ ../here; do
	(cd here && run svm 1 run nap -o $place --no-plot)
	grep -q "here' exists and is not an earlier result$" err || die 'no reason'
done
run svm 0 run nap -o results/a --no-plot
(cd results/a && run svm 0 run nap -o . --no-plot)
saved results/a
same "$(ls -A results)" a

# Descriptors that are closed: a result's file never gets the number of one.
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	rm -rf closed closed.csv
	eval "EXITPROF_TEST_HOST=svm-full \"$EXITPROF\" record -i 10ms -d 50ms -o closed.csv $closed" 2>/dev/null ||
		[[ $closed = *'>&-'* ]] || die "with $closed"
	same "$(awk -F, '{ print NF }' closed.csv | sort -u)" 11
	eval "EXITPROF_TEST_HOST=svm-full \"$EXITPROF\" run nap -o closed --no-plot $closed" 2>/dev/null ||
		[[ $closed = *'>&-'* ]] || die "with $closed"
	saved closed
done
# Parents that ignore the end of their children.
run_ignored() {
	status=0
	env --ignore-signal=CHLD EXITPROF_TEST_HOST=svm "$EXITPROF" "$@" >out 2>err || status=$?
}
run_ignored exec --no-save -- sh -c 'exit 3'
same "$status" 3

# A reader that goes after the first line takes nothing from the result.
set +o pipefail
EXITPROF_TEST_HOST=svm-full "$EXITPROF" record -i 10ms -d 50ms -o piped.csv 2>&1 | head -n 1 >out
set -o pipefail
[[ -s piped.csv && ! -e piped.csv.partial ]] || die 'the recording is not complete'
# A limit of files is no full disk.
status=0
(ulimit -f 4 && exec env --ignore-signal=XFSZ EXITPROF_TEST_HOST=svm-full "$EXITPROF" record -i 1ms -d 5s -o limited.csv) \
	>out 2>err || status=$?
same "$status" 1
says "exitprof: cannot write 'limited.csv.partial': File too large"
(($(stat -c %s limited.csv.partial) == 4096)) || die 'what was recorded is not there'
status=0
(ulimit -f 1 && exec env --ignore-signal=XFSZ EXITPROF_TEST_HOST=svm-full "$EXITPROF" metrics -o m.prom) >out 2>err || status=$?
says "exitprof: cannot write 'm.prom': File too large"
same "$(compgen -G '*m.prom*' || true)" ''
# Who may read a file may read the one that replaces it.
run svm-full 0 metrics -o m.prom
chmod 600 m.prom
run svm-full 0 metrics -o m.prom
same "$(stat -c %a m.prom)" 600

# Pipes in the result of somebody else, and folders that somebody else has put there.
make_gnuplot <<<'picture chart'
mkdir -p charts
printf '# data: summary.csv\n# usual: yes\n' >charts/exits-by-reason.gp
export EXITPROF_PLOT_PATH=$tmp/charts PATH=$tmp/bin:$PATH
for file in series.csv histogram.csv; do
	cp -r results/a piped-$file
	mkfifo piped-$file/$file
	run - 0 plot piped-$file
	expected=0
	[[ $file != series.csv ]] || expected=1
	run - $expected report piped-$file -o p.html
done
mkdir mine
echo mine | tee mine/1-exits-by-reason.svg >mine/notes.txt
ln -s mine link-charts
cp -r mine thesis-charts
run - 1 report results/a -o link.md
says "exitprof: 'link-charts' exists and is no folder of yours"
run - 1 report results/a -o thesis.md
says "exitprof: 'thesis-charts' holds 'notes.txt', which is no chart of a report"
same "$(cat mine/* thesis-charts/*)" $'mine\nmine\nmine\nmine'
run - 0 report results/a -o own.md
run - 0 report results/a -o own.md

# A chart whose process was killed in a result is not in that result's way; nor is another machine's.
touch "results/a/$(scratch exits-by-reason.svg)" results/a/.x.svg.exitprof-0000000000000000
run svm 0 run nap -o results/a --no-plot
saved results/a

# SIGTERM is obeyed while a run draws; its result is there.
mkfifo drawing
exec {drawing}<>drawing
make_gnuplot <<'END'
echo $$ >"$HOME/drawing"
sleep 1000
END
HOME=$tmp EXITPROF_TEST_HOST=svm "$EXITPROF" run nap -o ended >/dev/null 2>&1 &
pid=$!
read -r -t 100 -u "$drawing" || die 'it draws nothing'
kill -TERM $pid
status=0
wait $pid 2>/dev/null || status=$?
same "$status" 143
saved ended
