# SPDX-License-Identifier: GPL-3.0-or-later
# Numbers and texts as charts show them.

# To gnuplot a name that begins with < or | is a command, and - is its standard input.
file_path(s) = s[1:1] eq "/" ? s : "./".s
after_dot(s) = strstrt(s, ".") ? after_dot(s[strstrt(s, ".") + 1:]) : s
repeated(s, n) = n > 0 ? s.repeated(s, n - 1) : ""
# A tic is a format for its number.
doubled(s) = strstrt(s, "%") ? s[1:strstrt(s, "%")]."%".doubled(s[strstrt(s, "%") + 1:]) : s
tic_text(s) = doubled(shortened(s, 34))
shortened(s, n) = strlen(s) > n ? s[1:n - 3]."..." : s

# Titles can be longer than a chart is wide: breaks after n characters at most.
space_at(s, n) = s[n:n] eq " " ? n : n > 20 ? space_at(s, n - 1) : 0
wrapped(s, n) = strlen(s) <= n || !space_at(s, n + 1) ? s : \
	s[1:space_at(s, n + 1) - 1]."\n".wrapped(s[space_at(s, n + 1) + 1:], n)
lines(s) = strstrt(s, "\n") ? 1 + lines(s[strstrt(s, "\n") + 1:]) : 1

# 1234567 as 1,234,567
grouped_integer(n) = n < 1000 ? sprintf("%d", n) : \
	grouped_integer(n / 1000).sprintf(",%03d", n % 1000)
grouped(x) = grouped_integer(int(x + 0.5))

# 1234567 as 1.23 M: three digits, more than that nobody compares
three(x) = x < 9.995 ? sprintf("%.2f", x) : x < 99.95 ? sprintf("%.1f", x) : sprintf("%.0f", x)
scaled(x) = x < 999.5 ? (x == int(x) ? sprintf("%d", x) : three(x)) : \
	x < 999.5e3 ? three(x / 1e3)." k" : \
	x < 999.5e6 ? three(x / 1e6)." M" : \
	x < 999.5e9 ? three(x / 1e9)." G" : x < 999.5e12 ? three(x / 1e12)." T" : \
	x < 999.5e15 ? three(x / 1e15)." P" : three(x / 1e18)." E"
# The same without the zeros at the end, for round numbers
tic(x) = x < 1e3 ? sprintf("%g", x) : x < 1e6 ? sprintf("%g k", x / 1e3) : \
	x < 1e9 ? sprintf("%g M", x / 1e6) : x < 1e12 ? sprintf("%g G", x / 1e9) : \
	x < 1e15 ? sprintf("%g T", x / 1e12) : x < 1e18 ? sprintf("%g P", x / 1e15) : sprintf("%g E", x / 1e18)
# Steps of an axis from 0 to x: two to five of them
step_to(x, magnitude) = x < 2.5 * magnitude ? 0.5 * magnitude : x < 5 * magnitude ? magnitude : 2 * magnitude
round_step(x) = step_to(x, 10.0 ** floor(log10(x)))
# Exactly, as long as there is room
counted(x) = x < 999999999.5 ? grouped(x) : scaled(x)

replaced(s, from, to) = strstrt(s, from) ? s[1:strstrt(s, from) - 1].to. \
	replaced(s[strstrt(s, from) + strlen(from):], from, to) : s
xml(s) = replaced(replaced(replaced(s, "&", "&amp;"), "<", "&lt;"), ">", "&gt;")
shell_word(s) = "'".replaced(s, "'", "'\\''")."'"

# About how many pixels of an SVG a text takes
wide_letters = "ABCDEFGHKLMNOPQRSTUVWXYZmw%@<>=+&"
text_width(s) = strlen(s) ? (strstrt(wide_letters, s[1:1]) ? 8.7 : 7.2) + text_width(s[2:]) : 0
nanoseconds(x) = x < 999.5 ? three(x)." ns" : x < 999.5e3 ? three(x / 1e3)." µs" : \
	x < 999.5e6 ? three(x / 1e6)." ms" : three(x / 1e9)." s"
