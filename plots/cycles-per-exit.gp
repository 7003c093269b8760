# SPDX-License-Identifier: GPL-3.0-or-later
# question: which reasons are dear: handling cycles of one exit
# data: summary.csv
# caption: What is dear: handling cycles of one exit, by reason.
# section: times
# bars: cycles_per_exit
#
#	gnuplot -c cycles-per-exit.gp summary.csv OUT.svg ["title"]
#
# Of the reasons that take most of the cycles, the dearest first.
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3

heading = "Handling cycles per exit"
axis = "handling of one exit, host TSC cycles, mean"
total_text = "host TSC cycles per exit of all reasons together"
summed_text = total_text
unknown_text = "cycles by reason"
value_column = "cycles_per_exit"
weight_column = "handling_cycles"
per_column = "exits_count"
value_text(value) = scaled(value)
share_text(share) = share." of cycles"
per_text(per) = grouped(per).(per == 1 ? " exit" : " exits")

folder = script[1:strlen(script) - strlen("cycles-per-exit.gp")]
load folder."bars.gp"
