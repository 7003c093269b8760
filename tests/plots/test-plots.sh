#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Draws every chart in every format from the data beside this file.
#
#	test-plots.sh PLOTS-FOLDER DATA-FOLDER
. "$(dirname "$0")/lib.sh"

for chart in exits-by-reason cycles-by-reason; do
	for csv in none one five-vmx eighty odd-names io-heavy-svm; do
		for ending in svg png pdf; do
			draw "$chart" "$data/$csv.csv" "$out/$chart-$csv.$ending" "$csv, a_title {with} 100 % & <odd> signs"
		done
		if command -v rsvg-convert >/dev/null; then
			rsvg-convert "$out/$chart-$csv.svg" -o "$out/x.png" || fail "$chart-$csv.svg is no SVG"
		fi
		[[ $(head -c 4 "$out/$chart-$csv.png" | tail -c 3) == PNG ]] || fail "$chart-$csv.png is no PNG"
		[[ $(head -c 4 "$out/$chart-$csv.pdf") == %PDF ]] || fail "$chart-$csv.pdf is no PDF"
		texts "$out/$chart-$csv.svg" >"$out/$chart-$csv.texts"
		grep -qE 'a_title \{with\} 100 % &amp; &lt;odd(>|&gt;) signs' "$out/$chart-$csv.texts" ||
			fail "$chart-$csv.svg lacks its title"
	done
done

# The same data, sorted by what the chart shows
in_order "$out/exits-by-reason-io-heavy-svm.texts" npf hlt vintr msr interrupt cpuid io 'other (3 reasons)'
in_order "$out/cycles-by-reason-io-heavy-svm.texts" npf interrupt hlt vintr msr io cpuid 'other (3 reasons)'
in_order "$out/exits-by-reason-five-vmx.texts" EPT_MISCONFIG HLT MSR_WRITE EXTERNAL_INTERRUPT
in_order "$out/exits-by-reason-eighty.texts" REASON_NUMBER_0 REASON_NUMBER_11 'other (68 reasons)'
in_order "$out/exits-by-reason-odd-names.texts" a_name_that_is 'Bold=40 x}_^@' '50 %s' Grün
for csv in one five-vmx odd-names; do
	if grep -q other "$out/exits-by-reason-$csv.texts"; then
		fail "$csv has nothing to group"
	fi
done
for chart in exits-by-reason cycles-by-reason; do
	grep -qF 'no exits counted' "$out/$chart-none.texts" || fail "$chart: an empty chart does not say so"
done
grep -qF '18,442' "$out/exits-by-reason-io-heavy-svm.texts" || fail "exits lack their value"
grep -qF '76.6 k per exit' "$out/cycles-by-reason-io-heavy-svm.texts" || fail "cycles lack their cost per exit"
grep -qF 'host TSC cycles' "$out/cycles-by-reason-io-heavy-svm.texts" || fail "the axis lacks its unit"
grep -qF 'least to most' "$out/exits-by-reason-io-heavy-svm.texts" || fail "the spread is not explained"
# Medians of repeats are added up, which is no total.
for chart in exits-by-reason cycles-by-reason; do
	grep -qE '<desc>[0-9,.]+ [^;]*: these medians added up; ' "$out/$chart-io-heavy-svm.svg" || fail "$chart: a sum of medians is a total"
	grep -qE '<desc>[0-9,.]+ [^;]* in all; ' "$out/$chart-one.svg" || fail "$chart: a total is a sum of medians"
done
if grep -qF 'least to most' "$out/exits-by-reason-one.texts"; then
	fail "a spread is explained that is not there"
fi

