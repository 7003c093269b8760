# SPDX-License-Identifier: GPL-3.0-or-later
# What the charts of a boot share: arguments, terminal, phase marks. A chart sets
# script, arguments, data, output_file, subtitle, marks and heading, and loads this. May set
# time_column (1) and value_column (the last), of the axes, and right, the screen's part where
# the plot ends.
if (arguments < 2 || arguments > 4) {
	print "usage: gnuplot -c SCRIPT.gp boot-timeline.csv OUT.(svg|png|pdf) [TITLE [MARKS]]"
	exit status 2
}
set encoding utf8
after_slash(s) = strstrt(s, "/") ? after_slash(s[strstrt(s, "/") + 1:]) : s
folder = script[1:strlen(script) - strlen(after_slash(script))]
load folder."text.gp"
load folder."colours.gp"
data = file_path(data)
output_file = file_path(output_file)
# What finish.gp replaces
svg_name = "Gnuplot"
ending = output_file[strlen(output_file) - 2:]
if (ending eq "svg") {
	set terminal svg size 900,480 dynamic font "DejaVu Sans,Helvetica,Arial,sans-serif,12" background "white"
}
if (ending eq "png") {
	set terminal pngcairo size 1800,960 font "DejaVu Sans,9" fontscale 2 linewidth 2 background "white"
}
if (ending eq "pdf") {
	set terminal pdfcairo size 9in,4.8in font "DejaVu Sans,9"
}
set output output_file
set datafile separator comma
text_colour = "#333333"
soft_colour = "#595959"
small_font = ending eq "svg" ? ",10" : ",7.5"
set label 101 "{/:Bold*1.25 ".heading."}" at screen 0.016,0.955 textcolor rgb text_colour enhanced
set label 102 subtitle at screen 0.016,0.905 textcolor rgb soft_colour noenhanced
if (!exists("right")) {
	right = 0.965
}
left = 0.09
# With room for the names of marks
top = marks eq "" ? 0.86 : 0.745
set tmargin at screen top
set lmargin at screen left
set rmargin at screen right
set border 3 linecolor rgb "#999999"
set tics scale 0.5 nomirror textcolor rgb soft_colour
set grid ytics back linetype 1 linecolor rgb "#e4e4e4" linewidth 0.8
set xlabel "seconds since the kernel's start" textcolor rgb soft_colour
if (!exists("time_column")) {
	time_column = 1
}
load folder."header.gp"
# The texts between commas: a reason's name may have a space, but no comma.
column_name(line, i) = i == 1 ? line[1:strstrt(line.",", ",") - 1] : column_name(line[strstrt(line, ",") + 1:], i - 1)
columns = 1 + sum [i = 1:strlen(header)] (header[i:i] eq ",")
if (!exists("value_column")) {
	value_column = columns
}
stats data using time_column skip 1 nooutput name "time"
# The third column of newer files is the busiest sample of each row, and its name has how long a
# sample is: peak_of_100ms
third = column_name(header, 3)
peak_column = strstrt(third, "peak_of_") == 1 ? 3 : 0
sample_width = peak_column ? third[strlen("peak_of_") + 1:] : ""
stats data using (peak_column && value_column > 3 ? column(peak_column) : column(value_column)) skip 1 nooutput name "exits"
# More rows than one could see, which would also make a large file, are put together: as many in each bin.
# A bin has its end, the exits until then, the peak and the mean of each column. The first bin is
# the first row: what came before.
bins_max = 150
rows = int(time_records) - 1
joined = rows > bins_max ? (rows + bins_max - 1) / bins_max : 1
bins = (rows + joined - 1) / joined
array end_of[bins + 1]
array exits_of[bins + 1]
array peak_of[bins + 1]
array seconds_of[bins + 1]
array sum_of[columns * (bins + 1)]
do for [i = 1:bins + 1] {
	end_of[i] = exits_of[i] = peak_of[i] = seconds_of[i] = 0.0
}
do for [i = 1:columns * (bins + 1)] {
	sum_of[i] = 0.0
}
now = 0.0
greater(a, b) = a > b ? a : b
add_row(row) = (bin = (row + joined - 1) / joined + 1, long = $1 - now, now = $1, end_of[bin] = now, exits_of[bin] = $2, \
	seconds_of[bin] = seconds_of[bin] + long, \
	peak_of[bin] = greater(peak_of[bin], column(peak_column ? peak_column : columns)), \
	sum [i = 1:columns] (at = columns * (bin - 1) + i, sum_of[at] = sum_of[at] + column(i) * long, 0))
mean_of(bin, i) = seconds_of[bin] > 0 ? sum_of[columns * (bin - 1) + i] / seconds_of[bin] : 0
if (column_name(header, 1) eq "time_s") {
	set table "/dev/null"
	plot data using (add_row(int($0))):(1) skip 1 with table
	unset table
}
largest = exits_max > 0 ? exits_max : 1
set xrange [0:time_max]
set yrange [0:1.05 * largest]
step = round_step(largest)
set ytics ()
do for [i = 0:int(1.05 * largest / step)] {
	set ytics add (tic(i * step) i * step)
}
# A mark's name ends at its line, in the lowest of four rows where it is free; pixels of an SVG
array taken[4] = [0, 0, 0, 0]
do for [i = 1:words(marks) / 2] {
	at = word(marks, 2 * i - 1) + 0.0
	end = 900 * (left + (right - left) * at / time_max)
	begin = end - text_width(word(marks, 2 * i)) * 10 / 12
	row = begin > taken[1] ? 1 : begin > taken[2] ? 2 : begin > taken[3] ? 3 : 4
	taken[row] = end + 6
	set arrow from at,graph 0 to at,graph 1.0 nohead dashtype 2 linecolor rgb "#888888" front
	set label word(marks, 2 * i) at at,graph 1.0 offset 0,0.1 + 0.85 * row \
		right textcolor rgb soft_colour font small_font noenhanced
}
