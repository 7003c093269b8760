# SPDX-License-Identifier: GPL-3.0-or-later
# question: which reasons take the host's time
# data: summary.csv
# caption: Where the host's time went: handling cycles by reason.
# bars: handling_cycles
# usual: yes
#
#	gnuplot -c cycles-by-reason.gp summary.csv OUT.svg ["title"]
script = ARG0
arguments = ARGC
data = ARG1
output_file = ARG2
subtitle = ARG3

heading = "Handling cycles by exit reason"
axis = "handling, host TSC cycles"
total_text = "host TSC cycles in all"
summed_text = "host TSC cycles: these medians added up"
unknown_text = "cycles by reason"
value_column = "handling_cycles"
weight_column = "handling_cycles"
per_column = "cycles_per_exit"
value_text(value) = scaled(value)
share_text(share) = share
per_text(per) = scaled(per)." per exit"

folder = script[1:strlen(script) - strlen("cycles-by-reason.gp")]
load folder."bars.gp"
