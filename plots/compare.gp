# SPDX-License-Identifier: GPL-3.0-or-later
# question: what has changed, by how much, and how sure that is
# data: compare
# caption: What an exit of each reason costs and how many there are, as ratios of before and after.
#
#	exitprof compare BEFORE AFTER --csv > compare.csv
#	gnuplot -c compare.gp compare.csv OUT.svg ["title"]
#
# Two points a reason on one axis of ratios: what its exits cost, and how many there
# are. Where they part, an exit has become dearer or cheaper.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
folder = script[1:strlen(script) - strlen("compare.gp")]

heading = "Change by exit reason"
source = "what 'exitprof compare --csv' prints"
needs = "name metric before after ratio ratio_low ratio_high verdict presence"
load folder."common.gp"

# --- data ------------------------------------------------------------------
# The reasons come sorted, three rows each, and the total last.
shown_max = 14
array name[rows_max]
array presence[rows_max]
# Of cycles and of exits: the ratio and its interval, whether the change is certain
array ratio[2 * rows_max]
array low[2 * rows_max]
array high[2 * rows_max]
array certain[2 * rows_max]
array before[2 * rows_max]
array after[2 * rows_max]
rows = 0
per = "operation"
keep_figures(i) = (ratio[i] = column("ratio"), low[i] = column("ratio_low"), \
	high[i] = column("ratio_high"), before[i] = column("before"), after[i] = column("after"), \
	certain[i] = strcol("verdict") eq "less" || strcol("verdict") eq "more", i)
keep_name(r, n, p) = (name[r] = n, presence[r] = p, r)
keep(metric) = metric eq "handling_cycles_per_exit" || rows == rows_max ? 0 : \
	strstrt(metric, "handling_cycles_per_") == 1 ? \
		(rows = rows + 1, keep_name(rows, strcol("name"), strcol("presence")), \
		per = metric[strlen("handling_cycles_per_") + 1:], keep_figures(2 * rows - 1)) : \
	rows ? keep_figures(2 * rows) : 0

set table "/dev/null"
plot data using (keep(strcol("metric"))):(1) with table
unset table

# The total is a row of its own below the others.
reasons = rows > 0 ? rows - 1 : 0
shown = reasons > shown_max ? shown_max : reasons
others = reasons - shown
if (rows) {
	ignored = keep_name(shown + 1, name[rows], presence[rows])
	do for [i = 0:1] {
		from = 2 * rows - i
		to = 2 * (shown + 1) - i
		ratio[to] = ratio[from]
		low[to] = low[from]
		high[to] = high[from]
		certain[to] = certain[from]
		before[to] = before[from]
		after[to] = after[from]
	}
}
lines_drawn = rows ? shown + 1 : 0
told(x) = x > 0 && x < 1e300

# --- the axis: powers of two, or percents where there is little change -----
# Intervals may be wide where little is known: they stretch the axis to thrice what the
# points take, or to a factor of two, and else run off it. "same" is always on it,
# with room for words.
reach = 0.02
down = 0.0
up = 0.0
lower(x) = told(x) && -log2(x) > down ? (down = -log2(x)) : down
higher(x) = told(x) && log2(x) > up ? (up = log2(x)) : up
do for [i = 1:2 * lines_drawn] {
	if (told(ratio[i])) {
		reach = abs(log2(ratio[i])) > reach ? abs(log2(ratio[i])) : reach
		do for [end = 1:3] {
			x = end == 1 ? ratio[i] : end == 2 ? low[i] : high[i]
			ignored = lower(x)
			ignored = higher(x)
		}
	}
}
limit = 3 * reach > 1 ? 3 * reach : 1
down = down > limit ? limit : down
up = up > limit ? limit : up
words_down = 0.1
words_up = 0.1
do for [r = 1:lines_drawn] {
	words_down = presence[r] eq "gone" ? 0.6 : words_down
	words_up = presence[r] eq "new" ? 0.6 : words_up
}
down = (down > words_down * up ? down : words_down * up) + 0.06 * reach
up = (up > words_up * down ? up : words_up * down) + 0.06 * reach
reach = down > up ? down : up
# Beyond the edge, where no end of it is drawn
clipped(x) = x < -down ? -2 * down : x > up ? 2 * up : x

# --- as a picture ----------------------------------------------------------
room = lines_drawn ? lines_drawn + 0.5 : 3
body = 32 * room + 12
legend_height = 24
bottom = 54 + (others > 0 ? 18 : 0)
nothing = rows && reasons ? "" : "no exits counted"
load folder."page.gp"

set xlabel "after / before (line: 95 % interval)"

# Full where the change is certain, with a hole where it may be chance.
legend_y = from_top(top - 15)
set label "handling cycles per ".per at screen 0.034, screen legend_y textcolor rgb text_colour \
	point pointtype 7 pointsize dot linecolor rgb soft_colour offset 1.2,-0.15
set label "exits per ".per at screen 0.29, screen legend_y textcolor rgb text_colour \
	point pointtype 9 pointsize 1.15 * dot linecolor rgb soft_colour offset 1.2,-0.15
