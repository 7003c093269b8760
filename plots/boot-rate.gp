# SPDX-License-Identifier: GPL-3.0-or-later
# question: when a boot exits, and why
# data: boot
# caption: Exits per second over the boot, by reason.
# place: 1
#
# Exits per second by reason over a boot, stacked, with phase marks. Where samples are put
# together, areas are their mean and a line is the busiest of them.
#
#	gnuplot -c boot-rate.gp boot-timeline.csv OUT.svg ["title" ["1.5 MARK 2.5 MARK"]]
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
marks = ARG4
heading = "VM exits per second during boot, by reason"
right = 0.84
load script[1:strlen(script) - strlen("boot-rate.gp")]."boot-common.gp"

set ylabel "exits per second" textcolor rgb soft_colour
set key at screen 0.99,screen top right top vertical noenhanced reverse Left textcolor rgb text_colour
colour_of(name) = name eq "other" ? other_colour_text : reason_colour_text(name)
# Each column is added to those before it: the last one is drawn first.
bands = peak_column ? 4 : 3
has_peak = peak_column || joined > 1
# How long a bin is
step = rows > 0 ? (time_max - time_min) / rows * joined : 0
peak_width = sample_width eq "" || sample_width eq "0" ? "one sample" : sample_width
if (step > 0) {
	set ylabel sprintf("exits per second: mean of %.2g s", step).(has_peak ? ", peak of ".peak_width : "") \
		textcolor rgb soft_colour
}
# Each bin is a step: two points
array steps[bins > 0 ? 2 * bins : 1]
x_of(point) = end_of[int(point / 2) + 1]
bin_of(point) = bins > 0 ? int((point + 1) / 2) + 1 : 1
plot for [i = value_column:bands:-1] steps using (x_of($1)):(mean_of(bin_of($1), i)) with filledcurves y1=0 fillstyle solid noborder \
		linecolor rgb colour_of(column_name(header, i)) title column_name(header, i), \
	steps using (x_of($1)):(has_peak ? peak_of[bin_of($1)] : NaN) with lines linewidth 0.6 linecolor rgb text_colour \
		title (has_peak ? "peak" : "")
description = sprintf("exits per second, means of %.2g s, stacked by reason, from the most frequent: ", step). \
	header[strstrt(header, column_name(header, bands)):]. \
	(has_peak ? sprintf("; peak of %s: %.0f per second", peak_width, exits_max) : "")
load folder."finish.gp"
