# SPDX-License-Identifier: GPL-3.0-or-later
# question: how slow the slow ones are
# data: histogram.csv
# caption: How slow the slow exits are, by reason.
# section: times
# hint: a host at level full tells how long exits took
#
# How many cycles do 50, 90, 99 ... of 100 exits not exceed?
#
#	gnuplot -c latency-percentiles.gp histogram.csv OUT.svg ["title"]
#
# A line for a reason. Its points are known exactly: so many exits took less than a power
# of two of cycles; between them it is drawn straight. It ends at the longest exit.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
folder = script[1:strlen(script) - strlen("latency-percentiles.gp")]

heading = "Handling cycles of one exit: percentiles by reason"
source = "the histogram.csv of a result folder"
needs = "name bucket_high_cycles exits_count"
load folder."common.gp"
load folder."histogram.gp"

shown_max = 8
shown = rows > shown_max ? shown_max : rows

# --- as a picture ----------------------------------------------------------
body = 330
load folder."page.gp"
set lmargin at screen across(80)
set rmargin at screen across(690)
set border 3 linecolor rgb line_colour
set label "handling of one exit, host TSC cycles" at screen across(14), graph 0.5 center rotate textcolor rgb soft_colour
set xlabel "part of the reason's exits that took no longer"
rank(below, all) = below >= all ? log10(all) : -log10(1 - below / all)
most_exits = 1
set print $lines
do for [i = 1:shown] {
	r = order[i]
	most_exits = exits[r] > most_exits ? exits[r] : most_exits
	below = 0.0
	begun = 0
	do for [k = k_first:k_last] {
		if (!begun && at(r, k) > 0) {
			print sprintf("0,%.9g,%d", k > 1 ? k - 1 : 0, 0)
			begun = 1
		}
		below = below + at(r, k)
		if (begun && (at(r, k) > 0 || (k < k_last && at(r, k + 1) > 0))) {
			print sprintf("%.9g,%d,%d", rank(below, exits[r]), k, below >= exits[r])
		}
	}
	print ""
	print ""
}
unset print
x_end = log10(most_exits) > 1 ? log10(most_exits) : 1
set xrange [0:x_end * 1.02]
wide = 610 / x_end
percent_of(n) = n == 1 ? "90 %" : n == 2 ? "99 %" : "99.".repeated("9", n - 2)." %"
set xtics ("0" 0) textcolor rgb soft_colour
if (0.3 * wide > 34 && 0.7 * wide > 45) {
	set xtics add ("50 %%" log10(2))
}
every_tic = int((30 + 9 * x_end) / wide) + 1
do for [n = 1:int(x_end + 0.01):every_tic] {
	set xtics add (doubled(percent_of(n)) n)
}
# Tenfolds, or where there are not two of them powers of two
k_low = k_first > 0 ? k_first - 1 : 0
first_power = int(ceil((k_low - 0.3) / log2(10)))
last_power = int(floor((k_last + 0.3) / log2(10)))
set ytics () textcolor rgb soft_colour
if (last_power - first_power < 1) {
	do for [k = k_low:k_last] {
		set ytics add (scaled(2.0 ** k) k)
	}
}
every_tic = int((last_power - first_power) / 12) + 1
do for [n = first_power:last_power:every_tic] {
	if (last_power > first_power) {
		set ytics add (tic(10.0 ** n) n * log2(10))
	}
}
set yrange [k_low - 0.3:k_last + 0.3]
set grid xtics ytics back linetype 1 linecolor rgb grid_colour linewidth 0.8
description = "cycles that 50, 90 and 99 of 100 exits did not exceed, and the most"
do for [i = 1:shown] {
	r = order[i]
	y = top + 18 + 36 * (i - 1)
	set label shortened(name[r], 22) at screen across(724), screen from_top(y) textcolor rgb text_colour noenhanced
	figures = "p50 ≤ ".scaled(percentile(r, 0.5)).", p99 ≤ ".scaled(percentile(r, 0.99))
	set label figures at screen across(724), screen from_top(y + 15) textcolor rgb soft_colour font small_font noenhanced
	set object i rectangle at screen across(710), screen from_top(y) size screen across(14), screen 4.0 / height \
		fillstyle solid noborder fillcolor rgb reason_colour(name[r])
	description = description."; ".name[r].": ".scaled(percentile(r, 0.5)).", ".scaled(percentile(r, 0.9)). \
		", ".scaled(percentile(r, 0.99)).", ".scaled(percentile(r, 1))
}
if (rows > shown) {
	set label sprintf("%d more reasons are rarer", rows - shown) at screen across(703), \
		screen from_top(top + 18 + 36 * shown) textcolor rgb soft_colour font small_font
}
plot for [i = 0:shown - 1] $lines index i using 1:2 with linespoints pointtype 7 pointsize 0.7 * dot \
		linewidth 1.8 linecolor rgb reason_colour_text(name[order[i + 1]]), \
	for [i = 0:shown - 1] $lines index i using ($3 > 0 ? $1 : NaN):2 with points pointtype 7 pointsize 1.4 * dot \
		linecolor rgb reason_colour_text(name[order[i + 1]])
load folder."finish.gp"
