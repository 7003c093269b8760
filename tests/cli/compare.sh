#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What has changed between results, whether it may be chance, and the status of
# that; on results of the simulated host, and on real ones.
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/lib.sh"
real=$source/tests/data/compare

# Figures that repeat exactly, and a copy in which one reason has become dearer.
run svm 0 run nap --set count=50 -n 8 -o a --no-plot
# worse FROM TO FACTOR: io takes so much more of exits and cycles, in tenths
worse() {
	rm -rf "$2"
	cp -r "$1" "$2"
	awk -F, -v OFS=, -v f="$3" '$4 == "io" { $5 = int($5 * f / 10); $6 = int($6 * f / 10) } { print }' \
		"$1/exits.csv" >"$2/exits.csv"
	awk -F, -v OFS=, -v f="$3" 'NR > 1 { $4 = 50 + int(($4 - 50) * f / 10); $5 = int($5 * f / 10) } { print }' \
		"$1/runs.csv" >"$2/runs.csv"
}
worse a b 11
# field FILE NAME METRIC COLUMN: of what --csv has printed
field() {
	awk -F, -v name="$2" -v metric="$3" -v column="$4" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$2 == name && $3 == metric { print $at[column] }' "$1"
}
cycles=handling_cycles_per_operation exits=exits_per_operation cost=handling_cycles_per_exit

# Nothing has changed: no host is needed to see that.
run bare 0 compare a a
quiet
same "$(awk '$1 ~ /^(io|hlt|total)$/ { print $1, $4 }' out)" $'io ~\nhlt ~\ntotal ~'
shows '~: no significant difference'
run bare 0 compare a a --threshold 0
shows 'no significant rise beyond 0%'
run bare 0 compare a a --csv
same "$(field out io $cycles verdict)" same
same "$(field out io $cycles ratio)" 1

# One reason has: figures, the verdict, the order, the total.
run bare 0 compare a b --csv
same "$(field out io $cycles before)" 50000
same "$(field out io $cycles after)" 55000
same "$(field out io $cycles difference)" 5000
same "$(field out io $cycles ratio)" 1.1
same "$(field out io $cycles ratio_low)" 1.1
same "$(field out io $cycles verdict)" more
same "$(field out io $cycles p_value)" 0.00015540016
same "$(field out io $cycles p_adjusted)" 0.00031080031
same "$(field out io $cycles before_repeats_count)" 8
same "$(field out io $exits after)" 2.2
same "$(field out io $cost verdict)" same
same "$(field out hlt $cycles verdict)" same
same "$(field out total $exits verdict)" more
same "$(cut -d, -f2 out | uniq)" $'name\nio\nhlt\ntotal'
run bare 0 compare b a --csv
same "$(field out io $cycles verdict)" less
run bare 0 compare a b --json
same "$("$JSON_GET" reasons 0 $cycles ratio <out)" 1.1
same "$("$JSON_GET" reasons 0 $cycles verdict <out)" more
same "$("$JSON_GET" reasons 0 presence <out)" both
same "$("$JSON_GET" total reason <out)" null
same "$("$JSON_GET" total $exits verdict <out)" more
same "$("$JSON_GET" after results 0 <out)" b
same "$("$JSON_GET" before repeats_count <out)" 8
same "$("$JSON_GET" method alpha <out)" 0.05

# Status 3, for CI: beyond the threshold, and of what is judged.
run bare 3 compare a b --threshold 5%
says "exitprof: regression: $cycles of io: +10.0%, p = 0.00031, and the threshold is 5%"
grep -q "^exitprof: regression: $cycles of total: " err || die 'the total is not judged'
run bare 3 compare a b -t 5 --json
"$JSON_GET" total <out >/dev/null || die 'no JSON'
run bare 0 compare a b -t 15%
run bare 0 compare b a -t 5
run bare 0 compare a b -t 5 --reason hlt
quiet
run bare 3 compare a b -t 5 --reason hlt --reason io
run bare 3 compare a b -t 5 --reason total -m exits
says "exitprof: regression: $exits of total: +6.7%, p = 0.00016, and the threshold is 5%"
run bare 0 compare a b -t 7 --reason total -m exits
run bare 0 compare a b -t 5 -m cost --reason io
run bare 0 compare a b -t 5 --reason npf
run bare 2 compare a b -t 5 --reason ioo
says "exitprof: compare: there is no reason 'ioo'"
grep -q "^hint: did you mean 'io" err || die 'no hint'

# Without repeats nothing can be tested, which is neither good nor bad news.
mkdir one worse
for folder in one worse; do
	cp a/run.json $folder/
	sed -i 's/"repeats_count": 8/"repeats_count": 1/' $folder/run.json
