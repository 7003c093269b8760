#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every chart of every kind of data: none, one reason, eighty, long and odd names, numbers
# as large as they get, and some that the lab has measured. Texts must neither lie on each
# other nor leave the page; of the measured ones all is compared with golden/.
#
#	test-kinds.sh PLOTS-FOLDER DATA-FOLDER
#	UPDATE_GOLDEN=1 tests/plots/test-kinds.sh plots tests/plots	after a change; look at what git shows
. "$(dirname "$0")/lib.sh"

# Which data a chart is made of
kind_of() { sed -n 's/^# data: \([a-z]*\)\(\.csv\)\{0,1\}$/\1/p' "$plots/$1.gp"; }

charts=$(cd "$plots" && grep -lE '^# data: (.*\.csv|bench)$' -- *.gp | sed 's/\.gp$//')

# rows KIND: name,count lines of stdin as that kind of file, large for count
rows() {
	awk -F'\t' -v kind="$1" -v OFMT=%.0f -v CONVFMT=%.0f '
	function q(name) { return "\"" name "\"" }
	BEGIN {
		if (kind == "summary")
			print "reason,name,exits_count,exits_per_second,handling_cycles,cycles_share,cycles_per_exit,exits_count_min,exits_count_max,handling_cycles_min,handling_cycles_max,away_cycles"
		if (kind == "histogram")
			print "reason,name,bucket_low_cycles,bucket_high_cycles,exits_count"
		if (kind == "exits")
			print "repeat,scope,reason,name,exits_count,handling_cycles,away_cycles"
		if (kind == "series")
			print "repeat,uptime_ns,elapsed_ns,interval_ns,missed_count,scope,reason,name,exits_count,handling_cycles,away_cycles"
		if (kind == "bench")
			print "probe,operation,skipped,min_cycles,median_cycles,p99_cycles,median_ns,exits_per_operation,reason,name"
	}
	{ name[NR] = $1; n[NR] = $2; each[NR] = $3 }
	END {
		for (i = 1; i <= NR; i++) {
			x = n[i] * each[i]
			if (kind == "summary")
				print i "," q(name[i]) "," n[i] "," n[i] / 5 "," x ",0.1," each[i] "," n[i] - int(n[i] / 10) "," n[i] "," x * 0.9 "," x * 1.1 "," x * (1 + i % 5)
			if (kind == "histogram")
				for (k = 0; k < 5; k++)
					if (int(n[i] / (1 + k * k)))
						print i "," q(name[i]) "," each[i] * 2 ^ k "," each[i] * 2 ^ (k + 1) - 1 "," int(n[i] / (1 + k * k))
			if (kind == "exits")
				for (v = 0; v < 40; v++)
					print "1,vcpu" v "," i "," q(name[i]) "," int(n[i] / (v + 1)) "," x "," x
			if (kind == "bench")
				print q(name[i]) ",op,," each[i] / 2 "," each[i] "," each[i] * 7 "," each[i] / 3 ",1.000000,1," (i % 2 ? "" : q(name[i]))
		}
		for (t = 1; kind == "series" && NR && t <= 20; t++) {
			print "1,1," t "00000000,100000000,0,vm,,total,1,1,1"
			for (i = 1; i <= NR; i++)
				print "1,1," t "00000000,100000000,0,vm," i "," q(name[i]) "," int(n[i] / (1 + (t + i) % 4)) ",1,1"
		}
	}'
}

# names of reasons with their exits and the cycles of each
none() { :; }
one() { printf 'CPUID\t1\t1024\n'; }
eighty() { seq 1 80 | awk '{ printf "REASON_NUMBER_%d\t%d\t%d\n", $1, 40000000 / $1 + 1, 2 ^ (10 + $1 % 12) }'; }
odd() {
	printf '%s\t700\t4096\n' a_name_that_is_much_longer_than_any_reason_of_any_vendor \
		AN_UPPER_CASE_NAME_THAT_IS_MUCH_LONGER_THAN_ANY_OTHER '<b>&{/Bold=40 x}_^@' "\$HOME \`id\` 50 %s 'q'" 'a|b=c' Grün
}
huge() {
	printf '%s\t%s\t%s\n' EPT_VIOLATION 9000000000000000000 2 npf 123456789012345 65536 HLT 3 1099511627776
}

# drawn OUTLINE: what every gnuplot draws alike. 6 does so in another order, and joins other lines.
case $(gnuplot --version) in
'gnuplot 5'*) drawn() { cat "$1"; } ;;
*) drawn() { grep -v '^lines ' "$1" | sort; } ;;
esac
for kind in summary histogram series exits bench; do
	for set in none one eighty odd huge; do
		$set | rows $kind >"$out/$kind-$set.csv"
	done
