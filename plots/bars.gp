# SPDX-License-Identifier: GPL-3.0-or-later
# One bar for every exit reason of a summary.csv, the largest first.
#
# A chart sets what it shows (see exits-by-reason.gp) and loads this file, which
# reads, sorts, groups and draws. src/print/bars.c does the same with characters.
#
# weight_column says how much a reason matters: the small ones are put together. If
# it is not value_column, value is weight divided by per, as cycles by exits.

source = "the summary.csv of a result folder"
quotient = weight_column ne value_column
needs = "name ".value_column." ".(quotient ? weight_column : value_column."_min ".value_column."_max")." ".per_column
load folder."common.gp"

share(x) = x >= total ? "100 %" : x < 0.0005 * total ? "<0.1 %" : sprintf("%.1f %%", 100.0 * x / total)

# --- data ------------------------------------------------------------------
array name[rows_max]
array value[rows_max]
array low[rows_max]
array high[rows_max]
array per[rows_max]
array weight[rows_max]
rows = 0
# Rows whose value is empty: it is not 0, but not known.
unknown = 0
spread_end(suffix) = quotient ? column(value_column) : column(value_column.suffix)
# Several repeats: each column is a median by itself, and a sum of medians is no median.
several = 0
keep(n, v, l, h, p, w) = !(v > 0) || rows == rows_max ? rows : (rows = rows + 1, several = several || h > l, name[rows] = n, \
	value[rows] = v, low[rows] = l, high[rows] = h, per[rows] = p, weight[rows] = w, rows)
set table "/dev/null"
plot data using (unknown = unknown + (strcol(value_column) eq ""), keep(strcol("name"), column(value_column), \
	spread_end("_min"), spread_end("_max"), column(per_column), column(weight_column))):(1) with table
unset table

swap(a, b) = (n = name[a], v = value[a], l = low[a], h = high[a], p = per[a], w = weight[a], \
	name[a] = name[b], value[a] = value[b], low[a] = low[b], high[a] = high[b], per[a] = per[b], \
	weight[a] = weight[b], name[b] = n, value[b] = v, low[b] = l, high[b] = h, per[b] = p, weight[b] = w)
total = 0.0
total_per = 0.0
do for [i = 1:rows] {
	total = total + weight[i]
	total_per = total_per + per[i]
	do for [j = i:2:-1] {
		if (weight[j] <= weight[j - 1]) {
			break
		}
		ignored = swap(j, j - 1)
	}
}

# The largest, as long as one could see their bars; a group has two at least.
bars_max = 12
share_min = 0.002
bars = rows
rest = 0.0
rest_per = 0.0
do for [i = rows:1:-1] {
	if (i <= bars_max && weight[i] >= share_min * total) {
		break
	}
	bars = i - 1
	rest = rest + weight[i]
	rest_per = rest_per + per[i]
}
if (rows - bars == 1) {
	bars = rows
	rest = 0.0
}
others = rows - bars
rest_value = quotient && rest_per > 0 ? rest / rest_per : rest
other_name = sprintf("other (%d reasons)", others)
# The file is sorted by count; a chart is sorted by what it shows.
if (quotient) {
	do for [i = 2:bars] {
		do for [j = i:2:-1] {
			if (value[j] <= value[j - 1]) {
				break
			}
			ignored = swap(j, j - 1)
		}
	}
}
nothing = rows ? "" : unknown ? "not known: the host does not tell ".unknown_text : "no exits counted"
if (several) {
	total_text = summed_text
}
total_value = quotient && total_per > 0 ? total / total_per : total
largest = rest_value
do for [i = 1:bars] {
	largest = value[i] > largest ? value[i] : largest
}

# --- as a picture ----------------------------------------------------------
shown = bars + (others > 0)
room = rows ? (shown < 2 ? 2 : shown) : 3
body = 27 * room + 6
load folder."page.gp"
set xlabel axis
set rmargin at screen across(876)
set ytics () textcolor rgb text_colour
set yrange [room + 0.55:0.45]

spread = 0
ignored = others ? margin_of(other_name) : 0
set print $bars
do for [i = 1:bars] {
	largest = high[i] > largest ? high[i] : largest
	spread = spread || high[i] > low[i]
	print sprintf("%d,%.17g,%.17g,%.17g,%d", i, value[i], low[i], high[i], reason_colour(name[i]))
	set ytics add (tic_text(name[i]) i) noenhanced
	ignored = margin_of(name[i])
}
if (others) {
	print sprintf("%d,%.17g,%.17g,%.17g,%d", shown, rest_value, rest_value, rest_value, other_colour)
	set ytics add (other_name shown) noenhanced
}
unset print
set lmargin at screen across(name_margin)
if (spread) {
	set xlabel axis." (thin line: least to most of the repeats)"
}
label(x, w, p) = value_text(x)."  ·  ".share_text(share(w)).(p eq "" ? "" : "  ·  ".p)
other_label = others ? label(rest_value, rest, quotient ? per_text(rest_per) : "") : ""
width = text_width(other_label)
do for [i = 1:bars] {
	length = text_width(label(value[i], weight[i], per_text(per[i])))
	width = length > width ? length : width
}
# The room on the right is for the longest label.
wide = 876.0 - name_margin
set xrange [0:largest * wide / (wide - width - 12)]

step = round_step(largest)
if (value_column eq "exits_count" && step < 1) {
	step = 1
}
set xtics ()
do for [i = 0:int(largest / step)] {
	set xtics add (tic(i * step) i * step)
}
set grid xtics back linetype 1 linecolor rgb grid_colour linewidth 0.8
set arrow from 0,graph 0 to 0,graph 1 nohead linecolor rgb line_colour linewidth 1 front
description = value_text(total_value)." ".total_text
do for [i = 1:bars] {
	set label label(value[i], weight[i], per_text(per[i])) \
		at (high[i] > value[i] ? high[i] : value[i]),i offset 0.8,0 textcolor rgb text_colour noenhanced
	description = description."; ".name[i].": ".label(value[i], weight[i], per_text(per[i]))
}
if (others) {
	set label other_label at rest_value,shown offset 0.8,0 textcolor rgb text_colour noenhanced
	description = description."; ".other_name.": ".other_label
}
plot $bars using 2:1:(0):2:($1 - 0.34):($1 + 0.34):5 with boxxyerror \
		fillstyle solid noborder linecolor rgb variable, \
	$bars using ($4 > $3 ? $2 : NaN):1:3:4 with xerrorbars pointtype 0 linewidth 1 \
		linecolor rgb text_colour
load folder."finish.gp"
