# SPDX-License-Identifier: GPL-3.0-or-later
# question: what it costs to leave the guest, for each way to cause it
# data: bench
# caption: Cycles of one operation: the median, the least, and what 99 of 100 did not exceed.
#
#	exitprof bench --csv > bench.csv
#	gnuplot -c bench.gp bench.csv OUT.svg ["title"]
#
# A point for the median, a line from the least to what 99 of 100 did not exceed; the
# colour is that of the reason by which it exits, if it does more often than not.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
folder = script[1:strlen(script) - strlen("bench.gp")]

heading = "What an operation costs in this guest"
source = "what 'exitprof bench --csv' prints"
needs = "probe skipped min_cycles median_cycles p99_cycles median_ns exits_per_operation name"
first = "probe"
load folder."common.gp"

# --- data ------------------------------------------------------------------
array probe[rows_max]
array reason[rows_max]
array least[rows_max]
array median[rows_max]
array most[rows_max]
array ns[rows_max]
array exits[rows_max]
rows = 0
skipped = ""
keep(p, why, n, a, m, z, t, x) = rows == rows_max || p eq first_column ? rows : why ne "" || !(m > 0) ? \
	(skipped = skipped.(skipped eq "" ? "" : ", ").p, rows) : (rows = rows + 1, probe[rows] = p, \
	reason[rows] = x ne "" && real(x) >= 0.5 ? n : "", least[rows] = a > 0 ? a : m, median[rows] = m, most[rows] = z > m ? z : m, ns[rows] = t, exits[rows] = x, rows)
set table "/dev/null"
plot data using (keep(strcol(first_column), strcol("skipped"), strcol("name"), figure(strcol("min_cycles")), figure(strcol("median_cycles")), \
	figure(strcol("p99_cycles")), figure(strcol("median_ns")), strcol("exits_per_operation"))):(1) with table
unset table
swap(a, b) = (p = probe[a], n = reason[a], l = least[a], m = median[a], z = most[a], t = ns[a], x = exits[a], \
	probe[a] = probe[b], reason[a] = reason[b], least[a] = least[b], median[a] = median[b], most[a] = most[b], \
	ns[a] = ns[b], exits[a] = exits[b], \
	probe[b] = p, reason[b] = n, least[b] = l, median[b] = m, most[b] = z, ns[b] = t, exits[b] = x)
do for [i = 2:rows] {
	do for [j = i:2:-1] {
		if (median[j] <= median[j - 1]) {
			break
		}
		ignored = swap(j, j - 1)
	}
}
nothing = rows ? "" : "nothing was measured"

# --- as a picture ----------------------------------------------------------
room = rows < 2 ? 2 : rows
body = 24 * room + 6
legend_height = 22
remark = skipped eq "" ? "" : wrapped("not measured here: ".skipped, 118)
bottom = 54 + (remark eq "" ? 0 : 10 + 16 * lines(remark))
load folder."page.gp"
set ytics () textcolor rgb text_colour
set yrange [room + 0.55:0.45]
set rmargin at screen across(560)
x_least = 1e300
x_most = 0.0
description = "median cycles"
set print $points
do for [i = 1:rows] {
	x_least = least[i] < x_least ? least[i] : x_least
	x_most = most[i] > x_most ? most[i] : x_most
	print sprintf("%d,%.9g,%.9g,%.9g,%d", i, median[i], least[i], most[i], \
		reason[i] eq "" ? 0x8a8a8a : reason_colour(reason[i]))
	set ytics add (tic_text(probe[i]) i) noenhanced
	ignored = margin_of(probe[i])
	set label scaled(median[i]) at screen across(640), first i right textcolor rgb text_colour
	set label nanoseconds(ns[i]) at screen across(715), first i right textcolor rgb text_colour
	set label exits[i] eq "" ? "-" : sprintf("%.2f", real(exits[i])) at screen across(770), first i right \
		textcolor rgb text_colour
	set label shortened(reason[i], 14) at screen across(785), first i textcolor rgb text_colour noenhanced
	description = description."; ".probe[i].": ".scaled(median[i])
}
unset print
set lmargin at screen across(name_margin)
legend_y = from_top(top - 14)
set label "cycles" at screen across(640), screen legend_y right textcolor rgb soft_colour
set label "time" at screen across(715), screen legend_y right textcolor rgb soft_colour
set label "exits" at screen across(770), screen legend_y right textcolor rgb soft_colour
set label "reason" at screen across(785), screen legend_y textcolor rgb soft_colour
set label "median, with a line from the least to what 99 of 100 did not exceed" at screen 0.03, screen legend_y \
	textcolor rgb text_colour point pointtype 7 pointsize dot linecolor rgb soft_colour offset 1.2,-0.15
if (remark ne "") {
	set label remark at screen 0.016, screen (16.0 * lines(remark) - 4) / height textcolor rgb soft_colour noenhanced
}
set xlabel "TSC cycles of one operation, logarithmic"
set logscale x 10
x_least = 10 ** floor(log10(x_least))
x_most = 10 ** ceil(log10(x_most))
set xrange [0.999 * x_least:x_most > x_least ? x_most : 10 * x_least]
set xtics ()
every_tic = int(log10(x_most / x_least) / 9) + 1
do for [n = int(floor(log10(x_least) + 0.5)):int(floor(log10(x_most) + 0.5)):every_tic] {
	set xtics add (tic(10.0 ** n) 10.0 ** n)
}
set grid xtics back linetype 1 linecolor rgb grid_colour linewidth 0.8
plot $points using 2:1:3:4:5 with xerrorbars pointtype 0 linewidth 1.6 linecolor rgb variable, \
	$points using 2:1:5 with points pointtype 7 pointsize dot linecolor rgb variable
load folder."finish.gp"
