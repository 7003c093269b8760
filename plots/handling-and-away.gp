# SPDX-License-Identifier: GPL-3.0-or-later
# question: is an exit's time KVM's, or is the vCPU away for longer
# data: summary.csv
# caption: Whether the time is KVM's, or whether the vCPU was away for longer, as for device emulation or sleep.
# section: times
#
# Away is in the device emulator, asleep, or not scheduled.
#
#	gnuplot -c handling-and-away.gp summary.csv OUT.svg ["title"]
#
# Two points a reason, both of one exit: until KVM had handled it, and until the guest
# ran again. What is between them is not KVM's. Sorted by all the time away.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
folder = script[1:strlen(script) - strlen("handling-and-away.gp")]

heading = "Handling and away: cycles of one exit"
source = "the summary.csv of a result folder"
needs = "name exits_count handling_cycles away_cycles"
load folder."common.gp"

# --- data ------------------------------------------------------------------
array name[rows_max]
array exits[rows_max]
array handling[rows_max]
array away[rows_max]
rows = 0
unknown = 0
keep(n, x, h, a) = !(x > 0 && h > 0 && a > 0) || rows == rows_max ? rows : (rows = rows + 1, \
	name[rows] = n, exits[rows] = x, handling[rows] = h, away[rows] = a, rows)
set table "/dev/null"
plot data using (unknown = unknown + (strcol("away_cycles") eq "" || strcol("handling_cycles") eq ""), \
	keep(strcol("name"), figure(strcol("exits_count")), figure(strcol("handling_cycles")), \
	figure(strcol("away_cycles")))):(1) with table
unset table
swap(a, b) = (n = name[a], x = exits[a], h = handling[a], w = away[a], \
	name[a] = name[b], exits[a] = exits[b], handling[a] = handling[b], away[a] = away[b], \
	name[b] = n, exits[b] = x, handling[b] = h, away[b] = w)
total = 0.0
do for [i = 1:rows] {
	total = total + away[i]
	do for [j = i:2:-1] {
		if (away[j] <= away[j - 1]) {
			break
		}
		ignored = swap(j, j - 1)
	}
}
shown_max = 12
shown = rows
if (rows > shown_max + 1) {
	shown = shown_max + 1
	name[shown] = sprintf("other (%d reasons)", rows - shown_max)
	do for [i = shown + 1:rows] {
		exits[shown] = exits[shown] + exits[i]
		handling[shown] = handling[shown] + handling[i]
		away[shown] = away[shown] + away[i]
	}
}
is_other(i) = i > shown_max && rows > shown_max + 1
nothing = rows ? "" : unknown ? "not known: the host does not tell away cycles" : "no exits counted"

# --- as a picture ----------------------------------------------------------
room = shown < 2 ? 2 : shown
body = 27 * room + 6
legend_height = 22
load folder."page.gp"
set xlabel "host TSC cycles of one exit, mean, logarithmic (ratio: handling / away; share: of all away cycles)"
set ytics () textcolor rgb text_colour
set yrange [room + 0.55:0.45]
set rmargin at screen across(624)
least = 1e300
most = 0.0
description = "cycles of one exit, handling and away"
percent(x) = x >= 0.995 ? "100 %" : x < 0.005 ? "<1 %" : sprintf("%.0f %%", 100 * x)
set print $points
do for [i = 1:shown] {
	h = handling[i] / exits[i]
	a = away[i] / exits[i]
	a = a < h ? h : a
	least = h < least ? h : least
	most = a > most ? a : most
	print sprintf("%d,%.9g,%.9g,%d", i, h, a, is_other(i) ? 0x999999 : reason_colour(name[i]))
	set ytics add (tic_text(name[i]) i) noenhanced
	ignored = margin_of(name[i])
	set label scaled(h) at screen across(692), first i right textcolor rgb text_colour
	set label scaled(a) at screen across(756), first i right textcolor rgb text_colour
	set label percent(handling[i] / away[i]) at screen across(820), first i right textcolor rgb text_colour
	set label percent(away[i] / total) at screen across(884), first i right textcolor rgb text_colour
	description = description."; ".name[i].": ".scaled(h)." and ".scaled(a)
}
unset print
set lmargin at screen across(name_margin)
legend_y = from_top(top - 14)
set label "handling" at screen across(692), screen legend_y right textcolor rgb soft_colour
set label "away" at screen across(756), screen legend_y right textcolor rgb soft_colour
set label "ratio" at screen across(820), screen legend_y right textcolor rgb soft_colour
set label "share" at screen across(884), screen legend_y right textcolor rgb soft_colour
set label "handling: until KVM had handled it" at screen 0.03, screen legend_y textcolor rgb text_colour \
	point pointtype 7 pointsize 1.2 * dot linecolor rgb soft_colour offset 1.2,-0.15
set label "away: until the guest ran again" at screen 0.31, screen legend_y textcolor rgb text_colour \
	point pointtype 6 pointsize 1.2 * dot linecolor rgb soft_colour offset 1.2,-0.15
set logscale x 10
first_power = int(floor(log10(least)))
last_power = int(floor(log10(most))) + 1
every_tic = int((last_power - first_power) * 50.0 / (624 - name_margin)) + 1
set xrange [0.999 * 10.0 ** first_power:10.0 ** last_power]
set xtics ()
do for [n = first_power:last_power:every_tic] {
	set xtics add (tic(10.0 ** n) 10.0 ** n)
}
set grid xtics back linetype 1 linecolor rgb grid_colour linewidth 0.8
plot $points using 2:1:2:3:4 with xerrorbars pointtype 0 linewidth 3 linecolor rgb variable, \
	$points using 3:1 with points pointtype 7 pointsize 1.2 * dot linecolor rgb "white", \
	$points using 3:1:4 with points pointtype 6 pointsize 1.2 * dot linewidth 1.6 linecolor rgb variable, \
	$points using 2:1:4 with points pointtype 7 pointsize 1.4 * dot linecolor rgb variable
load folder."finish.gp"