# Without a title; from another folder, by relative names
(cd "$out" && cp "$plots"/*.gp . && gnuplot -c exits-by-reason.gp "$data/one.csv" here.svg) || fail "by relative names"
[[ -s $out/here.svg ]] || fail "no here.svg"

# Columns are found by name, in any order, among others
awk -F, -v OFS=, '{ print "x" (NR == 1 ? "" : NR), $11, $10, $9, $8, $7, $6, $5, $4, $3, $2, $1 }' \
	"$data/five-vmx.csv" >"$out/turned.csv"
draw exits-by-reason "$out/turned.csv" "$out/turned.svg"
grep -qE '<desc>[0-9,]+ exits in all; EPT_MISCONFIG: 31,204 .*; HLT: 18,033 ' "$out/turned.svg" || fail 'columns are not found by name'

for chart in exits-by-reason cycles-by-reason; do
	refuse 2 usage: "$plots/$chart.gp"
	refuse 2 usage: "$plots/$chart.gp" "$data/one.csv"
	refuse 2 usage: "$plots/$chart.gp" "$data/one.csv" "$out/a.svg" title more
	refuse 2 'must end in' "$plots/$chart.gp" "$data/one.csv" "$out/a.gif"
	refuse 2 'must end in .svg, .png or .pdf' "$plots/$chart.gp" "$data/one.csv" "$out/a.txt"
	refuse 2 'must end in' "$plots/$chart.gp" "$data/one.csv" "$out/svg.d/a"
	refuse 1 "$out/missing.csv" "$plots/$chart.gp" "$out/missing.csv" "$out/a.svg"
	: >"$out/empty.csv"
	refuse 1 'has no columns' "$plots/$chart.gp" "$out/empty.csv" "$out/a.svg"
done
# A host without cycles by reason: the chart says so, which is not "no exits".
awk -F, -v OFS=, 'NR > 1 { $5 = $6 = $7 = $10 = $11 = "" } 1' "$data/five-vmx.csv" >"$out/untimed.csv"
for ending in svg png; do
	draw cycles-by-reason "$out/untimed.csv" "$out/untimed.$ending"
	draw exits-by-reason "$out/untimed.csv" "$out/counted.$ending"
done
texts "$out/untimed.svg" >"$out/untimed.texts"
grep -qF 'not known: the host does not tell cycles by reason' "$out/untimed.texts" ||
	fail "an untimed chart does not say so"
grep -qE '<desc>[0-9,]+ exits in all; EPT_MISCONFIG: .*; HLT: ' "$out/counted.svg" || fail 'counts need cycles'

cut -d, -f1-4,6- "$data/one.csv" >"$out/narrow.csv"
refuse 1 'has no column handling_cycles' "$plots/cycles-by-reason.gp" "$out/narrow.csv" "$out/a.svg"
refuse 1 'hint:' "$plots/cycles-by-reason.gp" "$out/narrow.csv" "$out/a.svg"
if [[ -e $out/a.svg ]]; then
	fail "a refused chart leaves a file"
fi

# What has changed: a chart of its own kind
for csv in none one eighty odd-names; do
	for ending in svg png pdf; do
		draw compare "$data/compare-$csv.csv" "$out/compare-$csv.$ending" "$csv, a_title {with} 100 % & <odd> signs"
	done
	texts "$out/compare-$csv.svg" >"$out/compare-$csv.texts"
	grep -qE 'a_title \{with\} 100 % &amp; &lt;odd(>|&gt;) signs' "$out/compare-$csv.texts" ||
		fail "compare-$csv.svg lacks its title"
done
in_order "$out/compare-none.texts" 'Change by exit reason' 'no exits counted'
in_order "$out/compare-one.texts" cpuid total same '+2 %' '12.3 k → 12.8 k'
in_order "$out/compare-eighty.texts" REASON_NUMBER_0 REASON_NUMBER_13 total
grep -qF '66 more reasons have changed less' "$out/compare-eighty.texts" || fail "reasons are dropped and not told of"
grep -qF 'new: none before' "$out/compare-eighty.texts" || fail "a new reason is not marked"
if grep -qF 'more reasons' "$out/compare-odd-names.texts"; then
	fail "compare-odd-names has no more reasons"
fi
in_order "$out/compare-odd-names.texts" a_name_that_is '50 %s' Grün total
refuse 2 usage: "$plots/compare.gp"
refuse 2 'must end in .svg, .png or .pdf' "$plots/compare.gp" "$data/compare-one.csv" "$out/a.txt"
refuse 1 'has no columns' "$plots/compare.gp" "$out/empty.csv" "$out/a.svg"
refuse 1 'has no columns metric' "$plots/compare.gp" "$data/one.csv" "$out/a.svg"

# Over time: stacked from the most frequent, the rest together, and a gap where nothing is known
for csv in series series-none; do
	for ending in svg png pdf; do
		draw over-time "$data/$csv.csv" "$out/$csv.$ending" 'a_title {with} signs'
	done
	texts "$out/$csv.svg" >"$out/$csv.texts"
	grep -qxF 'a_title {with} signs' "$out/$csv.texts" || fail "$csv.svg lacks its title"
done
in_order "$out/series.texts" 'VM exits over time' 'exits per second' npf msr io hlt interrupt vintr 'other (4)' seconds
grep -qF 'no exits recorded' "$out/series-none.texts" || fail 'an empty series does not say so'
# Seven reasons need no "other"; a vCPU's rows, and another repeat's, are not the VM's.
grep -v -E ',(cpuid|x|y|z),' "$data/series.csv" >"$out/few.csv"
awk -F, -v OFS=, 'NR > 1 { $6 = "vcpu0"; $8 = $8 == "total" ? $8 : "of_vcpu"; print }' "$data/series.csv" >>"$out/few.csv"
awk -F, -v OFS=, 'NR > 1 { $1 = 2; $8 = $8 == "total" ? $8 : "of_repeat"; print }' "$data/series.csv" >>"$out/few.csv"
draw over-time "$out/few.csv" "$out/few.svg"
texts "$out/few.svg" >"$out/few.texts"
if grep -qE 'other|of_vcpu|of_repeat' "$out/few.texts"; then
	fail 'rows that are not of the VM are drawn'
fi
refuse 2 usage: "$plots/over-time.gp" "$data/series.csv"
refuse 2 'must end in' "$plots/over-time.gp" "$data/series.csv" "$out/a.txt"
refuse 1 'has no columns repeat elapsed_ns' "$plots/over-time.gp" "$data/one.csv" "$out/a.svg"

# A boot, recorded in the lab: no two tics of the axis have the same text, and none has zeros
# that say nothing; no text lies on another, however near the marks are
for chart in boot-rate boot-cumulative; do
	for ending in svg png pdf; do
		draw $chart "$data/boot-timeline.csv" "$out/$chart.$ending" 'a_title {with} signs' \
			'2 initrd 2.5 systemd 3.2 sysinit.target 3.3 basic.target 15.6 finished'
	done
	texts "$out/$chart.svg" >"$out/$chart.texts"
	grep -qxE '[0-9.]+ k' "$out/$chart.texts" || fail "$chart.svg has no tics in thousands"
	for text in 'a_title {with} signs' systemd sysinit.target; do
		grep -qxF "$text" "$out/$chart.texts" || fail "$chart.svg lacks '$text'"
	done
	! grep -xE '[0-9]+\.[0-9]*0( k)?' "$out/$chart.texts" || fail "$chart.svg has tics with zeros"
	LC_ALL=C awk -f "$data/outline.awk" "$out/$chart.svg" >/dev/null 2>"$out/said" || fail "$(<"$out/said")"
	same=$(sed -nE '/^[0-9.]+ k$/p' "$out/$chart.texts" | sort | uniq -d)
	[[ -z $same ]] || fail "$chart.svg has tics of the same text: $same"
	grep -qE '<title>VM exits [^<>$]*: a_title \{with\} signs</title>' "$out/$chart.svg" || fail "$chart.svg has no title"
	[[ $(grep -c '<title>' "$out/$chart.svg") == 1 ]] || fail "parts of $chart.svg have titles"
	refuse 2 usage: "$plots/$chart.gp"
done
texts "$out/boot-rate.svg" >"$out/boot-rate.texts"
in_order "$out/boot-rate.texts" other hlt interrupt
# In the colours of msr, npf, hlt and others
for colour in '230, *159, *0' '0, *114, *178' '77, *77, *77' '207, *207, *207'; do
	grep -qE "rgb\( *$colour\)" "$out/boot-rate.svg" || fail "boot-rate.svg has nothing in rgb($colour)"
done
# Samples that are put together keep their peak, and the axis says how wide both are.
awk -F, -v OFS=, 'NR == 1 { $2 = $2 ",peak_of_100ms" } NR > 1 { $2 = $2 "," (NR == 20 ? 98765 : $NF) } 1' \
	"$data/boot-timeline.csv" >"$out/peaks.csv"
draw boot-rate "$out/peaks.csv" "$out/peaks.svg"
texts "$out/peaks.svg" >"$out/peaks.texts"
grep -qE '^exits per second: mean of [0-9.]+ s, peak of 100ms$' "$out/peaks.texts" || fail "boot-rate does not say how wide its steps are"
in_order "$out/peaks.texts" other hlt interrupt peak
grep -qF '; peak of 100ms: 98765 per second' "$out/peaks.svg" || fail "boot-rate has lost its peak"
grep -qxF '80 k' "$out/peaks.texts" || fail "the axis of boot-rate ends below the peak"
! grep -qxF peak "$out/boot-rate.texts" || fail "boot-rate shows a peak that an older file does not have"
draw boot-cumulative "$out/peaks.csv" "$out/peaks-cumulative.svg"
sed 's/<desc>.*//' "$out/peaks-cumulative.svg" | cmp - <(draw boot-cumulative "$data/boot-timeline.csv" "$out/same.svg"; sed 's/<desc>.*//' "$out/same.svg") ||
	fail "boot-cumulative draws the peaks"
# A burst in one of a thousand samples is drawn as high as it was, and when it was, also where an
# older file has no peaks.
awk 'BEGIN {
	print "time_s,exits_count,peak_of_100ms,msr,other\n0,0,0,0,0"
	for (i = 1; i <= 1000; i++) {
		n = i == 700 ? 5000 : 100
		printf "%.1f,%d,%d,%d,%d\n", i / 10, sum += n, n * 10, n * 5, n * 10
	}
}' >"$out/thousand.csv"
cut -d , -f 1,2,4,5 "$out/thousand.csv" >"$out/thousand-older.csv"
for csv in thousand thousand-older; do
	draw boot-rate "$out/$csv.csv" "$out/$csv.svg"
	texts "$out/$csv.svg" >"$out/$csv.texts"
	grep -qE '^exits per second: mean of 0.7 s, peak of (100ms|one sample)$' "$out/$csv.texts" || fail "boot-rate of $csv does not say how wide its steps are"
	grep -qxF '40 k' "$out/$csv.texts" || fail "boot-rate of $csv has lost its peak"
	# The highest line, from 69.3 to 70 s and at 50 k: 81 + 6.75 * t pixels from the left, 84 from the top
	sed 's/[ML]/\n/g' <"$out/$csv.svg" | awk -F '[ ,]' '
		/stroke=/ { peaks = /rgb\( *51, *51, *51\)/ }
		peaks && NF > 1 && $1 > 100 && $1 < 740 { if (!top || $2 < top) { top = $2; from = $1 } if ($2 == top) to = $1 }
		END { exit !(from > 548 && from < 549.5 && to > 553 && to < 554 && top > 83 && top < 85) }' ||
		fail "boot-rate of $csv has moved its peak"
	[[ $(wc -l <"$out/$csv.svg") -lt 700 ]] || fail "boot-rate of $csv draws every sample"
