# SPDX-License-Identifier: GPL-3.0-or-later
# A finished SVG says what it shows to those who cannot see it: title and description
# in place of gnuplot's own, which are about its scripts. A chart sets description before;
# without sed the picture stays as gnuplot wrote it.
set output
sed_text(s) = replaced(replaced(replaced(xml(s), "\\", "\\\\"), "&", "\\&"), "|", "\\|")
# No line of a script of sed is broken by a text, nor is a word of the shell's.
one_line(s) = replaced(s, "\n", " ")
if (ending eq "svg") {
	ignored = system("sed -i -e ".shell_word("/<g id=/s|<title>.*</title>||")." -e ".shell_word("s|<title>".svg_name."</title>|<title>". \
		sed_text(one_line(heading.(subtitle eq "" ? "" : ": ".subtitle)))."</title>|"). \
		" -e ".shell_word("s|<desc>.*</desc>|<desc>".sed_text(one_line(description))."</desc>|"). \
		" -- ".shell_word(output_file)." 2>&1")
}
