# SPDX-License-Identifier: GPL-3.0-or-later
# question: how long exits take, and whether there are fast and slow ones
# data: histogram.csv
# caption: How long exits took, by reason.
# section: times
# hint: a host at level full tells how long exits took
#
#	gnuplot -c latency-heatmap.gp histogram.csv OUT.svg ["title"]
#
# A row for a reason, a column for each power of two of cycles; how dark says which part
# of the reason's exits took that long.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
folder = script[1:strlen(script) - strlen("latency-heatmap.gp")]

heading = "How long exits take: handling cycles by reason"
source = "the histogram.csv of a result folder"
needs = "name bucket_high_cycles exits_count"
load folder."common.gp"
load folder."histogram.gp"

shown_max = 14
shown = rows
if (rows > shown_max + 1) {
	shown = shown_max + 1
	o = order[shown]
	name[o] = sprintf("other (%d reasons)", rows - shown_max)
	do for [i = shown + 1:rows] {
		exits[o] = exits[o] + exits[order[i]]
		do for [k = k_first:k_last] {
			part[o * parts + k + 1] = at(o, k) + at(order[i], k)
		}
	}
}
is_other(i) = i > shown_max && rows > shown_max + 1

# --- as a picture ----------------------------------------------------------
room = shown < 2 ? 2 : shown
body = 27 * room + 6
legend_height = 24
load folder."page.gp"

# From light to dark as shares go from 0.1 % to all, by their logarithm
channel(t, a, b, c) = int(t < 0.5 ? a + (b - a) * 2 * t : b + (c - b) * (2 * t - 1))
heat(t) = channel(t, 0xe3, 0x4a, 0x08) * 65536 + channel(t, 0xee, 0x90, 0x2d) * 256 + \
	channel(t, 0xf7, 0xc8, 0x62)
darkness(x) = (log10_or(x, -3) + 3) / 3.0
text_on(x) = x > 0.025 ? 0xffffff : 0x333333

right_end = 620
do for [i = 1:shown] {
	ignored = margin_of(name[order[i]])
}
name_margin = name_margin + 16
set lmargin at screen across(name_margin)
set rmargin at screen across(right_end)
columns = k_last - k_first + 1
# Few columns are no wider than they are high
columns_room = columns < 6 ? 6 : columns
cell = (right_end - name_margin + 0.0) / columns_room
set xrange [k_first - 1:k_first - 1 + columns_room]
set yrange [room + 0.55:0.45]
unset ytics
set xtics ()
every_tic = int(46 / cell) + 1
do for [k = k_first - 1:k_last] {
	if ((k - k_first + 1) % every_tic == 0) {
		set xtics add (k < 0 ? "0" : k == 0 ? "1" : scaled(2.0 ** k) k)
	}
}
set xlabel "handling of one exit, host TSC cycles; a column for each power of two"
description = "half of the exits took at most so many cycles, and 99 of 100 of them"
set print $cells
do for [i = 1:shown] {
	r = order[i]
	set label shortened(name[r], 34) at screen across(name_margin - 24), first i right \
		textcolor rgb text_colour noenhanced
	do for [k = k_first:k_last] {
		if (at(r, k) > 0) {
			print sprintf("%d,%d,%.9g", i, k, at(r, k) / exits[r])
		}
	}
	set label counted(exits[r]) at screen across(700), first i right textcolor rgb text_colour
	set label scaled(percentile(r, 0.5)) at screen across(760), first i right textcolor rgb text_colour
	set label scaled(percentile(r, 0.99)) at screen across(820), first i right textcolor rgb text_colour
	set label scaled(percentile(r, 1)) at screen across(880), first i right textcolor rgb text_colour
	set object i rectangle at screen across(name_margin - 14), first i size screen across(12), first 0.5 \
		fillstyle solid noborder fillcolor rgb (is_other(i) ? other_colour : reason_colour(name[r]))
	description = description."; ".name[r].": ".scaled(percentile(r, 0.5)).", ".scaled(percentile(r, 0.99))
}
unset print
head_y = from_top(top - 8)
set label "exits" at screen across(700), screen head_y right textcolor rgb soft_colour
set label "p50 ≤" at screen across(760), screen head_y right textcolor rgb soft_colour
set label "p99 ≤" at screen across(820), screen head_y right textcolor rgb soft_colour
set label "max ≤" at screen across(880), screen head_y right textcolor rgb soft_colour

# The legend of shares
set label "% of the reason's exits" at screen across(15), screen head_y textcolor rgb soft_colour
do for [j = 0:3] {
	x = 190 + j * 76
	set object 100 + j rectangle at screen across(x), screen head_y size screen across(18), screen 13.0 / height \
		fillstyle solid noborder fillcolor rgb heat(j / 3.0)
	set label word("0.1 1 10 100", j + 1) at screen across(x + 14), screen head_y textcolor rgb soft_colour
}
# A share as a number where there is room
percent(x) = cell < 26 || x < 0.005 ? "" : sprintf("%.0f", 100 * x)
plot $cells using ($2 - 0.5):1:($2 - 0.98):($2 - 0.02):($1 - 0.46):($1 + 0.46):(heat(darkness($3))) with boxxyerror \
		fillstyle solid noborder linecolor rgb variable, \
	$cells using ($2 - 0.5):1:(percent($3)):(text_on($3)) with labels textcolor rgb variable font small_font
load folder."finish.gp"
