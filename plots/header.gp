# SPDX-License-Identifier: GPL-3.0-or-later
# The first line of data, as a spreadsheet may have saved it: header is without the byte order mark
# and quotes. Refuses other separators than commas, in the words of exitprof itself. A chart that
# reads the column which exitprof writes first sets first to its name, and reads first_column.
header = ""
set table "/dev/null"
set datafile separator "\001"
plot data using (header = strcol(1), 1):(1) every ::0::0 with table
unset table
byte_order_mark = "\357\273\277"
marked = strstrt(header, byte_order_mark) == 1
if (marked) {
	header = header[strlen(byte_order_mark) + 1:]
}
header = replaced(header, "\"", "")
if (!exists("first")) {
	first = ""
}
# To gnuplot the mark is part of a name.
first_column = marked ? byte_order_mark.first : first
separator_in(s) = strstrt(s, ",") ? "" : strstrt(s, ";") ? "';'" : strstrt(s, "\t") ? "tabs" : \
	strstrt(s, "|") ? "'|'" : ""
if (separator_in(header) ne "") {
	print sprintf("'%s':1: its columns are separated by %s, not by ','", data, separator_in(header))
	print "hint: save it again as CSV, with ',' between columns and '.' in numbers"
	exit status 1
}
set datafile separator comma
