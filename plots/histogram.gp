# SPDX-License-Identifier: GPL-3.0-or-later
# Reads a histogram.csv for the charts of latencies. Leaves reasons, sorted by exits:
# name[], exits[]; of each the parts part[r * parts + k]: exits of 2**(k - 1) to
# 2**k - 1 cycles, k of 0 to 64, the first and the last of all in k_first and k_last.

array name[rows_max]
array exits[rows_max]
parts = 65
array part[(rows_max + 1) * parts]
rows = 0
find(n, i) = i > rows ? 0 : name[i] eq n ? i : find(n, i + 1)
row_of(n) = (found = find(n, rows > 200 ? rows - 200 : 1), found ? found : rows == rows_max ? rows : \
	(rows = rows + 1, name[rows] = n, exits[rows] = 0.0, blank(rows, 0), rows))
blank(r, k) = k == parts ? 0 : (part[r * parts + k + 1] = 0.0, blank(r, k + 1))
bucket(most) = (k = int(floor(log2(most + 1) + 0.5)), k < 0 ? 0 : k >= parts ? parts - 1 : k)
k_first = parts
k_last = -1
keep(n, most, x) = !(x > 0) ? 0 : (r = row_of(n), k = bucket(most), \
	exits[r] = exits[r] + x, part[r * parts + k + 1] = part[r * parts + k + 1] + x, \
	k_first = k < k_first ? k : k_first, k_last = k > k_last ? k : k_last, 1)
set table "/dev/null"
plot data using (keep(strcol("name"), figure(strcol("bucket_high_cycles")), \
	figure(strcol("exits_count")))):(1) with table
unset table
array order[rows + 1]
do for [i = 1:rows] {
	order[i] = i
	do for [j = i:2:-1] {
		if (exits[order[j]] <= exits[order[j - 1]]) {
			break
		}
		k = order[j]
		order[j] = order[j - 1]
		order[j - 1] = k
	}
}
at(r, k) = part[r * parts + k + 1]
# The upper end of the part that holds the exit of that rank, counted from 0 to 1
upto(r, k) = k < 0 ? 0.0 : upto(r, k - 1) + at(r, k)
percentile_from(r, p, k, below) = k >= k_last || below + at(r, k) >= p * exits[r] - 1e-9 ? \
	2.0 ** k - 1 : percentile_from(r, p, k + 1, below + at(r, k))
percentile(r, p) = percentile_from(r, p, k_first, 0.0)
nothing = rows ? "" : "no exits counted"
