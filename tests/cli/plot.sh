#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Charts: what gnuplot is asked to do, and that its absence or failure costs no data.
. "$(dirname "$0")/lib.sh"

cp -r "$root/plots" charts
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

# One more of a series.
PATH=$tmp/bin:$PATH run svm 0 record -i 10ms -d 30ms -o over
same "$(ls over/*.svg)" $'over/cycles-by-reason.svg\nover/exits-by-reason.svg\nover/over-time.svg'
grep -q "^<-c><$tmp/charts/over-time.gp><./over/series.csv><${TMPDIR:-/tmp}/.*\.svg><record, 30ms, SVM, Linux $(uname -r)>$" log ||
	die 'gnuplot was asked something else'
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
rm -r over

: >log
PATH=$tmp/bin:$PATH run svm 0 run nap -o s --no-plot
[[ ! -s log ]] || die '--no-plot draws'

rm r/*.svg
PATH=$tmp/bin:$PATH run stock-amd 0 plot r
[[ -e r/exits-by-reason.svg ]] || die 'plot writes nothing'

# A failure leaves the charts as they were, also one of which gnuplot says nothing.
for mode in fails halves; do
	PATH=$tmp/bin:$PATH TMPDIR=$tmp GNUPLOT_MODE=$mode run stock-amd 1 plot r
	grep -q "^exitprof: gnuplot failed to draw exits-by-reason of 'r'" err || die 'no reason'
done
same "$(<r/exits-by-reason.svg)" "chart of $tmp/charts/exits-by-reason.gp</svg>"
same "$(find . -maxdepth 2 -name ".[a-z]*")" ""
PATH=$tmp/bin:$PATH GNUPLOT_MODE=fails run svm 0 run nap -o t
[[ -e t/run.json ]] || die 'a failed chart cost the data'
grep -q '^exitprof: gnuplot failed' err || die 'no reason'

# Without gnuplot.
mkdir none
ln -s "$(command -v grep)" "$(command -v tee)" "$(command -v cat)" none/
PATH=$tmp/none run svm 0 run nap -o u
grep -q '^hint: for charts, install gnuplot-nox' err || die 'no hint'
PATH=$tmp/none run svm 1 plot u
says 'exitprof: cannot draw charts: there is no gnuplot'
PATH=$tmp/bin:$PATH EXITPROF_PLOT_PATH=$tmp/gone run svm 1 plot u
says "exitprof: cannot draw charts: cannot read '$tmp/gone': No such file or directory"
for arguments in --list 'u --terminal' 'u --chart exits-by-reason'; do
	# shellcheck disable=SC2086
	EXITPROF_PLOT_PATH=$tmp/gone run svm 1 plot $arguments
	says "exitprof: cannot draw charts: cannot read '$tmp/gone': No such file or directory"
	# shellcheck disable=SC2086
	EXITPROF_PLOT_PATH=$tmp/none run svm 1 plot $arguments
	says "exitprof: cannot draw charts: '$tmp/none' has none"
	says 'hint: set EXITPROF_PLOT_PATH to the folder that has the chart scripts'
done

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
	PATH=$tmp/none run svm 1 plot broken --terminal
done
says "exitprof: cannot open 'broken/summary.csv': No such file or directory"
rm broken/run.json
mkfifo broken/run.json
PATH=$tmp/bin:$PATH run svm 1 plot broken
says "exitprof: cannot read 'broken/run.json': it is no regular file"

# --terminal draws in C: no gnuplot is needed, nothing is written, and no host is needed.
data=$root/tests/plots
export LC_ALL=C.UTF-8
rm r/*.{svg,png}
ls r >before
# bars CSV ARGUMENT...: of a result with that summary; leaves out
bars() {
	cp "$1" r/summary.csv
	PATH=$tmp/none run stock-amd 0 plot r --terminal "${@:2}"
	quiet
	! grep -qE '^.{80}| $' out || die "$*: lines too wide, or blanks at their end"
}
# in_order TEXT...: each in a line of out of its own, one after the other
in_order() {
	local line=0 text at
	for text; do
		at=$(grep -nF -- "$text" out | cut -d: -f1 | awk -v l=$line '$1 > l { print; exit }')
		[[ $at ]] || die "'$text' is not in its place"
		line=$at
	done
}
for csv in none one five-vmx eighty odd-names io-heavy-svm; do
	bars "$data/$csv.csv"
	same "$(grep -c "^nap, 100ms x 2, SVM, Linux $(uname -r)$" out)" 2
	same "$(grep -cE '^(VM exits by reason|Handling cycles by exit reason)$' out)" 2
	case $csv in
	none) same "$(grep -c '^no exits counted$' out)" 2 ;;
	io-heavy-svm) same "$(grep -cE '^[0-9,]+ .*: these medians added up$' out)" 2 ;;
	*) same "$(grep -cE '^[0-9,]+ .* in all$' out)" 2 ;;
	esac
	[[ $csv =~ eighty|io-heavy ]] || ! grep -q other out || die "$csv has nothing to group"
done
same "$(ls r)" "$(<before)"
bars "$data/io-heavy-svm.csv" -c exits-by-reason
in_order npf hlt vintr msr interrupt cpuid io 'other (3 reasons)'
shows 'npf                    18,442  38.6 % 3.69 k/s         ########################'
same "$(tail -n 1 out)" '47,761 exits: these medians added up'
bars "$data/io-heavy-svm.csv" -c cycles-by-reason
in_order npf interrupt hlt vintr msr io cpuid 'other (3 reasons)'
shows ' 76.6 k per exit '
bars "$data/io-heavy-svm.csv" -c cycles-per-exit
in_order io interrupt npf hlt vintr msr cpuid 'other (3 reasons)' 'k host TSC cycles per exit of all reasons together'
shows ' 388 exits '
bars "$data/eighty.csv" -c exits-by-reason
in_order REASON_NUMBER_0 REASON_NUMBER_11 'other (68 reasons)'
bars "$data/odd-names.csv" -c exits-by-reason
in_order a_name_that_is_much_l... 'Bold=40 x}_^@' '50 %s' Grün
bars "$data/one.csv" --chart all
same "$(grep -cE '^([A-Z]+ +.* 100 %|.* of all reasons together$)' out)" 4
# Columns are found by name; a value that is empty is not 0; a number is one.
awk -F, -v OFS=, '{ print "x" (NR == 1 ? "" : NR), $11, $10, $9, $8, $7, $6, $5, $4, $3, $2, $1 }' \
	"$data/five-vmx.csv" >turned.csv
bars turned.csv -c exits-by-reason
in_order 31,204 18,033 'exits in all'
awk -F, -v OFS=, 'NR > 1 { $5 = $6 = $7 = $10 = $11 = "" } 1' "$data/five-vmx.csv" >untimed.csv
bars untimed.csv -c all
same "$(grep -c '^not known: the host does not tell cycles by reason$' out)" 2
in_order EPT_MISCONFIG HLT 'exits in all'
for number in x -1 0x10 nan inf 1e999 1x . e5 --1; do
	sed "2s/^\([^,]*,[^,]*\),[^,]*/\1,$number/" "$data/one.csv" >r/summary.csv
	PATH=$tmp/none run stock-amd 1 plot r -t
	says "exitprof: 'r/summary.csv':2: exits_count is no number"
