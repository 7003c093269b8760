# SPDX-License-Identifier: GPL-3.0-or-later
# question: which vCPU has the exits
# data: exits.csv
# caption: Exits by vCPU and reason.
# requires: ,vcpu
# hint: measure with --per-vcpu
#
#	gnuplot -c per-vcpu.gp exits.csv OUT.svg ["title"]
#
# A bar for a vCPU, its reasons side by side. Of several repeats their mean.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
folder = script[1:strlen(script) - strlen("per-vcpu.gp")]

heading = "VM exits by vCPU and reason"
source = "the exits.csv of a result that was made with --per-vcpu"
needs = "repeat scope name exits_count"
first = "repeat"
load folder."common.gp"

# --- data ------------------------------------------------------------------
layers_max = 7
scopes_max = 1024
array name[rows_max]
array total[rows_max]
array sums[scopes_max]
rows = 0
scopes = 0
repeats = 1
find(n, i) = i > rows ? 0 : name[i] eq n ? i : find(n, i + 1)
row_of(n) = (found = find(n, rows > 200 ? rows - 200 : 1), found ? found : rows == rows_max ? rows : \
	(rows = rows + 1, name[rows] = n, total[rows] = 0.0, rows))
of_vcpu(scope) = scope[1:4] eq "vcpu" && scope[5:] ne ""
index_of(scope) = int(scope[5:]) < scopes_max ? int(scope[5:]) + 1 : scopes_max
count(scope, n, x, repeat) = (repeats = repeat > repeats ? repeat : repeats, !of_vcpu(scope) ? 0 : \
	(s = index_of(scope), scopes = s > scopes ? s : scopes, \
	x > 0 ? (r = row_of(n), total[r] = total[r] + x, 1) : 0))
set table "/dev/null"
plot data using (count(strcol("scope"), strcol("name"), figure(strcol("exits_count")), \
	figure(strcol(first_column)))):(1) with table
swap(a, b) = (n = name[a], x = total[a], name[a] = name[b], total[a] = total[b], name[b] = n, total[b] = x)
do for [i = 2:rows] {
	do for [j = i:2:-1] {
		if (total[j] <= total[j - 1]) {
			break
		}
		ignored = swap(j, j - 1)
	}
}
layers = rows > layers_max + 1 ? layers_max + 1 : rows
other = rows > layers_max + 1
layer_of(n) = (found = find(n, 1), found > layers ? layers : found)
array exits[scopes * layers + 1]
do for [i = 1:scopes * layers] {
	exits[i] = 0.0
}
do for [i = 1:scopes] {
	sums[i] = 0.0
}
add(scope, n, x) = !of_vcpu(scope) || !(x > 0) ? 0 : (s = index_of(scope), \
	at = (s - 1) * layers + layer_of(n), exits[at] = exits[at] + x / repeats, sums[s] = sums[s] + x / repeats)
plot data using (add(strcol("scope"), strcol("name"), figure(strcol("exits_count")))):(1) with table
unset table
nothing = scopes == 0 ? "no figures by vCPU: measure with --per-vcpu" : rows ? "" : "no exits counted"

# --- as a picture ----------------------------------------------------------
bar = scopes <= 16 ? 27 : scopes <= 32 ? 18 : 640.0 / scopes
body = bar * (scopes < 2 ? 2 : scopes) + 6
body = body < 25 * layers + 10 ? 25 * layers + 10 : body
load folder."page.gp"
set xlabel repeats > 1 ? sprintf("exits, count, mean of %d repeats", repeats) : "exits, count"
set lmargin at screen across(90)
set rmargin at screen across(700)
all = 0.0
largest = 0.0
do for [s = 1:scopes] {
	all = all + sums[s]
	largest = sums[s] > largest ? sums[s] : largest
}
set yrange [scopes + 0.5 + (scopes < 2):0.5]
set ytics () textcolor rgb text_colour
every_tic = int(18 / bar) + 1
description = "exits by vCPU"
figures(x) = scaled(int(x + 0.5)).sprintf("  ·  %.1f %%", 100 * x / all)
set print $bars
do for [s = 1:scopes] {
	from = 0.0
	do for [j = 1:layers] {
		x = exits[(s - 1) * layers + j]
		if (x > 0) {
			print sprintf("%d,%.9g,%.9g,%d", s, from, from + x, \
				other && j == layers ? other_colour : reason_colour(name[j]))
		}
		from = from + x
	}
	description = description.(s <= 64 ? sprintf("; vcpu%d: ", s - 1).figures(sums[s]) : "")
	if ((s - 1) % every_tic == 0) {
		set ytics add (sprintf("vcpu%d", s - 1) s - 0.0)
		set label figures(sums[s]) at (bar < 16 ? largest : sums[s]),s offset 0.8,0 textcolor rgb text_colour noenhanced \
			font (bar < 16 ? small_font : "")
	}
}
unset print
set xrange [0:largest * 610 / (610 - 122.0)]
step = round_step(largest)
step = step < 1 ? 1 : step
set xtics ()
do for [i = 0:int(largest / step)] {
	set xtics add (tic(i * step) i * step)
}
set grid xtics back linetype 1 linecolor rgb grid_colour linewidth 0.8
set arrow from 0,graph 0 to 0,graph 1 nohead linecolor rgb line_colour linewidth 1 front
title_of(j) = other && j == layers ? sprintf("other (%d)", rows - layers_max) : shortened(name[j], 21)
do for [j = 1:layers] {
	y = top + 14 + 25 * (j - 1)
	set object j rectangle at screen across(718), screen from_top(y) size screen across(14), screen 14.0 / height \
		fillstyle solid noborder fillcolor rgb (other && j == layers ? other_colour : reason_colour(name[j]))
	set label title_of(j) at screen across(732), screen from_top(y) textcolor rgb text_colour noenhanced
}
half = bar < 8 ? 0.5 : 0.37
# A thin white line between neighbours, for those that colours do not tell apart
plot $bars using 2:1:2:3:($1 - half):($1 + half):4 with boxxyerror fillstyle solid noborder linecolor rgb variable, \
	$bars using (bar > 12 && $2 > 0 && $3 - $2 > 0.006 * largest ? $2 : NaN):($1 - half):(0):(2 * half) with vectors nohead linewidth 1 linecolor rgb "white"
load folder."finish.gp"
