# SPDX-License-Identifier: GPL-3.0-or-later
# What every chart begins with: its arguments, the columns it needs, texts, colours.
#
# A chart sets, and loads this file (see latency-percentiles.gp):
#	script, arguments, data, output_file, subtitle	ARG0, ARGC, ARG1, ARG2, ARG3
#	heading		what the picture is of
#	source		what data is, in words
#	needs		names of the columns it reads
#	first		the one of them that exitprof writes first, if there is such; see header.gp
#	more		further arguments after TITLE, in words, none unless set
# Then it reads data, loads page.gp, plots, and loads finish.gp.

set encoding utf8
after_slash(s) = strstrt(s, "/") ? after_slash(s[strstrt(s, "/") + 1:]) : s
chart = after_slash(script)
folder = script[1:strlen(script) - strlen(chart)]
load folder."text.gp"
load folder."colours.gp"
if (!exists("more")) {
	more = ""
}

ending = after_dot(after_slash(output_file))
if (arguments < 2 || arguments > 3 + words(more)) {
	print "usage: gnuplot -c ".chart." FILE.csv OUT.(svg|png|pdf) [TITLE".\
		(more eq "" ? "" : " [".more."]")."]"
	print "FILE.csv: ".source
	exit status 2
}
if (strlen(ending) != 3 || !strstrt(" svg png pdf ", " ".ending." ")) {
	print chart.": cannot draw '".output_file."': it must end in .svg, .png or .pdf"
	exit status 2
}

data_name = data
data = file_path(data)
output_file = file_path(output_file)

# "with table" runs through a file of any length; stats wants more than one row.
load folder."header.gp"
missing = ""
need(column) = strstrt(",".header.",", ",".column.",") ? 0 : (missing = missing." ".column, 0)
do for [wanted in needs] {
	ignored = need(wanted)
}
if (missing ne "") {
	print chart.": '".data_name."' has no column".(words(missing) > 1 ? "s" : "").missing
	print "hint: this chart is made from ".source
	exit status 1
}
leading = header[1:strstrt(header.",", ",") - 1]
if (marked && leading ne first && strstrt(" ".needs." ", " ".leading." ")) {
	print sprintf("'%s':1: a byte order mark is before the column '%s'", data, leading)
	print "hint: save it again as UTF-8 without byte order mark"
	exit status 1
}

rows_max = 1024
# A field as a number. The header goes through the same expressions, and is none; nor is
# an empty field.
figure(s) = strlen(s) && strstrt("-.0123456789", s[1:1]) ? real(s) : NaN
log2(x) = log(x) / log(2)
log10_or(x, least) = x > 0 && log10(x) > least ? log10(x) : least
