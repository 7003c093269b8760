# SPDX-License-Identifier: GPL-3.0-or-later
# question: which of several boots exits more, and when
# data: boots
# caption: All exits of several boots against time.
#
# All exits of several boots against time.
#
#	gnuplot -c boot-compare.gp boot-compare.csv OUT.svg ["title"]
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3
marks = ""
heading = "VM exits of several boots"
time_column = 2
load script[1:strlen(script) - strlen("boot-compare.gp")]."boot-common.gp"

boots_max = 64
array name[boots_max]
boots = 0
find(n, i) = i > boots ? 0 : name[i] eq n ? i : find(n, i + 1)
keep(n) = find(n, 1) || boots == boots_max ? 0 : (boots = boots + 1, name[boots] = n, 0)
set table "/dev/null"
plot data using (keep(strcol(1))):(1) skip 1 with table
unset table

set ylabel "exits" textcolor rgb soft_colour
set key right bottom reverse Left textcolor rgb text_colour noenhanced
# Safe for colour-blind readers
colours = "#0072b2 #d55e00 #009e73 #cc79a7 #56b4e9 #e69f00 #f0e442 #000000"
plot for [i = 1:boots] data using 2:(strcol(1) eq name[i] ? $3 : NaN) skip 1 \
	with lines linewidth 2 dashtype 1 + (i - 1) / words(colours) \
	linecolor rgb word(colours, 1 + (i - 1) % words(colours)) title name[i]
description = sprintf("%d boots", boots)
load folder."finish.gp"
