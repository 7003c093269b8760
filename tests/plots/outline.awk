# SPDX-License-Identifier: GPL-3.0-or-later
# What an SVG of gnuplot's shows, one thing a line, with places to 5 pixels: its size,
# title and description, every text, box and mark, with its colour, and how many lines of
# a colour there are. Texts that do not fit, on the page or beside another, end it with
# status 1, and are told of on stderr.
#
#	awk -f outline.awk chart.svg

function near(x) { return int(x / 5 + 0.5) * 5 }
function numbers(text) { gsub(/[^-0-9.]+/, " ", text); sub(/^ /, "", text); return split(text, n, " ") }
function hex(text) { numbers(text); return sprintf("#%02x%02x%02x", n[1], n[2], n[3]) }
function value(name,  text) {
	text = $0
	if (!sub(".*" name " ?= ?['\"]", "", text)) return ""
	sub(/['"].*/, "", text)
	return text
}
function plain(text) {
	gsub(/<[^>]*>/, "", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}
# About as wide as DejaVu Sans is, rather less; in bytes, as not every awk knows letters
function width(text,  i, sum, c) {
	gsub(/\302\267/, ".", text); gsub(/\342\211\244|\342\206\222|[\302-\337][\200-\277]/, "n", text)
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		sum += c ~ /[MWmw%@]/ ? 0.85 : c ~ /[A-Z]/ ? 0.66 : c ~ /[iljtfrI .,:;|'()-]/ ? 0.34 : 0.58
	}
	return sum
}
function complain(text) { print FILENAME ": " text | "cat >&2"; bad = 1 }
function add_text(text,  w, left, i) {
	if (text == "") return
	print "text", near(x), near(y), anchor, size, fill, text
	w = width(text) * size
	if (turned) return
	left = anchor == "end" ? x - w : anchor == "middle" ? x - w / 2 : x
	if (left < 0 || left + w > page || y < 8 || y > tall) complain("'" text "' does not fit on the page: " left " to " left + w ", " y)
	for (i = 0; i < texts; i++)
		if (y - at_y[i] < 0.8 * size && at_y[i] - y < 0.8 * size && left < at_right[i] && at_left[i] < left + w)
			complain("'" text "' lies on '" what[i] "'")
	at_left[texts] = left; at_right[texts] = left + w; at_y[texts] = y; what[texts++] = text
}

/viewBox/ { numbers(value("viewBox")); page = n[3]; tall = n[4]; print "size", page, near(tall) }
/^<title>/ { print "title", plain($0) }
/^<desc>/ { print "description", plain($0) }
/<defs>/ { defs = 1 }
/<\/defs>/ { defs = 0; next }
defs { next }
/<g transform=/ {
	numbers(value("transform")); x = n[1]; y = n[2]
	turned = value("transform") ~ /rotate/
	anchor = value("text-anchor"); size = value("font-size") + 0; fill = hex(value("fill"))
}
/<text/ { open_text = ""; in_text = 1 }
in_text { open_text = open_text $0 }
/<\/text>/ { add_text(plain(open_text)); in_text = 0 }
/<polygon/ {
	fill = hex(value("fill")); count = numbers(value("points"))
	x0 = x1 = n[1]; y0 = y1 = n[2]
	for (i = 3; i < count; i += 2) {
		x0 = n[i] < x0 ? n[i] : x0; x1 = n[i] > x1 ? n[i] : x1
		y0 = n[i + 1] < y0 ? n[i + 1] : y0; y1 = n[i + 1] > y1 ? n[i + 1] : y1
	}
	print "box", near(x0), near(y0), near(x1), near(y1), fill
}
/<use xlink:href/ {
	match($0, /<use xlink:href=.*/); $0 = substr($0, RSTART)
	mark = value("href"); colour = value("color"); numbers(value("transform"))
	# On the line of its error bar, which has no mark
	if (mark != "#gpDot") print "mark", mark, near(n[1]), near(n[2]), hex(colour)
}
/<path stroke=/ { lines[hex(value("stroke"))]++ }
END {
	for (colour in lines) print "lines", lines[colour], colour | "sort -k 3"
	exit bad
}