done
[[ $(wc -w <<<"$charts") -ge 9 ]] || fail 'hardly any charts were found'
for chart in $charts; do
	kind=$(kind_of "$chart")
	for set in none one eighty odd huge real; do
		csv=$out/$kind-$set.csv
		[[ $set != real ]] || csv=$data/real-$kind.csv
		picture=$out/$chart-$set
		draw "$chart" "$csv" "$picture.svg" "$set, a_title {with} 100 % & <odd> \\ 'signs' | 1"
		LC_ALL=C awk -f "$data/outline.awk" "$picture.svg" >"$picture.outline" 2>"$out/said" ||
			fail "$chart of $set: $(<"$out/said")"
		grep -qxE "title [^:]+(: [^:]+)?: $set, a_title \{with\} 100 % & <odd> .* 'signs' \| 1" "$picture.outline" ||
			fail "$chart of $set: the SVG's title is $(grep ^title "$picture.outline")"
		[[ $(grep -c '<title>' "$picture.svg") == 1 ]] || fail "parts of $chart of $set have titles"
		grep -q '^description .' "$picture.outline" || fail "$chart of $set has no description"
		if command -v xmllint >/dev/null; then
			xmllint --noout "$picture.svg" || fail "$chart of $set is no XML"
		fi
	done
	draw "$chart" "$data/real-$kind.csv" "$picture.png"
	draw "$chart" "$data/real-$kind.csv" "$picture.pdf" title
	grep -qE 'no exits|nothing was|no figures' "$out/$chart-none.outline" || fail "an empty $chart does not say so"
	golden=$data/golden/$chart.txt
	if [[ -n ${UPDATE_GOLDEN:-} ]]; then
		cp "$out/$chart-real.outline" "$golden"
	elif ! diff -u <(drawn "$golden") <(drawn "$out/$chart-real.outline") >"$out/said"; then
		fail "$chart is not as it was: $(<"$out/said")"
	fi
	refuse 2 usage: "$plots/$chart.gp"
	refuse 2 'must end in .svg' "$plots/$chart.gp" "$data/real-$kind.csv" "$out/a.gif"
	refuse 1 'hint: this chart is made from' "$plots/$chart.gp" "$data/compare-one.csv" "$out/a.svg"
done

# A colour belongs to a reason, whichever the chart, and to what is the same on both vendors.
for chart in exits-by-reason cycles-by-reason cycles-per-exit latency-heatmap; do
	for colour in '#e69f00' '#0072b2' '#4d4d4d'; do
		grep -qE "^box .* $colour$" "$out/$chart-real.outline" || fail "$chart has nothing in msr's, npf's or hlt's colour"
	done
done
colours() {
	gnuplot -e "load '$plots/colours.gp'; do for [n in '$*'] { print reason_colour_text(n).sprintf(' %06x', reason_colour(n)) }" 2>&1
}
for pair in 'npf EPT_VIOLATION' 'msr MSR_WRITE' 'io IO_INSTRUCTION' 'hlt HLT' 'cpuid CPUID' 'interrupt EXTERNAL_INTERRUPT' \
	'vintr INTERRUPT_WINDOW' 'hypercall VMCALL' 'pause PAUSE_INSTRUCTION'; do
	[[ $(colours "$pair" | sort -u | wc -l) == 1 ]] || fail "$pair: $(colours "$pair")"
done
[[ $(colours npf) == '#0072b2 0072b2' ]] || fail "npf: $(colours npf)"
# Those that come together most, and "other": colour-blind readers tell any two apart.
while read -r sight least pair; do
	awk -v d="$least" 'BEGIN { exit !(d >= 6) }' || fail "with $sight, two colours are too near: $pair ($least)"
done < <(for name in npf msr io hlt cpuid interrupt vintr hypercall PREEMPTION_TIMER EPT_MISCONFIG MSR_READ EXCEPTION_NMI; do
	echo "$name $(colours $name | sed 's/.* //')"
done | { cat && echo 'other cfcfcf'; } | awk -f "$data/distance.awk" | tee "$out/distances")
[[ $(wc -l <"$out/distances") == 4 ]] || fail 'no distances of colours'

# Every name there is one that the kernel or a manual has.
names=$(grep -oE '\|[^"=]+\|=' "$plots/colours.gp" | sed 's/|=$//; s/^|//' | tr '|' '\n')
((${#names} > 300)) || fail 'the names of colours.gp are not found'
while IFS= read -r name; do
	grep -qF "\"$name\"" "$data"/../../src/core/host/reasons_{vmx,svm}.c || fail "no vendor has a reason '$name'"
done <<<"$names"

# Over time: the repeat that is shown, and another
grep -q 'repeat 1 of 2$' "$out/over-time-real.outline" || fail 'the heading does not say which repeat'
draw over-time "$data/real-series.csv" "$out/second.svg" title 2
grep -q 'repeat 2 of 2' "$out/second.svg" || fail 'the second repeat is not shown'

# The host does not tell
awk -F, -v OFS=, 'NR > 1 { $12 = "" } 1' "$data/real-summary.csv" >"$out/classic.csv"
draw handling-and-away "$out/classic.csv" "$out/classic.svg"
grep -q 'not known: the host does not tell away cycles' "$out/classic.svg" || fail 'unknown away cycles are not said to be'
grep ',vm,\|^repeat' "$data/real-exits.csv" >"$out/vm.csv"
draw per-vcpu "$out/vm.csv" "$out/vm.svg"
grep -q 'measure with --per-vcpu' "$out/vm.svg" || fail 'per-vcpu does not say what is missing'