done
draw boot-cumulative "$out/thousand.csv" "$out/thousand-cumulative.svg"
grep -qF '104900 exits until 100.0 s' "$out/thousand-cumulative.svg" || fail "boot-cumulative has lost exits"
awk 'BEGIN {
	CONVFMT = OFMT = "%.0f"
	print "repeat,uptime_ns,elapsed_ns,interval_ns,missed_count,scope,reason,name,exits_count,handling_cycles,away_cycles"
	for (i = 1; i <= 1500; i++) {
		t = i * 100000000
		n = i == 700 ? 5000 : 100
		print "1," t "," t ",100000000,0,vm,,total," n ",1,1\n1," t "," t ",100000000,0,vm,1,msr," n ",1,1"
	}
}' >"$out/merged.csv"
draw over-time "$out/merged.csv" "$out/merged.svg"
texts "$out/merged.svg" >"$out/merged.texts"
grep -qxF 'seconds; areas: mean of 0.21 s; line: busiest sample, 0.1 s each' "$out/merged.texts" || fail "over-time does not say how wide its steps are"
grep -qxF '40 k' "$out/merged.texts" || fail "over-time has lost its peak"
grep -qxF seconds "$out/series.texts" || fail "over-time speaks of steps where there are samples"
# What came before the first sample is drawn only where it is known.
! grep -q 'before the first sample' "$out/boot-cumulative.texts" || fail 'draws what is not known'
awk -F, -v OFS=, 'NR > 1 { $2 += 17347 } 1' "$data/boot-timeline.csv" >"$out/known.csv"
draw boot-cumulative "$out/known.csv" "$out/known.svg"
texts "$out/known.svg" >"$out/known.texts"
grep -qF 'before the first sample' "$out/known.texts" || fail 'does not draw what is known'
# A path is no command.
cp "$data/boot-timeline.csv" "$out/a' ; b \$(c).csv"
draw boot-rate "$out/a' ; b \$(c).csv" "$out/odd.svg"
# Nor is one that gnuplot would take for a pipe, a variable or its standard input.
cd "$out"
# shellcheck disable=SC2016
for name in '< touch PWNED; #' '|touch PWNED; #' - '$a'; do
	for chart in exits-by-reason:one boot-rate:boot-timeline over-time:series compare:compare-one; do
		cp "$data/${chart#*:}.csv" "$name"
		draw "${chart%:*}" "$name" "$name.svg"
		rm -f -- "$name.svg"
	done