done
cut -d, -f1-4,6- "$data/one.csv" >r/summary.csv
PATH=$tmp/none run stock-amd 1 plot r -t
grep -q "^exitprof: 'r/summary.csv':1: .*handling_cycles" err || die 'a missing column is not named'
# One small reason is no group.
{ cat "$data/one.csv" && echo 2,b,1e-3,1,1,1,1,1,1,1,1; } >two.csv
bars two.csv
in_order b
! grep -q other out || die 'a group of one'
# More digits than there are columns for
printf '%s\n' "$(head -n 1 "$data/one.csv")" 1,a,9000000000000000000,9e18,9e18,1,1,9e18,9e18,9e18,9e18 \
	2,b,8000000000000000000,1,8e18,1,1,8e18,8e18,8e18,8e18 >huge.csv
bars huge.csv -c all
in_order 9,000,000,000,000,000,000 17,000,000,000,000,000,000

# A chart of one's own: a script in the folder is all there is to it.
make_gnuplot <<<'picture "chart of ${2##*/}"'
sed 's/^# question: .*/# question: what I ask/; s/^# caption: .*/# caption: My \& own <caption>./' \
	charts/exits-by-reason.gp >charts/mine.gp
run stock-amd 0 plot --list
grep -qx 'mine  *what I ask' out || die 'it is not listed'
same "$(sed -n '3p' out | cut -d ' ' -f 1)" mine
"$EXITPROF" --complete plot --chart mi >out
same "$(<out)" $'mine\twhat I ask'
cp "$data/one.csv" r/summary.csv
PATH=$tmp/bin:$PATH run stock-amd 0 plot r --chart mine
same "$(<r/mine.svg)" 'chart of mine.gp</svg>'
PATH=$tmp/none run stock-amd 0 plot r --chart mine --terminal
shows 'exits in all'
cat >bin/gnuplot <<'END'
#!/bin/bash
case $4 in *.svg) echo '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>x</title></svg>' >"$4" ;; esac
END
PATH=$tmp/bin:$PATH run svm 0 run nap -o own
PATH=$tmp/bin:$PATH run stock-amd 0 report own -o own.html
same "$(grep -o '<figcaption>.*</figcaption>' own.html | sed 's/<[^>]*>//g' | sed -n 2p)" 'My &amp; own &lt;caption&gt;.'
# A result with its picture is replaced where the script is, and not where it is not.
touch own/mine.svg own/exits-by-reason.png
EXITPROF_PLOT_PATH=$tmp/gone run svm 1 run nap -o own --no-plot
grep -q "is an earlier result, but exitprof did not write 'mine.*svg'" err || die 'another reason'
run svm 0 run nap -o own --no-plot
[[ ! -e own/mine.svg ]] || die 'the picture is left'
# Those that exitprof was built with are known without a folder, and nothing else is.
touch own/{exits-by-reason,per-vcpu,boot-rate}.{svg,png}
EXITPROF_PLOT_PATH=$tmp/gone run svm 0 run nap -o own --no-plot
for name in compare.svg bench.svg common.svg exits-by-reason.pdf exits-by-reason,cycles-by-reason.svg .svg x.svg; do
	touch "own/$name"
	EXITPROF_PLOT_PATH=$tmp/gone run svm 1 run nap -o own --no-plot
	run svm 1 run nap -o own --no-plot
	rm "own/$name"
