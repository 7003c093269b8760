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
# How long a row is; the first one is what came before, and has no length.
step = time_records > 1 ? (time_max - time_min) / (time_records - 1) : 0
peak_width = sample_width eq "" || sample_width eq "0" ? "one sample" : sample_width
if (step > 0) {
	set ylabel sprintf("exits per second: mean of %.2g s", step).(peak_column ? ", peak of ".peak_width : "") \
		textcolor rgb soft_colour
}
plot for [i = value_column:bands:-1] data using 1:i skip 2 with fillsteps fillstyle solid noborder \
		linecolor rgb colour_of(column_name(header, i)) title column_name(header, i), \
	data using 1:(peak_column ? column(peak_column) : NaN) skip 2 with steps linewidth 0.6 linecolor rgb text_colour \
		title (peak_column ? "peak" : "")
description = sprintf("exits per second, means of %.2g s, stacked by reason, from the most frequent: ", step). \
	header[strstrt(header, column_name(header, bands)):]. \
	(peak_column ? sprintf("; peak of %s: %.0f per second", peak_width, exits_max) : "")
load folder."finish.gp"