done
[[ ! -e PWNED ]] || fail 'a name was executed'

for ending in svg png pdf; do
	draw boot-compare "$data/boot-compare.csv" "$out/boot-compare.$ending" a_title
done
texts "$out/boot-compare.svg" >"$out/boot-compare.texts"
for text in 2026-05-01 '2026-05-02 b_{x}'; do
	grep -qF "$text" "$out/boot-compare.texts" || fail "boot-compare.svg lacks '$text'"
done
! grep -qw boot "$out/boot-compare.texts" || fail 'the header is no boot'

# As a spreadsheet saves it: a byte order mark is no part of a name, and another separator is named.
for pair in exits-by-reason:io-heavy-svm over-time:real-series per-vcpu:real-exits bench:real-bench compare:compare-one \
	latency-heatmap:real-histogram boot-rate:boot-timeline; do
	chart=${pair%:*} csv=$data/${pair#*:}.csv
	sed $'1s/^/\xef\xbb\xbf/' "$csv" >"$out/marked.csv"
	draw "$chart" "$csv" "$out/plain.svg" title
	draw "$chart" "$out/marked.csv" "$out/marked.svg" title
	cmp "$out/plain.svg" "$out/marked.svg" || fail "$chart: a byte order mark changes it"
	for separator in ';' '|' $'\t'; do
		tr , "$separator" <"$csv" >"$out/other.csv"
		[[ $separator == $'\t' ]] && name="tabs" || name="'$separator'"
		refuse 1 "'$out/other.csv':1: its columns are separated by $name, not by ','" \
			"$plots/$chart.gp" "$out/other.csv" "$out/a.svg"
		refuse 1 "hint: save it again as CSV, with ',' between columns and '.' in numbers" \
			"$plots/$chart.gp" "$out/other.csv" "$out/a.svg"
	done
done
awk -F, -v OFS=, '{ first = $2; $2 = $1; $1 = first } 1' "$data/five-vmx.csv" | sed $'1s/^/\xef\xbb\xbf/' >"$out/turned.csv"
refuse 1 "'$out/turned.csv':1: a byte order mark is before the column 'name'" \
	"$plots/exits-by-reason.gp" "$out/turned.csv" "$out/turned.svg"
