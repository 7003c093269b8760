# SPDX-License-Identifier: GPL-3.0-or-later
# question: when the guest exited, and why
# data: series.csv
# caption: Exits per second over the time of the run, by reason.
# usual: yes
# hint: measure with --interval
#
# Rates by reason over time, stacked.
#
#	gnuplot -c over-time.gp series.csv OUT.svg ["title" [REPEAT]]
#
# Of several repeats one is shown, the first unless told; the heading says which. More
# samples than one could see are put together: areas are their mean, a line the busiest of them.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
repeat_shown = ARGC > 3 && ARG4 ne "" ? ARG4 : "1"
folder = script[1:strlen(script) - strlen("over-time.gp")]

heading = "VM exits over time"
source = "a series.csv of exitprof"
needs = "repeat elapsed_ns interval_ns scope name exits_count"
more = "REPEAT"
first = "repeat"
load folder."common.gp"

# --- data ------------------------------------------------------------------
# How many samples, and of which reasons
reasons_max = 240
array name[reasons_max]
array total[reasons_max]
reasons = 0
repeats = 0
samples = 0
find(n, i) = i > reasons ? 0 : name[i] eq n ? i : find(n, i + 1)
place(n) = (found = find(n, 1), found ? found : reasons == reasons_max ? reasons_max : \
	(reasons = reasons + 1, name[reasons] = n, total[reasons] = 0.0, reasons))
number(s) = s eq "" ? 0.0 : real(s)
repeats_upto(s) = strlen(s) && strstrt("123456789", s[1:1]) && int(s) > repeats ? int(s) : repeats
shown(repeat, scope) = repeat eq repeat_shown && scope eq "vm"
count(n, x) = n eq "total" ? (samples = samples + 1) : (at = place(n), total[at] = total[at] + x)
set table "/dev/null"
plot data using (repeats = repeats_upto(strcol(first_column)), shown(strcol(first_column), strcol("scope")) ? \
	count(strcol("name"), number(strcol("exits_count"))) : 0):(1) with table

# The most frequent, as many as there are colours that can be told apart
swap(a, b) = (n = name[a], x = total[a], name[a] = name[b], total[a] = total[b], name[b] = n, total[b] = x)
do for [i = 2:reasons] {
	do for [j = i:2:-1] {
		if (total[j] <= total[j - 1]) {
			break
		}
		ignored = swap(j, j - 1)
	}
}
layers_max = 7
layers = reasons > layers_max ? layers_max : reasons
layer(n) = (found = find(n, 1), found > layers || !found ? layers : found)
other = reasons > layers_max

bins_max = 700
bins = samples > bins_max ? bins_max : samples
array begin[bins + 1]
array end[bins + 1]
array length[bins + 1]
array unknown[bins + 1]
array peak[bins + 1]
array exits[bins * layers + 1]
do for [i = 1:bins] {
	begin[i] = end[i] = length[i] = unknown[i] = peak[i] = 0.0
}
do for [i = 1:bins * layers] {
	exits[i] = 0.0
}
sample = 0
bin = 0
elapsed = 0.0
merged = samples > bins
# A sample shorter than half of those before it makes up for a late one: its rate says little.
rate_of(long, figures) = figures eq "" || long * 2 * sample < elapsed || !(long > 0) ? 0.0 : real(figures) / long
# A new sample; one without figures leaves a gap.
next(until, long, figures) = (bin = int(sample * (bins + 0.0) / samples) + 1, sample = sample + 1, \
	begin[bin] = length[bin] > 0 ? begin[bin] : until - long, end[bin] = until, \
	length[bin] = length[bin] + long, elapsed = elapsed + long, \
	peak[bin] = rate_of(long, figures) > peak[bin] ? rate_of(long, figures) : peak[bin], \
	unknown[bin] = unknown[bin] + (figures eq ""))