done
grep -E '^(repeat|1),' a/exits.csv >one/exits.csv
grep -E '^(repeat|1),' a/runs.csv >one/runs.csv
grep -E '^(repeat|1),' b/exits.csv >worse/exits.csv
grep -E '^(repeat|1),' b/runs.csv >worse/runs.csv
run bare 0 compare one worse
same "$(awk '$1 == "io" { print $4, $5, $6 }' out)" '+10.0%? - -'
shows '?: not tested: with 1 and 1 repeats no difference in 2 reasons at once can'
shows 'be told from chance; with 5 each it can'
run bare 0 compare one worse --csv
same "$(field out io $cycles verdict)" untested
same "$(field out io $cycles ratio_low)" ''
run bare 1 compare one worse -t 5
says 'exitprof: cannot judge io: too few repeats for any test'
says "hint: record with -n 5 or more on both sides, or judge '--reason total' only"
run bare 1 compare one worse -t 5 --reason total
says 'hint: record with -n 4 or more on both sides'

# Several results a side; options may stand on both sides of '--', too.
cp -r one one2
cp -r one one3
worse one worse2 11
run bare 0 compare a --csv one one2 one3 -- b worse worse2
same "$(field out io $cycles before_repeats_count)" 11
same "$(field out io $cycles after_repeats_count)" 10
run bare 3 compare a one -- b worse -t 5
shows 'before: a one (9 repeats)'

# A reason on one side only; cycles that a host does not tell; no operations.
cp -r a gone
sed -i '/,hlt,/d' gone/exits.csv
run bare 0 compare a gone --csv
same "$(field out hlt $exits presence)" gone
same "$(field out hlt $exits verdict)" less
same "$(field out hlt $exits after)" 0
same "$(field out hlt $cost after)" ''
run bare 0 compare gone a
same "$(awk '$1 == "hlt" { print $3, $4, $5, $7, $8 }' out)" '4,000 new - new -'
run bare 3 compare gone a -t 1000% --reason hlt
says "exitprof: regression: $cycles of hlt: new, p = 0.00031, and the threshold is 1000%"
# rare: before, one exit in one of the repeats
cp -r gone rare
sed 's/,hlt,50,200000,/,hlt,0,0,/; s/^\(3,vm,.*,hlt\),0,0,/\1,1,4000,/' a/exits.csv >rare/exits.csv
run bare 3 compare rare a -t 5 --reason hlt
same "$(awk '$1 == "hlt" { print $4, $5, $6 }' out)" 'from 0 -'
says "exitprof: regression: $cycles of hlt: from 0, p = 0.00031, and the threshold is 5%"
cp -r a mute
sed -i 's/^\(.*,hlt,50\),200000,/\1,,/' mute/exits.csv
run bare 0 compare a mute --json
same "$("$JSON_GET" reasons 1 name <out)" hlt
same "$("$JSON_GET" reasons 1 $cycles after <out)" null
same "$("$JSON_GET" reasons 1 $cycles ratio <out)" null
same "$("$JSON_GET" reasons 1 $cycles verdict <out)" unknown
run bare 1 compare a mute -t 5
says 'exitprof: cannot judge hlt: the host does not tell its cycles'
run bare 0 compare a mute -t 5 -m exits
run svm-combined 0 run nap --set count=50 -n 8 -o combined --no-plot
run bare 0 compare combined combined
quiet
same "$(awk '$1 ~ /^(io|total)$/ { print $2, $3, $4, $5, $7, $8 }' out)" \
	$'- - - - ~ -\n54,000 54,000 ~ +0.0% +0.0% 1.000'
shows '-: not known: the host does not tell these cycles'
run bare 1 compare combined combined -t 5
run bare 0 compare combined combined -t 5 --reason total
run bare 0 compare a combined
says "warning: dialect of the host's leaves: classic in 'a', combined in 'combined'"
cp -r a idle
awk -F, -v OFS=, 'NR > 1 { $2 = 1000000000; $3 = 0 } { print }' a/runs.csv >idle/runs.csv
run bare 0 compare idle idle --csv
same "$(field out io exits_per_second before)" 100

