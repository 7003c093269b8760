# SPDX-License-Identifier: GPL-3.0-or-later
# question: is the rate of a boot stable
# data: boot
# caption: All exits against time: a straight line is a stable rate.
#
# All exits of a boot against time, with the straight line of a rate without drift. The first row of
# the data is what came before the first sample: 0 if that is not known.
#
#	gnuplot -c boot-cumulative.gp boot-timeline.csv OUT.svg ["title" ["1.5 MARK 2.5 MARK"]]
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
marks = ARG4
heading = "VM exits of a boot"
value_column = 2
load script[1:strlen(script) - strlen("boot-cumulative.gp")]."boot-common.gp"

set ylabel "exits" textcolor rgb soft_colour
# Beside the heading: no line or mark crosses it there.
set key at screen 0.985,screen 0.985 right top vertical reverse Left textcolor rgb text_colour
# From the kernel's start if all is known, else from the first sample
start = exits_min > 0 ? 0 : time_min
set samples 200
plot end_of using (end_of[int($1)]):(exits_of[int($1)]) with lines linewidth 2 linecolor rgb "#0072b2" title "exits", \
	(exits_min > 0 && x <= time_min ? x / time_min * exits_min : NaN) with lines \
		linewidth 1.2 dashtype 3 linecolor rgb "#0072b2" title (exits_min > 0 ? "before the first sample" : ""), \
	(x < start ? NaN : (x - start) / (time_max - start) * exits_max) with lines \
		linewidth 1.2 dashtype 2 linecolor rgb "#d55e00" title "a stable rate"
description = sprintf("%.0f exits until %.1f s", exits_max, time_max)
load folder."finish.gp"
