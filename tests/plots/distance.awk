# SPDX-License-Identifier: GPL-3.0-or-later
# How near do colours come to each other? stdin: NAME RRGGBB. Prints for each kind of sight
# the least difference, CIEDE2000, and between which two.
#
# Colour blindness by the matrices of Machado, Oliveira and Fernandes 2009, "A
# physiologically-based model for simulation of color vision deficiency", severity 1.

function digit(c) { return index("0123456789abcdef", c) - 1 }
function linear(hex) {
	hex = (16 * digit(substr(hex, 1, 1)) + digit(substr(hex, 2, 1))) / 255
	return hex <= 0.04045 ? hex / 12.92 : exp(2.4 * log((hex + 0.055) / 1.055))
}
function within(x) { return x < 0 ? 0 : x > 1 ? 1 : x }
function root3(x) { return x > 0.008856 ? exp(log(x) / 3) : 7.787 * x + 16 / 116 }
function power7(x) { return x * x * x * x * x * x * x }
function degrees(y, x,  d) { d = atan2(y, x) / radian; return d < 0 ? d + 360 : d }
function lab(i, sight,  m, r, g, b, x, y, z) {
	split(seen[sight], m, " ")
	r = within(m[1] * R[i] + m[2] * G[i] + m[3] * B[i])
	g = within(m[4] * R[i] + m[5] * G[i] + m[6] * B[i])
	b = within(m[7] * R[i] + m[8] * G[i] + m[9] * B[i])
	x = root3((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047)
	y = root3(0.2126 * r + 0.7152 * g + 0.0722 * b)
	z = root3((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)
	L[i] = 116 * y - 16; A[i] = 500 * (x - y); Z[i] = 200 * (y - z)
}
function difference(i, j,  c, w, a1, a2, c1, c2, h1, h2, dl, dc, dh, l, h, t, sl, sc, sh, turn) {
	c = (sqrt(A[i] ^ 2 + Z[i] ^ 2) + sqrt(A[j] ^ 2 + Z[j] ^ 2)) / 2
	w = 1.5 - 0.5 * sqrt(power7(c) / (power7(c) + power7(25)))
	a1 = A[i] * w; a2 = A[j] * w
	c1 = sqrt(a1 ^ 2 + Z[i] ^ 2); c2 = sqrt(a2 ^ 2 + Z[j] ^ 2)
	h1 = degrees(Z[i], a1); h2 = degrees(Z[j], a2)
	dl = L[j] - L[i]; dc = c2 - c1
	dh = h2 - h1; dh -= dh > 180 ? 360 : 0; dh += dh < -180 ? 360 : 0
	dh = 2 * sqrt(c1 * c2) * sin(dh / 2 * radian)
	l = (L[i] + L[j]) / 2; c = (c1 + c2) / 2
	h = (h1 + h2) / 2
	if (h1 - h2 > 180 || h2 - h1 > 180) h += h < 180 ? 180 : -180
	t = 1 - 0.17 * cos((h - 30) * radian) + 0.24 * cos(2 * h * radian) + 0.32 * cos((3 * h + 6) * radian) - 0.2 * cos((4 * h - 63) * radian)
	sl = 1 + 0.015 * (l - 50) ^ 2 / sqrt(20 + (l - 50) ^ 2); sc = 1 + 0.045 * c; sh = 1 + 0.015 * c * t
	turn = -2 * sqrt(power7(c) / (power7(c) + power7(25))) * sin(60 * exp(-((h - 275) / 25) ^ 2) * radian)
	return sqrt((dl / sl) ^ 2 + (dc / sc) ^ 2 + (dh / sh) ^ 2 + turn * dc / sc * dh / sh)
}
BEGIN {
	radian = atan2(0, -1) / 180
	seen["normal"] = "1 0 0 0 1 0 0 0 1"
	seen["protanopia"] = "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998"
	seen["deuteranopia"] = "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881"
	seen["tritanopia"] = "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900"
}
{ name[NR] = $1; R[NR] = linear(substr($2, 1, 2)); G[NR] = linear(substr($2, 3, 2)); B[NR] = linear(substr($2, 5, 2)) }
END {
	for (sight in seen) {
		for (i = 1; i <= NR; i++) lab(i, sight)
		least = 1e9
		for (i = 1; i <= NR; i++) for (j = 1; j < i; j++)
			if ((d = difference(i, j)) < least) { least = d; pair = name[j] " " name[i] }
		printf "%s %.1f %s\n", sight, least, pair
	}
}
