# SPDX-License-Identifier: GPL-3.0-or-later
# question: which reasons made the guest exit, and how often
# data: summary.csv
# caption: How often the guest left guest mode, by reason.
# bars: exits_count
# usual: yes
# place: 1
#
#	gnuplot -c exits-by-reason.gp summary.csv OUT.svg ["title"]
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3

heading = "VM exits by reason"
axis = "exits, count"
total_text = "exits in all"
summed_text = "exits: these medians added up"
unknown_text = "exits by reason"
value_column = "exits_count"
weight_column = "exits_count"
per_column = "exits_per_second"
value_text(value) = grouped(value)
share_text(share) = share
per_text(per) = scaled(per)."/s"

folder = script[1:strlen(script) - strlen("exits-by-reason.gp")]
load folder."bars.gp"