add(n, x) = (at = (bin - 1) * layers + layer(n), exits[at] = exits[at] + x)
plot data using (!shown(strcol(first_column), strcol("scope")) ? 0 : strcol("name") eq "total" ? \
	next(real(strcol("elapsed_ns")) / 1e9, real(strcol("interval_ns")) / 1e9, \
		strcol("exits_count")) : \
	add(strcol("name"), number(strcol("exits_count")))):(1) with table
unset table

# --- picture ---------------------------------------------------------------
if (repeats > 1) {
	heading = heading.sprintf(", repeat %s of %d", repeat_shown, repeats)
}
nothing = samples && reasons ? "" : "no exits recorded"
body = 320
load folder."page.gp"
set lmargin at screen 0.09
set rmargin at screen 0.80
set border 3 linecolor rgb line_colour
set xlabel merged ? sprintf("seconds; areas: mean of %.2g s; line: busiest sample, %.2g s each", \
	elapsed / bins, elapsed / samples) : "seconds"
set label "exits per second" at screen across(14), graph 0.5 center rotate textcolor rgb soft_colour
set grid ytics back linetype 1 linecolor rgb grid_colour linewidth 0.8

# Each bin as a step: its beginning and its end with the layers on one another.
largest = 0.0
set print $steps
do for [i = 1:bins] {
	line = ""
	height_of = 0.0
	do for [j = 1:layers] {
		height_of = height_of + (length[i] > 0 ? exits[(i - 1) * layers + j] / length[i] : 0)
		line = line.sprintf(",%.9g", height_of)
	}
	largest = height_of > largest ? height_of : largest
	peak[i] = peak[i] > height_of ? peak[i] : height_of
	largest = merged && peak[i] > largest ? peak[i] : largest
	line = line.sprintf(",%.9g", peak[i])
	if (unknown[i]) {
		print ""
	} else {
		print sprintf("%.9g,0", begin[i]).line
		print sprintf("%.9g,0", end[i]).line
	}
}
unset print
largest = largest > 0 ? largest : 1
set xrange [0:end[bins]]
set xtics textcolor rgb soft_colour
set yrange [0:largest * 1.05]
step = round_step(largest)
set ytics ()
do for [i = 0:int(largest * 1.05 / step)] {
	set ytics add (tic(i * step) i * step)
}

title_of(i) = i == layers && other ? sprintf("other (%d)", reasons - layers + 1) : \
	shortened(name[i], 18)
colour_of(i) = i == layers && other ? other_colour_text : reason_colour_text(name[i])
# The names in the order of the layers, with the mean rate
seconds = 0.0
do for [i = 1:bins] {
	seconds = seconds + length[i]
}
rate(i) = seconds > 0 ? scaled(layer_total[i] / seconds)."/s" : "-"
array layer_total[layers]
do for [i = 1:layers] {
	layer_total[i] = 0.0
}
do for [i = 1:reasons] {
	j = i > layers ? layers : i
	layer_total[j] = layer_total[j] + total[i]
}
description = "exits per second, mean"
do for [i = 1:layers] {
	y = top + 12 + 38 * (layers - i)
	set object i rectangle at screen across(741), screen from_top(y) size screen across(14), screen 14.0 / height \
		fillstyle solid noborder fillcolor rgb colour_of(i)
	set label title_of(i) at screen across(755), screen from_top(y) textcolor rgb text_colour noenhanced
	set label rate(i)." in the mean" at screen across(755), screen from_top(y + 15) textcolor rgb soft_colour font small_font
	description = description."; ".title_of(i).": ".rate(i)
}
# A thin white line between layers, for those that colours do not tell apart
edges = bins < 200 ? 0.6 : 0.0001
plot for [i = 1:layers] $steps using 1:1 + i:2 + i with filledcurves \
		fillstyle solid noborder linecolor rgb colour_of(i), \
	for [i = 1:layers - 1] $steps using 1:2 + i with lines linewidth edges linecolor rgb "white", \
	$steps using 1:(merged ? column(3 + layers) : NaN) with lines linewidth 0.6 linecolor rgb text_colour
load folder."finish.gp"
