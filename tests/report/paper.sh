#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A PDF has all of its text on the page, also with names of results, words of commands and
# reasons that are longer than a line; short words and numbers stay whole.
#
#	paper.sh DATA-FOLDER
. "$(dirname "$0")/../lib.sh"
export LC_ALL=C.UTF-8
data=$1
need weasyprint pdftotext gnuplot
cd "$tmp"
export HOME=$tmp

# on_page FILE: no word is beyond the margin of 16 mm, which is 45.4 of a page's 595.3 points
on_page() {
	pdftotext -bbox "$1" words.html
	grep -c '<word ' words.html >count || die "$1: no words"
	sed -nE 's/.*<word xMin="([0-9.]*)" yMin="[^"]*" xMax="([0-9.]*)" yMax="[^"]*">(.*)<\/word>/\1 \2 \3/p' words.html |
		awk '$2 > 595.3 - 45.4 + 1 { print $3 " ends at " $2 }' >beyond
	[[ ! -s beyond ]] || die "$1: $(wc -l <beyond) words are not on the page, such as $(head -n 1 beyond)"
}
# has FILE WORD: in one piece
has() {
	pdftotext -layout "$1" text
	grep -qw -- "$2" text || die "$1 lacks '$2'"
}
# numbers_of ARGUMENT...: a report's, each in a line
numbers_of() {
	PATH=$tmp/bin report "$@" -o numbers.html
	grep -o '<td class="number[^>]*>[0-9][0-9,.]*</td>' numbers.html | sed 's/<[^>]*>//g' | sort -u
}
mkdir bin
ln -s "$(type -P weasyprint)" bin/

hyphens=a-result-with-a-name-that-somebody-took-great-care-to-make-speak-for-itself-on-the-third-of-may
plain=$(printf 'unbroken%.0s' {1..12})
for name in "$hyphens" "$plain" short; do
	cp -r "$data/io-heavy" "$name"
done
EXITPROF_TEST_HOST=svm-full "$EXITPROF" exec -n 2 --no-plot -o command -- true "/$plain" "$plain" 2>/dev/null
sed -i "s/,hlt,/,${plain:0:60},/" short/{exits,summary,histogram}.csv
report() { "$EXITPROF" report "$@" 2>err || die "report $*: $(<err)"; }

report "$hyphens" "$plain" short command -o several.pdf
on_page several.pdf
has several.pdf interrupt
has several.pdf Repeats
numbers_of "$hyphens" "$plain" short command >numbers
(($(wc -l <numbers) > 20)) || die 'hardly any numbers'
while read -r number; do
	has several.pdf "$number"
done <numbers
report --course "$data/boot" "$hyphens" "$plain" command -o course.pdf
on_page course.pdf
has course.pdf cr0_sel_write
report short -o one.pdf
on_page one.pdf

# As many results as are compared side by side now and then.
for i in 1 2 3 4 5 6 7 8; do
	cp -r "$data/io-heavy" "measurement-number-$i-of-the-third-of-may"
done
# Without charts, which are those of every result, once more.
PATH=$tmp/bin report measurement-number-* -o many.pdf
on_page many.pdf
has many.pdf interrupt

# What is cut is found.
PATH=$tmp/bin report "$plain" "$hyphens" -o cut.html
sed -i 's/white-space:normal/white-space:nowrap/g' cut.html
weasyprint --quiet cut.html cut.pdf
has cut.pdf Repeats
# shellcheck disable=SC2317
! (fail() { :; }; on_page cut.pdf) || die 'any page passes'
