# SPDX-License-Identifier: GPL-3.0-or-later
# Exits per second by reason over a boot, stacked, with phase marks.
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
# The texts between commas: a reason's name may have a space, but no comma.
column_name(line, i) = i == 1 ? line[1:strstrt(line.",", ",") - 1] : column_name(line[strstrt(line, ",") + 1:], i - 1)
colour_of(name) = name eq "other" ? other_colour_text : reason_colour_text(name)
# Each column is added to those before it: the last one is drawn first.
plot for [i = value_column:3:-1] data using 1:i skip 2 with fillsteps fillstyle solid noborder \
	linecolor rgb colour_of(column_name(header, i)) title column_name(header, i)
description = "exits per second, stacked by reason, from the most frequent: ".header[strstrt(header, "exits_count,") + strlen("exits_count,"):]
load folder."finish.gp"
