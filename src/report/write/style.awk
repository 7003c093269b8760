# SPDX-License-Identifier: GPL-3.0-or-later
# style.awk: style.c from style.css
#
# The C string has a line for each rule, without comments and without the spaces that CSS does not
# need. A comment has lines of its own, and a rule ends with a brace that no tab precedes.

# packed TEXT: spaces within quotation marks remain.
function packed(text, parts, count, i, out) {
	count = split(text, parts, "\"")
	for (i = 1; i <= count; i++) {
		if (i % 2) {
			gsub(/[ \t]+/, " ", parts[i])
			gsub(/ *[{] */, "{", parts[i])
			gsub(/ *[}] */, "}", parts[i])
			gsub(/; /, ";", parts[i])
			gsub(/, /, ",", parts[i])
			gsub(/: /, ":", parts[i])
			gsub(/;[}]/, "}", parts[i])
		}
		out = out (i > 1 ? "\"" : "") parts[i]
	}
	return out
}

BEGIN {
	print "// Made of style.css by style.awk."
	print "#include \"report/write/style.h\"\n"
	print "const char ep_report_style[] ="
}
/^[ \t]*\/\*/ { comment = 1 }
!comment && NF { rule = rule $0 " " }
/\*\/$/ { comment = 0 }
/^[^ \t].*}$|^}$/ {
	line = packed(rule)
	gsub(/["\\]/, "\\\\&", line)
	gsub(/@VERSION@/, "\" EXITPROF_VERSION \"", line)
	print "\t\"" line "\\n\""
	rule = ""
}
END {
	if (comment || rule != "") {
		print "style.css: a comment or a rule has no end" >"/dev/stderr"
		exit 1
	}
	print "\t;"
}