done

# Headers of anything else do no harm, and are not listed.
cd charts
listed=$("$EXITPROF" plot --list | sha256sum)
printf '# data: exits.csv\n' >'with space.gp'
cp 'with space.gp' UPPER.gp
cp 'with space.gp' .gp
printf '# data: ../summary.csv\n' >up.gp
printf '# data: .csv\n' >hidden.gp
printf '# question: q\n# caption: c.\n' >load.gp
printf '\n# data: exits.csv\n' >late.gp
head -c 100000 /dev/urandom >random.gp
{
	printf '# caption: '
	head -c 1048576 /dev/zero | tr '\0' x
	printf '\n# data: exits.csv\n'
} >long.gp
ln -s loop.gp loop.gp
ln -s nowhere dangling.gp
mkfifo pipe.gp
mkdir folder.gp
: >empty.gp
same "$("$EXITPROF" plot --list | sha256sum)" "$listed"
# Without a caption it has its name; what is too long is as if it were not there.
{
	printf '# data: exits.csv\r\n# caption: '
	head -c 300 /dev/zero | tr '\0' y
	printf '\n# question: \033]0;x\007\302\233m\n# question: other\n# place: 0x\n'
} >odd.gp
printf '# data: summary.csv\n# bars: name\n' >nobars.gp
cd ..
run stock-amd 0 plot --list
grep -q '^odd  ' out || die 'a chart with an odd header is not listed'
"$EXITPROF" --complete plot --chart od >>out
! LC_ALL=C grep -qP '\x1b|\x07|\xc2\x9b' out || die 'a terminal is made to do something'
shows 'nobars               nobars'
PATH=$tmp/bin:$PATH run stock-amd 0 report own -o own.html
grep -q '<figcaption>odd</figcaption>' own.html || die 'its caption is not its name'
run svm 2 plot own -t -c nobars
says 'exitprof: plot: --terminal draws bar charts only, and nobars needs an image'
if ((UID)); then
	chmod 0 charts/mine.gp
	run stock-amd 0 plot --list
	! grep -q '^mine' out || die 'an unreadable script is listed'
fi