# Not comparable, and why; --force overrides that; some differences are only said.
run vmx 0 run nap --set count=50 -n 8 -o vmx --no-plot
run bare 1 compare a vmx
no_data
says "exitprof: not comparable: vendor: SVM in 'a', VMX in 'vmx'; their exit reasons are not the same"
grep -q '^hint: .*--force' err || die 'no hint'
run bare 0 compare a vmx --force
says "warning: vendor: SVM in 'a', VMX in 'vmx'; their exit reasons are not the same"
run svm 0 run nap --set count=51 -n 8 -o other --no-plot -d 9s
run bare 1 compare a other
says "exitprof: not comparable: workload option count: 50 in 'a', 51 in 'other'"
same "$(wc -l <err)" 2
says "hint: '--by count' compares what this option does; --force compares these whatever differs"
# With the option as the question, nothing is refused or warned of.
run bare 0 compare a other --by count
same "$(grep -v 'time limit' err)" ''
shows 'count: 50 before, 51 after'
run bare 0 compare a other --by count --json
same "$("$JSON_GET" by option <out) $("$JSON_GET" by before <out) $("$JSON_GET" by after <out)" 'count 50 51'
run bare 0 compare a a --json
same "$("$JSON_GET" by <out)" null
# It has to differ between the sides only, and alone.
run bare 1 compare a a --by count
says "exitprof: not comparable: workload option count: 50 in 'a', 50 in 'a': nothing to compare by"
run bare 1 compare a other --by cuont
says "exitprof: not comparable: workload option cuont: none in 'a', none in 'other': nothing to compare by"
says "exitprof: not comparable: workload option count: 50 in 'a', 51 in 'other'"
cp -r other third
sed -i 's/"count": 51/"count": 52/' third/run.json
run bare 1 compare a -- other third --by count
says "exitprof: not comparable: workload option count: 51 in 'other', 52 in 'third', on the same side"
sed -i 's/"count": 52/"count": 51/; s/"wrong": 0/"wrong": 1/' third/run.json
run bare 1 compare a -- other third --by count
says "exitprof: not comparable: workload option wrong: 0 in 'a', 1 in 'third'"
run bare 1 compare a third
grep -q '^hint: compare results of one workload' err || die 'two options are no question'
run bare 0 compare a other --force --json
same "$("$JSON_GET" remarks 1 <out)" "workload option count: 50 in 'a', 51 in 'other'"
cp -r a newer
sed -i 's/"kernel": ".*"/"kernel": "9.9"/' newer/run.json
run bare 0 compare a newer
says "warning: kernel of the guest: $(uname -r) in 'a', 9.9 in 'newer'"

# What is missing, malformed, or cannot be written.
run bare 1 compare a nowhere
no_data
says "exitprof: cannot open 'nowhere/run.json': No such file or directory"
says "hint: give a folder that 'exitprof run' has written"
cp -r a bad
rm bad/exits.csv
run bare 1 compare bad a
says "exitprof: cannot open 'bad/exits.csv': No such file or directory"
{ cat a/exits.csv; echo '1,vm,7,x,many,1,'; } >bad/exits.csv
run bare 1 compare a bad
no_data
says "exitprof: 'bad/exits.csv':18: exits_count is no number: 'many'"
echo '{' >bad/run.json
run bare 1 compare a bad
says "exitprof: 'bad/run.json':2: not JSON: unexpected end of data"
status=0
"$EXITPROF" compare a b >/dev/full 2>err || status=$?
same "$status" 1
says 'exitprof: cannot write to standard output: No space left on device'

# The chart: gnuplot gets the data, and the file comes as a whole or not at all.
mkdir charts
echo '# data: compare' >charts/compare.gp
make_gnuplot <<'END2'
printf '<%s>' "$2" "$5" >log
cp "$3" data
[ "$GNUPLOT_MODE" = works ] || { echo half >"$4"; exit 1; }
picture chart
END2
export EXITPROF_PLOT_PATH=$tmp/charts TMPDIR=$tmp GNUPLOT_MODE=works
before=$(ls -A)
PATH=$tmp/bin:$PATH run bare 0 compare a b --chart new.svg
same "$(<log)" "<$tmp/charts/compare.gp><nap: 8 repeats before, 8 after>"
same "$(field data io $cycles ratio)" 1.1
same "$(<new.svg)" "chart</svg>"
rm log data new.svg
same "$(ls -A)" "$before"
echo old >new.svg
PATH=$tmp/bin:$PATH GNUPLOT_MODE=fails run bare 1 compare a b --chart new.svg
says 'exitprof: gnuplot failed to draw compare'
same "$(<new.svg)" old
rm log data new.svg
same "$(ls -A)" "$before"
PATH=$tmp/bin:$PATH run bare 1 compare a b --chart nowhere/x.svg
says "exitprof: cannot write 'nowhere/x.svg': No such file or directory"
PATH=$tmp/bin:$PATH run bare 3 compare a b --chart x.png -t 5
same "$(tr -cd '[:print:]' <x.png)" 'chartIENDB`'

# What the manual page shows is what comes of the real results.
cd "$real"
while read -r folders; do
	# shellcheck disable=SC2086
	run bare 0 compare $folders
	awk -v command="\$ exitprof compare $folders" '
		/^```/ { shown = 0 }
		shown
		$0 == command { shown = 1 }' "$source/doc/exitprof-compare.1.scd" >"$tmp/page"
	[[ -s $tmp/page ]] || die "the page does not show $folders"
	cmp -s "$tmp/page" "$tmp/out" || die "the page shows something else for $folders"
done <<-END3
	page-fault-npt page-fault-shadow
	io-heavy-npt io-heavy-shadow
END3

# What a spreadsheet has saved again is the same, or refused with the next step.
cd "$tmp"
cp -r a saved
sed -i $'1s/^/\xef\xbb\xbf/; s/$/\r/' saved/*.csv
run bare 0 compare a saved --csv
same "$(field out total $cycles verdict)" same
sed -i 's/,/;/g' saved/exits.csv
run bare 1 compare a saved
says "exitprof: 'saved/exits.csv':1: its columns are separated by ';', not by ','"
says "hint: save it again as CSV, with ',' between columns and '.' in numbers"