set label "no significant change" at screen 0.48, screen legend_y textcolor rgb text_colour \
	point pointtype 6 pointsize dot linecolor rgb soft_colour offset 1.2,-0.15

set xrange [-down:up]
set yrange [room + 0.55:0.45]
set ytics () textcolor rgb text_colour
set xtics ()
factor(n) = n == 0 ? "same" : n > 0 ? sprintf("x%d", 2 ** n) : sprintf("x1/%d", 2 ** -n)
percent(p) = p == 0 ? "same" : sprintf("%+g %%%%", p)
if (reach < 1) {
	step = reach < 0.05 ? 1 : reach < 0.12 ? 2 : reach < 0.25 ? 5 : reach < 0.5 ? 10 : 25
	do for [i = -10:10] {
		p = i * step
		if (p > -99 && log2(1 + p / 100.0) > -down && log2(1 + p / 100.0) < up) {
			set xtics add (percent(p) log2(1 + p / 100.0))
		}
	}
} else {
	step = reach < 5 ? 1 : reach < 10 ? 2 : int(reach / 5) + 1
	do for [i = -5:5] {
		if (i * step >= -down && i * step <= up) {
			set xtics add (factor(i * step) i * step)
		}
	}
}
set grid xtics back linetype 1 linecolor rgb grid_colour linewidth 0.8
set arrow from 0,graph 0 to 0,graph 1 nohead linecolor rgb line_colour linewidth 1 back
set rmargin at screen across(716)
description = "cycles and exits per ".per.", after by before"
do for [r = 1:lines_drawn] {
	ignored = margin_of(name[r])
}
set lmargin at screen across(name_margin)

figures(i) = (before[i] == before[i] ? scaled(before[i]) : "-")." → ". \
	(after[i] == after[i] ? scaled(after[i]) : "-")
cycles_told = 0
points = 0
place(r) = r > shown ? shown + 1.5 : r
set print $points
do for [r = 1:lines_drawn] {
	set ytics add (tic_text(name[r]) place(r)) noenhanced
	do for [k = 0:1] {
		i = 2 * r - 1 + k
		y = place(r) + (k ? 0.16 : -0.16)
		if (told(ratio[i]) && presence[r] eq "both") {
			x = clipped(log2(ratio[i]))
			a = low[i] == low[i] ? (low[i] > 0 ? clipped(log2(low[i])) : -2 * down) : x
			b = high[i] == high[i] ? clipped(log2(high[i])) : \
				low[i] == low[i] ? 2 * up : x
			print sprintf("%.9g,%.9g,%.9g,%.9g,%d,%d,%d", x, y, a, b, k, certain[i], \
				r > shown ? total_colour : reason_colour(name[r]))
			points = points + 1
		}
	}
	cycles_told = cycles_told || before[2 * r - 1] == before[2 * r - 1]
}
unset print
do for [r = 1:lines_drawn] {
	i = 2 * r - (cycles_told ? 1 : 0)
	description = description."; ".name[r].": ".figures(i)
	set label figures(i) at graph 1.02, first place(r) textcolor rgb soft_colour
	chance = certain[i] ? "" : ", may be chance"
	if (presence[r] eq "new") {
		set label "new: none before".chance at 0.015 * (up + down),place(r) left textcolor rgb text_colour
	}
	if (presence[r] eq "both" && !told(ratio[i]) && before[i] == 0 && after[i] > 0) {
		set label "from none in most repeats".chance at 0.015 * (up + down),place(r) left \
			textcolor rgb text_colour
	}
	if (presence[r] eq "gone") {
		set label "gone: none after".chance at -0.015 * (up + down),place(r) right textcolor rgb text_colour
	}
}
set label (cycles_told ? "cycles" : "exits")." per ".per at graph 1.02, screen legend_y \
	textcolor rgb soft_colour
if (others) {
	set label sprintf("%d more reasons have changed less", others) at screen 0.016, screen 16.0 / height \
		textcolor rgb soft_colour
}
set arrow from graph 0,first shown + 0.95 to graph 1,first shown + 0.95 nohead \
	linecolor rgb "#cccccc" linewidth 0.8 back
if (!points) {
	plot NaN
	load folder."finish.gp"
	exit status 0
}
# A hole is a white point on the line, and a ring around it.
plot $points using 1:2:3:4:7 with xerrorbars pointtype 0 linewidth 1.3 \
		linecolor rgb variable, \
	$points using ($5 == 0 && $6 < 1 ? $1 : NaN):2 with points pointtype 7 pointsize dot \
		linecolor rgb "white", \
	$points using ($5 == 1 && $6 < 1 ? $1 : NaN):2 with points pointtype 9 pointsize 1.15 * dot \
		linecolor rgb "white", \
	$points using ($5 == 0 ? $1 : NaN):2:($6 > 0 ? 7 : 6):7 with points \
		pointtype variable pointsize dot linecolor rgb variable, \
	$points using ($5 == 1 ? $1 : NaN):2:($6 > 0 ? 9 : 8):7 with points \
		pointtype variable pointsize 1.15 * dot linecolor rgb variable
load folder."finish.gp"
