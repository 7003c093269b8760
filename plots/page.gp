# SPDX-License-Identifier: GPL-3.0-or-later
# The page of a picture, 900 wide, with its heading in the top; all in the pixels of an
# SVG. A chart sets body, the height of what it plots, and nothing: what to say instead
# of a plot, "" if there is something to plot. May set bottom, the room of the axis.

if (!exists("bottom")) {
	bottom = 54
}
subtitle = wrapped(subtitle, 105)
top = subtitle eq "" ? 40 : 46 + 17 * lines(subtitle)
if (exists("legend_height")) {
	top = top + legend_height
}
height = int(top + body + bottom)
# Names of fonts that fontconfig, browsers and PDF readers all know. The name keeps the
# parts of several SVGs apart that are in one HTML page.
if (ending eq "svg") {
	svg_name = replaced(replaced(chart[1:strlen(chart) - 3], "-", "_"), ".", "_")
	set terminal svg size 900,height dynamic font "DejaVu Sans,Helvetica,Arial,sans-serif,12" \
		background "white" name svg_name
}
if (ending eq "png") {
	set terminal pngcairo size 1800,2*height font "DejaVu Sans,9" fontscale 2 linewidth 2 \
		background "white"
}
if (ending eq "pdf") {
	set terminal pdfcairo size 9in,(height / 100.0)*1in font "DejaVu Sans,9"
}
set output output_file

text_colour = "#333333"
soft_colour = "#595959"
line_colour = "#999999"
grid_colour = "#e4e4e4"
small_font = ending eq "svg" ? ",10" : ",7.5"
# Every terminal has its own idea of a point.
dot = ending eq "svg" ? 0.65 : ending eq "png" ? 1.6 : 0.55
across(pixels) = pixels / 900.0
from_top(pixels) = 1 - (pixels + 0.0) / height
set tmargin at screen from_top(top)
set bmargin at screen (bottom + 0.0) / height
# Not as a title, which would be centred on the plot alone.
set label "{/:Bold*1.25 ".heading."}" at screen 0.016, screen from_top(20) \
	textcolor rgb text_colour enhanced
set label subtitle at screen 0.016, screen from_top(43) textcolor rgb soft_colour noenhanced
set key off
set border 0
set tics scale 0 nomirror textcolor rgb soft_colour
set xlabel textcolor rgb soft_colour
set ylabel textcolor rgb soft_colour

# Names left of a plot. Not left to gnuplot, which takes capitals for narrower than they are.
name_margin = 0
margin_of(name) = (length = text_width(shortened(name, 34)) + 24, \
	name_margin = length > name_margin ? length : name_margin, 0)

if (nothing ne "") {
	unset tics
	unset xlabel
	unset ylabel
	set xrange [0:1]
	set yrange [0:1]
	set label nothing at screen 0.5, screen from_top(top + 0.5 * body) center \
		textcolor rgb soft_colour font (ending eq "svg" ? ",14" : ",10.5") noenhanced
	plot NaN
	description = nothing
	load folder."finish.gp"
	exit status 0
}
